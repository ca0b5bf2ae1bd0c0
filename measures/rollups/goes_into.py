"""Which totals a figure goes into (计入哪里), what is added there or why not, and what stands in for what."""

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from measures.models import Observation, Target
from measures.period import Period
from measures.quantity import Quantity
from measures.rollups.figures import FigureRow
from measures.rollups.holes import holes, lacks
from measures.rollups.load import Figures, load_beside
from measures.rollups.overview import told_with_below, total_row
from measures.rollups.view import View, address
from measures.totals import COVERAGE_LABELS, OVER_ORGANS_LABELS, Coverage, OverOrgans, Total
from organs.models import Organ


@dataclass(frozen=True)
class Weight:
    """What becomes of a figure: the totals above it, its coverage in words, and what it is held against.

    `compared` is the organ's figure from the campaign's first day on; `parts` of them are in it, `lacks` says which are
    not. The `aim` is the target where that tells how far the organ has come: a part of what adds up does not, nor what
    does not count.
    """

    totals: tuple[FigureRow, ...]
    coverage: str
    target: Target | None
    compared: Quantity | None
    parts: int
    aim: Target | None = None
    lacks: str = ""


def weight(view: View, row: Observation) -> Weight:
    """What becomes of a figure as far as the user sees its organ and those above it; from two queries or three."""
    own, quantity = COVERAGE_LABELS[Coverage(row.coverage)], row.quantity
    above = [organ for organ in view.visible if row.organ.path.startswith(organ.path)]
    if row.organ not in above:
        return Weight((), own, None, quantity, 1)
    figures = load_beside(view, row)
    target = figures.target(row.metric, row.organ)
    parts, aim, lacking = 1, None, ""
    if target and row.is_current:
        digest = figures.digests[row.organ_id]
        days = Period.span(min(target.campaign.first_day, row.period.start), row.period.end)
        found = figures.own(row.metric, row.organ, days)
        if found and row.pk in found.used:
            quantity, parts = found.quantity, len(found.used)
            of_days = replace(view, period=days)
            lacking = lacks(of_days, holes(of_days, row.metric, row.organ, digest.periods(row.metric)))
            aim = digest.aim(row.metric, days, view.today) if digest.is_of(target, found) else None
    tops = [organ for organ in reversed(above) if organ != row.organ or _has_units(figures, organ)]
    totals = {organ: figures.total(row.metric, row.period, organ) for organ in tops} if row.is_current else {}
    return Weight(
        totals=tuple(_total(figures, row, organ, found) for organ, found in totals.items()),
        coverage=_stands_in(figures, row, list(totals.values())[-1]) if totals else own,
        target=target,
        compared=quantity,
        parts=parts,
        aim=aim,
        lacks=lacking,
    )


def _has_units(figures: Figures, organ: Organ) -> bool:
    """Whether an organ below it reports, or should."""
    reporting = [row.organ for row in figures.observations.values()]
    others = (*figures.view.expected, *reporting)
    return any(other.path.startswith(organ.path) and other != organ for other in others)


def _total(figures: Figures, row: Observation, organ: Organ, found: Total) -> FigureRow:
    """The total of an organ with all below it, and what the figure does there."""
    chosen = urlencode({"period": row.period.key, "organ": organ.pk})
    return replace(
        total_row(figures, row.metric, found),
        label=f"{organ.label}{'及下级' if organ == row.organ else ''}的合计",
        url=f"{address('metric', row.metric_id)}?{chosen}",
        note=_does(figures, row, found),
    )


def _does(figures: Figures, row: Observation, found: Total) -> str:
    """Whether the figure is in the total, and by which rule or why not."""
    if row.organ.path in found.not_applicable:
        return "不适用，不计入"
    if row.pk in found.used:
        if not found.summable:
            return f"{found.why.rstrip('。')}；只列最低—最高"
        rule = OVER_ORGANS_LABELS[OverOrgans(row.metric.over_organs)]
        return f"已计入：{'只有这一个数' if len(found.used) == 1 else rule}，{found.coverage_words}"
    if above := found.covered_by.get(row.organ.path):
        standing_in = next(figure for figure in found.figures if figure.organ == above)
        if standing_in.as_of < row.period.last:
            return f"不另加：合计用的是{told_with_below(figures, standing_in)}"
        return f"不另加：已含在{_names(figures, [above])}“含下级”的数里"
    return "不另加：已含在别的数里"


def _stands_in(figures: Figures, row: Observation, widest: Total) -> str:
    """含下级：代替甲、乙各自的数 — or whose figure stands in for this one."""
    own = COVERAGE_LABELS[Coverage(row.coverage)]
    if row.coverage == Coverage.BELOW.value:
        covered = [organ for organ, above in widest.covered_by.items() if above == row.organ.path]
        return f"{own}：合计时代替{_names(figures, covered) or '下级各自'}的数"
    above = widest.covered_by.get(row.organ.path)
    return f"{own}：合计时由{_names(figures, [above])}“含下级”的数代替" if above else own


def _names(figures: Figures, paths: list[str]) -> str:
    return "、".join(organ.label for organ in figures.view.organs if organ.path in paths)
