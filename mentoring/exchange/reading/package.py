"""The ZIP archive around a workbook. What is read of it is found by the package's own relations, wherever it
lies; measured by unpacking it; and handed on alone, so that no other part is ever opened."""

import copy
import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple
from xml.parsers import expat

from mentoring.exchange.cells import cell_text
from mentoring.exchange.limits import Limits, Unreadable

CHUNK = 256 * 1024
SHEET_NAME = 31
USUAL_SHEET = "xl/worksheets/sheet1.xml"
USUAL_STYLES = "xl/styles.xml"
COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
ENCRYPTED = 1
ENCODINGS = ("utf-8", "us-ascii", "ascii")
DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    expat.ExpatError,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)
SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
StartElement = Callable[[str, dict[str, str]], None]


class Element(NamedTuple):
    """Names without their namespaces."""

    name: str
    attributes: dict[str, str]


class Sheet(NamedTuple):
    name: str
    part: str


class Package:
    """A workbook's parts by name. Raises `Unreadable` whatever is wrong with them."""

    def __init__(self, content: bytes, limits: Limits) -> None:
        self.file, self.limits = io.BytesIO(content), limits
        with damage_refused():
            self.archive = zipfile.ZipFile(self.file)
        parts = self.archive.infolist()
        if len(parts) > limits.parts:
            raise Unreadable("unpacks")
        self.parts = {_folded(part.filename): part for part in parts}
        if len(self.parts) < len(parts):  # which of two namesakes is meant, each program decides for itself
            raise Unreadable("not_a_workbook")
        self._read_workbook()

    def _read_workbook(self) -> None:
        workbook = self._related("", "officeDocument")
        if workbook is None:
            raise Unreadable("not_a_workbook")
        self.strings = self._related(workbook, "sharedStrings")
        self.styles = self._related(workbook, "styles")
        places = self._relations(workbook, "worksheet")
        self.date1904 = False
        self.sheet_count = tab = 0
        sheets: list[tuple[str, str | None, bool]] = []
        for name, attributes in self._elements(workbook):
            if name == "sheet":
                visible = attributes.get("state", "visible") == "visible"
                place = places.get(attributes.get("id", ""))
                sheets.append((sheet_name(attributes), place if place in self.parts else None, visible))
            elif name == "workbookPr":
                self.date1904 = attributes.get("date1904") in ("1", "true")
            elif name == "workbookView":
                tab = _number(attributes.get("activeTab", "0"))
        if not sheets:
            raise Unreadable("not_a_workbook")
        if len(sheets) > self.limits.sheets:
            raise Unreadable("unpacks")
        self.sheet_count = len(sheets)
        readable = [Sheet(name, part) for name, part, visible in sheets if part and visible]
        if not readable:
            raise Unreadable("no_sheet")
        opened = [Sheet(name, part) for name, part, visible in sheets[tab : tab + 1] if part and visible]
        self.first = readable[0]
        self.sheet = opened[0] if opened else readable[0]

    def only_the_sheet(self) -> tuple[io.BytesIO, "Flags"]:
        """An archive of the sheet, strings and styles under their usual names, each measured and found to be
        XML, and of nothing else. Their compressed bytes are the file's own; only the directory is new."""
        kept, flags = [], Flags()
        for part, usual, most in (
            (self.sheet.part, USUAL_SHEET, self.limits.sheet_bytes),
            (self.strings, "xl/sharedStrings.xml", self.limits.part_bytes),
            (self.styles, USUAL_STYLES, self.limits.style_bytes),
        ):
            if part is None or part not in self.parts:
                continue
            info = copy.copy(self.parts[part])  # the same part may be named as two
            seen = self._measure(info, most, self._count_styles() if usual == USUAL_STYLES else None)
            flags = seen if usual == USUAL_SHEET else flags
            info.filename, info.extra = usual, b""
            kept.append(info)
        with damage_refused(), zipfile.ZipFile(self.file, "a") as archive:
            archive.infolist()[:] = kept
            archive.NameToInfo.clear()
            for name, text in _frame(date1904=self.date1904).items():
                archive.writestr(name, text)
        self.file.seek(0)
        return self.file, flags

    def sheet_chunks(self) -> Iterator[bytes]:
        """The sheet's XML again, after `only_the_sheet`."""
        with damage_refused(), zipfile.ZipFile(self.file) as archive, archive.open(USUAL_SHEET) as stream:
            while chunk := stream.read(CHUNK):
                yield chunk

    def _chunks(self, info: zipfile.ZipInfo, most: int) -> Iterator[bytes]:
        """Unpacked as far as it really goes, whatever size the directory declares for it."""
        if info.flag_bits & ENCRYPTED or info.compress_type not in COMPRESSIONS:
            raise Unreadable("not_a_workbook")
        declared, size = info.file_size, 0
        if declared > most:
            raise Unreadable("unpacks")
        info.file_size = most + 1
        with self.archive.open(info) as stream:
            while chunk := stream.read(CHUNK):
                size += len(chunk)
                if size > most:
                    raise Unreadable("unpacks")
                yield chunk
        info.file_size = size
        if size != declared:
            raise Unreadable("not_a_workbook")

    def _count_styles(self) -> StartElement:
        """Each style is looked up in the number formats, letter by letter."""
        count = 0

        def start(_name: str, attributes: dict[str, str]) -> None:
            nonlocal count
            count += 1
            longest = max(map(len, attributes.values()), default=0)
            if count > self.limits.styles or longest > self.limits.style_characters:
                raise Unreadable("unpacks")

        return start

    def _measure(self, info: zipfile.ZipInfo, most: int, start: StartElement | None) -> "Flags":
        flags, tail, parser = Flags(), b"", xml_parser()
        parser.StartElementHandler = start
        with damage_refused():
            for chunk in self._chunks(info, most):
                _refuse_wide(chunk)
                flags = flags.seen_in(tail + chunk)
                tail = chunk[-8:]
                parser.Parse(chunk)
            parser.Parse(b"", True)
        return flags

    def _elements(self, part: str) -> list[Element]:
        """All elements of a small part in their order."""
        info, depth = self.parts.get(part), 0
        elements: list[Element] = []

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal depth
            depth += 1
            if depth > self.limits.depth or len(elements) > self.limits.list_elements:
                raise Unreadable("unpacks")
            elements.append(Element(_local(name), {_local(key): value for key, value in attributes.items()}))

        def end(name: str) -> None:
            nonlocal depth
            depth -= 1

        if info is None:
            return []
        parser = xml_parser()
        parser.StartElementHandler, parser.EndElementHandler = start, end
        with damage_refused():
            for chunk in self._chunks(info, self.limits.list_bytes):
                _refuse_wide(chunk)
                parser.Parse(chunk)
            parser.Parse(b"", True)
        return elements

    def _relations(self, part: str, kind: str) -> dict[str, str]:
        """{id: part} of the relations of one kind that `part` ("" for the package itself) has."""
        folder, name = posixpath.split(part)
        parts = {}
        for element in self._elements(posixpath.join(folder, "_rels", f"{name}.rels")):
            values = element.attributes
            inside = element.name == "Relationship" and values.get("TargetMode") != "External"
            if inside and values.get("Type", "").endswith(f"/{kind}"):
                target = posixpath.join("/", folder, values.get("Target", "").replace("\\", "/"))
                parts[values.get("Id", "")] = _folded(posixpath.normpath(target))
        return parts

    def _related(self, part: str, kind: str) -> str | None:
        return next(iter(self._relations(part, kind).values()), None)


