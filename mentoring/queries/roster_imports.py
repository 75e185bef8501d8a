"""Imports of the roster, their remembered mappings and files."""

from django.db.models import QuerySet

from mentoring.models import ColumnMapping, RosterImport, StoredFile
from mentoring.people.mapping import signature

KIND = "roster"


def roster_imports() -> QuerySet[RosterImport]:
    """Newest first. The file's content stays in the database: it may be 50 MB."""
    return (
        RosterImport.objects.select_related("created_by", "file")
        .defer("file__content", "report")
        .order_by("-created_at", "-id")
    )


def roster_import_of(pk: int) -> RosterImport | None:
    return (
        RosterImport.objects.select_related("created_by", "file").defer("file__content").filter(pk=pk).first()
    )


def remembered_mapping(headers: list[str]) -> ColumnMapping | None:
    """The mapping last used for a file with exactly these headings."""
    return ColumnMapping.objects.filter(kind=KIND, signature=signature(headers)).first()


def mapping_named(name: str) -> ColumnMapping | None:
    return ColumnMapping.objects.filter(kind=KIND, name__iexact=name).order_by("-updated_at").first()


def mapping_names() -> list[str]:
    return list(ColumnMapping.objects.filter(kind=KIND).order_by("name").values_list("name", flat=True))


def stored_file(pk: int) -> StoredFile | None:
    return StoredFile.objects.filter(pk=pk).first()


def content_of(pk: int) -> bytes:
    """The content alone, held once: the file may be 50 MB."""
    return bytes(StoredFile.objects.values_list("content", flat=True).get(pk=pk))
