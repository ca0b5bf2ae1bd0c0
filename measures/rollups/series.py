"""The series of a metric (各期): period by period, of one organ or of all, drawn and as a table."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from urllib.parse import urlencode

from measures import charts
from measures.models import Metric, ReviewState, Target
from measures.period import Period, PeriodKind, shanghai_day
from measures.quantity import Quantity
from measures.rollups.figures import FigureRow, datum, figure_row, lines, passport_url, say
from measures.rollups.kept import Kept
from measures.rollups.load import Figures, load_figures
from measures.rollups.overview import total_row
from measures.rollups.view import View, address
from measures.totals import OverTime, Total
from organs.models import Organ

#: Of a time longer than a year the newest periods are shown; the older ones stand on the pages of their years.
MOST_PERIODS = 24
LONGEST_YEAR = timedelta(days=366)


@dataclass(frozen=True)
class Older:
    """A year whose periods are not shown here, and where they are."""

    label: str
    url: str


@dataclass(frozen=True)
class Series:
    """A metric's periods, newest first, and drawn where there are two or more; `note` says what is not drawn."""

    trend: charts.Trend | None
    rows: tuple[FigureRow, ...]
    note: str
    older: tuple[Older, ...]


@dataclass(frozen=True)
class _Point:
    """What is known of exactly one period: its row in the table, and for the drawing the quantity and whose it is.

    That is of which organs, without so many that are missing.
    """

    period: Period
    row: FigureRow
    quantity: Quantity | None = None
    of: frozenset[str] = frozenset()
    missing: int = 0


#: Points of totals, with what they were made of.
_points: Kept[tuple[Metric, Total, _Point]] = Kept(5_000)


@dataclass(frozen=True)
class _Break:
    """A later version of the target: its day, and what it says differently."""

    day: date
    words: str


def series(view: View, figures: Figures, metric: Metric, organ: Organ | None) -> Series:
    """The series over the organs of the view, or of one organ.

    One query more where a target is drawn, and those of `load_figures` where periods reach over the edge of the view.
    """
    told = {
        period
        for pk, digest in figures.digests.items()
        if organ is None or pk == organ.pk
        for period in digest.periods(metric)
    }
    periods = _periods(view, metric, told)
    long = view.period.end - view.period.start > LONGEST_YEAR
    shown = periods[-MOST_PERIODS:] if long else periods
    aimer = organ or _only(figures, metric)
    target = figures.target(metric, aimer) if aimer else None
    breaks = _breaks(view, target, shown)
    reaching = figures if organ else _reaching(view, figures, metric, shown)
    points = [_point(reaching, metric, organ, period, told) for period in shown]
    drawn = target if comparable(metric) else None
    return Series(
        trend=_trend(metric, points, drawn, breaks) if len(points) > 1 else None,
        rows=tuple(_marked(point, shown, breaks) for point in reversed(points)),
        note=_not_drawn(metric, target) if target and not drawn else "",
        older=_older(view, metric, organ, periods[: len(periods) - len(shown)]),
    )


def comparable(metric: Metric) -> bool:
    """Whether one period may be held against what is aimed at in the days of a campaign: not a part of what adds up."""
    return metric.over_time != OverTime.SUM or metric.rhythm == PeriodKind.YEAR


def _periods(view: View, metric: Metric, told: Iterable[Period]) -> list[Period]:
    """The periods of the series without a gap where the metric has a rhythm, else those that have figures."""
    inside = (period for period in told if period.overlaps(view.period))
    known = sorted(inside, key=lambda period: (period.start, period.end, period.words))
    kind = PeriodKind(metric.rhythm)
    if kind is PeriodKind.SPAN or not known:
        return list({(period.start, period.end): period for period in known}.values())
    # of what lies before or after the view not all figures are known
    periods = [Period.of(kind, max(known[0].start, view.period.start))]
    while periods[-1].end < min(known[-1].end, view.period.end):
        periods.append(periods[-1].next())
    return periods


def _reaching(view: View, figures: Figures, metric: Metric, periods: Sequence[Period]) -> Figures:
    """Figures that have all of the periods, where a metric without rhythm has some that reach over the view's edge.

    In a period of its rhythm a metric has no shorter figures that the view could not use.
    """
    if metric.rhythm != PeriodKind.SPAN or all(view.period.contains(period) for period in periods):
        return figures
    edges = (view.period, *periods)
    days = Period.span(min(period.start for period in edges), max(period.end for period in edges))
    return load_figures(replace(view, period=days))


def _only(figures: Figures, metric: Metric) -> Organ | None:
    """The organ that the whole view is about, if it is one: then its target is that of the total."""
    expected = figures.expected(metric)
    told = {row.organ_id for row in figures.rows_of(metric)}
    return expected[0] if len(expected) == 1 and told <= {expected[0].pk} else None


def _point(
    figures: Figures, metric: Metric, organ: Organ | None, period: Period, told: Iterable[Period]
) -> _Point:
    """What is known of one period, of one organ or of all."""
    if not any(period.contains(days) for days in told):
        return _Point(period, FigureRow("", period.label, absent="未报"))
    return _of_organ(figures, metric, organ, period) if organ else _of_all(figures, metric, period)


def _of_all(figures: Figures, metric: Metric, period: Period) -> _Point:
    """The total of one period over the organs that exist in it; the same point as long as metric and total are the same."""
    found, view = figures.total(metric, period), figures.view
    key = (metric.pk, view.query, view.top and view.top.pk, period)
    kept = _points.get(key)
    if kept is None or kept[0] is not metric or kept[1] is not found:
        kept = (metric, found, _total_point(figures, metric, period, found))
        _points.put(key, kept)
    return kept[2]


