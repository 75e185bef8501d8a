"""What a file may be at most, and the one way in which a file is found to be unreadable. Without Django: the
process that reads files has none."""

from dataclasses import dataclass

MEGABYTE = 1024 * 1024


class Unreadable(Exception):
    """`reason` is a key of `refusals.REASONS`, which has the sentence; `facts` fill it."""

    def __init__(self, reason: str, **facts: object) -> None:
        super().__init__(reason)
        self.reason, self.facts = reason, facts


@dataclass(frozen=True)
class Limits:
    """Generous for the roster of a large company, small for a machine. What none of these names is held by
    the time and the memory that reading is given (`door.Allowance`)."""

    file_bytes: int = 50 * MEGABYTE
    columns: int = 400
    rows: int = 250_000
    lines: int = 2_000_000  # empty ones counted
    cells: int = 5_000_000
    heading_characters: int = 5_000
    cell_characters: int = 32_767
    row_characters: int = 1_000_000
    text_bytes: int = 200 * MEGABYTE  # of all cells, as whoever works on the rows holds them
    parts: int = 2000
    sheets: int = 1000
    sheet_bytes: int = 400 * MEGABYTE
    part_bytes: int = 80 * MEGABYTE
    style_bytes: int = 20 * MEGABYTE
    styles: int = 100_000
    style_characters: int = 5_000
    list_bytes: int = 8 * MEGABYTE  # of a part that only lists others, such as the workbook itself
    list_elements: int = 50_000
    depth: int = 64
