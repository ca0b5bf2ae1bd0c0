"""A table as a file: every cell as it was meant, whatever somebody typed into it."""

from datetime import date
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest

from organs.sheets import Sheet, file_safe, xlsx

LINE = "甲局 · 2021年 · 截至2021-12-31审核过的数据"


def opened(*rows, head=("甲", "乙"), title="台账"):
    """The sheet as a spreadsheet program sees it, the rows filled up to the width of the head."""
    filled = tuple((*row, *[None] * (len(head) - len(row))) for row in rows)
    return openpyxl.load_workbook(BytesIO(xlsx(Sheet("x", title, head, filled), LINE))).active


def test_title_line_and_head_stand_above_the_rows():
    page = opened(("一", 2))
    assert [page["A1"].value, page["A2"].value] == ["台账", LINE]
    assert list(page.values)[2:] == [("甲", "乙"), ("一", 2)]
    assert page.freeze_panes == "A4"


def test_the_file_prints_on_a4_across_with_its_head_on_every_page():
    page = opened(("一", 2))
    setup = page.page_setup
    assert (setup.orientation, setup.paperSize, setup.fitToHeight) == ("landscape", 9, 0)
    assert page.sheet_properties.pageSetUpPr.fitToPage
    assert page.print_title_rows == "$1:$3"
    assert "&P" in page.oddFooter.center.text


@pytest.mark.parametrize(
    "typed", ["=1+1", "=HYPERLINK(1)", "+86", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "#REF!", "=", "0012"]
)
def test_no_text_is_taken_for_a_formula_an_error_or_a_number(typed):
    page = opened((typed,), head=(typed, "乙"), title=typed)
    for place in ("A1", "A3", "A4"):
        cell = page[place]
        assert cell.data_type == "s", place
        assert cell.value == typed.replace("\r", "\n"), place
        assert cell.quotePrefix, place


def test_numbers_and_days_are_numbers_and_days():
    page = opened((Decimal("25.60"), 0), (date(2021, 3, 5), None))
    assert [(c.value, c.data_type) for c in page[4]] == [(25.6, "n"), (0, "n")]
    assert (page["A5"].value.date(), page["A5"].number_format) == (date(2021, 3, 5), "yyyy-mm-dd")
    assert page["B5"].value is None


def test_a_number_longer_than_a_spreadsheet_keeps_stays_text():
    assert opened((Decimal("1234567890123456.5"),))["A4"].value == "1234567890123456.5"


def test_what_no_file_can_hold_is_left_out():
    assert opened(("一\x07二\ufffe三",))["A4"].value == "一二三"


def test_columns_are_as_wide_as_their_texts_up_to_a_limit():
    widths = opened(("一", "很长的话" * 50)).column_dimensions
    assert 8 <= widths["A"].width < widths["B"].width <= 44


@pytest.mark.parametrize(
    ("name", "safe"),
    [("a/b\\c", "a b c"), ('..\r\n"x"', "x"), ("‘甲局’：[2021]", "‘甲局’： 2021"), ("'x'", "x")],
)
def test_names_of_files_and_sheets_hold_nothing_that_means_something(name, safe):
    assert file_safe(name) == safe