class Flags(NamedTuple):
    """Whether a sheet may hold formulas, or errors as results."""

    formulas: bool = False
    errors: bool = False

    def seen_in(self, data: bytes) -> "Flags":
        return Flags(
            self.formulas or b"<f" in data or b":f" in data,
            self.errors or b'"e"' in data or b"'e'" in data,
        )


def xml_parser() -> expat.XMLParserType:
    """Namespaces are told apart by a blank. No document type, so no entities; and the encoding that the next
    reader takes for granted."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.XmlDeclHandler = _refuse_encoding
    return parser


@contextmanager
def damage_refused() -> Iterator[None]:
    try:
        yield
    except DAMAGED:
        raise Unreadable("not_a_workbook") from None


def _refuse_doctype(*_declared: object) -> None:
    raise Unreadable("not_a_workbook")


def _refuse_encoding(_version: str, encoding: str | None, _standalone: int) -> None:
    if encoding and encoding.lower() not in ENCODINGS:
        raise Unreadable("not_a_workbook")


def _refuse_wide(chunk: bytes) -> None:
    """UTF-16 and UTF-32 have NULs in their markup; XML in UTF-8 has none."""
    if b"\0" in chunk:
        raise Unreadable("not_a_workbook")


def _folded(name: str) -> str:
    """Part names are told apart without their case; some writers separate by backslashes."""
    return name.replace("\\", "/").strip("/").lower()


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def sheet_name(attributes: dict[str, str]) -> str:
    """As Excel would allow it: on one line and not long."""
    return cell_text(attributes.get("name", ""))[:SHEET_NAME]


def _number(text: str) -> int:
    return int(text) if re.fullmatch(r"[0-9]{1,6}", text) else 0


def _frame(*, date1904: bool) -> dict[str, str]:
    """What leads to the sheet, in our own words."""
    properties = '<workbookPr date1904="1"/>' if date1904 else ""
    relations = "".join(
        f'<Relationship Id="rId{number}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(
            [
                ("worksheet", "worksheets/sheet1.xml"),
                ("sharedStrings", "sharedStrings.xml"),
                ("styles", "styles.xml"),
            ],
            start=1,
        )
    )
    return {
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{SPREADSHEET}" xmlns:r="{OFFICE}">{properties}<sheets>'
        '<sheet name="List" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{relations}'
        "</Relationships>",
    }
