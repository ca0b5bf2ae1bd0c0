"""Sheets of offices are read as a person reads them, or refused with a sentence."""

import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from time import process_time

import pytest
from openpyxl import Workbook

from measures import packages, workbooks
from measures.tables import Column, TableError, find
from measures.workbooks import MOST_ROWS, WorkbookError, read
from tests.browser.conftest import ROOT
from tests.files import saved_by_office
from tests.measures.messy import HEADS, ONE, READ, REFUSED, SHEET, book, of_rows, text, with_part

#: Reads a sheet that is refused and prints how much memory that took, in KB.
READS = """
import re, sys
from measures.workbooks import WorkbookError, read
try:
    read(open(sys.argv[1], "rb").read())
except WorkbookError:
    print(re.search(r"VmHWM:\\s+([0-9]+) kB", open("/proc/self/status").read())[1])
"""
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


@pytest.mark.parametrize(
    "part",
    [
        '<c r="A1"><f>',
        '<c r="A1"><f a="1"',
        '<c r="A1" ',
        "<mergeCell ",
        '<mergeCell ref="A1',
        '<row><c r="A1"><f>1</f><v>1</v></c></row>',
    ],
)
def test_the_same_again_and_again_costs_its_length_only(part: str):
    def cost(times: int) -> float:
        content, begun = of_rows(part * times), process_time()
        with suppress(WorkbookError):
            read(content)
        return process_time() - begun

    cost(1)
    assert cost(20_000) < 8 * cost(5_000) + 0.2


@pytest.mark.parametrize(
    ("formula", "lost"),
    [
        ("<f>50+6</f>", True),
        ("<f>50+6</f><v></v>", True),
        ("<f>50+6</f><v/>", True),
        ('<f t="shared" si="0"/>', True),
        ('<f t="shared" ref="A1:A3" si="0">A2&lt;\n3</f>', True),
        ("<f/>", True),
        ("<f>50+6</f><v>56</v>", False),
        ('<f t="shared" si="0"/><v>56</v>', False),
        ("<v>56</v>", False),
        ("", False),
    ],
)
def test_a_formula_wants_its_result(formula: str, lost: bool):
    content = of_rows(f'<row r="1"><c r="A1" s="0">{formula}</c><c r="B1"><v>1</v></c></row>')
    if lost:
        with pytest.raises(WorkbookError, match="A1是公式"):
            read(content)
    else:
        assert read(content)[0].rows[0][1] == "1"


def merging(*cells: str) -> bytes:
    """A sheet of 2,000 rows in which these cells are merged."""
    merged = "".join(f'<mergeCell ref="{each}"/>' for each in cells)
    rows = of_rows(*[f"<row>{ONE}</row>"] * 2000)
    end = f"</sheetData><mergeCells>{merged}</mergeCells>".encode()
    return with_part(rows, SHEET, lambda xml: xml.replace(b"</sheetData>", end))


def test_merged_cells_are_as_many_as_can_lie_side_by_side():
    kept = read(merging("A1:XFD1", "A2:A1048576", *(f"B{row}:H{row}" for row in range(2, 2000))))
    assert len(kept[0].merged) == 2000
    with pytest.raises(WorkbookError, match="合并的格太多"):
        read(merging(*["A1:A1048576"] * 1000))


@pytest.mark.parametrize(
    "xml", [b"<si><t>a</t></si>" * 1_000_001, b"<si/>" * 2_000_001, b" " * (64 * 1024 * 1024 + 1)]
)
def test_more_xml_than_anybody_waits_for_is_refused(xml: bytes, monkeypatch: pytest.MonkeyPatch):
    content = with_part(book(HEADS), SHEET, lambda _: xml)
    monkeypatch.setattr(workbooks, "load_workbook", lambda *_, **__: pytest.fail("opened"))
    with pytest.raises(WorkbookError, match="表格太长"):
        read(content)


def test_a_command_reads_longer_tables(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(packages, "MOST_ELEMENTS", 3)
    with pytest.raises(WorkbookError, match="表格太长"):
        read(READ["plain"][0])
    assert read(READ["plain"][0], patient=True)


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


@pytest.mark.office
def test_cells_far_apart_in_the_old_format_fill_no_memory(tmp_path: Path):
    wide = Workbook()
    for sheet in (wide.active, *(wide.create_sheet() for _ in range(3))):
        sheet["A1"], sheet["IV65536"] = "单位", "末"
    wide.save(tmp_path / "远.xlsx")
    (saved,) = saved_by_office([tmp_path / "远.xlsx"], "xls", tmp_path / "saved")
    with pytest.raises(WorkbookError, match="空行、空列或工作表太多"):
        read(saved.read_bytes())
    asked = [sys.executable, "-c", READS, str(saved)]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(done.stdout) < 200 * 1024  # KB, in a process that has read nothing else
