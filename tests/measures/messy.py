"""Sheets as they lie in offices, each with what a person reads in it: made here, so that it is known what is right."""

import csv
import zipfile
from collections.abc import Callable, Sequence
from datetime import date
from io import BytesIO, StringIO
from typing import Any

from openpyxl import Workbook
from openpyxl.xml.constants import SHEET_MAIN_NS

HEADS = ("举措", "日期", "活动名称", "实到人次")
FIRST, SECOND = ("宣讲", "2024-03-05", "第一场", "56"), ("党课", "2024-03-06", "第二场", "60")
TWO = [FIRST, SECOND]
Rows = Sequence[Sequence[Any]]


def book(*rows: Sequence[Any], merged: Sequence[str] = (), **formats: str) -> bytes:
    """A new spreadsheet; `B4="0.0%"` is the format of a cell."""
    made = Workbook()
    page = made.active
    for row in rows:
        page.append(row)
    for place, number_format in formats.items():
        page[place].number_format = number_format
    for cells in merged:
        page.merge_cells(cells)
    return saved(made)


def saved(made: Workbook) -> bytes:
    """The bytes of a spreadsheet."""
    file = BytesIO()
    made.save(file)
    return file.getvalue()


def text(*rows: Sequence[str], code: str = "utf-8", mark: str = ",") -> bytes:
    """A CSV in a character set, parted by a mark."""
    file = StringIO()
    csv.writer(file, delimiter=mark).writerows(rows)
    return file.getvalue().encode(code)


