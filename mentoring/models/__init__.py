from mentoring.models.account import AccountEvent
from mentoring.models.audit import AuditEvent
from mentoring.models.imports import ColumnMapping, ColumnRemoval, FileImport, KeptColumn, RosterImport
from mentoring.models.job import Job, StoredFile
from mentoring.models.mail import AccountMessage, MailServer, OutgoingMessage
from mentoring.models.organization import Organization
from mentoring.models.person import Person
from mentoring.models.session import LinkSession
from mentoring.models.user import Membership, PartedLogin, SignUpInvitation, User

__all__ = [
    "AccountEvent",
    "AccountMessage",
    "AuditEvent",
    "ColumnMapping",
    "ColumnRemoval",
    "FileImport",
    "Job",
    "KeptColumn",
    "LinkSession",
    "MailServer",
    "Membership",
    "Organization",
    "OutgoingMessage",
    "PartedLogin",
    "Person",
    "RosterImport",
    "SignUpInvitation",
    "StoredFile",
    "User",
]
