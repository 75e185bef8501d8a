"""CSV as it comes out of real systems: four encodings, four separators, stray NULs."""

import codecs
import csv
import io
from collections.abc import Iterator
from typing import BinaryIO

from mentoring.exchange.limits import Limits, Unreadable
from mentoring.exchange.reading.lists import Listing, Records, find_headers

SAMPLE_BYTES = 64 * 1024
LONGEST_LINE = 4 * 1024 * 1024
SEPARATORS = ",;\t|"
SEPARATOR_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def open_csv(content: bytes, limits: Limits) -> Listing:
    file = io.BytesIO(content)
    encoding = detect_encoding(file)
    sample = next(iter(_chunks(file, encoding, SAMPLE_BYTES)), "").replace("\0", "")
    separator, skip = detect_separator(sample)

    def records() -> Records:
        return _records(file, encoding, separator, skip, limits)

    header_line, headers = find_headers(records(), limits)
    note = f"{encoding_name(encoding)}, {SEPARATOR_NAMES[separator]}"
    return Listing(headers, header_line, f"CSV ({note})", records, limits)


def encoding_name(encoding: str) -> str:
    names = {"utf-8-sig": "UTF-8", "cp1252": "Windows-1252", "latin-1": "Latin-1"}
    return names.get(encoding, encoding.upper())


def detect_encoding(file: BinaryIO) -> str:
    """By mark, else by the pattern of zero bytes, else UTF-8 if *all* of it is, else a Western code page."""
    file.seek(0)
    sample = file.read(SAMPLE_BYTES)
    for mark, name in BOMS:
        if sample.startswith(mark):
            return _decodable(file, name)
    if (wide := _utf16_without_mark(sample)) is not None:
        return _decodable(file, wide)
    refuse_binary(sample)
    for name in ("utf-8", "cp1252"):
        try:
            for _chunk in _chunks(file, name):
                pass
            return name
        except UnicodeDecodeError:
            continue
    return "latin-1"


def _decodable(file: BinaryIO, encoding: str) -> str:
    try:
        for _chunk in _chunks(file, encoding):
            pass
    except UnicodeError:
        raise Unreadable("encoding", encoding=encoding_name(encoding)) from None
    return encoding


def _utf16_without_mark(sample: bytes) -> str | None:
    pairs = len(sample) // 2
    if pairs < 4:
        return None
    even, odd = sample[0 : pairs * 2 : 2].count(0), sample[1 : pairs * 2 : 2].count(0)
    if odd > 0.4 * pairs and even < 0.05 * pairs:
        return "utf-16-le"
    if even > 0.4 * pairs and odd < 0.05 * pairs:
        return "utf-16-be"
    return None


def refuse_binary(sample: bytes) -> None:
    """Text has next to no control characters; one per cent of them is no list of people."""
    control = sum(sample.count(code) for code in range(32) if code not in (9, 10, 12, 13))
    if control > max(2, len(sample) // 100):
        raise Unreadable("binary")


def _chunks(file: BinaryIO, encoding: str, size: int = 1024 * 1024) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    while data := file.read(size):
        yield decoder.decode(data)
    yield decoder.decode(b"", final=True)


def detect_separator(sample: str) -> tuple[str, int]:
    """(separator, lines to skip). Excel's `sep=;` line wins; else the one that gives the steadiest
    columns."""
    first = sample.partition("\n")[0].strip()
    if first.lower().startswith("sep=") and len(first) == 5 and first[4] in SEPARATORS:
        return first[4], 1
    return max(SEPARATORS, key=lambda separator: _steadiness(sample, separator)), 0


def _steadiness(sample: str, separator: str) -> tuple[float, int]:
    whole = sample if len(sample) < SAMPLE_BYTES // 4 else sample[: sample.rfind("\n") + 1]
    widths = []
    try:
        for record in csv.reader(io.StringIO(whole, newline=""), delimiter=separator):
            if record:
                widths.append(len(record))
            if len(widths) >= 50:
                break
    except csv.Error:
        pass
    wide = [width for width in widths if width > 1]
    if not wide:
        return 0.0, 0
    usual = max(set(wide), key=wide.count)
    return wide.count(usual) / len(widths), usual


class _Lines:
    """Lines of the decoded file without NULs, which no database stores; ends of line are kept for quoted
    cells."""

    def __init__(self, file: BinaryIO, encoding: str) -> None:
        self.file, self.encoding = file, encoding

    def __iter__(self) -> Iterator[str]:
        rest = ""
        for chunk in _chunks(self.file, self.encoding, 256 * 1024):
            text = rest + chunk.replace("\0", "")
            held = "\r" if text.endswith("\r") else ""
            lines = io.StringIO(text[: len(text) - len(held)], newline="").readlines()
            rest = (lines.pop() if lines and not lines[-1].endswith(("\n", "\r")) else "") + held
            yield from lines
            if len(rest) > LONGEST_LINE:
                raise Unreadable("endless_line")
        if rest:
            yield rest


def _records(file: BinaryIO, encoding: str, separator: str, skip: int, limits: Limits) -> Records:
    lines = iter(_Lines(file, encoding))
    for _skipped in range(skip):
        next(lines, None)
    csv.field_size_limit(limits.cell_characters)
    reader = csv.reader(lines, delimiter=separator, strict=True)
    line = 0
    while True:
        line += 1
        try:
            record: list[object] = list(next(reader))
        except StopIteration:
            return
        except csv.Error as error:
            open_quote = "field larger" in str(error) or "unexpected end" in str(error)
            raise Unreadable("open_quote" if open_quote else "text_after_quote", line=line) from None
        if line > limits.lines:
            raise Unreadable("rows", rows=f"{limits.rows:,}")
        yield line, record
