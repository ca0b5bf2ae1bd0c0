"""One test for each trap in counting that can be tried without a database; the numbers are those of the list."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from measures.numerals import plain, round_half_up
from measures.period import Period, shanghai_day
from measures.progress import (
    Direction,
    Verdict,
    assess,
    change,
    cumulative_drop,
    pair_check,
    pooled,
    shares,
)
from measures.quantity import Quantity, QuantityError, UnitSpec
from measures.totals import Coverage, Entry, OverOrgans, OverTime, Presence, own, total

PERSONS = UnitSpec("人", aliases=("名",))
TIMES = UnitSpec("人次")
HOUSEHOLDS = UnitSpec("户")
PERCENT = UnitSpec("%", whole=False)
YUAN = UnitSpec("元", whole=False, dimension="金额")
WAN_YUAN = UnitSpec("万元", whole=False, dimension="金额", scale=Decimal(10000), base="元")
YEAR = Period.year(2021)
Q1, Q2 = Period.quarter(2021, 1), Period.quarter(2021, 2)


def persons(words):
    return Quantity.parse(words, PERSONS)


def percent(words):
    return Quantity.parse(words, PERCENT, maximum=Decimal(100))


def entry(organ, period, said, *, at=1, fraction=None, unit=PERSONS, below=False, key=None):
    """An entry of a figure as said; "nil" and "n/a" for the other two presences."""
    presence = {"nil": Presence.NIL, "n/a": Presence.NOT_APPLICABLE}.get(said, Presence.VALUE)
    return Entry(
        organ=organ,
        period=period,
        presence=presence,
        quantity=Quantity.parse(said, unit) if presence is Presence.VALUE else None,
        numerator=Decimal(fraction[0]) if fraction else None,
        denominator=Decimal(fraction[1]) if fraction else None,
        coverage=Coverage.BELOW if below else Coverage.OWN,
        order=(at, at),
        key=key or (organ, period.key, at),
    )


def over(entries, *, over_time=OverTime.SUM, over_organs=OverOrgans.SUM, period=YEAR, expected=(), unit="人"):
    return total(
        entries, over_time=over_time, over_organs=over_organs, period=period, expected=expected, unit=unit
    )


def test_trap_01_percentages_are_pooled():
    assert round_half_up(pooled([(Decimal(950), Decimal(1000)), (Decimal(6), Decimal(10))]), 2) == Decimal(
        "94.65"
    )
    found = over(
        [
            entry("A1", YEAR, "95%", unit=PERCENT, fraction=(950, 1000)),
            entry("A2", YEAR, "60%", unit=PERCENT, fraction=(6, 10)),
        ],
        over_time=OverTime.LATEST,
        over_organs=OverOrgans.POOLED,
        unit="%",
    )
    assert str(found.quantity) == "94.65%"
    assert found.summable


def test_trap_01_without_a_denominator_only_the_spread_is_shown():
    entries = [
        entry("A1", YEAR, "95%", unit=PERCENT, fraction=(950, 1000)),
        entry("A2", YEAR, "60%", unit=PERCENT),
    ]
    rules = {"over_time": OverTime.LATEST, "over_organs": OverOrgans.POOLED, "unit": "%"}
    found = over(entries, **rules)
    assert found.quantity is None
    assert not found.summable
    assert found.why.startswith("不可汇总")
    assert [str(end) for end in found.spread] == ["60%", "95%"]
    assert str(over(entries[1:], **rules).quantity) == "60%"
    assert over(entries[1:], expected=["A1", "A2"], **rules).quantity is None


def test_trap_02_percentages_change_by_points():
    found = change(percent("38.9%"), percent("25.6%"), percentage=True)
    assert found.words == "下降13.3个百分点"
    assert found.amount == Decimal("-13.3")
    assert found.relative == Decimal("-34.2")
    assert change(persons("100"), persons("220"), percentage=False).words == "增加120人"


@pytest.mark.parametrize(
    ("over_time", "said"), [(OverTime.SUM, "25人"), (OverTime.LATEST, "15人"), (OverTime.NONE, "15人")]
)
def test_trap_03_flows_add_up_and_cumulative_figures_do_not(over_time, said):
    entries = [entry("A", Q1, "10"), entry("A", Q2, "15")]
    assert str(own(entries, over_time=over_time, period=YEAR, unit="人").quantity) == said


def test_trap_03_organs_add_up_and_ranks_do_not():
    entries = [entry("A1", YEAR, "3"), entry("A2", YEAR, "5")]
    assert str(over(entries).quantity) == "8人"
    ranks = over(entries, over_time=OverTime.NONE, over_organs=OverOrgans.NONE)
    assert ranks.quantity is None
    assert [str(end) for end in ranks.spread] == ["3人", "5人"]


def test_trap_03_a_falling_cumulative_figure_is_noticed():
    assert cumulative_drop(persons("15"), persons("10"))
    assert not cumulative_drop(persons("15"), persons("15"))
    assert not cumulative_drop(persons("50余"), persons("51"))


def test_trap_03_the_latest_known_figure_says_how_old_it_is():
    found = over([entry("A", Period.quarter(2020, 3), "10")], over_time=OverTime.LATEST, expected=["A"])
    assert str(found.quantity) == "10人"
    assert found.as_of == date(2020, 9, 30)
    assert found.older == (("A", "2020Q3", 1),)
    assert over([entry("A", Period.quarter(2020, 3), "10")], over_time=OverTime.SUM).quantity is None


def test_trap_04_the_series_belongs_to_the_organ_not_to_the_clerk():
    by_two_clerks = [entry("A", Q1, "100", at=1, key="a"), entry("A", Q1, "120", at=2, key="b")]
    for entries in (by_two_clerks, by_two_clerks[::-1]):
        assert str(over(entries, period=Q1).quantity) == "120人"
        assert str(over(entries, period=Q1, over_time=OverTime.LATEST).quantity) == "120人"


def test_trap_04_a_late_correction_of_the_first_quarter_leaves_the_second_alone():
    entries = [entry("A", Q1, "10", at=1), entry("A", Q2, "15", at=2), entry("A", Q1, "12", at=3)]
    assert str(over(entries, over_time=OverTime.LATEST).quantity) == "15人"
    assert str(over(entries, over_time=OverTime.SUM).quantity) == "27人"


def test_trap_05_zero_nil_missing_and_not_applicable_differ():
    expected = [f"A{number}" for number in range(1, 10)]
    entries = [entry(organ, YEAR, "10") for organ in expected[:5]]
    found = over([*entries, entry("A6", YEAR, "nil"), entry("A7", YEAR, "0")], expected=expected)
    assert found.coverage_words == "9家中7家已报"
    assert found.missing == ("A8", "A9")
    assert str(found.quantity) == "50人"
    assert len(found.used) == 7
    with_reason = over([*entries, entry("A6", YEAR, "n/a")], expected=expected)
    assert with_reason.coverage_words == "8家中5家已报"
    assert with_reason.not_applicable == ("A6",)
    assert with_reason.missing == ("A7", "A8", "A9")


def test_trap_05_zero_is_a_figure_and_nothing_is_none():
    assert str(persons("0")) == "0人"
    assert str(over([entry("A", YEAR, "nil")]).quantity) == "0人"
    assert over([], expected=["A"]).quantity is None
    assert str(over([entry("A", YEAR, "0"), entry("B", YEAR, "50余")]).quantity) == "50余人"


RANGES = [
    ("56次", UnitSpec("次"), "[56, 56]"),
    ("50余人", PERSONS, "[51, 59]"),
    ("1400余人次", TIMES, "[1401, 1499]"),
    ("1.2万余人", PERSONS, "[12001, 12999]"),
    ("2千余条", UnitSpec("条"), "[2001, 2999]"),
    ("十多项", UnitSpec("项"), "[11, 19]"),
    ("1.2万余元", YUAN, "(12000, 13000)"),
    ("超过4万人次", TIMES, "[40001, ∞)"),
    ("突破4万人次", TIMES, "[40001, ∞)"),
    ("95%以上", PERCENT, "[95, 100]"),
    ("不少于30人", PERSONS, "[30, ∞)"),
    ("30人以内", PERSONS, "[0, 30]"),
    ("不超过30人", PERSONS, "[0, 30]"),
    ("近100人", PERSONS, "[90, 99]"),
    ("约100人", PERSONS, "[90, 110]"),
    ("约100元", YUAN, "[90, 110]"),
    ("100人左右", PERSONS, "[90, 110]"),
]


def ends(quantity):
    high = "∞" if quantity.high is None else plain(quantity.high)
    return f"{quantity.bounds[0]}{plain(quantity.low)}, {high}{quantity.bounds[1]}"


@pytest.mark.parametrize(("said", "unit", "range_"), RANGES)
def test_trap_06_words_give_ranges(said, unit, range_):
    found = Quantity.parse(said, unit, maximum=Decimal(100) if unit is PERCENT else None)
    assert ends(found) == range_
    assert str(found) == said


def test_trap_06_sums_are_ranges_and_print_as_such():
    one, two = persons("50余人") + persons("23人"), persons("50余人") + persons("50余人")
    assert (ends(one), str(one), one.range_words) == ("[74, 82]", "超过73人", "74至82人")
    assert (ends(two), str(two)) == ("[102, 118]", "超过101人")
    assert (persons("超过4万") + persons("23")).open_ended


@pytest.mark.parametrize(
    ("actual", "target", "direction", "verdict"),
    [
        ("95%以上", "95%", Direction.UP, Verdict.MET),
        ("95%以上", "96%", Direction.UP, Verdict.MAYBE),
        ("94%", "95%", Direction.UP, Verdict.NOT_MET),
        ("近100%", "100%", Direction.UP, Verdict.NOT_MET),
        ("不超过30%", "30%", Direction.DOWN, Verdict.MET),
        ("不超过30%", "29%", Direction.DOWN, Verdict.MAYBE),
        ("超过30%", "30%", Direction.DOWN, Verdict.NOT_MET),
        ("95%", "95%以上", Direction.UP, Verdict.MET),
        ("95%", "超过95%", Direction.UP, Verdict.NOT_MET),
        ("30%", "30%以下", Direction.DOWN, Verdict.MET),
        ("30%", "不足30%", Direction.DOWN, Verdict.NOT_MET),
    ],
)
def test_trap_06_the_worst_end_meets_the_target_or_it_is_not_sure(actual, target, direction, verdict):
    assert assess(percent(actual), percent(target), None, direction).verdict is verdict


def test_trap_06_near_a_hundred_persons_is_not_a_hundred():
    assert assess(persons("近100"), persons("100"), None, Direction.UP).verdict is Verdict.NOT_MET


def test_trap_07_units_convert_or_refuse():
    with pytest.raises(QuantityError, match="这里填的是“人”，您写的是“人次”"):
        persons("19人次")
    with pytest.raises(QuantityError, match="这里填的是“人”，您写的是“户”"):
        persons("50户")
    with pytest.raises(QuantityError):
        _ = persons("5") + Quantity.parse("5", TIMES)
    money = Quantity.parse("770万元", YUAN, convertible=(WAN_YUAN,))
    assert (money.amount, money.unit) == (7_700_000, "元")
    assert Quantity.exact(7_700_000, "元").say(WAN_YUAN) == "770万元"


def test_trap_07_households_and_persons_are_compared():
    assert pair_check(Quantity.parse("19425户", HOUSEHOLDS), persons("65564人")) == ""
    question = pair_check(Quantity.parse("1942户", HOUSEHOLDS), persons("65564人"))
    assert "平均每户33.76人" in question
    assert pair_check(Quantity.parse("8户", HOUSEHOLDS), persons("27")) == ""
    assert "33.75" in pair_check(Quantity.parse("8户", HOUSEHOLDS), persons("270"))


def test_trap_08_the_same_deed_counts_once_and_equal_numbers_are_two():
    lead, joint = entry("A1", YEAR, "155", key="deed"), entry("A2", YEAR, "155", key="deed")
    assert str(over([lead, joint]).quantity) == "155人"
    assert str(over([lead, entry("A2", YEAR, "155", key="other")]).quantity) == "310人"
    for each in (lead, joint):
        assert str(own([each], over_time=OverTime.SUM, period=YEAR, unit="人").quantity) == "155人"


def test_trap_09_progress_is_measured_from_the_baseline():
    found = assess(percent("25.6"), percent("25.0"), percent("38.9"), Direction.DOWN)
    assert found.share == Decimal("95.7")
    assert found.verdict is Verdict.NOT_MET
    worse = assess(percent("40"), percent("25.0"), percent("38.9"), Direction.DOWN)
    assert worse.regressed
    assert (worse.share, worse.bar) == (Decimal("-7.9"), 0)
    assert "倒退（-7.9%）" in worse.words
    beyond = assess(percent("20"), percent("25"), percent("40"), Direction.DOWN)
    assert (beyond.share, beyond.bar) == (Decimal("133.3"), 100)


@pytest.mark.parametrize(
    ("actual", "target", "baseline", "direction", "words"),
    [
        ("25", "25", None, Direction.DOWN, "已达标"),
        ("26", "25", None, Direction.DOWN, "未达标"),
        ("25", "25", "25", Direction.DOWN, "已达标，基线与目标相同"),
        ("30", "25", "25", Direction.DOWN, "未达标，较基线倒退"),
        ("0", "0", "0", Direction.DOWN, "已达标，基线与目标相同"),
        ("0", "0", "10", Direction.DOWN, "已达标，完成100%"),
        ("0", "0", None, Direction.UP, "已达标"),
        ("0", "10", "0", Direction.UP, "未达标，完成0%"),
        ("8", "5", "10", Direction.UP, "已达标，较基线倒退"),
        ("12", "5", "10", Direction.UP, "已达标，基线已优于目标"),
    ],
)
def test_trap_09_odd_baselines_have_words_of_their_own(actual, target, baseline, direction, words):
    found = assess(persons(actual), persons(target), persons(baseline) if baseline else None, direction)
    assert found.words == words


def test_trap_10_progress_follows_the_version_of_the_baseline_it_is_given():
    before = assess(percent("30"), percent("25"), percent("40"), Direction.DOWN)
    after = assess(percent("30"), percent("25"), percent("35"), Direction.DOWN)
    assert (before.share, after.share) == (Decimal("66.7"), Decimal("50.0"))


def test_trap_11_days_are_counted_in_shanghai_and_periods_are_half_open():
    last_minute = datetime(2021, 12, 31, 15, 59, tzinfo=UTC)
    assert shanghai_day(last_minute) == date(2021, 12, 31)
    assert shanghai_day(datetime(2021, 12, 31, 16, 0, tzinfo=UTC)) == date(2022, 1, 1)
    assert YEAR.contains(date(2021, 12, 31))
    assert not YEAR.contains(date(2022, 1, 1))
    assert not YEAR.overlaps(Period.year(2022))


def test_trap_11_a_flow_over_the_edge_of_the_period_is_named_and_not_counted():
    across = Period.span(date(2020, 12, 1), date(2021, 2, 1))
    found = over([entry("A", across, "7", key="across"), entry("A", Q2, "5")])
    assert str(found.quantity) == "5人"
    assert found.straddling == ("across",)


def test_trap_12_a_closed_organ_keeps_its_figures_in_the_total():
    entries = [entry("A1", Q1, "10"), entry("A2", Q1, "20")]
    assert over(entries, expected=["A1", "A2"]).quantity == over(entries, expected=["A2"]).quantity


def test_trap_14_parts_shown_together_add_up_to_a_hundred():
    assert shares([Decimal(1)] * 3) == (Decimal("33.4"), Decimal("33.3"), Decimal("33.3"))
    assert sum(shares([Decimal(65), Decimal(45), Decimal(200), Decimal(1190)])) == 100
    assert round_half_up(Decimal("0.25"), 1) == Decimal("0.3")
    assert round_half_up(Decimal("-0.25"), 1) == Decimal("-0.3")


def test_trap_16_a_figure_with_the_units_below_stands_in_for_theirs():
    bureau, hospital = entry("A", YEAR, "1500", below=True), entry("A1", YEAR, "300")
    both = over([bureau, hospital], expected=["A", "A1"])
    assert str(both.quantity) == "1500人"
    assert both.covered_by == {"A1": "A"}
    assert both.coverage_words == "2家中2家已报"
    alone = over([hospital], expected=["A", "A1"])
    assert str(alone.quantity) == "300人"
    assert alone.missing == ("A",)
    own_only = over([entry("A", YEAR, "1200"), hospital], expected=["A", "A1"])
    assert str(own_only.quantity) == "1500人"
