"""Geometry of the charts: nothing leaves the drawing, gaps stay gaps, every drawing has its sentence."""

import itertools
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from measures import charts
from measures.charts import Break, Datum
from measures.pieces import pieces

numbers = st.one_of(
    st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**15), max_value=10**15),
    st.sampled_from([Decimal(0), Decimal("1E+60"), Decimal("-1E+60"), Decimal("1E-40")]),
)
maybe = st.one_of(st.none(), numbers)


@st.composite
def ranges(draw: st.DrawFn) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
    """A value with the ends of what it may be: certain, closed or without an upper end."""
    value = draw(maybe)
    if value is None or draw(st.booleans()):
        return value, None, None
    low, high = sorted((draw(numbers), draw(numbers)))
    return value, low, draw(st.sampled_from([high, None]))


data = st.lists(
    ranges().map(lambda ends: Datum("2021年", ends[0], "若干", "/p", ends[1], ends[2])), max_size=40
)


def across(*places: str) -> bool:
    """All places are percent of the width."""
    return all(0 <= Decimal(place) <= 100 for place in places if place)


def down(*places: str) -> bool:
    """All places are inside the height of a trend."""
    return all(0 <= Decimal(place) <= charts.TREND_HEIGHT for place in places if place)


def whole(value: str | Decimal, **more: Decimal) -> charts.Bar:
    return charts.bar(Decimal(value), **more)


@given(ranges(), maybe, maybe, maybe)
def test_a_bar_stays_inside_its_width(
    ends: tuple[Decimal | None, Decimal | None, Decimal | None],
    baseline: Decimal | None,
    target: Decimal | None,
    maximum: Decimal | None,
) -> None:
    value, low, high = ends
    bar = charts.bar(value, low=low, high=high, baseline=baseline, target=target, maximum=maximum)
    assert across(bar.start, bar.width, bar.baseline, bar.target)
    assert Decimal(bar.start) + Decimal(bar.width) <= Decimal("100.1")  # both ends are rounded
    assert bar.range is None or across(bar.range.start, bar.range.end)
    assert bar.sentence.endswith("。")


@given(numbers, numbers, maybe, maybe)
def test_a_span_stays_inside_its_width(
    before: Decimal, after: Decimal, target: Decimal | None, maximum: Decimal | None
) -> None:
    span = charts.span(before, after, target=target, maximum=maximum)
    assert across(span.before, span.after, span.target)
    assert span.falling == (after < before)


@given(data, maybe, maybe, st.lists(st.integers(-2, 45), max_size=3))
def test_a_trend_stays_inside_its_drawing(
    series: list[Datum], baseline: Decimal | None, target: Decimal | None, breaks: list[int]
) -> None:
    trend = charts.trend(
        series, baseline=baseline, target=target, breaks=[Break(index, "调整") for index in breaks]
    )
    for point in trend.points:
        assert across(point.x)
        assert down(point.y, point.value_y)
        assert point.whisker is None or down(point.whisker.start, point.whisker.end)
    for segment in trend.segments:
        assert across(segment.x1, segment.x2)
        assert down(segment.y1, segment.y2)
    for level in (*trend.grid, trend.baseline, trend.target):
        assert level is None or down(level.y, level.label_y)
    for mark in trend.breaks:
        assert across(mark.x, mark.text_x)
    assert 2 <= len(trend.grid) <= 7


@given(data)
def test_a_missing_period_is_never_bridged(series: list[Datum]) -> None:
    pairs = sum(a.value is not None and b.value is not None for a, b in itertools.pairwise(series))
    trend = charts.trend(series)
    assert len(trend.segments) == pairs
    assert [point.y == "" for point in trend.points] == [datum.value is None for datum in series]


@given(st.lists(st.integers(0, 500), max_size=8))
def test_a_strip_is_full_and_leaves_nothing_out(counts: list[int]) -> None:
    strip = charts.strip([("done", "已销号", count) for count in counts])
    assert len(strip.parts) == sum(count > 0 for count in counts)
    assert strip.sentence.count("已销号") == len(strip.parts)
    if strip.parts:
        assert Decimal(strip.parts[-1].start) + Decimal(strip.parts[-1].width) == pytest.approx(
            Decimal(100), abs=Decimal("0.2")
        )


def test_a_bar_is_drawn_to_scale() -> None:
    bar = whole("25.6", baseline=Decimal("38.9"), target=Decimal(25), maximum=Decimal(100))
    assert (bar.start, bar.width, bar.baseline, bar.target) == ("0.0", "25.6", "38.9", "25.0")
    assert charts.bar(Decimal(25), baseline=Decimal(25), unit="%").sentence == "现值25%，基线25%。"