def with_part(content: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The spreadsheet with one of its parts changed."""
    file = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            data = old.read(part)
            new.writestr(part.filename, change(data) if part.filename == name else data)
    return file.getvalue()


def _second_sheet() -> bytes:
    made = Workbook()
    made.active.append(["本表说明", "请看第二张表"])
    page = made.create_sheet("台账")
    for row in (HEADS, *TWO):
        page.append(row)
    return saved(made)


def _hidden_sheet() -> bytes:
    made = Workbook()
    made.active.append(HEADS)
    made.active.append(FIRST)
    hidden = made.create_sheet("选项")
    hidden.sheet_state = "hidden"
    hidden.append([*HEADS, "地点"])
    hidden.append([*SECOND, "x"])
    return saved(made)


SHEET = "xl/worksheets/sheet1.xml"


def of_rows(*rows: str, sheets: int = 1) -> bytes:
    """A spreadsheet whose sheets, all alike, hold these rows as they are written in XML."""
    made = Workbook()
    for _ in range(sheets - 1):
        made.create_sheet()
    content = saved(made)
    inside = f'<dimension ref="A1"/><sheetData>{"".join(rows)}</sheetData>'
    xml = f'<worksheet xmlns="{SHEET_MAIN_NS}">{inside}</worksheet>'.encode()
    for number in range(1, sheets + 1):
        content = with_part(content, f"xl/worksheets/sheet{number}.xml", lambda _: xml)
    return content


ONE = '<c t="inlineStr"><is><t>甲</t></is></c>'
#: By name: the file, and the rows that it tells by 举措, 日期, 活动名称, 实到人次.
READ: dict[str, tuple[bytes, Rows]] = {
    "plain": (book(HEADS, *TWO), TWO),
    "title, unit and date above": (
        book(
            ["示例局2024年活动台账"],
            ["填报单位：示例局", None, None, "2024年3月31日"],
            HEADS,
            *TWO,
            merged=["A1:D1"],
        ),
        TWO,
    ),
    "heads in another order": (book(*[row[::-1] for row in (HEADS, *TWO)]), TWO),
    "heads in other words": (book(["所属举措", "活动时间", "活动主题", "参加人数"], *TWO), TWO),
    "heads with marks, units and line breaks": (
        book(["*举措", "日 期", "活动\n名称", "实到（人次）"], *TWO),
        TWO,
    ),
    "heads of two rows": (
        book(
            ["举措", "活动", None, "人数"],
            [None, "活动时间", "活动名称", "实到"],
            *TWO,
            merged=["A1:A2", "B1:C1"],
        ),
        TWO,
    ),
    "numbered": (book(["序号", *HEADS], *([n, *row] for n, row in enumerate(TWO, 1))), TWO),
    "unknown columns": (book([*HEADS, "主持人"], [*FIRST, "甲"], [*SECOND, "乙"]), TWO),
    "merged cells": (
        book(HEADS, FIRST, (None, *SECOND[1:]), merged=["A2:A3"]),
        [FIRST, (FIRST[0], *SECOND[1:])],
    ),
    "the same as above": (book(HEADS, FIRST, ("同上", *SECOND[1:])), [FIRST, (FIRST[0], *SECOND[1:])]),
    "ditto twice": (
        book(HEADS, FIRST, ("〃", *SECOND[1:]), ("〃", *SECOND[1:])),
        [FIRST, (FIRST[0], *SECOND[1:]), (FIRST[0], *SECOND[1:])],
    ),
    "blank rows": (book([], HEADS, [], FIRST, [], [], SECOND, []), TWO),
    "a total at the end": (book(HEADS, *TWO, ["合 计", None, None, 116]), TWO),
    "subtotals between, numbered": (
        book(
            ["序号", *HEADS],
            [1, *FIRST],
            [None, "小计", None, None, 56],
            [2, *SECOND],
            [3, "总计", None, None, 116],
        ),
        TWO,
    ),
    "who filled it in": (book(HEADS, *TWO, ["填报人：张三", None, "审核人：李四"], ["注：含下级单位"]), TWO),
    "heads again on the second page": (book(HEADS, FIRST, HEADS, SECOND), TWO),
    "spaces at the ends": (book(HEADS, *([f" {cell}　" for cell in row] for row in TWO)), TWO),
    "days and numbers of a spreadsheet": (
        book(HEADS, ("宣讲", date(2024, 3, 5), "第一场", 56), ("党课", date(2024, 3, 6), "第二场", 60.0)),
        TWO,
    ),
    "a percentage by its format": (
        book(HEADS, ("宣讲", "2024", "第一场", 0.956), D2="0.0%"),
        [("宣讲", "2024", "第一场", "95.6%")],
    ),
    "a percentage as words": (
        book(HEADS, ("宣讲", "2024", "第一场", "95.6%")),
        [("宣讲", "2024", "第一场", "95.6%")],
    ),
    "a binary fraction": (
        book(HEADS, ("宣讲", "2024", "第一场", 0.1 + 0.2)),
        [("宣讲", "2024", "第一场", "0.3")],
    ),
    "zeros by its format": (
        book(HEADS, ("宣讲", 3.1, "第一场", 12.5), B2="0.00", D2="#,##0.00"),
        [("宣讲", "3.10", "第一场", "12.50")],
    ),
    "a large number": (
        book(HEADS, ("宣讲", "2024", "第一场", 123456789012)),
        [("宣讲", "2024", "第一场", "123456789012")],
    ),
    "zero": (book(HEADS, ("宣讲", "2024", "第一场", 0)), [("宣讲", "2024", "第一场", "0")]),
    "the second sheet": (_second_sheet(), TWO),
    "a hidden sheet": (_hidden_sheet(), [FIRST]),
    "words that begin like a formula": (
        book(HEADS, ("宣讲", "2024", "'=1+1", "56")),
        [("宣讲", "2024", "'=1+1", "56")],
    ),
    "utf-8": (text(HEADS, *TWO), TWO),
    "utf-8 with a mark": (text(HEADS, *TWO, code="utf-8-sig"), TWO),
    "gb18030": (text(HEADS, *TWO, code="gb18030"), TWO),
    "tabs": (text(HEADS, *TWO, mark="\t"), TWO),
    "semicolons": (text(HEADS, *TWO, mark=";"), TWO),
    "line breaks and commas in a cell": (
        text(HEADS, ("宣讲", "2024", "一，\n二,三", "56")),
        [("宣讲", "2024", "一，\n二,三", "56")],
    ),
}
#: By name: the file, and a part of the sentence that refuses it.
REFUSED: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "空的"),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00\x00", "看不懂"),
    "half a file": (book(HEADS)[:900], "损坏"),
    "no heads": (book(["甲", "乙"], [1, 2]), "找不到表头"),
    "a column is missing": (book(HEADS[:2], FIRST[:2]), "没有活动名称"),
    "a column twice": (book([*HEADS, "活动主题"], [*FIRST, "x"]), "有两列"),
    "a formula without its result": (book(HEADS, ("宣讲", "2024-03-05", "第一场", "=50+6")), "D2是公式"),
    "declared entities": (
        with_part(book(HEADS, FIRST), SHEET, lambda xml: b'<!DOCTYPE a [<!ENTITY b "c">]>' + xml),
        "不该有的声明",
    ),
    "entities in another encoding": (
        with_part(book(HEADS, FIRST), SHEET, lambda xml: '<!DOCTYPE a [<!ENTITY b "c">]>'.encode("utf-16")),
        "不该有的声明",
    ),
    "the beginning of a file": (b"PK\x03\x04", "损坏"),
    "too many columns": (text(HEADS, ["x"] * 201), "超过200列"),
    "a row far below": (of_rows(f'<row r="1">{ONE}</row>', f'<row r="999999999999">{ONE}</row>'), "空行"),
    "blank rows in many sheets": (of_rows('<row r="400000"/>', sheets=3), "空行"),
    "far columns in every row": (of_rows(*['<row><c r="XFD1"/></row>'] * 1000), "空列"),
    "a column that is none": (of_rows('<row r="1"><c r="ZZZZZZZ1" t="n"><v>1</v></c></row>'), "损坏"),
    "blank lines": (text(HEADS, FIRST) + b"\n" * 1_050_000, "空行"),
    "quotation marks without an end": (b'a,b\n"c,d', "引号"),
}
