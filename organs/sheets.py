"""The tables of a page as sheets of a spreadsheet (XLSX): the words that the page shows, and beside them the numbers."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import BytesIO
from itertools import chain, islice
from typing import Any
from unicodedata import east_asian_width

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

Cell = str | Decimal | int | date | None

#: What no XML file may hold.
UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: What the name of a sheet, and what the name of a file, may not hold.
NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\[\]\x00-\x1f]')
#: A spreadsheet keeps no more digits of a number; one with more stays text.
MOST_DIGITS = 15
#: Widths of columns in characters; longer texts wrap.
NARROWEST, WIDEST = 8, 44
#: So many rows are looked at for the widths.
MEASURED = 1000
HEAD_ROW = 3

_TITLE, _LINE, _BOLD = Font(size=14, bold=True), Font(color="5B6168"), Font(bold=True)
_SHADE = PatternFill("solid", fgColor="F0EEEA")
_EDGE = Side("thin", color="B5B5B5")
_FRAMED = {
    "alignment": Alignment(vertical="top", wrap_text=True),
    "border": Border(left=_EDGE, right=_EDGE, top=_EDGE, bottom=_EDGE),
}
#: Text stays text when somebody changes it in the spreadsheet.
_KINDS: dict[type, dict[str, Any]] = {
    str: {"quotePrefix": True},
    int: {},
    date: {"number_format": "yyyy-mm-dd"},
}


@dataclass(frozen=True)
class Sheet:
    """A table of a page: its name in the address, its title, the heads of its columns, its rows; what it rests on.

    `of` is what it is about where that is not the organs and the period that were chosen.
    """

    name: str
    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    basis: str = "审核过的数据"
    of: str = ""


def xlsx(sheet: Sheet, line: str) -> bytes:
    """The sheet as a file: title, a line that says of what and when, heads on every page of A4 paper across, rows."""
    return in_rows(sheet.title, line, sheet.head, sheet.rows)


def in_rows(title: str, line: str, head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """The same of rows that are taken one by one, so that no more of them than needed are in memory."""
    coming = iter(rows)
    first = list(islice(coming, MEASURED))
    book = Workbook(write_only=True)
    page = book.create_sheet(file_safe(title)[:31])
    page.freeze_panes = f"A{HEAD_ROW + 1}"
    page.print_title_rows = f"1:{HEAD_ROW}"
    page.page_setup.orientation = Worksheet.ORIENTATION_LANDSCAPE
    page.page_setup.paperSize = Worksheet.PAPERSIZE_A4
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.oddFooter.center.text = "第&P页，共&N页"
    for number, width in enumerate(_widths(head, first), 1):
        page.column_dimensions[get_column_letter(number)].width = width
    page.append([_filled(_cell(page, **_KINDS[str], font=_TITLE), title)])
    page.append([_filled(_cell(page, **_KINDS[str], font=_LINE), line)])
    page.append(
        [_filled(_cell(page, **_KINDS[str], **_FRAMED, font=_BOLD, fill=_SHADE), words) for words in head]
    )
    columns = [{kind: _cell(page, **_FRAMED, **look) for kind, look in _KINDS.items()} for _ in head]
    for row in chain(first, coming):
        # a row is written when it is appended: one cell of each kind does for a column
        page.append([_filled(cells[_kind(value)], value) for cells, value in zip(columns, row, strict=True)])
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def file_safe(name: str) -> str:
    """A name without what files and sheets may not be called by."""
    return NOT_IN_NAMES.sub(" ", UNWRITABLE.sub("", name)).strip(" .'")


def _cell(page: Any, **look: Any) -> Any:
    """An empty cell that looks so."""
    cell = WriteOnlyCell(page)
    for name, style in look.items():
        setattr(cell, name, style)
    return cell


def _kind(value: Cell) -> type:
    return str if isinstance(value, str) or _too_long(value) else date if isinstance(value, date) else int


def _too_long(value: Cell) -> bool:
    return isinstance(value, Decimal) and len(value.normalize().as_tuple().digits) > MOST_DIGITS


def put(cell: Any, value: Cell) -> None:
    """Write a value into a cell of a page that is filled cell by cell, as `xlsx` does in rows."""
    for name, look in _KINDS[_kind(value)].items():
        setattr(cell, name, look)
    _filled(cell, value)


def _filled(cell: Any, value: Cell) -> Any:
    """The cell with a number or a day as such; text always as text, never a formula, whatever it begins with."""
    if _kind(value) is str:
        cell.value = UNWRITABLE.sub(
            "", f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)
        )
        cell.data_type = "s"
    else:
        cell.value = value
    return cell


def _widths(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> list[int]:
    """A width for each column by its longest line."""
    columns = zip(head, *rows, strict=True)
    return [min(max(NARROWEST, *map(_width, column)), WIDEST) for column in columns]


def _width(value: Cell) -> int:
    """Characters that the longest line takes, Chinese ones being twice as wide, with a little air."""
    lines = "" if value is None else str(value)
    return 2 + max(
        (sum(1 + (east_asian_width(c) in "WF") for c in line) for line in lines.splitlines()), default=0
    )
