"""The totals of all metrics in one hand-written statement, for a county in which no figure stands in for units below."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from statistics import median
from time import perf_counter
from typing import TypeVar

from django.db import connection
from django.test import RequestFactory

from measures.filters import chosen
from measures.rollups import View
from measures.rollups.load import load_figures
from measures.totals import Total
from tests.bench.county import County

Found = TypeVar("Found")

# Every figure that counts, once; of a metric that takes the latest the last known of each organ, of one that does not
# add up over time that of the very period or the last in it; then each organ's own figure; then all organs'.
TOTALS = """
WITH known AS (
    SELECT o.id, o.metric_id, o.organ_id, o.presence, m.over_time, m.over_organs, o.period_days, o.approved_at,
           o.quantity_amount AS amount, lower(o.quantity_range) AS low, upper(o.quantity_range) AS high,
           lower_inc(o.quantity_range) AS low_in,
           upper_inc(o.quantity_range) OR upper_inf(o.quantity_range) AS high_in,
           CASE WHEN o.presence = 'nil' THEN 0 ELSE o.numerator END AS part, o.denominator AS whole
    FROM measures_observation o JOIN measures_metric m ON m.id = o.metric_id
    WHERE o.state = 'approved' AND o.superseded_at IS NULL AND o.organ_id = ANY(%(organs)s)
      AND upper(o.period_days) <= %(end)s AND (m.over_time = 'latest' OR lower(o.period_days) >= %(start)s)
), chosen AS (
    SELECT * FROM known WHERE over_time = 'sum'
    UNION ALL
    (SELECT DISTINCT ON (metric_id, organ_id) * FROM known WHERE over_time <> 'sum'
     ORDER BY metric_id, organ_id,
              over_time = 'none' AND period_days = daterange(%(start)s, %(end)s) DESC,
              upper(period_days) DESC, approved_at DESC, id DESC)
), own AS (
    SELECT metric_id, over_organs, sum(amount) AS amount, sum(low) AS low,
           CASE WHEN bool_and(high IS NOT NULL) THEN sum(high) END AS high,
           bool_and(low_in) AS low_in, bool_and(high_in) AS high_in,
           CASE WHEN bool_and(part IS NOT NULL) THEN sum(part) END AS part,
           CASE WHEN bool_and(whole IS NOT NULL) THEN sum(whole) END AS whole,
           max(upper(period_days)) > %(start)s AS reported
    FROM chosen WHERE presence <> 'not_applicable' GROUP BY metric_id, over_organs, organ_id
)
SELECT metric_id, over_organs, count(*) FILTER (WHERE reported),
       CASE over_organs
           WHEN 'sum' THEN sum(amount)
           WHEN 'pooled' THEN CASE WHEN bool_and(whole IS NOT NULL) THEN sum(part) * 100 / sum(whole) END
       END,
       CASE over_organs WHEN 'sum' THEN sum(low) END,
       CASE WHEN over_organs = 'sum' AND bool_and(high IS NOT NULL) THEN sum(high) END,
       CASE over_organs WHEN 'sum' THEN bool_and(low_in) END,
       CASE over_organs WHEN 'sum' THEN bool_and(high_in) END,
       CASE over_organs WHEN 'none' THEN min(low) END,
       CASE WHEN over_organs = 'none' AND bool_and(high IS NOT NULL) THEN max(high) END
FROM own GROUP BY metric_id, over_organs
"""


@dataclass(frozen=True)
class Sum:
    """A total of several organs as bare numbers: amount and range, or the lowest and the highest that do not add up."""

    reported: int
    amount: Decimal | None
    low: Decimal | None = None
    high: Decimal | None = None
    low_closed: bool | None = None
    high_closed: bool | None = None
    spread: tuple[Decimal, Decimal | None] | None = None


def by_hand(view: View) -> dict[int, Sum]:
    """The totals of a view by metric, from the statement above."""
    period = view.period
    days = {"start": period.start, "end": period.end, "organs": [organ.pk for organ in view.organs]}
    found = {}
    with connection.cursor() as cursor:
        cursor.execute(TOTALS, days)
        for metric, rule, reported, amount, low, high, low_in, high_in, least, most in cursor.fetchall():
            if rule == "none":
                found[metric] = Sum(
                    reported, None, spread=(_plain(least), None if most is None else _plain(most))
                )
            elif rule == "pooled":
                found[metric] = Sum(reported, _rounded(amount))
            else:
                ends = None if high is None else _plain(high)
                found[metric] = Sum(
                    reported, _plain(amount), _plain(low), ends, low_in, high is not None and high_in
                )
    return found


def by_rollups(view: View) -> dict[int, Sum]:
    """The same totals as the pages have them, from data as they stand now."""
    figures = load_figures(replace(view, marks={}))
    totals = {pk: (figures.total(metric), metric.over_organs) for pk, metric in figures.metrics.items()}
    return {pk: _bare(total, rule) for pk, (total, rule) in totals.items() if total.used}


def view_of(county: County, query: str = "") -> View:
    """What the county's leader asks for by an address that ends so."""
    request = RequestFactory().get(f"/?{query}")
    request.user = county.leader
    return chosen(request)[0]


@dataclass(frozen=True)
class Timed:
    """Milliseconds for the totals of a period: by hand; by rollups with all organs changed, with one, with none."""

    name: str
    by_hand: float
    all_changed: float
    one_changed: float
    unchanged: float
    equal: bool


def timed(name: str, view: View, change: Callable[[], None], times: int) -> Timed:
    """The median of so many times, in turn."""
    hand, everything, one, nothing, equal = [], [], [], [], True
    for _ in range(times):
        change()
        found, milliseconds = _clocked(by_rollups, view)
        one.append(milliseconds)
        nothing.append(_clocked(by_rollups, view)[1])
        expected, milliseconds = _clocked(by_hand, view)
        hand.append(milliseconds)
        equal &= found == expected
    for _ in range(max(3, times // 10)):
        _change_all()
        everything.append(_clocked(by_rollups, view)[1])
    return Timed(name, median(hand), median(everything), median(one), median(nothing), equal)


def _change_all() -> None:
    """One figure of every organ is written again as it is."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE measures_observation SET remark = remark"
            " WHERE id IN (SELECT max(id) FROM measures_observation GROUP BY organ_id)"
        )


def _clocked(reckon: Callable[[View], Found], view: View) -> tuple[Found, float]:
    begun = perf_counter()
    found = reckon(view)
    return found, (perf_counter() - begun) * 1000


def _bare(total: Total, rule: str) -> Sum:
    """A total as bare numbers; percentages, which are quotients, to ten places."""
    if total.spread:
        return Sum(total.reported, None, spread=(total.spread[0].low, total.spread[1].high))
    if (quantity := total.quantity) is None:
        return Sum(total.reported, None)
    if rule == "pooled":
        return Sum(total.reported, _rounded(quantity.amount))
    high = quantity.high
    return Sum(total.reported, quantity.amount, quantity.low, high, quantity.low_closed, quantity.high_closed)


def _plain(number: Decimal) -> Decimal:
    return number.normalize() + 0


def _rounded(number: Decimal | None) -> Decimal | None:
    return None if number is None else round(number, 10)
