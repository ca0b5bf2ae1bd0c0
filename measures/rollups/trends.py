"""Trends of an organ's figures: small series of those that have at least three periods."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest

from measures import charts
from measures.models import Metric
from measures.period import Period, PeriodKind
from measures.rollups.figures import datum, lines, passport_url, say
from measures.rollups.ledger import Ledger
from measures.rollups.load import Figures
from measures.rollups.rows import Row
from measures.rollups.series import comparable
from measures.rollups.view import address
from measures.totals import PRESENCE_LABELS, Presence
from organs.models import Organ

#: The newest periods only; the page of the series has them all.
FEWEST_POINTS, MOST_POINTS, MOST_TRENDS = 3, 12, 6


@dataclass(frozen=True)
class Spark:
    """A small series that leads to the page of the whole one; its points make its table, too."""

    label: str
    url: str
    trend: charts.Trend | None = None


def sparks(ledger: Ledger) -> tuple[Spark, ...]:
    """The organ's series in the period: first those with a target; only so many are drawn, the others are named."""
    figures, organ, days = ledger.figures, ledger.organ, ledger.view.period
    told = {
        pk: {period: row for period, row in rows.items() if _fits(period, figures.metrics[pk], days)}
        for pk, rows in ledger.periods.items()
    }
    long = [figures.metrics[pk] for pk, rows in told.items() if len(rows) >= FEWEST_POINTS]
    long.sort(key=lambda metric: figures.target(metric, organ) is None)
    drawn = [_drawn(figures, organ, metric, told[metric.pk]) for metric in long[:MOST_TRENDS]]
    urls = [figures.view.link(address("series", metric.pk, organ.pk)) for metric in long]
    named = zip_longest(long, urls, drawn)
    return tuple(Spark(metric.name, url, trend) for metric, url, trend in named)


def _fits(period: Period, metric: Metric, days: Period) -> bool:
    """Whether a figure is a point of the line: in the days of the page, and no year among months."""
    return period.kind == metric.rhythm and days.contains(period)


def _drawn(figures: Figures, organ: Organ, metric: Metric, rows: Mapping[Period, Row]) -> charts.Trend:
    """The same line as long as the figures and the target are the same."""
    what = ("trend", figures.view.period, figures.view.query)
    return figures.digests[organ.pk].once(metric, what, None, lambda: _trend(figures, organ, metric, rows))


def _trend(figures: Figures, organ: Organ, metric: Metric, rows: Mapping[Period, Row]) -> charts.Trend:
    periods = _periods(metric, rows)
    data = [_datum(figures, metric, period, rows.get(period)) for period in periods]
    target = figures.target(metric, organ) if comparable(metric) else None
    older = any(period.start < periods[0].start for period in rows)
    return charts.trend(data, name=f"最近{len(periods)}期" if older else "", **lines(metric, target))


def _periods(metric: Metric, rows: Mapping[Period, Row]) -> list[Period]:
    """The newest periods without a gap where the metric has a rhythm, else those that have figures."""
    known = sorted(rows, key=lambda period: (period.start, period.end))
    if PeriodKind(metric.rhythm) is PeriodKind.SPAN:
        return known[-MOST_POINTS:]
    periods = [known[-1]]
    while periods[-1].start > known[0].start and len(periods) < MOST_POINTS:
        periods.append(periods[-1].previous())
    return periods[::-1]


def _datum(figures: Figures, metric: Metric, period: Period, row: Row | None) -> charts.Datum:
    """One period: its figure, or the word for why there is none."""
    quantity = row.quantity if row else None
    if row is None or quantity is None:
        return charts.Datum(period.label, None, PRESENCE_LABELS[Presence(row.presence)] if row else "未报")
    words = say(quantity, metric) + ("（零报告）" if row.presence == Presence.NIL else "")
    url = figures.view.link(passport_url(row))
    return datum(period.label, quantity, metric, words, url)
