"""The page of a metric: what it means, its total and how sure that is, its organs, its series."""

from dataclasses import dataclass, replace

from measures import charts
from measures.models import Metric, Target
from measures.period import Period, PeriodKind, shanghai_day
from measures.quantity import Quantity
from measures.rollups.definition import Fact, definition
from measures.rollups.figures import FigureRow, figure_row, passport_url
from measures.rollups.load import Figures, load_figures, observations
from measures.rollups.overview import total_row
from measures.rollups.view import View
from measures.totals import Total
from organs.models import Organ

#: A chart shows the newest periods only; the table under it shows them all.
MOST_POINTS = 24


@dataclass(frozen=True)
class MetricPage:
    """All that the page of a metric shows."""

    name: str
    facts: tuple[Fact, ...]
    total: FigureRow
    total_note: str
    missing: tuple[str, ...]
    organs: tuple[FigureRow, ...]
    trend: charts.Trend | None
    series: tuple[FigureRow, ...]
    parts: tuple[FigureRow, ...]


def metric_page(view: View, metric: Metric, organ: Organ | None = None) -> MetricPage:
    """One metric over the organs of the view, or over one organ; from a constant number of queries."""
    family = [metric.pk, *metric.parts.values_list("pk", flat=True)]
    if metric.pair_id:
        family.append(metric.pair_id)
    rows = list(observations(view).filter(metric__in=family))
    figures = load_figures(view, rows)
    found = figures.total(metric)
    return MetricPage(
        name=metric.name,
        facts=definition(view, metric),
        total=total_row(figures, metric, found),
        total_note=_note(found, figures),
        missing=tuple(o.label for o in view.expected if o.path in found.missing),
        organs=_organs(view, figures, metric, found, organ),
        trend=_trend(view, figures, metric, organ),
        series=_series(view, figures, metric, organ),
        parts=_parts(figures, metric),
    )


def _note(found: Total, figures: Figures) -> str:
    """What a total rests on, in one line."""
    notes = [found.coverage_words]
    if found.why and not found.summable:
        notes.append(found.why.rstrip("。"))
    if found.covered_by:
        notes.append(f"{len(found.covered_by)}家的数已含在上级单位“含下级”的数里")
    if found.not_applicable:
        notes.append(f"{len(found.not_applicable)}家不适用")
    if found.older:
        notes.append(f"{len(found.older)}个数沿用本期之前的最新数")
    if found.straddling:
        notes.append(f"{len(found.straddling)}个数跨出本期，没有计入")
    return "；".join(notes)


def _organs(
    view: View, figures: Figures, metric: Metric, found: Total, only: Organ | None
) -> tuple[FigureRow, ...]:
    """A row for every organ that should report or has: its figure, or the word in its place."""
    by_path = {organ.path: organ for organ in view.organs}
    shown = {
        *(o.path for o in figures.expected(metric)),
        *(f.organ for f in found.figures),
        *found.covered_by,
    }
    rows = []
    for path in sorted(shown):
        organ = by_path[path]
        if only is not None and organ.pk != only.pk:
            continue
        own = figures.owns.get((metric.pk, organ.pk))
        if own is not None:
            row = figure_row(figures, own, metric, organ, label=organ.label)
            if path in found.covered_by:
                above = by_path[found.covered_by[path]].label
                row = replace(row, note=f"{row.note}；已含在{above}的数里，合计不再加")
            rows.append(row)
        elif path in found.covered_by:
            above = by_path[found.covered_by[path]].label
            rows.append(FigureRow(url="", label=organ.label, absent="未单独报", note=f"已含在{above}的数里"))
        else:
            rows.append(FigureRow(url="", label=organ.label, absent="未报"))
    return tuple(rows)


def _periods(view: View, figures: Figures, metric: Metric, organ: Organ | None) -> list[Period]:
    """The periods of the series without a gap where the metric has a rhythm, else those that have figures."""
    entries = [e for e in figures.entries(metric, organ) if e.period.overlaps(view.period)]
    if not entries:
        return []
    known = sorted({entry.period for entry in entries}, key=lambda p: (p.start, p.end))
    kind = PeriodKind(metric.rhythm)
    if kind is PeriodKind.SPAN:
        return known
    periods = [Period.of(kind, known[0].start)]
    while periods[-1].end < known[-1].end:
        periods.append(periods[-1].next())
    return periods


def _at(
    figures: Figures, metric: Metric, organ: Organ | None, period: Period
) -> tuple[FigureRow, Quantity | None]:
    """What is known of exactly one period, ready for the table, and the quantity for the chart."""
    if not any(period.contains(known.period) for known in figures.entries(metric, organ)):
        return FigureRow("", period.label, absent="未报"), None
    if organ is not None:
        own = figures.own(metric, organ, period)
        if own is None:
            return FigureRow("", period.label, absent="未报"), None
        return replace(figure_row(figures, own, metric, organ), label=period.label, note=""), own.quantity
    found = figures.total(metric, period)
    only = found.used or found.not_applicable
    row = replace(total_row(figures, metric, found), label=period.label)
    alone = len(found.used) == 1 and len(only) == 1
    url = figures.view.link(passport_url(figures.observations[found.used[0]])) if alone else ""
    return replace(row, url=url), found.quantity


def _trend(view: View, figures: Figures, metric: Metric, organ: Organ | None) -> charts.Trend | None:
    """The series as a chart; None where there are fewer than two periods."""
    periods = _periods(view, figures, metric, organ)[-MOST_POINTS:]
    if len(periods) < 2:
        return None
    data = []
    for period in periods:
        row, quantity = _at(figures, metric, organ, period)
        words = row.absent or row.words
        if quantity is None:
            data.append(charts.Datum(period.label, None, words))
        else:
            data.append(
                charts.Datum(period.label, quantity.amount, words, row.url, quantity.low, quantity.high)
            )
    target = figures.target(metric, organ) if organ else None
    return charts.trend(
        data,
        name=metric.name,
        unit=metric.unit.symbol,
        baseline=target.baseline.amount if target and target.baseline else None,
        target=target.value.amount if target and target.value else None,
        breaks=_breaks(target, periods),
    )


def _breaks(target: Target | None, periods: list[Period]) -> tuple[charts.Break, ...]:
    """Where a later version of the target begins, with its reason."""
    if target is None or target.version == 1 or target.approved_at is None:
        return ()
    day = shanghai_day(target.approved_at)
    index = next((i for i, period in enumerate(periods) if period.contains(day)), None)
    return (charts.Break(index, target.reason),) if index is not None else ()


def _series(view: View, figures: Figures, metric: Metric, organ: Organ | None) -> tuple[FigureRow, ...]:
    """The table under the chart, newest first."""
    return tuple(
        _at(figures, metric, organ, period)[0] for period in reversed(_periods(view, figures, metric, organ))
    )


def _parts(figures: Figures, metric: Metric) -> tuple[FigureRow, ...]:
    """Parts of the whole (其中); they are not added to it."""
    return tuple(
        total_row(figures, part, figures.total(part))
        for part in figures.metrics.values()
        if part.part_of_id == metric.pk
    )
