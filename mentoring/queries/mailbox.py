"""The demo's mailbox: the mail of every organization and of the accounts, as if it had arrived."""

from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from mentoring.enums import MessageStatus
from mentoring.models import AccountMessage, Organization, OutgoingMessage
from mentoring.queries.search import words_in
from mentoring.tenancy.scoping import organization_scope

ACCOUNTS = "_accounts"
NOT_ARRIVED = (MessageStatus.FAILED, MessageStatus.DROPPED)
PAGE_SIZE = 25
LISTED = (
    "pk",
    "kind",
    "to_email",
    "to_name",
    "subject",
    "status",
    "created_at",
    "send_after",
    "calendar_method",
)


@dataclass
class Box:
    """The mail of one organization, or of the accounts (no organization)."""

    name: str
    label: str
    organization: Organization | None

    def scope(self) -> Any:
        return organization_scope(self.organization) if self.organization else nullcontext()

    @property
    def searched(self) -> tuple[str, ...]:
        """What is said about accounts is sealed."""
        return ("to_email", "to_name", "subject") if self.organization else ("to_email", "to_name")

    @property
    def model(self) -> Any:
        return OutgoingMessage if self.organization else AccountMessage


def boxes() -> list[Box]:
    found = [Box(o.slug, o.name, o) for o in Organization.objects.order_by("name")]
    return [*found, Box(ACCOUNTS, "Upward", None)]


def box_named(name: str) -> Box | None:
    return next((box for box in boxes() if box.name == name), None)


class Mailbox:
    """All boxes as one list, newest first, that Django's paginator can cut."""

    def __init__(self, q: str = ""):
        self.q = q
        self.boxes = boxes()

    def _rows(self, box: Box) -> Any:
        with_words = words_in(self.q, box.searched)
        return box.model.objects.exclude(status__in=NOT_ARRIVED).filter(with_words)

    def count(self) -> int:
        total = 0
        for box in self.boxes:
            with box.scope():
                total += self._rows(box).count()
        return total

    def __getitem__(self, cut: slice) -> list[dict[str, Any]]:
        newest: list[dict[str, Any]] = []
        for box in self.boxes:
            with box.scope():
                rows = self._rows(box).order_by("-created_at", "-pk").values(*LISTED)[: cut.stop]
                newest += [{**row, "box": box.name, "organization": box.label} for row in rows]
        newest.sort(key=lambda row: (row["created_at"], row["pk"]), reverse=True)
        return newest[cut]

    def __len__(self) -> int:
        return self.count()


def message_in(box: Box, pk: int) -> Any:
    with box.scope():
        return box.model.objects.filter(pk=pk).first()