def test_a_negative_bar_grows_to_the_left_of_zero() -> None:
    bar = whole("-50", maximum=Decimal(50))
    assert (bar.start, bar.width) == ("0.0", "50.0")


def test_zero_is_a_bar_and_nothing_is_none() -> None:
    assert whole("0", maximum=Decimal(9)).sentence == "现值0，上限9。"
    assert charts.bar(None).sentence == "没有数值。"
    assert charts.bar(None).width == "0.0"


def test_an_open_range_runs_to_the_edge() -> None:
    closed = charts.bar(Decimal(1400), low=Decimal(1401), high=Decimal(1499)).range
    opened = charts.bar(Decimal(40000), low=Decimal(40001), maximum=Decimal(80000)).range
    assert closed is not None
    assert not closed.open
    assert closed.end == "100.0"
    assert opened is not None
    assert opened.open
    assert (opened.start, opened.end) == ("50.0", "100.0")
    assert charts.bar(Decimal(5), low=Decimal(5), high=Decimal(5)).range is None


def test_before_and_after_stand_to_scale() -> None:
    span = charts.span(Decimal("38.9"), Decimal("25.6"), maximum=Decimal(100), unit="%")
    assert (span.before, span.after, span.falling, span.still) == ("38.9", "25.6", True, False)
    assert (span.low_label, span.high_label) == ("0%", "100%")
    assert span.sentence == "由38.9%到25.6%，下降。"


def test_no_change_is_said() -> None:
    assert charts.span(Decimal(3), Decimal(3), target=Decimal(4)).sentence == "由3到3，没有变化，目标4。"


def test_a_trend_speaks_in_one_sentence() -> None:
    series = [
        Datum("2018年", Decimal("38.9"), "38.9%"),
        Datum("2019年", None, "未报"),
        Datum("2020年", Decimal("31"), "31%"),
        Datum("2021年", Decimal("25.6"), "25.6%"),
    ]
    trend = charts.trend(series, name="因病致贫占比", unit="%", baseline=Decimal("38.9"), target=Decimal(25))
    assert trend.sentence == (
        "因病致贫占比：2021年为25.6%，起于2018年的38.9%，最高38.9%（2018年），最低25.6%（2021年）"
        "，基线38.9%，目标25%；2019年未报。"
    )
    assert charts.trend([]).sentence == "没有数值。"


def test_no_figure_is_called_the_highest_or_the_lowest_that_may_not_be() -> None:
    few = Datum("2020年", Decimal(10), "不超过10人", low=Decimal(0), high=Decimal(10))
    five = Datum("2019年", Decimal(5), "5人", low=Decimal(5), high=Decimal(5))
    nine = Datum("2021年", Decimal(9), "9人", low=Decimal(9), high=Decimal(9))
    said = charts.trend([five, few, nine]).sentence
    assert "最高" not in said, "it may be 10"
    assert "最低" not in said, "it may be none, and 10"
    many = Datum("2022年", Decimal(10), "超过10人", low=Decimal(11))
    assert "最高超过10人（2022年）。" in charts.trend([five, few, nine, many]).sentence
    assert "最高9人（2021年），最低5人（2019年）" in charts.trend([five, nine, five]).sentence


def test_a_total_is_held_against_none_of_other_organs() -> None:
    some, all_of = frozenset({"0001"}), frozenset({"0001", "0002", "0003"})
    figures = [
        Datum(f"{year}年", Decimal(year - 2000), f"{year - 2000}场", of=all_of) for year in range(2020, 2026)
    ]
    lacking = [replace(one, of=some, missing=2) for one in figures]
    trend = charts.trend([*figures[:3], lacking[3]])
    assert [point.hollow for point in trend.points] == [False, False, False, True]
    assert (len(trend.segments), trend.partly, trend.parted) == (2, True, True)
    assert trend.sentence == (
        "2023年为23场（2家未报），起于2020年的20场，报齐的3期中最高22场（2022年），最低20场（2020年）。"
    )
    alike = charts.trend(lacking)
    assert len(alike.segments) == 5, "the same organs are silent all the time"
    assert "，最高25场（2025年），最低20场（2020年）。" in alike.sentence
    joined = charts.trend([*(replace(one, of=some) for one in figures[:3]), *figures[3:]])
    assert len(joined.segments) == 4, "who joins later is no rise"
    assert "最高" not in joined.sentence
    assert (joined.partly, joined.parted) == (False, True)
    assert not charts.trend(figures).parted


