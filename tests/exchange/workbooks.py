"""Workbooks out of their raw parts, as no spreadsheet writes them."""

import io
import zipfile
from collections.abc import Mapping

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
CONTENT_TYPES = (
    f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/{folder}/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
)
HEADINGS = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>ID</t></is></c>'
    '<c r="B1" t="inlineStr"><is><t>Name</t></is></c></row>'
)
PERSON = '<row r="2"><c r="A2"><v>7</v></c><c r="B2" t="inlineStr"><is><t>Noor</t></is></c></row>'


def sheet_of(rows: str, *, after: str = "") -> str:
    return f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData>{after}</worksheet>'


def relations(**targets: str) -> str:
    """One relation for each kind; ids are the kinds."""
    listed = "".join(
        f'<Relationship Id="{kind}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for kind, target in targets.items()
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{listed}</Relationships>'


def workbook_part(*, inside: str = "") -> str:
    return (
        f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{inside}'
        '<sheets><sheet name="People" sheetId="1" r:id="worksheet"/></sheets></workbook>'
    )


def workbook(
    sheet: str | bytes,
    *,
    folder: str = "xl",
    names: Mapping[str, str] | None = None,
    strings: str | bytes | None = None,
    styles: str | bytes | None = None,
    inside: str = "",
    more: Mapping[str, str | bytes] | None = None,
    compression: int = zipfile.ZIP_DEFLATED,
) -> bytes:
    """`folder` and `names` are where its parts lie; the relations lead there."""
    places = {
        "worksheet": "worksheets/sheet1.xml",
        "sharedStrings": "sharedStrings.xml",
        "styles": "styles.xml",
        **(names or {}),
    }
    contents = {"worksheet": sheet, "sharedStrings": strings, "styles": styles}
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": CONTENT_TYPES.format(folder=folder),
        "_rels/.rels": relations(officeDocument=f"{folder}/workbook.xml"),
        f"{folder}/workbook.xml": workbook_part(inside=inside),
        f"{folder}/_rels/workbook.xml.rels": relations(
            **{kind: place for kind, place in places.items() if contents[kind] is not None}
        ),
    }
    for kind, content in contents.items():
        if content is not None:
            place = places[kind]
            parts[place.lstrip("/") if place.startswith("/") else f"{folder}/{place}"] = content
    parts |= more or {}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()
