"""Figures as pages print them: words, range, change, standing and the address of their passport."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from measures import charts
from measures.models import Metric, Nature, Target
from measures.period import PeriodKind
from measures.pieces import Pieces, pieces
from measures.progress import (
    GOES_ON,
    RANK_VERBS,
    VERDICT_LABELS,
    Direction,
    Progress,
    Verdict,
    assess,
    change,
    round_half_up,
    so_far,
)
from measures.quantity import Qualifier, Quantity
from measures.rollups.load import Figures
from measures.rollups.rows import Row
from measures.rollups.view import address
from measures.totals import OverTime, OwnFigure, Presence
from organs.models import Organ

REGRESSED = ("regressed", "倒退")


@dataclass(frozen=True)
class Amount:
    """A figure as numbers of the unit that it is shown in: the exact one, else the ends of what it may be."""

    unit: str
    exact: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None


@dataclass(frozen=True)
class FigureRow:
    """One figure ready for a page; `absent` is the word in its place where there is none."""

    url: str
    label: str
    words: str = ""
    tip: str = ""
    change: str = ""
    standing: str = ""
    standing_label: str = ""
    absent: str = ""
    note: str = ""
    organ: str = ""
    pieces: Pieces | None = None
    bar: charts.Bar | None = None
    amount: Amount | None = None


@dataclass(frozen=True)
class BeforeAfter:
    """A figure beside its baseline."""

    url: str
    label: str
    before: Pieces
    after: Pieces
    change: str
    span: charts.Span
    before_when: str
    after_when: str
    standing: str
    standing_label: str


def passport_url(row: Row) -> str:
    """The lasting address of a figure: metric, organ, period."""
    return address("passport", row.metric_id, row.organ_id, row.period.key)


def say(quantity: Quantity, metric: Metric) -> str:
    """A figure as said; what was reckoned is rounded half up to the metric's places, at display only."""
    if quantity.words:
        return quantity.words
    unit = metric.unit.spec
    if quantity.qualifier is Qualifier.EXACT and metric.unit.symbol == "%":
        return f"{trimmed(round_half_up(quantity.amount, max(metric.decimals, 2)))}%"
    return quantity.say(unit)


def spread_words(low: Quantity, high: Quantity, metric: Metric) -> str:
    """The lowest and the highest figure as said: 60%—95%; where one is not exact, what they may be at the utmost."""
    least, most = say(low, metric), say(high, metric)
    if least == most:
        return least
    if not (low.uncertain or high.uncertain):
        return f"{least}—{most}"
    ends = (low.low, high.high, low.low_closed, high.high_closed)
    whole = Quantity(low.low, *ends, qualifier=Qualifier.BETWEEN, unit=low.unit)
    return f"可能{whole.range_in(metric.unit.spec)}"


def trimmed(number: Decimal) -> str:
    """A number without trailing zeros or exponent."""
    return charts.plain(number)


def tip(quantity: Quantity, metric: Metric) -> str:
    """The range of an uncertain figure, in words; empty for an exact one and for one that says it itself (41人以上)."""
    words = quantity.range_in(metric.unit.spec)
    return "" if quantity.low == quantity.high or words in say(quantity, metric) else f"可能是{words}"


def cut(words: str, metric: Metric) -> Pieces:
    """A figure of a metric as said, cut for setting."""
    return pieces(words, metric.unit.symbol)


def drawn(number: Decimal, metric: Metric) -> Decimal:
    """An amount as charts draw it: in the unit in which the metric is shown."""
    return number if metric.unit.scale == 1 else number / metric.unit.scale


def datum(label: str, quantity: Quantity, metric: Metric, words: str, url: str) -> charts.Datum:
    """A figure as a point of a line."""
    low, high = quantity.low, quantity.high
    return charts.Datum(
        label,
        drawn(quantity.amount, metric),
        words,
        url,
        drawn(low, metric),
        None if high is None else drawn(high, metric),
    )


def lines(metric: Metric, target: Target | None) -> dict[str, Any]:
    """How a line chart of the metric is drawn: its unit, and the lines of baseline and target."""
    baseline, value = (target.baseline, target.value) if target else (None, None)
    return {
        "unit": metric.unit.symbol,
        "whole": metric.unit.whole,
        "baseline": drawn(baseline.amount, metric) if baseline else None,
        "target": drawn(value.amount, metric) if value else None,
    }


def is_rank(metric: Metric) -> bool:
    """Whether the metric tells a place in an order (位次), where less is more."""
    return metric.nature == Nature.RANK


def amount(metric: Metric, *ends: Quantity) -> Amount:
    """The numbers of a figure, or of a spread from one figure to another, rounded as `say` rounds them."""
    low, high, unit = ends[0].low, ends[-1].high, metric.unit.spec
    places = max(metric.decimals, 2) if unit.symbol == "%" and not ends[0].words else 6

    def shown(number: Decimal) -> Decimal:
        return round_half_up(number / unit.scale, places)

    if low == high:
        return Amount(unit.symbol, shown(low))
    return Amount(unit.symbol, low=shown(low), high=None if high is None else shown(high))


def judged(quantity: Quantity | None, metric: Metric, target: Target | None, today: date) -> Progress:
    """A figure held against its target and baseline on a day; until the campaign ends a sum still grows."""
    direction = Direction(metric.direction)
    value, baseline = (target.value, target.baseline) if target else (None, None)
    found = assess(quantity, value, baseline, direction)
    return so_far(found, direction) if grows(metric, target, today) else found


def grows(metric: Metric, target: Target | None, today: date) -> bool:
    """Whether a figure adds up over the days of a campaign that has not ended."""
    if target is None or metric.over_time != OverTime.SUM:
        return False
    return not target.campaign.closed and target.campaign.last_day >= today


