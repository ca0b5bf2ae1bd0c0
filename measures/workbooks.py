"""Spreadsheets as they come from offices (XLSX, XLS, CSV) → tables of text: what a person would read in each cell (pure)."""

import csv
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO, StringIO
from itertools import chain
from numbers import Real
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.cell import range_boundaries

from measures.numerals import plain
from measures.old_sheets import MOST_CELLS, DamagedError, TooMuchError, sheets_of
from measures.packages import BAD, MOST_MB, OLE, ZIP, declares, too_large, too_long

MOST_ROWS, MOST_COLUMNS = 100_000, 200
#: What is looked through in all sheets of a file, blank too: as many rows as a spreadsheet has at most, and cells.
_ROWS_SEEN, _CELLS_SEEN = 1_048_576, MOST_CELLS
#: The rows and columns of all that is merged in a sheet.
_MERGED_SEEN = 1_000_000
#: A number in a cell is a binary fraction; spreadsheets show at most so many digits of it.
SHOWN_DIGITS = 15
#: Both stop at the next tag, so that what is looked at twice does not grow with the file.
_MERGED = re.compile(rb'<mergeCell [^<>]*?ref="([A-Z]+[0-9]+:[A-Z]+[0-9]+)"')
#: A formula whose result the file does not hold: it was never opened where it could be reckoned.
_UNRECKONED = re.compile(
    rb'<c r="([A-Z]+[0-9]+)"[^<>]*><f(?: [^<>]*)?(?:/>|>[^<]*</f>)(?:<v></v>|<v ?/>)?</c>'
)
#: A format that puts a word behind the number: #,##0.00"元"; it may show thousands (0.0,"千元") or ten thousands (0!.0,"万元").
_WITH_WORD = re.compile(r'(?:\[[^\]]*\])?(General|[#0?,.!\\]+?)(,*)(?:[_*\\].|\s)*"([一-鿿%]+)"\s*')
#: A point that is put before the last digits of a whole number.
_POINT = re.compile(r"[!\\]\.")
#: Digits behind the point that a format always shows.
_PLACES = re.compile(r"\.(0+)(?![#?])")
#: A format that shows of a day its month only: yyyy"年"m"月", which a spreadsheet makes of 2025年8月.
_MONTH = re.compile("y+m+|m+y+")
_TOO_MUCH = "表格里的空行、空列或工作表太多，请删去用不着的再传。"
_DAMAGED = "文件不完整、已损坏或加了密码，请在 Excel 或 WPS 里打开，另存为 XLSX 再传。"


class WorkbookError(ValueError):
    """The file cannot be read; the message is a Chinese sentence for the person who uploaded it."""


class Untold(str):
    """A number as text whose zeros at the end the file does not tell: 2025.1 may be what was typed as 2025.10."""

    __slots__ = ()


class Month(str):
    """A month, 2025年8月, that a spreadsheet shows of its first day."""

    __slots__ = ()


@dataclass(frozen=True)
class Merged:
    """Cells joined into one, by the places of their first and last row and column, counted from 0."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True)
class Table:
    """A sheet: rows of text as long as they are written, the first being row 1 of the spreadsheet; what is merged."""

    name: str
    rows: Sequence[Sequence[str]]
    merged: Sequence[Merged] = ()


class _Room:
    """How much of a file may still be looked through: a few bytes can stand for any number of blank rows and columns."""

    def __init__(self) -> None:
        self._rows, self._cells = _ROWS_SEEN, _CELLS_SEEN

    def take(self, wide: int) -> None:
        """Count a row of so many cells; raises WorkbookError where there is no room for it."""
        self._rows -= 1
        self._cells -= wide
        if self._rows < 0 or self._cells < 0:
            raise WorkbookError(_TOO_MUCH)


def read(content: bytes, *, patient: bool = False) -> list[Table]:
    """The sheets of a file in their order, hidden ones left out; raises WorkbookError.

    `patient` reads longer tables too, for commands: nobody waits for a page.
    """
    if len(content) > MOST_MB * 1024 * 1024:
        raise WorkbookError(f"文件超过{MOST_MB}MB，请拆成几份再传。")
    if not content.strip():
        raise WorkbookError("文件是空的，请重新选择。")
    if content.startswith(ZIP):
        return _new(content, patient=patient)
    return _old(content) if content.startswith(OLE) else [_text(content)]


def _new(content: bytes, *, patient: bool) -> list[Table]:
    """XLSX, cell by cell with the formats that say what is a percentage."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as package:
            _refuse_unsafe(package)
            if not patient and too_long(package):
                raise WorkbookError("表格太长，一次读不完，请删去用不着的工作表，或拆成几份再传。")
            book = load_workbook(BytesIO(content), read_only=True, data_only=True)
            room = _Room()
            return [
                _sheet(sheet, package, room) for sheet in book.worksheets if sheet.sheet_state == "visible"
            ]
    except WorkbookError:
        raise
    except BAD as error:
        raise WorkbookError(_DAMAGED) from error