def _total_point(figures: Figures, metric: Metric, period: Period, found: Total) -> _Point:
    notes = [found.coverage_words]
    if found.carried:
        notes.append(f"{len(found.carried)}家沿用以前的数")
    only = (*found.used, *found.not_applicable)
    alone = len(found.used) == 1 == len(only)
    address = (
        figures.view.link(passport_url(figures.row(found.used[0])))
        if alone
        else during(figures.view, metric, period.key)
    )
    row = replace(
        total_row(figures, metric, found),
        url=address,
        label=period.label,
        note="，".join(notes),
        pieces=None,
    )
    of = frozenset((*found.covered_by, *(figure.organ for figure in found.figures)))
    return _Point(period, row, found.quantity, of, len(found.missing))


def _of_organ(figures: Figures, metric: Metric, organ: Organ, period: Period) -> _Point:
    """One organ's figure of one period; a part of a flow is not held against the target of the whole."""
    found = figures.own(metric, organ, period)
    if found is None:
        return _Point(period, FigureRow("", period.label, absent="未报"))
    row = figure_row(figures, found, metric, organ, label=period.label)
    note = row.note if row.absent or len(found.used) > 1 else ""
    if metric.over_time == OverTime.SUM and metric.rhythm != PeriodKind.YEAR:
        row = replace(row, change="", standing="", standing_label="")
    return _Point(period, replace(row, note=note, pieces=None, bar=None), found.quantity)


def during(view: View, metric: Metric, period: str, organ: Organ | None = None) -> str:
    """The page of the metric, or of one organ's series, in another period, within what the reader has chosen."""
    chosen = {**dict(view.query), "period": period}
    if organ:
        return f"{address('series', metric.pk, organ.pk)}?{urlencode(chosen)}"
    below = {"organ": str(view.top.pk)} if view.top else {}
    return f"{address('metric', metric.pk)}?{urlencode({**below, **chosen})}"


def _trend(
    metric: Metric, points: Sequence[_Point], target: Target | None, breaks: Sequence[_Break]
) -> charts.Trend:
    data = []
    for point in points[-MOST_PERIODS:]:
        row, quantity = point.row, point.quantity
        words, label = row.absent or row.words, point.period.label
        if quantity is None:
            data.append(charts.Datum(label, None, words, apart=not row.absent))
        else:
            drawn = datum(label, quantity, metric, words, row.url)
            data.append(replace(drawn, of=point.of, missing=point.missing))
    periods = [point.period for point in points[-MOST_PERIODS:]]
    at = [(_place(periods, found.day), found.words) for found in breaks]
    return charts.trend(
        data,
        name=metric.name,
        **lines(metric, target),
        breaks=[charts.Break(index, words) for index, words in at if index is not None],
    )


def _breaks(view: View, target: Target | None, periods: Sequence[Period]) -> list[_Break]:
    """Every later version of the target whose day lies in the series, in the order of their days; one query.

    What was retracted never counted, so it breaks nothing.
    """
    if target is None or not periods:
        return []
    rows = Target.objects.visible_to(view.user).filter(metric=target.metric_id, organ=target.organ_id)
    if view.campaign:
        rows = rows.filter(campaign=view.campaign)
    approved = rows.filter(state=ReviewState.APPROVED).select_related("metric__unit__base")
    by_pk = {row.pk: row for row in approved.order_by("approved_at", "pk")}
    days = [(shanghai_day(row.approved_at), row) for row in by_pk.values() if row.approved_at]
    return [
        _Break(day, _says(day, by_pk.get(row.previous_id or 0), row))
        for day, row in days
        if row.version > 1 and periods[0].start <= day < periods[-1].end
    ]


def _says(day: date, before: Target | None, after: Target) -> str:
    """2021年3月5日，目标由20个改为15个：上级调整口径."""
    parts = [f"{day.year}年{day.month}月{day.day}日"]
    if before is not None:
        for word, old, new in (
            ("基线", before.baseline, after.baseline),
            ("目标", before.value, after.value),
        ):
            if old != new:
                was, now = (say(quantity, after.metric) if quantity else "未定" for quantity in (old, new))
                parts.append(f"{word}由{was}改为{now}")
    return f"{'，'.join(parts)}：{after.reason}"


def _place(periods: Sequence[Period], day: date) -> int | None:
    """Before which period a day is marked: the one that it lies in, or the next one."""
    if not periods or not periods[0].start <= day < periods[-1].end:
        return None
    return bisect_left([period.end for period in periods], day + timedelta(days=1))


def _marked(point: _Point, periods: Sequence[Period], breaks: Sequence[_Break]) -> FigureRow:
    """The row of a period with the breaks that it begins with."""
    words = [
        f"⟂ {found.words}" for found in breaks if periods[_place(periods, found.day) or 0] == point.period
    ]
    return replace(point.row, note="；".join(part for part in (point.row.note, *words) if part))


def _not_drawn(metric: Metric, target: Target) -> str:
    """Why a part of a flow stands without the lines of the whole."""
    lines = [
        f"{word}{say(quantity, metric)}"
        for word, quantity in (("基线", target.baseline), ("目标", target.value))
        if quantity
    ]
    return f"{'、'.join(lines)}是整个活动期的，不与单期的数比较，图上不画线。"


def _older(view: View, metric: Metric, organ: Organ | None, periods: Iterable[Period]) -> tuple[Older, ...]:
    """The years of the periods that are not shown, newest first."""
    years = Counter(period.start.year for period in periods)
    return tuple(
        Older(f"{year}年（{years[year]}期）", during(view, metric, str(year), organ))
        for year in sorted(years, reverse=True)
    )
