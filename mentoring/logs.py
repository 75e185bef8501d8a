"""One JSON object a line, with the organization and request bound by the guards; never a query string, the
secret part of an address, or a row that PostgreSQL quotes in its errors."""

import logging
import re

import structlog

# Django writes the path of whatever it refuses, and signed links and password resets have their key in it.
_SECRETS = (
    (re.compile(r"(/s/[a-z]+/)[^/\s]+"), r"\1***"),
    (re.compile(r"(/accounts/(?:password/reset/key|confirm-email)/)[^/\s]+"), r"\1***"),
    (re.compile(r"(\nDETAIL: ).*"), r"\1***"),
)


def without_secrets(
    logger: object, method: str, entry: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    for key, value in entry.items():
        if isinstance(value, str):
            for pattern, instead in _SECRETS:
                value = pattern.sub(instead, value)
            entry[key] = value
    return entry


_PROCESSORS: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
    without_secrets,
]


def formatter() -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_PROCESSORS,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(),
        ],
    )


structlog.configure(
    processors=[*_PROCESSORS, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)
