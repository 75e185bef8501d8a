"""Imports of files, their remembered mappings, and the files themselves."""

from typing import TypeVar

from django.db.models import QuerySet

from mentoring.exchange.mappings import signature
from mentoring.models import ColumnMapping, FileImport, RosterImport, StoredFile
from mentoring.queries.members import with_author

Import = TypeVar("Import", bound=FileImport)


def listed(imports: "QuerySet[Import]") -> "QuerySet[Import]":
    """Newest first. The file's content stays in the database: it may be 50 MB."""
    rows = with_author(imports).select_related("file").defer("file__content", "report")
    return rows.order_by("-created_at", "-id")


def one_of(imports: "QuerySet[Import]", pk: int) -> Import | None:
    return (
        with_author(imports).select_related("created_by", "file").defer("file__content").filter(pk=pk).first()
    )


def roster_imports() -> QuerySet[RosterImport]:
    return listed(RosterImport.objects.all())


def roster_import_of(pk: int) -> RosterImport | None:
    return one_of(RosterImport.objects.all(), pk)


def remembered_mapping(kind: str, headers: list[str]) -> ColumnMapping | None:
    """The mapping last used for a file with exactly these headings."""
    return ColumnMapping.objects.filter(kind=kind, signature=signature(headers)).first()


def mapping_named(kind: str, name: str) -> ColumnMapping | None:
    return ColumnMapping.objects.filter(kind=kind, name__iexact=name).order_by("-updated_at").first()


def mapping_names(kind: str) -> list[str]:
    return list(ColumnMapping.objects.filter(kind=kind).order_by("name").values_list("name", flat=True))


def stored_file(pk: int) -> StoredFile | None:
    return StoredFile.objects.filter(pk=pk).first()


def content_of(pk: int) -> bytes:
    """The content alone, held once: the file may be 50 MB."""
    return bytes(StoredFile.objects.values_list("content", flat=True).get(pk=pk))
