from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from measures.period import PERIOD_KIND_LABELS, Period, PeriodError, PeriodKind, shanghai_day

SPAN = Period.span(date(2021, 1, 1), date(2021, 5, 4))
NAMES = [
    (Period.year(2021), "2021年", "2021"),
    (Period.half(2021, 1), "2021年上半年", "2021H1"),
    (Period.half(2021, 2), "2021年下半年", "2021H2"),
    (Period.quarter(2021, 1), "2021年第一季度", "2021Q1"),
    (Period.quarter(2021, 4), "2021年第四季度", "2021Q4"),
    (Period.month(2021, 3), "2021年3月", "2021-03"),
    (Period.month(2021, 12), "2021年12月", "2021-12"),
    (SPAN, "2021年1月1日至5月3日", "20210101-20210503"),
    (Period.span(date(2020, 12, 1), date(2021, 2, 1)), "2020年12月1日至2021年1月31日", "20201201-20210131"),
    (Period.span(date(2021, 7, 1), date(2021, 7, 2)), "2021年7月1日", "20210701-20210701"),
]
DAYS = st.dates(date(1950, 1, 1), date(2199, 12, 31))
CALENDAR = [PeriodKind.MONTH, PeriodKind.QUARTER, PeriodKind.HALF, PeriodKind.YEAR]
KINDS = st.sampled_from(CALENDAR)


@pytest.mark.parametrize(("period", "label", "key"), NAMES)
def test_periods_have_a_label_and_a_key_that_leads_back(period, label, key):
    assert (str(period), period.label, period.key) == (label, label, key)
    assert Period.from_key(key) == period
    assert Period.parse(label) == period


def test_a_span_keeps_the_words_it_was_given_in():
    period = Period.span(date(2021, 1, 1), date(2021, 5, 4), "自创建以来")
    assert (period.label, period.key) == ("自创建以来", "20210101-20210503")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("2021", "2021"),
        ("２０２１年", "2021"),
        ("2021年度", "2021"),
        ("2021年全年", "2021"),
        ("2021上半年", "2021H1"),
        ("2021年 下半年", "2021H2"),
        ("2021年一季度", "2021Q1"),
        ("2021年第4季度", "2021Q4"),
        ("2021Q3", "2021Q3"),
        ("2021H2", "2021H2"),
        ("2021.3", "2021-03"),
        ("2021-03", "2021-03"),
        ("2021/12", "2021-12"),
        ("2021年十二月", "2021-12"),
        ("2021年3月份", "2021-03"),
        ("2021.1.1—2021.5.3", "20210101-20210503"),
        ("2021年1月1日至5月3日", "20210101-20210503"),
        ("20210101-20210503", "20210101-20210503"),
        ("20210101至20210503", "20210101-20210503"),
        ("2021.1.1-5.3", "20210101-20210503"),
        ("2021年1月1号-5月3号", "20210101-20210503"),
        ("2021。12", "2021-12"),
        ("2021.3.5", "20210305-20210305"),
        ("2021-03-05", "20210305-20210305"),
        ("20210305", "20210305-20210305"),
    ],
)
def test_periods_are_read_as_clerks_write_them(text, key):
    assert Period.parse(text).key == key


@pytest.mark.parametrize(
    "text",
    ["", "去年", "21年", "2021年五季度", "2021年13月", "2021年0月", "2021年二二月", "1948年", "2201", "2021年2月30日至3月1日",
     "2021年5月3日至1月1日", "1月1日至5月3日", "至", "2021Q5", "2021年2月30日", "1月1日",
     "今天", "3.5-4.1", "2021.1.1至今天", "9999-12-31", "2021.3-5", "20211301", "9" * 10_000],
)  # fmt: skip
def test_what_is_no_period_is_refused_with_a_sentence(text):
    with pytest.raises(PeriodError) as refusal:
        Period.parse(text)
    assert str(refusal.value).endswith("。")
    assert len(str(refusal.value)) < 80


@pytest.mark.parametrize(
    "key",
    ["", "21", "2021Q5", "2021Q0", "2021H3", "2021-13", "2021-00", "2021-3", "1948", "2201", "20211", "2021q1", "２０２１",
     "20210101-20210230", "20210503-20210101", "20210101", "2021/03", "../2021", "2021\n"],
)  # fmt: skip
def test_nonsense_in_an_address_is_a_value_error(key):
    with pytest.raises(ValueError, match="。"):
        Period.from_key(key)


