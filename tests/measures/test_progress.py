from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from measures.progress import (
    DIRECTION_LABELS,
    STANDING_LABELS,
    STANDING_SHAPES,
    VERDICT_LABELS,
    Direction,
    Standing,
    Verdict,
    action_standing,
    assess,
    change,
    pair_check,
    pooled,
    round_half_up,
    shares,
    so_far,
)
from measures.quantity import Quantity, QuantityError, UnitSpec

PERSONS = UnitSpec("人")
HOUSEHOLDS = UnitSpec("户")
PERCENT = UnitSpec("%", whole=False)
TEN_THOUSANDS = UnitSpec("万元", whole=False, dimension="金额", scale=Decimal(10_000), base="元")
TODAY = date(2021, 6, 15)


def persons(words):
    return Quantity.parse(words, PERSONS) if words is not None else None


@pytest.mark.parametrize(
    ("before", "after", "percentage", "words"),
    [
        ("100", "220", False, "增加120人"),
        ("220", "100", False, "减少120人"),
        ("100", "100", False, "持平"),
        ("39", "26", True, "下降13个百分点"),
        ("26", "39", True, "上升13个百分点"),
        ("100", "150余", False, "增加51至59人"),
        ("150余", "100", False, "减少51至59人"),
        ("100", "超过150", False, "至少增加51人"),
        ("超过150", "100", False, "至少减少51人"),
        ("100", "100以上", False, "持平或增加"),
        ("100", "约100", False, "变化不确定"),
        ("超过100", "超过100", False, "变化不确定"),
    ],
)
def test_changes_are_said_in_words_and_never_surer_than_the_figures(before, after, percentage, words):
    assert change(persons(before), persons(after), percentage=percentage).words == words


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [("12.345", "12.349", "增加0.004万元"), ("12.341", "12.349", "增加0.008万元"), ("1.5", "1.5", "持平")],
)
def test_an_exact_change_is_said_exactly_however_small(before, after, words):
    figures = (Quantity.parse(said, TEN_THOUSANDS) for said in (before, after))
    assert change(*figures, percentage=False, shown=TEN_THOUSANDS).words == words


def test_only_what_was_pooled_is_rounded_to_two_places_of_a_percentage_point():
    typed, pooled_share = Quantity.parse("33.332", PERCENT), Quantity.exact(Decimal(100) / 3, "%")
    assert change(typed, Quantity.parse("33.335", PERCENT), percentage=True).words == "上升0.003个百分点"
    assert change(typed, pooled_share, percentage=True).words == "持平"
    assert change(Quantity.parse("33", PERCENT), pooled_share, percentage=True).words == "上升0.33个百分点"


def test_an_uncertain_change_has_ends_and_no_amount():
    found = change(persons("100"), persons("150余"), percentage=False)
    assert (found.amount, found.low, found.high, found.relative) == (None, 51, 59, None)
    assert change(persons("0"), persons("5"), percentage=False).relative is None


def test_unlike_units_are_not_compared():
    households = Quantity.parse("5", HOUSEHOLDS)
    with pytest.raises(QuantityError, match="不能比较"):
        change(persons("5"), households, percentage=False)
    with pytest.raises(QuantityError, match="不能比较"):
        assess(persons("5"), households, None, Direction.UP)
    with pytest.raises(QuantityError, match="不能比较"):
        assess(persons("5"), None, households, Direction.UP)


