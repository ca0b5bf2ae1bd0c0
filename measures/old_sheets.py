"""Reads an XLS in a process of its own, whose memory is bounded: two cells far apart make the reader fill all between them.

As a program it reads the file from standard input, writes a line of JSON for each sheet, and imports no Django.
"""

import json
import resource
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime
from io import BytesIO
from typing import Any

from python_calamine import CalamineSheet, load_workbook

#: What is looked through in all sheets of a file, blank cells too.
MOST_CELLS = 5_000_000
#: All that a workbook of as many cells as are looked through may take.
_MEMORY = 768 * 1024 * 1024
#: Well below the half minute after which a worker is taken for dead.
_SECONDS = 15
#: The exit code of too many cells, or where the memory was not enough, for which a signal may end the program, too.
_TOO_MUCH = 3
_DAY, _MOMENT = "day", "moment"


class DamagedError(ValueError):
    """The reader does not understand the file."""


class TooMuchError(ValueError):
    """The file stands for more than the reader may hold, or takes too long."""


def sheets_of(content: bytes) -> Iterator[dict[str, Any]]:
    """The visible sheets: their `name`, the `left` columns that are blank, `rows` of values, and what is `merged` (the first
    and the last row and column of each); raises DamagedError or TooMuchError."""
    command = [sys.executable, "-I", __file__]
    try:
        done = subprocess.run(command, input=content, capture_output=True, timeout=_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise TooMuchError from error
    if done.returncode == _TOO_MUCH or done.returncode < 0:
        raise TooMuchError
    if done.returncode:
        raise DamagedError
    for line in done.stdout.splitlines():
        yield json.loads(line, object_hook=_value)


def _value(found: dict[str, Any]) -> Any:
    if text := found.get(_MOMENT):
        return datetime.fromisoformat(text)
    return date.fromisoformat(text) if (text := found.get(_DAY)) else found


def _json(value: Any) -> Any:
    match value:
        case datetime():
            return {_MOMENT: value.isoformat()}
        case date():
            return {_DAY: value.isoformat()}
    return str(value)


def _told(sheet: CalamineSheet) -> dict[str, Any]:
    left = sheet.start[1] if sheet.start else 0
    merged = [(*start, *end) for start, end in sheet.merged_cell_ranges or ()]
    return {"name": sheet.name, "left": left, "rows": [*sheet.iter_rows()], "merged": merged}


def main() -> int:
    """The program; its exit code."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        book, left = load_workbook(BytesIO(sys.stdin.buffer.read())), MOST_CELLS
        for about in book.sheets_metadata:
            if (
                str(about.visible) != "SheetVisibleEnum.Visible"
                or str(about.typ) != "SheetTypeEnum.WorkSheet"
            ):
                continue
            sheet = book.get_sheet_by_name(about.name)
            left -= sheet.height * sheet.width
            if left < 0:
                return _TOO_MUCH
            print(json.dumps(_told(sheet), default=_json))
    except MemoryError:
        return _TOO_MUCH
    return 0


if __name__ == "__main__":
    sys.exit(main())