def standing_of(progress: Progress) -> tuple[str, str]:
    """Class and word of a figure's standing; empty where there is nothing to say."""
    if progress.regressed:
        return REGRESSED
    if progress.verdict in (Verdict.NO_TARGET, Verdict.NO_DATA):
        return "", ""
    label = VERDICT_LABELS[progress.verdict]
    return progress.verdict.value, f"{label}（{GOES_ON}）" if progress.open else label


def change_words(quantity: Quantity, metric: Metric, target: Target | None, today: date) -> str:
    """较基线下降13.3个百分点; empty where there is no baseline, or a sum that still grows is not beyond it yet."""
    if target is None or target.baseline is None:
        return ""
    if grows(metric, target, today) and quantity.possibly_at_most(target.baseline.amount):
        return ""
    return f"较基线{changed(target.baseline, quantity, metric)}"


def changed(before: Quantity, after: Quantity, metric: Metric) -> str:
    """The change of a metric in words: 下降13.3个百分点, 减少98.5万元, 前进4位."""
    rank, unit = is_rank(metric), metric.unit.spec
    return change(before, after, percentage=metric.is_percentage, rank=rank, shown=unit).words


def held_against(figures: Figures, own: OwnFigure, metric: Metric, organ: Organ) -> Target | None:
    """The target that an organ's figure tells how far it is from."""
    digest, view = figures.digests[organ.pk], figures.view
    target = digest.aim(metric, view.period, view.today)
    return target if target and digest.is_of(target, own) else None


def figure_row(
    figures: Figures, own: OwnFigure, metric: Metric, organ: Organ, *, label: str = ""
) -> FigureRow:
    """An organ's figure; its address is the passport of its newest observation."""
    digest, view = figures.digests[organ.pk], figures.view
    target = held_against(figures, own, metric, organ)
    silence = view.silence(organ, PeriodKind(metric.rhythm)) if own.older else ""
    what = ("row", id(own), label, view.query, target is None, grows(metric, target, view.today), silence)
    make = partial(_figure_row, figures, own, metric, organ, label, target, silence)
    return digest.once(metric, what, own, make)


def _figure_row(
    figures: Figures,
    own: OwnFigure,
    metric: Metric,
    organ: Organ,
    label: str,
    target: Target | None,
    silence: str,
) -> FigureRow:
    """The row; the target is that which the figure tells how far it is from, `silence` is said of an older figure."""
    newest = figures.row(own.used[-1], organ)  # they stand in the order of their days
    if len(own.used) > 1:
        url = figures.view.link(address("series", metric.pk, organ.pk))
        note = f"{len(own.used)}期合计"
    else:
        url = figures.view.link(passport_url(newest))
        note = f"截至{newest.period.label}{silence}" if own.older else newest.period.label
    row = FigureRow(url=url, label=label or metric.name, organ=organ.label)
    if own.presence is Presence.NOT_APPLICABLE:
        return replace(row, absent="不适用", note=newest.absence)
    if own.quantity is None:
        return replace(row, absent="不可汇总", note=own.why)
    today = figures.view.today
    progress = judged(own.quantity, metric, target, today)
    standing, standing_label = standing_of(progress)
    words = say(own.quantity, metric)
    if own.presence is Presence.NIL:
        words = f"{words}（零报告）"
    return replace(
        row,
        words=words,
        tip=tip(own.quantity, metric),
        change=change_words(own.quantity, metric, target, today),
        standing=standing,
        standing_label=standing_label,
        note=note,
        pieces=cut(words, metric),
        bar=_bar(own.quantity, metric, target),
        amount=amount(metric, own.quantity),
    )


def line_figure(
    figures: Figures, own: OwnFigure, metric: Metric, organ: Organ, campaign_pk: int
) -> FigureRow:
    """A figure in a line of a campaign; what another campaign aims at says nothing of it."""
    row, target = figure_row(figures, own, metric, organ), figures.target(metric, organ)
    if target and target.campaign_id != campaign_pk:
        return replace(row, change="", standing="", standing_label="", bar=None)
    return row


def _bar(quantity: Quantity, metric: Metric, target: Target | None) -> charts.Bar | None:
    if target is None or target.value is None:
        return None
    return charts.bar(
        drawn(quantity.amount, metric),
        low=drawn(quantity.low, metric),
        high=None if quantity.high is None else drawn(quantity.high, metric),
        baseline=drawn(target.baseline.amount, metric) if target.baseline else None,
        target=drawn(target.value.amount, metric),
        maximum=metric.maximum,
        unit=metric.unit.symbol,
    )


def before_after(row: FigureRow, quantity: Quantity, metric: Metric, target: Target) -> BeforeAfter:
    """A figure beside its baseline, drawn to scale."""
    baseline = target.baseline
    return BeforeAfter(
        url=row.url,
        label=metric.name,
        before=cut(say(baseline, metric), metric),
        after=cut(row.words, metric),
        change=row.change.removeprefix("较基线"),
        span=charts.span(
            drawn(baseline.amount, metric),
            drawn(quantity.amount, metric),
            target=drawn(target.value.amount, metric) if target.value else None,
            maximum=metric.maximum,
            unit=metric.unit.symbol,
            first=Decimal(1 if is_rank(metric) else 0),
            verbs=RANK_VERBS if is_rank(metric) else ("上升", "下降"),
        ),
        before_when=target.baseline_note
        or (f"{target.baseline_day.year}年" if target.baseline_day else "基线"),
        after_when=row.note,
        standing=row.standing,
        standing_label=row.standing_label,
    )