@pytest.mark.parametrize(
    ("actual", "target", "direction", "verdict"),
    [
        (None, "5", Direction.UP, Verdict.NO_DATA),
        (None, None, Direction.UP, Verdict.NO_DATA),
        ("5", None, Direction.UP, Verdict.NO_TARGET),
        ("5", "5", Direction.NONE, Verdict.NO_TARGET),
        ("0", "5", Direction.UP, Verdict.NOT_MET),
        ("5", "5", Direction.KEEP, Verdict.MET),
        ("6", "5", Direction.KEEP, Verdict.NOT_MET),
        ("约5", "5", Direction.KEEP, Verdict.MAYBE),
        ("5", "3至6", Direction.KEEP, Verdict.MET),
        ("7", "5以上", Direction.KEEP, Verdict.MET),
        ("50余", "51", Direction.UP, Verdict.MET),
        ("50余", "59", Direction.UP, Verdict.MAYBE),
        ("50余", "60", Direction.UP, Verdict.NOT_MET),
        ("50余", "59", Direction.DOWN, Verdict.MET),
        ("50余", "51", Direction.DOWN, Verdict.MAYBE),
        ("50余", "50", Direction.DOWN, Verdict.NOT_MET),
        ("5", "超过5", Direction.UP, Verdict.NOT_MET),
        ("6", "超过5", Direction.UP, Verdict.MET),
        ("5", "不足5", Direction.DOWN, Verdict.NOT_MET),
        ("4", "不足5", Direction.DOWN, Verdict.MET),
        ("5", "5以内", Direction.DOWN, Verdict.MET),
        ("超过5", "9", Direction.UP, Verdict.MAYBE),
        ("超过5", "9", Direction.DOWN, Verdict.MAYBE),
        ("95", "约100", Direction.UP, Verdict.NOT_MET),
    ],
)
def test_the_verdict_looks_at_the_worst_end_first(actual, target, direction, verdict):
    assert assess(persons(actual), persons(target), None, direction).verdict is verdict


def test_a_figure_worse_than_the_baseline_is_said_to_go_back_even_without_target():
    found = assess(persons("8"), None, persons("10"), Direction.UP)
    assert (found.regressed, found.words) == (True, "无目标，较基线倒退")
    assert not assess(persons("8"), None, persons("10"), Direction.DOWN).regressed
    assert not assess(persons("8"), None, persons("10"), Direction.NONE).regressed
    assert not assess(persons("约10"), None, persons("10"), Direction.UP).regressed


def test_the_share_of_an_uncertain_figure_is_said_to_be_about():
    found = assess(persons("50余"), persons("100"), persons("0"), Direction.UP)
    assert (found.share, found.bar, found.words) == (50, 50, "未达标，完成约50%")


@pytest.mark.parametrize(
    ("dates", "standing"),
    [
        ({}, Standing.NOT_STARTED),
        ({"started": True}, Standing.UNDER_WAY),
        ({"start": TODAY}, Standing.UNDER_WAY),
        ({"start": TODAY + timedelta(days=1)}, Standing.NOT_STARTED),
        ({"start": TODAY + timedelta(days=1), "due": TODAY + timedelta(days=3)}, Standing.NOT_STARTED),
        ({"start": TODAY + timedelta(days=1), "started": True}, Standing.UNDER_WAY),
        ({"due": TODAY}, Standing.SOON),
        ({"due": TODAY + timedelta(days=14), "started": True}, Standing.SOON),
        ({"due": TODAY + timedelta(days=15), "started": True}, Standing.UNDER_WAY),
        ({"due": TODAY - timedelta(days=1)}, Standing.LATE),
        ({"due": TODAY - timedelta(days=1), "closed_on": TODAY}, Standing.DONE),
        ({"due": TODAY - timedelta(days=1), "closed_on": TODAY + timedelta(days=1)}, Standing.LATE),
        ({"due": TODAY - timedelta(days=2), "asked_on": TODAY - timedelta(days=2)}, Standing.UNDER_WAY),
        ({"due": TODAY - timedelta(days=2), "asked_on": TODAY - timedelta(days=1)}, Standing.LATE),
        ({"due": TODAY, "asked_on": TODAY}, Standing.UNDER_WAY),
        ({"asked_on": TODAY}, Standing.UNDER_WAY),
    ],
)
def test_the_standing_of_an_action_follows_its_dates(dates, standing):
    facts = {"start": None, "due": None, "closed_on": None, "started": False, "today": TODAY, **dates}
    assert action_standing(**facts) is standing


def test_every_word_has_a_label_and_every_standing_a_shape():
    assert set(STANDING_LABELS) == set(STANDING_SHAPES) == set(Standing)
    assert set(VERDICT_LABELS) == set(Verdict)
    assert set(DIRECTION_LABELS) == set(Direction)
    assert len(set(STANDING_SHAPES.values())) == len(Standing)