def _refuse_unsafe(package: zipfile.ZipFile) -> None:
    """Raise WorkbookError for what would fill the memory, or for XML that declares what it would be expanded to."""
    if too_large(package):
        raise WorkbookError("文件解开后太大，请删减图片和工作表，或拆成几份再传。")
    if "xl/workbook.xml" not in package.namelist():
        raise WorkbookError("这不是 Excel 表格，请另存为 XLSX 再传。")
    if declares(package):
        raise WorkbookError("文件里有不该有的声明，不能打开；请把内容复制到新的表格里再传。")


def _sheet(sheet: Any, package: zipfile.ZipFile, room: _Room) -> Table:
    xml = package.read(sheet._worksheet_path.lstrip("/"))
    if lost := _UNRECKONED.search(xml):
        where = lost[1].decode()
        raise WorkbookError(
            f"“{sheet.title}”的{where}是公式，没有算出的结果；请在 Excel 或 WPS 里打开、保存一次再传。"
        )
    sheet.reset_dimensions()  # what a file says of its size is often wrong
    rows = (
        tuple(_shown(cell.value, cell.number_format) if cell.value is not None else "" for cell in row)
        for row in sheet.iter_rows()
    )
    bounds = (range_boundaries(found[1].decode()) for found in _MERGED.finditer(xml))
    merged = (Merged(top - 1, left - 1, bottom - 1, right - 1) for left, top, right, bottom in bounds)
    return _table(sheet.title, _within_limits(rows, room), merged)


def _old(content: bytes) -> list[Table]:
    """XLS; its reader does not tell formats, so a percentage comes as the number that it is."""
    found, room = [], _Room()
    try:
        for sheet in sheets_of(content):
            left = ("",) * sheet["left"]  # blank columns, which the reader leaves out
            rows = (left + tuple(_shown(value) for value in row) for row in sheet["rows"])
            merged = (Merged(*each) for each in sheet["merged"])
            found.append(_table(sheet["name"], _within_limits(rows, room), merged))
    except DamagedError as error:
        raise WorkbookError(_DAMAGED) from error
    except TooMuchError as error:
        raise WorkbookError(_TOO_MUCH) from error
    return found


def _text(content: bytes) -> Table:
    """CSV in UTF-8 or, as spreadsheets of Chinese offices write it, GB18030; parted by commas, tabs or semicolons."""
    if b"\x00" in content and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise WorkbookError("看不懂这个文件，请另存为 XLSX、XLS 或 CSV 再传。")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        codes: tuple[str, ...] = ("utf-16",)
    else:
        codes = ("utf-8-sig", "gb18030")
    for code in codes:
        try:
            text = content.decode(code)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise WorkbookError("看不懂这个文件的文字，请另存为 XLSX，或“CSV UTF-8”再传。")
    head = text[:10_000]
    mark = max(",\t;，", key=head.count)
    if mark == "，":  # no program writes these: they stand inside the cells
        mark = ","
    try:
        rows = csv.reader(StringIO(text, newline=""), delimiter=mark, strict=True)
        return Table("表格", _within_limits((tuple(map(_typed, row)) for row in rows), _Room()))
    except csv.Error as error:
        raise WorkbookError("这份 CSV 里的引号不成对，请另存为 XLSX 再传。") from error


