"""Workbooks of any structure, for the property test and for `make bench`."""

import zipfile

from hypothesis import strategies as st

from tests.exchange.workbooks import HEADINGS, PERSON, sheet_of, workbook

pick = st.sampled_from
many = pick([0, 1, 40, 2_000, 300_000])
number = pick(["1", "2", "3", "1048576", "1048577", "2000000000", "99999999999999999999", "x", "-1"])
column = pick(["A", "B", "C", "XFD", "XFE", "ZZZZZZZ", "", "é"])
kind = pick(["", ' t="s"', ' t="e"', ' t="str"', ' t="inlineStr"', ' t="d"', ' t="b"', ' t="?"', ' s="9"'])
value = pick(
    [
        "",
        "<v>1</v>",
        "<v/>",
        "<v>1e999</v>",
        "<v>99999999</v>",
        "<v>#N/A</v>",
        "<v>#SPILL!</v>",
        "<v>&a;</v>",
        "<v><v><v>",
        "<v><![CDATA[1]]></v>",
        "<!-- --><v>2</v>",
        "<f>1+1</f>",
        "<f>1</f><v></v>",
        "</f>",
        '<f t="shared" ref="A1:XFD1048576" si="4000000000">A1</f>',
        "<is><t>x</t></is>",
        "<is><r><t>a</t></r><r><t>b</t></r></is>",
    ]
)
names = pick(
    ["worksheets/sheet1.xml", "a/b/c.bin", "/x.xml", "../up.xml", "..\\..\\w", "sheet.xml", "workbook.xml"]
)
compression = pick([zipfile.ZIP_DEFLATED, zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED, zipfile.ZIP_BZIP2])
declaration = pick(
    [
        "",
        '<?xml version="1.0"?>',
        '<?xml version="1.0" encoding="UTF-7"?>',
        '<!DOCTYPE a [<!ENTITY lol "lol"><!ENTITY a "&lol;&lol;&lol;">]>',
        '<!DOCTYPE a SYSTEM "file:///etc/passwd">',
    ]
)


@st.composite
def cells(draw: st.DrawFn) -> str:
    place = draw(pick(["", f' r="{draw(column)}{draw(number)}"']))
    return f"<c{place}{draw(kind)}>{draw(value)}</c>" * draw(pick([1, 1, 2, 500, 20_000]))


@st.composite
def rows(draw: st.DrawFn) -> str:
    place = draw(pick(["", f' r="{draw(number)}"']))
    inside = "".join(draw(st.lists(cells(), max_size=3))) + " " * draw(many)
    return f"<row{place}>{inside}</row>" * draw(pick([1, 1, 1, 30]))


@st.composite
def trouble(draw: st.DrawFn) -> str:
    """What else a part may be full of."""
    times = draw(many)
    kinds = [
        "",
        "<a>" * times,
        "<a>" * times + "</a>" * times,
        "<mergeCells>" + '<mergeCell ref="A1:XFD1048576"/>' * times + "</mergeCells>",
        '<dimension ref="A1:XFD1048576"/>',
        f'<x y="{"z" * times}"/>',
        "<x " + " ".join(f'a{n}="1"' for n in range(min(times, 2_000))) + "/>",
        "&lol;",
        "\0",
        "<!-- " + "-" * times,
    ]
    return draw(pick(kinds))


@st.composite
def part(draw: st.DrawFn, whole: str) -> bytes:
    """As it ought to be; or with trouble, or in another encoding."""
    if draw(st.booleans()):
        return whole.encode()
    text = draw(declaration) + whole.replace("</", draw(trouble()) + "</", 1)
    return text.encode(draw(pick(["utf-8", "utf-16", "utf-8-sig"])))


@st.composite
def workbooks(draw: st.DrawFn) -> bytes:
    list_of_people = draw(pick(["", HEADINGS + PERSON])) + "".join(draw(st.lists(rows(), max_size=3)))
    strings = f"<sst>{'<si><t>x</t></si>' * draw(many)}</sst>"
    styles = "<styleSheet><cellXfs>" + '<xf numFmtId="14"/>' * draw(many) + "</cellXfs></styleSheet>"
    content = workbook(
        draw(part(sheet_of(list_of_people, after=draw(trouble())))),
        folder=draw(pick(["xl", "deep/er"])),
        names={"worksheet": draw(names)},
        strings=draw(part(strings)) if draw(st.booleans()) else None,
        styles=draw(part(styles)) if draw(st.booleans()) else None,
        inside=draw(pick(["", '<bookViews><workbookView activeTab="999999"/></bookViews>'])),
        compression=draw(
            pick([zipfile.ZIP_DEFLATED, zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED, zipfile.ZIP_BZIP2])
        ),
    )
    return draw(damaged(content))


@st.composite
def damaged(draw: st.DrawFn, content: bytes) -> bytes:
    how = draw(pick(["not", "not", "not", "not", "cut", "altered", "prefixed", "lying"]))
    place = draw(st.integers(0, len(content) - 1))
    if how == "cut":
        return content[:place]
    if how == "altered":
        return content[:place] + draw(st.binary(min_size=1, max_size=40)) + content[place + 1 :]
    if how == "prefixed":
        return b"PK\3\4" + bytes(1000) + content
    if how == "lying":  # about the unpacked size of every part
        head, *entries = content.split(b"PK\1\2")
        return b"PK\1\2".join([head, *(entry[:20] + b"\x09\0\0\0" + entry[24:] for entry in entries)])
    return content