def test_pooling_nothing_gives_nothing():
    assert pooled([]) is None
    assert pooled([(Decimal(0), Decimal(0))]) is None
    assert pooled([(Decimal(1), Decimal(3)), (Decimal(1), Decimal(1))]) == 50


def test_shares_of_nothing_are_zero_and_none_is_negative():
    assert shares([]) == ()
    assert shares([Decimal(0), Decimal(0)]) == (0, 0)
    assert shares([Decimal(1), Decimal(2)], places=0) == (33, 67)
    with pytest.raises(ValueError, match="negative"):
        shares([Decimal(-1), Decimal(2)])


@given(st.lists(st.decimals(0, 10**9, places=2), min_size=1, max_size=20).filter(any), st.integers(0, 3))
def test_shares_add_up_to_a_hundred_and_stay_beside_the_exact_ones(values, places):
    found = shares(values, places)
    step = Decimal(1).scaleb(-places)
    assert sum(found) == 100
    whole = sum(values)
    assert all(abs(share - value * 100 / whole) <= step for share, value in zip(found, values, strict=True))


@given(st.decimals(-(10**6), 10**6, places=4), st.integers(0, 3))
def test_rounding_moves_by_at_most_half_a_step(value, places):
    assert abs(round_half_up(value, places) - value) * 2 <= Decimal(1).scaleb(-places)


FIGURES = st.builds(
    lambda shape, number: persons(shape.format(number)),
    st.sampled_from(["{}", "{}余", "超过{}", "{}以上", "{}以内", "不足{}", "近{}", "约{}"]),
    st.integers(1, 500),
)


@given(FIGURES, FIGURES, FIGURES | st.none(), st.sampled_from(Direction))
def test_assessing_never_fails_and_the_bar_stays_in_its_frame(actual, target, baseline, direction):
    found = assess(actual, target, baseline, direction)
    assert 0 <= found.bar <= 100
    assert found.words.startswith(VERDICT_LABELS[found.verdict])


@pytest.mark.parametrize(
    ("actual", "target", "baseline", "direction", "verdict", "words"),
    [
        ("3", "10", "8", Direction.UP, Verdict.NOT_MET, "未达标"),
        ("9", "10", "8", Direction.UP, Verdict.NOT_MET, "未达标，完成50%"),
        ("10", "10", "8", Direction.UP, Verdict.MET, "已达标，完成100%"),
        ("超过9", "12", None, Direction.UP, Verdict.MAYBE, "可能达到"),
        ("3", None, "8", Direction.UP, Verdict.NO_TARGET, "无目标"),
        ("20", "60", "80", Direction.DOWN, Verdict.MAYBE, "可能达到，活动还没结束"),
        ("61", "60", "80", Direction.DOWN, Verdict.NOT_MET, "未达标"),
        ("90", "60", "80", Direction.DOWN, Verdict.NOT_MET, "未达标"),
        ("超过9", "12", None, Direction.DOWN, Verdict.MAYBE, "可能达到"),
        ("5", "5", None, Direction.KEEP, Verdict.MAYBE, "可能达到，活动还没结束"),
        (None, "5", "8", Direction.UP, Verdict.NO_DATA, "未报"),
    ],
)
def test_a_sum_that_still_grows_has_not_gone_back_and_may_exceed_what_it_must_not(
    actual, target, baseline, direction, verdict, words
):
    found = so_far(assess(persons(actual), persons(target), persons(baseline), direction), direction)
    assert (found.verdict, found.words, found.regressed) == (verdict, words, False)


@pytest.mark.parametrize(
    ("households", "people", "question"),
    [
        ("0", "0", ""),
        ("0", "5", "0户却有5人，请核对户数和人数。"),
        ("10", "5", "10户5人，平均每户0.5人，请核对是否写错。"),
        ("8", "27", ""),
        ("约8", "85", ""),
        ("8", "81", "8户81人，平均每户10.13人，请核对是否写错。"),
    ],
)
def test_households_and_persons_that_do_not_fit_ask(households, people, question):
    assert pair_check(Quantity.parse(households, HOUSEHOLDS), persons(people)) == question