def _typed(cell: str) -> str:
    """A cell of a CSV; a spreadsheet that wrote it left out zeros at the end of a number."""
    return Untold(cell.strip()) if re.fullmatch(r"[0-9]+\.[0-9]", cell.strip()) else cell.strip()


def _within_limits(rows: Iterator[tuple[str, ...]], room: _Room) -> Sequence[Sequence[str]]:
    found: list[tuple[str, ...]] = []
    for row in rows:
        room.take(len(row))
        wide = next((place for place in range(len(row), 0, -1) if row[place - 1]), 0)
        if wide > MOST_COLUMNS:
            raise WorkbookError(f"第{len(found) + 1}行超过{MOST_COLUMNS}列，请删去用不着的列再传。")
        found.append(row[:wide])
        if len(found) > MOST_ROWS:
            if any(chain.from_iterable(found[MOST_ROWS:])):
                raise WorkbookError(f"表格超过{MOST_ROWS}行，请拆成几份再传。")
            found.pop()
    while found and not found[-1]:
        found.pop()
    return found


def _table(name: str, rows: Sequence[Sequence[str]], merged: Iterable[Merged]) -> Table:
    """The sheet with what is merged in it; raises WorkbookError where that is more than can lie side by side."""
    found, room = [], _MERGED_SEEN
    for each in merged:
        room -= (
            max(0, min(each.bottom + 1, len(rows)) - each.top) + min(each.right, MOST_COLUMNS) - each.left + 1
        )
        if room < 0:
            raise WorkbookError(f"“{name}”里合并的格太多，请取消合并再传。")
        found.append(each)
    return Table(name, rows, tuple(found))


def _shown(value: Any, number_format: str = "") -> str:
    """A cell as a person reads it: days as 2024-03-05 (of a month 2024年3月), percentages with their sign, plain digits."""
    match value:
        case None:
            return ""
        case bool():
            return "是" if value else "否"
        case Real():
            return _number(value, number_format)
        case date() if value.day == 1 and _MONTH.fullmatch(_bare(number_format)):
            return Month(f"{value.year}年{value.month}月")
        case datetime():
            return f"{value:%Y-%m-%d}" if value.time() == time() else f"{value:%Y-%m-%d %H:%M}"
        case date():
            return f"{value:%Y-%m-%d}"
        case time() | timedelta():
            return str(value)
    return str(value).strip()


def _bare(number_format: str) -> str:
    """The letters of the first part of a format, without what it writes as it stands."""
    return re.sub(r'"[^"]*"|\\.|\[[^\]]*\]|[^a-z]', "", number_format.partition(";")[0].lower())


def _number(value: Any, number_format: str) -> str:
    """The shortest digits that mean this number, with the zeros that its format shows, rounded where only the binary
    fraction has more."""
    number = Decimal(repr(value))
    if not number.is_finite():
        return str(value)
    if number.adjusted() < 300:
        number = Decimal(f"{number:.{SHOWN_DIGITS}g}")
    if "%" in re.sub(r'"[^"]*"|\\.', "", number_format):
        return f"{plain(number * 100)}%"
    if shown := _WITH_WORD.fullmatch(number_format.partition(";")[0]):
        places = sum(mark in "0#?" for part in _POINT.split(shown[1])[1:] for mark in part)
        return f"{plain(number.scaleb(-3 * len(shown[2]) - places))}{shown[3]}"
    written, always = plain(number), _PLACES.search(re.sub(r'"[^"]*"|\\.', "", number_format))
    if "." not in written:
        return written
    missing = len(always[1]) - len(written.partition(".")[2]) if always else -1
    return f"{written}{'0' * missing}" if missing >= 0 else Untold(written)
