#!/usr/bin/env python
"""Django's commands. Without DATABASE_URL they use the bundled PostgreSQL and Valkey of STATE_DIR: those of
a running `make demo`, else their own for as long as the command lasts."""

import contextlib
import os
import sys
from pathlib import Path


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mentoring.settings")
    from django.core.management import execute_from_command_line

    with contextlib.ExitStack() as stack:
        if not os.environ.get("DATABASE_URL"):
            use_bundled_engines(stack)
        execute_from_command_line(sys.argv)


def use_bundled_engines(stack: contextlib.ExitStack) -> None:
    from mentoring.embedded import EngineError, attached_or_started

    os.environ.setdefault("DEMO", "1")
    try:
        state_dir = Path(os.environ.get("STATE_DIR") or Path(__file__).resolve().parent / ".state")
        os.environ.update(stack.enter_context(attached_or_started(state_dir)))
    except EngineError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
