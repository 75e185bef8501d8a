"""One connection to the mail server, and what an error says: about the mail, or about the server.

Only an answer about this very mail may cost it an attempt. A connection that breaks, a server that is full,
asks for a log-in or refuses our own sender address, says nothing about the mail in hand.
"""

import smtplib
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from mentoring.enums import MessageReason

HAND_OVER = 6  # times EMAIL_TIMEOUT: a slow server that has the mail already must not get it again
CLOSING = 421
TOO_BIG = 552
LOG_IN_FIRST = (530, 534, 535, 538)  # many servers say so only at the recipient


class ServerDown(Exception):
    """The server takes no mail from us at present."""


class Broke(Exception):
    """The connection broke at a mail. `handed_over`: the server may have it."""

    def __init__(self, error: Exception, handed_over: bool):
        super().__init__(str(error))
        self.handed_over = handed_over


class PutOff(Exception):
    """An answer about this mail: not now."""


class Refused(Exception):
    """An answer about this mail: never."""

    def __init__(self, error: Exception, reason: MessageReason):
        super().__init__(str(error))
        self.reason = reason


class Connection:
    """To any of Django's mail backends; `answered` counts the mails that the server answered over it."""

    def __init__(self) -> None:
        self._backend: Any = None
        self._handing_over = False
        self.answered = 0

    @property
    def is_open(self) -> bool:
        return self._backend is not None

    def open(self) -> None:
        """Raises `ServerDown`."""
        if self.is_open:
            return
        backend = get_connection()
        try:
            backend.open()
        except OSError as error:  # smtplib's errors are such, too
            raise ServerDown(_words(error)) from error
        self._backend, self.answered = backend, 0
        if smtp := getattr(backend, "connection", None):
            smtp.data = self._patient(smtp)

    def _patient(self, smtp: smtplib.SMTP) -> Callable[..., Any]:
        data = smtp.data

        def patient_data(message: bytes) -> Any:
            self._handing_over = True
            if smtp.sock and settings.EMAIL_TIMEOUT:
                smtp.sock.settimeout(HAND_OVER * settings.EMAIL_TIMEOUT)
            answer = data(message)
            self._handing_over = False
            if smtp.sock:
                smtp.sock.settimeout(settings.EMAIL_TIMEOUT)
            return answer

        return patient_data

    def close(self) -> None:
        backend, self._backend = self._backend, None
        if backend is not None:
            with suppress(OSError):
                backend.close()

    def send(self, make: Callable[[Any], EmailMessage]) -> None:
        """Send one mail. Raises one of the above; after `ServerDown` and `Broke` the connection is closed."""
        self._handing_over = False
        try:
            self._send(make)
        except (PutOff, Refused):
            self.answered += 1
            raise
        self.answered += 1

    def _send(self, make: Callable[[Any], EmailMessage]) -> None:
        try:
            make(self._backend).send()
        except smtplib.SMTPRecipientsRefused as error:
            raise self._about_mail(error, max(error.recipients.values()), MessageReason.NO_ADDRESS) from error
        except smtplib.SMTPSenderRefused as error:
            raise self._about_sender(error) from error
        except smtplib.SMTPResponseException as error:
            answer = (error.smtp_code, error.smtp_error)
            raise self._about_mail(error, answer, MessageReason.REFUSED) from error
        except smtplib.SMTPNotSupportedError as error:
            raise Refused(error, MessageReason.IMPOSSIBLE) from error
        except OSError as error:
            raise self._broke(error) from error
        except ValueError as error:  # an address or header that no mail can have
            raise Refused(error, MessageReason.IMPOSSIBLE) from error

    def _broke(self, error: Exception) -> Broke:
        self.close()
        return Broke(error, self._handing_over)

    def _about_mail(self, error: Exception, answer: tuple[int, Any], reason: MessageReason) -> Exception:
        code, words = answer
        if code in LOG_IN_FIRST:
            self.close()
            return ServerDown(_words(error))
        if code == CLOSING:
            self._handing_over = False  # it said that it did not take the mail
            return self._broke(error)
        plain = Exception(f"{code} {words.decode(errors='replace') if isinstance(words, bytes) else words}")
        if code < 500 or "relay" in str(plain).lower():  # refused is our server, not this address
            return PutOff(str(plain))
        return Refused(plain, MessageReason.TOO_BIG if code == TOO_BIG else reason)

    def _about_sender(self, error: smtplib.SMTPSenderRefused) -> Exception:
        if error.smtp_code in (CLOSING, TOO_BIG):
            return self._about_mail(error, (error.smtp_code, error.smtp_error), MessageReason.REFUSED)
        self.close()
        return ServerDown(_words(error))


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:500]
