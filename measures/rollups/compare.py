"""Comparing (对比): what its three ways share."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from measures.models import Metric
from measures.progress import STANDING_LABELS, Standing
from measures.quantity import Quantity
from measures.rollups.figures import FigureRow, changed, figure_row
from measures.rollups.load import Figures
from measures.rollups.standing import SHOWN
from organs.models import Organ

OTHER = "其他"


@dataclass(frozen=True)
class Pair:
    """Two readings of a figure beside each other, and the change from the first to the second in words."""

    label: str
    url: str
    before: FigureRow
    after: FigureRow
    change: str


@dataclass(frozen=True)
class Numbers:
    """How many there were and how many there are; `standing` is its class where it is a standing of actions."""

    label: str
    before: str
    after: str
    change: str
    standing: str = ""


def numbers(label: str, counts: Iterable[int], unit: str = "项", standing: str = "") -> Numbers:
    """Two counts and how they differ."""
    before, after = counts
    more = after - before
    words = f"增加{more}{unit}" if more > 0 else f"减少{-more}{unit}" if more else "持平"
    return Numbers(label, f"{before}{unit}", f"{after}{unit}", words, standing)


def by_standing(before: Iterable[Standing], after: Iterable[Standing]) -> tuple[Numbers, ...]:
    """Actions: all, and by standing where there are any."""
    was, now = Counter(before), Counter(after)
    return (
        numbers("举措", (was.total(), now.total())),
        *(numbers(STANDING_LABELS[s], (was[s], now[s]), standing=s.value) for s in SHOWN if was[s] or now[s]),
    )


def label_of(metric: Metric) -> str:
    """A metric's name; a part of another says so."""
    return f"其中：{metric.name}" if metric.part_of_id else metric.name


def has_told(figures: Figures, metric: Metric, organ: Organ) -> bool:
    """Whether the organ has a figure of the metric in the period, or one that reaches over its edge."""
    digest = figures.digests.get(organ.pk)
    told = digest.told(metric, figures.view.period) if digest else None
    return bool(told and (told.figure or told.over_edge))


def own_cell(figures: Figures, metric: Metric, organ: Organ) -> FigureRow:
    """An organ's own figure, or the word in its place: 未报 only where the organ should report the metric.

    One that was closed before the period says so, and who followed it.
    """
    if own := figures.own(metric, organ):
        return figure_row(figures, own, metric, organ)
    view, word = figures.view, "未报" if organ in figures.expected(metric) else "无此指标"
    if has_told(figures, metric, organ):
        word = "跨期未计"
    elif organ.active_to and organ.active_to <= view.period.start:
        word = view.closed(organ)
    return FigureRow("", label_of(metric), absent=word, organ=organ.label)


def bare(row: FigureRow) -> FigureRow:
    """A figure without what it is held against: baseline and target may be another period's."""
    return replace(row, change="", standing="", standing_label="", bar=None)


def change_between(metric: Metric, before: Quantity | None, after: Quantity | None) -> str:
    """The change in words, percentages in 百分点; empty where one of the two is no figure."""
    if before is None or after is None:
        return ""
    return changed(before, after, metric)