def test_figures_that_make_none_are_told_apart() -> None:
    places = [Datum(f"{year}年", None, f"{year % 10}位—9位", apart=True) for year in range(2021, 2027)]
    two = charts.trend(places[:2], name="考核位次", unit="位")
    assert two.sentence == "考核位次：各单位的数不合并，2021年1位—9位、2022年2位—9位。"
    said = charts.trend([Datum("2020年", Decimal(3), "3位"), *places, Datum("2027年", None, "未报")]).sentence
    assert said.startswith("2020年为3位；各单位的数不合并，2023年3位—9位、")
    assert said.endswith("、2026年6位—9位等6期；2027年未报。")


def test_a_flat_high_or_negative_series_is_cut_and_says_so() -> None:
    assert charts.trend([Datum("一", Decimal(19400), ""), Datum("二", Decimal(19800), "")]).cut
    assert not charts.trend([Datum("一", Decimal(900), ""), Datum("二", Decimal(1600), "")]).cut
    assert charts.trend([Datum("一", Decimal(-19400), ""), Datum("二", Decimal(-19800), "")]).cut


def test_close_baseline_and_target_do_not_cover_each_other() -> None:
    trend = charts.trend([Datum("一", Decimal(1600), "")], baseline=Decimal(1000), target=Decimal(1000))
    assert trend.baseline is not None
    assert trend.target is not None
    assert abs(Decimal(trend.baseline.label_y) - Decimal(trend.target.label_y)) >= 14


def test_an_uncertain_point_has_a_whisker_and_its_words_stand_above_it() -> None:
    series = [Datum("一", Decimal(1200), "超过1200", low=Decimal(1201)), Datum("二", Decimal(0), "0")]
    first, second = charts.trend(series).points
    assert first.whisker is not None
    assert first.whisker.open
    assert first.whisker.end == f"{charts.TREND_TOP}.0"
    assert Decimal(first.value_y) < Decimal(first.whisker.end)
    assert second.whisker is None
    assert second.y == f"{charts.TREND_BOTTOM}.0"


def test_labels_are_thinned_and_the_newest_keeps_its_own() -> None:
    points = charts.trend([Datum(f"{month}月", Decimal(month), "") for month in range(1, 25)]).points
    assert sum(point.shown for point in points) == 12
    assert points[-1].shown
    assert not points[-1].minor
    assert sum(point.shown and not point.minor for point in points) == 4


def test_on_phones_long_labels_are_fewer_and_those_at_the_edges_are_told() -> None:
    quarters = [Datum(f"2026年第{number}季度", Decimal(1), "超过17415.68万元") for number in "一二三四"]
    points = charts.trend(quarters).points
    assert [point.minor for point in points] == [True, False, True, False]
    assert [point.edge for point in points] == ["first", "", "", "last"]


@pytest.mark.parametrize(("most", "left"), [(90, 9), (174_500_000, 21), (10**40, 25)])
def test_a_series_begins_beside_the_figures_of_its_axis(most: int, left: int) -> None:
    points = charts.trend([Datum("去年", Decimal(0), ""), Datum("今年", Decimal(most), "")]).points
    assert int(Decimal(points[0].x)) == left


def test_a_break_stands_before_its_period() -> None:
    series = [Datum("一", Decimal(1), ""), Datum("二", Decimal(2), ""), Datum("三", Decimal(3), "")]
    trend = charts.trend(series, breaks=[Break(1, "口径调整"), Break(9, "不在其中")])
    assert [mark.reason for mark in trend.breaks] == ["口径调整"]
    assert Decimal(trend.points[0].x) < Decimal(trend.breaks[0].x) < Decimal(trend.points[1].x)


@pytest.mark.parametrize(
    ("words", "cut"),
    [
        ("116个", ("", "116", "个")),
        ("1400余人次", ("", "1400余", "人次")),
        ("95%以上", ("", "95", "%以上")),
        ("超过4万人次", ("超过", "4万", "人次")),
        ("连续3年", ("连续", "3", "年")),
        ("−13.3个百分点", ("", "−13.3", "个百分点")),
        ("90—99人", ("", "90—99", "人")),
        ("113至122人", ("", "113至122", "人")),
        ("十多项", ("", "十多", "项")),
        ("两个", ("", "两", "个")),
        ("首个", ("", "首个", "")),
        ("第一", ("", "第一", "")),
        ("由38.9%降低到25.6%", ("", "由38.9%降低到25.6%", "")),
        ("", ("", "", "")),
    ],
)
def test_a_figure_as_said_is_cut_for_setting(words: str, cut: tuple[str, str, str]) -> None:
    got = pieces(words)
    assert (got.before, got.figure, got.after) == cut