@pytest.mark.parametrize(
    ("kind", "start", "end"),
    [
        (PeriodKind.MONTH, date(2021, 3, 2), date(2021, 4, 1)),
        (PeriodKind.MONTH, date(2021, 3, 1), date(2021, 5, 1)),
        (PeriodKind.QUARTER, date(2021, 2, 1), date(2021, 5, 1)),
        (PeriodKind.HALF, date(2021, 4, 1), date(2021, 10, 1)),
        (PeriodKind.YEAR, date(2021, 1, 1), date(2021, 12, 31)),
        (PeriodKind.SPAN, date(2021, 1, 1), date(2021, 1, 1)),
        (PeriodKind.SPAN, date(1948, 1, 1), date(2021, 1, 1)),
        (PeriodKind.SPAN, date(2021, 1, 1), date(2201, 1, 2)),
    ],
)
def test_edges_fit_the_kind(kind, start, end):
    with pytest.raises(PeriodError):
        Period(kind, start, end)


def test_the_last_year_there_is_can_be_used():
    assert Period.year(2200).end == date(2201, 1, 1)
    with pytest.raises(PeriodError):
        Period.year(2200).next()


def test_periods_nest_and_overlap_by_their_half_open_edges():
    year, first = Period.year(2021), Period.quarter(2021, 1)
    assert year.contains(first)
    assert not first.contains(year)
    assert year.contains(date(2021, 12, 31))
    assert not year.contains(date(2022, 1, 1))
    assert not first.contains(date(2020, 12, 31))
    assert first.overlaps(SPAN)
    assert not first.overlaps(Period.quarter(2021, 2))
    assert not Period.quarter(2021, 2).overlaps(first)


def test_parts_make_up_the_whole_or_are_refused():
    year = Period.year(2021)
    assert [part.key for part in year.parts(PeriodKind.QUARTER)] == ["2021Q1", "2021Q2", "2021Q3", "2021Q4"]
    assert len(year.parts(PeriodKind.MONTH)) == 12
    for period, kind in ((SPAN, PeriodKind.MONTH), (SPAN, PeriodKind.YEAR), (year, PeriodKind.SPAN)):
        with pytest.raises(PeriodError, match="不能按"):
            period.parts(kind)
    with pytest.raises(PeriodError, match="不能按"):
        Period.month(2021, 2).parts(PeriodKind.QUARTER)


def test_neighbours_follow_without_a_gap():
    assert Period.quarter(2021, 1).previous().key == "2020Q4"
    assert Period.month(2021, 12).next().key == "2022-01"
    assert SPAN.previous().end == SPAN.start
    assert SPAN.next().start == SPAN.end


def test_moments_fall_on_their_day_in_shanghai():
    assert shanghai_day(datetime(2021, 12, 31, 15, 59, 59, tzinfo=UTC)) == date(2021, 12, 31)
    assert shanghai_day(datetime(2021, 12, 31, 16, 0, tzinfo=UTC)) == date(2022, 1, 1)
    with pytest.raises(ValueError, match="time zone"):
        shanghai_day(datetime.fromisoformat("2021-12-31T23:59"))


def test_every_kind_has_a_chinese_label():
    assert set(PERIOD_KIND_LABELS) == set(PeriodKind)


@given(KINDS, DAYS)
def test_every_day_lies_in_its_period_and_keys_lead_back(kind, day):
    period = Period.of(kind, day)
    assert period.contains(day)
    assert Period.from_key(period.key) == Period.parse(period.label) == period
    assert period.next().previous() == period
    assert period.previous().end == period.start


@given(
    st.sampled_from([(a, b) for a in CALENDAR for b in CALENDAR if CALENDAR.index(a) <= CALENDAR.index(b)]),
    DAYS,
)
def test_shorter_periods_nest_in_longer_ones(kinds, day):
    short, long = (Period.of(kind, day) for kind in kinds)
    assert long.contains(short)
    parts = long.parts(kinds[0])
    assert short in parts
    assert (parts[0].start, parts[-1].end) == (long.start, long.end)
    assert all(one.end == other.start for one, other in pairwise(parts))


@given(DAYS, st.integers(1, 1000))
def test_spans_lead_back_from_their_keys(start, days):
    period = Period.span(start, min(start + timedelta(days=days), date(2200, 1, 1)))
    assert Period.from_key(period.key) == Period.parse(period.label) == period
