from tests.mail.smtp import mail_server

__all__ = ["mail_server"]
