"""Sheets of offices are read as a person reads them, or refused with a sentence."""

from pathlib import Path

import pytest

from measures.tables import Column, TableError, find
from measures.workbooks import MOST_ROWS, WorkbookError, read
from tests.files import saved_by_office
from tests.measures.messy import HEADS, READ, REFUSED, text

COLUMNS = (
    Column("action", "举措", ("所属举措",), needed=True),
    Column("day", "日期", ("活动时间",), needed=True),
    Column("title", "活动名称", ("活动主题",), needed=True),
    Column("attended", "实到人次", ("实到", "参加人数")),
)


def told(content):
    """The rows of a file."""
    return [tuple(line.cells[c.key] for c in COLUMNS) for line in find(read(content), COLUMNS).lines]


@pytest.mark.parametrize("name", READ)
def test_a_sheet_is_read_as_a_person_reads_it(name):
    content, rows = READ[name]
    assert told(content) == list(map(tuple, rows))


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_refused_in_words(name):
    content, words = REFUSED[name]
    with pytest.raises((WorkbookError, TableError), match=words):
        told(content)


def test_rows_are_named_by_their_number_and_unknown_columns_listed():
    found = find(read(READ["unknown columns"][0]), COLUMNS)
    assert [line.number for line in found.lines] == [2, 3]
    assert found.unknown == ("主持人",)


def test_what_is_left_out_is_told_with_the_reason():
    found = find(read(READ["who filled it in"][0]), COLUMNS)
    assert [why for _, why in found.left_out] == ["表下的说明", "表下的说明"]


def test_the_same_as_above_wants_something_above():
    (line,) = find(read(text(HEADS, ("同上", "2024-03-05", "第一场", "56"))), COLUMNS).lines
    assert "上一行" in line.wrong["action"]


def test_too_many_rows_are_refused():
    with pytest.raises(WorkbookError, match="行，请拆成几份"):
        read(b"a\n" * (MOST_ROWS + 1))


@pytest.mark.office
def test_sheets_saved_by_another_program_and_in_the_old_format_say_the_same(tmp_path: Path):
    alike = [n for n in READ if READ[n][0].startswith(b"PK") and not n.endswith("by its format")]
    for place, name in enumerate(alike):
        (tmp_path / f"{place}.xlsx").write_bytes(READ[name][0])
    files = [tmp_path / f"{place}.xlsx" for place in range(len(alike))]
    for kind in ("xls", "xlsx"):
        saved = saved_by_office(files, kind, tmp_path / f"as-{kind}")
        for path, name in zip(saved, alike, strict=True):
            assert told(path.read_bytes()) == list(map(tuple, READ[name][1])), (kind, name)
