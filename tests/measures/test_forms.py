"""What a clerk types into figures, periods, days and numbers; what is refused says why, in Chinese."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from measures.forms.fields import PeriodField, QuantityField, due_day
from measures.models import Campaign
from measures.period import Period
from organs.forms import AmountField, DayField, WholeField
from tests import make


def said(call: Any, *args: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        call(*args)
    return " ".join(caught.value.messages)


@pytest.mark.parametrize(
    ("typed", "unit", "shown", "low", "high"),
    [
        ("19425", "户", "19425户", 19425, 19425),
        ("１９，４２５", "户", "19425户", 19425, 19425),
        ("1.2万余", "人次", "1.2万余人次", 12001, 12999),
        ("近百", "人", "近百人", 90, 99),
        ("三千二百", "人", "三千二百人", 3200, 3200),
        ("95%以上", "%", "95%以上", 95, 100),
        ("十多项", "项", "十多项", 11, 19),
        ("3万元", "元", "3万元", 30000, 30000),
        ("0", "个", "0个", 0, 0),
        ("95％以上", "%", "95%以上", 95, 100),
        ("0.956%", "%", "0.956%", Decimal("0.956"), Decimal("0.956")),
        ("0", "%", "0%", 0, 0),
        ("12。5％", "%", "12.5%", Decimal("12.5"), Decimal("12.5")),
        ("1。2万余", "人次", "1.2万余人次", 12001, 12999),
        ("56次。", "次", "56次", 56, 56),
    ],
)
def test_a_figure_is_read_as_it_is_typed(
    db: None, typed: str, unit: str, shown: str, low: int, high: int
) -> None:
    metric = make.make_metric(unit=unit, maximum=100 if unit == "%" else None)
    make.make_unit("万元")
    figure = QuantityField(metric=metric).clean(typed)
    assert (str(figure), figure.low, figure.high) == (shown, low, high)
    assert figure.unit == metric.unit.spec.base
    assert QuantityField(metric=metric).prepare_value(figure) == shown


def test_ten_thousand_yuan_are_stored_as_yuan(db: None) -> None:
    figure = QuantityField(metric=make.make_metric(unit="万元")).clean("1.2")
    assert (figure.amount, figure.unit) == (12000, "元")


@pytest.mark.parametrize(
    ("typed", "unit", "sentence"),
    [
        ("很多", "人", "不是一个数"),
        ("12户", "人", "这里填的是“人”，您写的是“户”"),
        ("1.5", "人", "要填整数"),
        ("101", "%", "这里最大是100%"),
        ("0.956", "%", "“0.956”是95.6%还是0.956%？请写上%，如 95.6%。"),
        ("０。5", "%", "是50%还是0.5%？请写上%，如 50%。"),
        ("-1", "人", "最小是0人"),
        ("1，5万", "人", "逗号不清楚"),
        ("19,42", "户", "逗号不清楚"),
    ],
)
def test_a_figure_that_cannot_be_is_refused_with_a_sentence(
    db: None, typed: str, unit: str, sentence: str
) -> None:
    metric = make.make_metric(unit=unit, maximum=100 if unit == "%" else None)
    assert sentence in said(QuantityField(metric=metric).clean, typed)


def test_words_wait_until_the_metric_is_known(db: None) -> None:
    assert QuantityField().clean(" 50余 ") == "50余"


def test_the_unit_stands_beside_the_line(db: None) -> None:
    field = QuantityField(metric=make.make_metric(unit="户"))
    assert '<span class="unit">户</span>' in field.widget.render("quantity", "12余")


def test_a_unit_that_was_said_is_not_said_twice(db: None) -> None:
    field = QuantityField(metric=make.make_metric(unit="户"))
    assert "unit" not in field.widget.render("quantity", "12户")


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("2021年", "2021"),
        ("2021年一季度", "2021Q1"),
        ("２０２１．３", "2021-03"),
        ("2021年上半年", "2021H1"),
        ("2021年1月1日至5月3日", "20210101-20210503"),
        ("2021。3", "2021-03"),
        ("２０２１．１．１－５．３", "20210101-20210503"),
    ],
)
def test_a_period_is_read_as_it_is_typed(typed: str, key: str) -> None:
    field = PeriodField()
    period = field.clean(typed)
    assert period is not None
    assert period.key == key
    again = field.clean(field.prepare_value(period))
    assert again is not None
    assert again.key == key
    assert not field.has_changed(period, field.prepare_value(period))


def test_one_day_as_a_period_is_shown_so_that_it_can_be_read_again() -> None:
    day = Period.span(date(2021, 3, 5), date(2021, 3, 6))
    assert PeriodField().clean(PeriodField().prepare_value(day)) == day


def test_what_is_no_period_is_refused_with_a_sentence() -> None:
    assert "看不懂“上个月”" in said(PeriodField().clean, "上个月")


@pytest.mark.parametrize(
    "typed", ["2024-03-05", "2024.3.5", "2024年3月5日", "20240305", "２０２４/３/５", " 2024-3-5 "]
)
def test_a_day_is_read_as_it_is_typed(typed: str) -> None:
    assert DayField().clean(typed) == date(2024, 3, 5)


@pytest.mark.parametrize(
    ("typed", "sentence"), [("3月", "看不懂“3月”"), ("2023-02-29", "没有2023年2月29日这一天")]
)
def test_what_is_no_day_is_refused_with_a_sentence(typed: str, sentence: str) -> None:
    assert sentence in said(DayField().clean, typed)


def test_numbers_take_full_width_digits_and_separators() -> None:
    assert WholeField().clean("１，２００") == 1200
    assert AmountField().clean("１２．５") == AmountField().clean("12。5") == Decimal("12.5")
    assert "逗号不清楚" in said(AmountField().clean, "12，5")
    assert "“%”请去掉" in said(WholeField().clean, "95％")
    assert AmountField().prepare_value(Decimal("12.5000")) == "12.5"


YEARS_ALREADY = (date(2020, 1, 1), date(2026, 12, 31))
OVER, TO_COME = (date(2023, 1, 1), date(2024, 6, 30)), (date(2027, 3, 1), date(2029, 12, 31))


@pytest.mark.parametrize(
    ("days", "typed", "stored"),
    [
        (YEARS_ALREADY, "12月20日", date(2026, 12, 20)),
        (YEARS_ALREADY, "11月20日", date(2026, 11, 20)),
        (YEARS_ALREADY, "1月20日", date(2026, 1, 20)),
        (YEARS_ALREADY, "2月29日", date(2024, 2, 29)),
        (OVER, "12月20日", date(2023, 12, 20)),
        (OVER, "1月20日", date(2024, 1, 20)),
        (TO_COME, "12月20日", date(2027, 12, 20)),
        (TO_COME, "1月20日", date(2028, 1, 20)),
        ((date(2026, 6, 1), date(2026, 12, 31)), "1月20日", None),
        (YEARS_ALREADY, "2025年1月20日", None),
    ],
)
def test_a_due_day_without_its_year_is_the_one_of_the_campaign_nearest_to_today(
    monkeypatch, days: tuple[date, date], typed: str, stored: date | None
) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *asked: date(2026, 12, 1))
    assert due_day(typed, None, Campaign(first_day=days[0], last_day=days[1])) == stored
