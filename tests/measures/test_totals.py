"""Totals over time and over organs; a path such as A1 lies below A."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from measures.period import Period, PeriodKind
from measures.quantity import Quantity, UnitSpec
from measures.totals import (
    COVERAGE_LABELS,
    OVER_ORGANS_LABELS,
    OVER_TIME_LABELS,
    PRESENCE_LABELS,
    Coverage,
    Entry,
    OverOrgans,
    OverTime,
    Presence,
    own,
    total,
)

PERSONS = UnitSpec("人")
YEAR = Period.year(2021)
QUARTERS = YEAR.parts(PeriodKind.QUARTER)
Q1, Q2, Q3, Q4 = QUARTERS


def entry(organ, period, said, *, at=1, fraction=None, below=False, key=None, unit=PERSONS):
    presence = {"nil": Presence.NIL, "n/a": Presence.NOT_APPLICABLE}.get(said, Presence.VALUE)
    return Entry(
        organ=organ,
        period=period,
        presence=presence,
        quantity=Quantity.parse(said, unit) if presence is Presence.VALUE else None,
        numerator=Decimal(fraction[0]) if fraction else None,
        denominator=Decimal(fraction[1]) if fraction else None,
        coverage=Coverage.BELOW if below else Coverage.OWN,
        order=(at,),
        key=key or (organ, period.key, at),
    )


def over(entries, *, over_time=OverTime.SUM, over_organs=OverOrgans.SUM, period=YEAR, expected=(), unit="人"):
    return total(
        entries, over_time=over_time, over_organs=over_organs, period=period, expected=expected, unit=unit
    )


def said(found):
    return str(found.quantity) if found and found.quantity is not None else None


@pytest.mark.parametrize(
    ("over_time", "periods", "figure"),
    [
        (OverTime.SUM, {Q1: "10", Q2: "15"}, "25人"),
        (OverTime.SUM, {Q1: "10", Period.month(2021, 6): "5"}, "15人"),
        (OverTime.SUM, {Period.quarter(2020, 4): "10"}, None),
        (OverTime.SUM, {Period.year(2020): "9", Q1: "1"}, "1人"),
        (OverTime.SUM, {YEAR: "100", Q1: "30"}, "100人"),
        (OverTime.SUM, {Q1: "n/a", Q2: "4"}, "4人"),
        (OverTime.SUM, {Q1: "nil", Q2: "50余"}, "50余人"),
        (OverTime.LATEST, {Q1: "10", Q2: "15"}, "15人"),
        (OverTime.LATEST, {Q2: "15", Q1: "10"}, "15人"),
        (OverTime.LATEST, {Period.year(2020): "9"}, "9人"),
        (OverTime.LATEST, {Period.year(2022): "9"}, None),
        (OverTime.LATEST, {Q1: "9", Q2: "nil"}, "0人"),
        (OverTime.LATEST, {Q1: "9", Q2: "n/a"}, None),
        (OverTime.NONE, {Q1: "3", YEAR: "1"}, "1人"),
        (OverTime.NONE, {Q1: "3", Q2: "2"}, "2人"),
        (OverTime.NONE, {Period.year(2020): "3"}, None),
    ],
)
def test_one_organs_figure_follows_the_rule_over_time(over_time, periods, figure):
    entries = [entry("A", period, words, key=period) for period, words in periods.items()]
    assert said(own(entries, over_time=over_time, period=YEAR, unit="人")) == figure
    assert said(over(entries, over_time=over_time)) == figure


def test_a_figure_for_exactly_the_period_wins_over_a_later_part_of_it():
    entries = [entry("A", YEAR, "1"), entry("A", Q4, "3", at=2)]
    assert said(over(entries, over_time=OverTime.NONE)) == "1人"


def test_a_figure_that_says_nothing_is_none():
    assert own([], over_time=OverTime.SUM, period=YEAR, unit="人") is None
    found = own([entry("A", Q1, "n/a")], over_time=OverTime.SUM, period=YEAR, unit="人")
    assert (found.presence, found.quantity) == (Presence.NOT_APPLICABLE, None)
    assert (
        own([entry("A", Q1, "nil")], over_time=OverTime.SUM, period=YEAR, unit="人").presence is Presence.NIL
    )


def test_a_value_without_a_quantity_is_a_mistake_of_the_caller():
    broken = Entry("A", YEAR, Presence.VALUE, None, None, None, Coverage.OWN, (1,), "x")
    with pytest.raises(ValueError, match="quantity"):
        over([broken])


def test_the_latest_figure_says_its_day_and_whether_it_is_older():
    found = own([entry("A", Q1, "5")], over_time=OverTime.LATEST, period=Q2, unit="人")
    assert (found.as_of, found.older) == (date(2021, 3, 31), True)
    found = own([entry("A", Q1, "5")], over_time=OverTime.LATEST, period=YEAR, unit="人")
    assert (found.as_of, found.older) == (date(2021, 3, 31), False)


def test_a_figure_that_reaches_beyond_the_period_is_named():
    found = own(
        [entry("A", YEAR, "5", key="y"), entry("A", Q1, "2")], over_time=OverTime.LATEST, period=Q1, unit="人"
    )
    assert (said(found), found.straddling) == ("2人", ("y",))


def test_an_open_ended_part_makes_an_open_ended_total():
    found = over([entry("A", YEAR, "超过40"), entry("B", YEAR, "5")])
    assert found.quantity.open_ended
    assert said(found) == "超过45人"


def test_pooling_over_quarters_needs_a_denominator_for_each():
    rules = {"over_time": OverTime.SUM, "over_organs": OverOrgans.POOLED, "unit": "%"}
    percent = UnitSpec("%", whole=False)
    both = [
        entry("A", Q1, "50", fraction=(5, 10), unit=percent),
        entry("A", Q2, "90", fraction=(81, 90), unit=percent),
    ]
    assert said(over(both, **rules)) == "86%"
    found = over([both[0], entry("A", Q2, "90", unit=percent)], **rules)
    assert (found.quantity, found.summable) == (None, False)
    assert found.why.startswith("不可汇总")


def test_pooling_takes_none_of_a_denominator_and_no_nil_that_has_none():
    rules, percent = {"over_organs": OverOrgans.POOLED, "unit": "%"}, UnitSpec("%", whole=False)
    half = entry("A", YEAR, "50", fraction=(5, 10), unit=percent)
    assert said(over([half, entry("B", YEAR, "0", fraction=(0, 10), unit=percent)], **rules)) == "25%"
    assert over([half, entry("B", YEAR, "nil")], **rules).quantity is None
    nothing = [entry(organ, YEAR, "0", fraction=(0, 0), unit=percent) for organ in "AB"]
    assert over(nothing, **rules).why == "不可汇总：分母合计为0。"


def test_what_cannot_be_added_shows_its_spread_and_who_is_missing():
    entries = [entry("A", YEAR, "3"), entry("B", YEAR, "1"), entry("C", YEAR, "2")]
    found = over(entries, over_organs=OverOrgans.NONE, expected=["A", "B", "C", "D"])
    assert found.why.startswith("不可汇总")
    assert [str(end) for end in found.spread] == ["1人", "3人"]
    assert (found.coverage_words, found.missing) == ("4家中3家已报", ("D",))


def test_the_spread_of_uncertain_figures_reaches_as_far_as_they_may():
    percent = UnitSpec("%", whole=False)
    said = {"A": "85.5", "B": "约90", "C": "不超过97", "D": "96"}
    entries = [entry(organ, YEAR, words, unit=percent) for organ, words in said.items()]
    low, high = over(entries, over_organs=OverOrgans.NONE, unit="%").spread
    assert (low.low, high.high) == (0, 99)
    above = entry("E", YEAR, "超过50", unit=percent)
    low, high = over([*entries, above], over_organs=OverOrgans.NONE, unit="%").spread
    assert (low.low, high.high) == (0, None)


def test_one_organ_speaks_for_itself_but_not_for_those_who_are_missing():
    alone = [entry("A", YEAR, "3")]
    assert said(over(alone, over_organs=OverOrgans.NONE, expected=["A"])) == "3人"
    assert over(alone, over_organs=OverOrgans.NONE, expected=["A", "B"]).quantity is None
    not_asked = [*alone, entry("B", YEAR, "n/a")]
    assert said(over(not_asked, over_organs=OverOrgans.NONE, expected=["A", "B"])) == "3人"


def test_the_same_row_met_twice_counts_once():
    row = entry("A", YEAR, "3")
    assert said(over([row, row])) == "3人"


def test_nothing_reported_is_not_zero():
    found = over([], expected=["A", "B"])
    assert (found.quantity, found.spread, found.as_of) == (None, None, None)
    assert (found.coverage_words, found.why) == ("2家中0家已报", "还没有已确认的数值。")


def test_where_nobody_is_to_report_nobody_is_counted():
    found = over([entry("A", YEAR, "3")], expected=[])
    assert (said(found), found.coverage_words) == ("3人", "没有应报的单位")


COVERING = [
    (["A"], "1000人", {"A1": "A", "A11": "A", "A2": "A"}),
    (["A1"], "500人", {"A11": "A1"}),
    (["A", "A1"], "1000人", {"A1": "A", "A11": "A", "A2": "A"}),
    ([], "1500人", {}),
]


@pytest.mark.parametrize(("below", "figure", "covered"), COVERING)
def test_the_topmost_figure_with_the_units_below_stands_in(below, figure, covered):
    figures = {"A": 1000, "A1": 300, "A11": 0, "A2": 200}
    if not below:
        figures["A11"] = 0
    entries = [entry(organ, YEAR, str(number), below=organ in below) for organ, number in figures.items()]
    if below == ["A1"]:
        entries = [e for e in entries if e.organ != "A"]
    found = over(entries, expected=list(figures))
    assert (said(found), found.covered_by) == (figure, covered)


def test_a_figure_with_the_units_below_stands_in_only_for_its_own_time():
    entries = [
        entry("A", Q1, "100", below=True),
        entry("A", Q2, "10"),
        entry("A1", Q1, "30"),
        entry("A1", Q2, "40"),
    ]
    assert said(over(entries)) == "150人"


def test_a_figure_partly_covered_from_above_is_named_and_not_counted_twice():
    found = over(
        [entry("A", Q1, "100", below=True), entry("A1", YEAR, "400", key="year")], expected=["A", "A1"]
    )
    assert (said(found), found.straddling, found.covered_by) == ("100人", ("year",), {"A1": "A"})


def test_nothing_applicable_above_covers_nothing_below():
    entries = [entry("A", YEAR, "n/a", below=True), entry("A1", YEAR, "30")]
    assert said(over(entries, over_time=OverTime.LATEST)) == "30人"
    assert said(over(entries)) == "30人"


def test_every_rule_has_a_chinese_label():
    for kind, labels in (
        (OverTime, OVER_TIME_LABELS),
        (OverOrgans, OVER_ORGANS_LABELS),
        (Presence, PRESENCE_LABELS),
        (Coverage, COVERAGE_LABELS),
    ):
        assert set(labels) == set(kind)


WORDS = st.sampled_from(["nil", "n/a", "0", "7", "50余", "近100", "超过40", "30以上"])
ORGANS = st.sampled_from(["A", "A1", "A11", "A2", "B", "B1"])
PERIODS = st.sampled_from(
    [*QUARTERS, *YEAR.parts(PeriodKind.MONTH), YEAR, Period.year(2020), Period.half(2021, 1)]
)
ENTRIES = st.lists(
    st.tuples(ORGANS, PERIODS, WORDS, st.booleans()), max_size=12, unique_by=lambda row: (row[0], row[1])
).map(lambda rows: [entry(o, p, w, below=b, at=number) for number, (o, p, w, b) in enumerate(rows)])


@given(st.data(), ENTRIES, st.sampled_from(OverTime), st.sampled_from(OverOrgans))
def test_a_total_does_not_depend_on_the_order_of_its_entries(data, entries, over_time, over_organs):
    rules = {"over_time": over_time, "over_organs": over_organs, "expected": ["A", "A1", "B", "C"]}
    assert over(entries, **rules) == over(data.draw(st.permutations(entries)), **rules)


@given(ENTRIES, st.sampled_from(OverTime))
def test_every_expected_organ_is_reported_missing_or_not_applicable(entries, over_time):
    asked = ["A", "A1", "A11", "A2", "B", "B1", "C"]
    found = over(entries, over_time=over_time, expected=asked)
    assert (
        found.reported + len(found.missing) + len(found.carried)
        == found.expected
        == len(asked) - len(found.not_applicable)
    )
    assert not set(found.covered_by) & {figure.organ for figure in found.figures}


MONTHLY = st.lists(
    st.tuples(ORGANS, st.sampled_from(YEAR.parts(PeriodKind.MONTH)), WORDS),
    max_size=20,
    unique_by=lambda row: (row[0], row[1]),
).map(lambda rows: [entry(*row) for row in rows])


@given(MONTHLY)
def test_the_quarters_of_a_flow_add_up_to_its_year(entries):
    parts = [over(entries, period=quarter).quantity for quarter in QUARTERS]
    found = [part for part in parts if part is not None]
    assert over(entries).quantity == (sum(found) if found else None)


@given(MONTHLY)
def test_the_organs_own_figures_add_up_to_the_total(entries):
    found = over(entries)
    own_figures = [figure.quantity for figure in found.figures if figure.quantity is not None]
    assert found.quantity == (sum(own_figures) if own_figures else None)
