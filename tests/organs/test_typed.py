"""Numbers and days as they come from a keyboard that is in Chinese mode; refusals first."""

from datetime import date

import pytest

from organs.typed import TypedError, number_text, read_day

TODAY = date(2026, 11, 28)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("1,5", "逗号不清楚"),
        ("12，5", "逗号不清楚"),
        ("1,23,456", "逗号不清楚"),
        (",5", "逗号不清楚"),
        ("1,234,5", "逗号不清楚"),
        ("95％", "只填数，“%”请去掉"),
        ("12人", "只填数，“人”请去掉"),
    ],
)
def test_a_number_that_could_mean_another_is_refused(typed: str, sentence: str) -> None:
    with pytest.raises(TypedError, match=sentence):
        number_text(typed)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("１９，４２５", "19425"),
        ("19,425.5", "19425.5"),
        ("12。5", "12.5"),
        ("12。", "12"),
        ("１２．５", "12.5"),
        ("12·5", "12.5"),
        (" 56 ", "56"),
        ("－3", "-3"),
        ("", ""),
        ("五十", "五十"),
    ],
)
def test_a_number_is_read_as_it_is_typed(typed: str, read: str) -> None:
    assert number_text(typed) == read


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "看不懂"),
        ("后年", "看不懂"),
        ("24.3.5", "看不懂"),
        ("3月", "看不懂"),
        ("13月5日", "没有13月5日"),
        ("2月30日", "没有2月30日"),
        ("0.5", "没有0月5日"),
        ("2023-02-29", "没有2023年2月29日"),
        ("20241301", "没有2024年13月1日"),
        ("3.5余", "看不懂"),
        ("2024。3。5。6", "看不懂"),
        ("9" * 10_000, "看不懂"),
    ],
)
def test_what_is_no_day_is_refused_with_a_short_sentence(typed: str, sentence: str) -> None:
    with pytest.raises(TypedError, match=sentence) as refusal:
        read_day(typed, TODAY, past=True)
    assert len(str(refusal.value)) < 80


@pytest.mark.parametrize(
    "typed",
    ["2024-03-05", "2024-3-5", "2024.3.5", "2024/3/5", "2024年3月5日", "2024年3月5号", "20240305", "２０２４０３０５",
     "２０２４．３．５", "2024。3。5", "2024、3、5", " 2024 年 3 月 5 日 ", "2024年3月5"],
)  # fmt: skip
def test_a_day_with_its_year_is_that_day(typed: str) -> None:
    assert read_day(typed, TODAY) == read_day(typed, TODAY, past=True) == date(2024, 3, 5)


@pytest.mark.parametrize(
    ("typed", "past", "any_day"),
    [
        ("3月5日", date(2026, 3, 5), date(2026, 3, 5)),
        ("3.5", date(2026, 3, 5), date(2026, 3, 5)),
        ("3。5", date(2026, 3, 5), date(2026, 3, 5)),
        ("3/5", date(2026, 3, 5), date(2026, 3, 5)),
        ("１１月２８日", TODAY, TODAY),
        ("11月29日", date(2025, 11, 29), date(2026, 11, 29)),
        ("12-31", date(2025, 12, 31), date(2026, 12, 31)),
        ("今天", TODAY, TODAY),
        ("昨天", date(2026, 11, 27), date(2026, 11, 27)),
    ],
)
def test_a_day_without_its_year_is_the_latest_or_one_of_this_year(
    typed: str, past: date, any_day: date
) -> None:
    assert read_day(typed, TODAY, past=True) == past
    assert read_day(typed, TODAY) == any_day


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("1月15日", date(2027, 1, 15)),
        ("5.30", date(2027, 5, 30)),
        ("11月28日", TODAY),
        ("11月27日", date(2026, 11, 27)),
        ("6月1日", date(2026, 6, 1)),
        ("2026年1月15日", date(2026, 1, 15)),
        ("明天", date(2026, 11, 29)),
    ],
)
def test_a_day_that_is_to_come_lies_in_the_next_half_year_or_says_its_year(typed: str, day: date) -> None:
    assert read_day(typed, TODAY, coming=True) == day


def test_the_last_29_february_is_found() -> None:
    assert read_day("2月29日", TODAY, past=True) == date(2024, 2, 29)
    with pytest.raises(TypedError, match="没有2026年2月29日"):
        read_day("2月29日", TODAY)
