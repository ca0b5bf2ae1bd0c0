"""Figures as pages print them: words, range, change, standing and the address of their passport."""

from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial

from measures import charts
from measures.models import Metric, Target
from measures.progress import VERDICT_LABELS, Direction, Progress, Verdict, assess, change, round_half_up
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
    pieces: charts.Pieces | None = None
    bar: charts.Bar | None = None
    amount: Amount | None = None


@dataclass(frozen=True)
class BeforeAfter:
    """A figure beside its baseline."""

    url: str
    label: str
    before: charts.Pieces
    after: charts.Pieces
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


def trimmed(number: Decimal) -> str:
    """A number without trailing zeros or exponent."""
    return charts.plain(number)


def tip(quantity: Quantity, metric: Metric) -> str:
    """The range of an uncertain figure, in words; empty for an exact one and for one that says it itself (41人以上)."""
    if quantity.low == quantity.high or quantity.range_words in say(quantity, metric):
        return ""
    return f"可能是{quantity.range_words}"


def amount(metric: Metric, *ends: Quantity) -> Amount:
    """The numbers of a figure, or of a spread from one figure to another, rounded as `say` rounds them."""
    low, high, unit = ends[0].low, ends[-1].high, metric.unit.spec
    places = max(metric.decimals, 2) if unit.symbol == "%" and not ends[0].words else 6

    def shown(number: Decimal) -> Decimal:
        return round_half_up(number / unit.scale, places)

    if low == high:
        return Amount(unit.symbol, shown(low))
    return Amount(unit.symbol, low=shown(low), high=None if high is None else shown(high))


def judged(quantity: Quantity | None, metric: Metric, target: Target | None) -> Progress:
    """A figure held against its target and baseline."""
    return assess(
        quantity,
        target.value if target else None,
        target.baseline if target else None,
        Direction(metric.direction),
    )


def standing_of(progress: Progress) -> tuple[str, str]:
    """Class and word of a figure's standing; empty where there is nothing to say."""
    if progress.regressed:
        return REGRESSED
    if progress.verdict in (Verdict.NO_TARGET, Verdict.NO_DATA):
        return "", ""
    return progress.verdict.value, VERDICT_LABELS[progress.verdict]


def change_words(quantity: Quantity, metric: Metric, target: Target | None) -> str:
    """较基线下降13.3个百分点; empty where there is no baseline."""
    if target is None or target.baseline is None:
        return ""
    return f"较基线{change(target.baseline, quantity, percentage=metric.is_percentage).words}"


def figure_row(
    figures: Figures, own: OwnFigure, metric: Metric, organ: Organ, *, label: str = ""
) -> FigureRow:
    """An organ's figure; its address is the passport of its newest observation."""
    what = ("row", id(own), label, figures.view.query)
    make = partial(_figure_row, figures, own, metric, organ, label)
    return figures.digests[organ.pk].once(metric, what, own, make)


def _figure_row(figures: Figures, own: OwnFigure, metric: Metric, organ: Organ, label: str) -> FigureRow:
    newest = figures.row(own.used[-1], organ)  # they stand in the order of their days
    if len(own.used) > 1:
        url = figures.view.link(address("series", metric.pk, organ.pk))
        note = f"{len(own.used)}期合计"
    else:
        url = figures.view.link(passport_url(newest))
        note = f"截至{newest.period.label}，本期未报" if own.older else newest.period.label
    row = FigureRow(url=url, label=label or metric.name, organ=organ.label)
    if own.presence is Presence.NOT_APPLICABLE:
        return replace(row, absent="不适用", note=newest.absence)
    if own.quantity is None:
        return replace(row, absent="不可汇总", note=own.why)
    target = figures.target(metric, organ)
    if target and metric.over_time == OverTime.SUM and not _of_campaign(figures, own, target, organ):
        target = None  # what several years make together is not held against what one aims at
    progress = judged(own.quantity, metric, target)
    standing, standing_label = standing_of(progress)
    words = say(own.quantity, metric)
    if own.presence is Presence.NIL:
        words = f"{words}（零报告）"
    return replace(
        row,
        words=words,
        tip=tip(own.quantity, metric),
        change=change_words(own.quantity, metric, target),
        standing=standing,
        standing_label=standing_label,
        note=note,
        pieces=charts.pieces(words),
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


def _of_campaign(figures: Figures, own: OwnFigure, target: Target, organ: Organ) -> bool:
    """Whether a figure tells of no day outside the campaign of a target."""
    first, last = target.campaign.first_day, target.campaign.last_day
    days = [figures.row(pk, organ).period for pk in own.used]
    return all(first <= period.start and period.last <= last for period in days)


def _bar(quantity: Quantity, metric: Metric, target: Target | None) -> charts.Bar | None:
    if target is None or target.value is None:
        return None
    return charts.bar(
        quantity.amount,
        low=quantity.low,
        high=quantity.high,
        baseline=target.baseline.amount if target.baseline else None,
        target=target.value.amount,
        maximum=metric.maximum,
        unit=quantity.unit,
    )


def before_after(row: FigureRow, quantity: Quantity, metric: Metric, target: Target) -> BeforeAfter:
    """A figure beside its baseline, drawn to scale."""
    baseline = target.baseline
    return BeforeAfter(
        url=row.url,
        label=metric.name,
        before=charts.pieces(say(baseline, metric)),
        after=charts.pieces(row.words),
        change=row.change.removeprefix("较基线"),
        span=charts.span(
            baseline.amount,
            quantity.amount,
            target=target.value.amount if target.value else None,
            maximum=metric.maximum,
            unit=quantity.unit,
        ),
        before_when=target.baseline_note
        or (f"{target.baseline_day.year}年" if target.baseline_day else "基线"),
        after_when=row.note,
        standing=row.standing,
        standing_label=row.standing_label,
    )
