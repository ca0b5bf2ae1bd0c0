"""What a metric means (口径), in words: one definition for its own page and for every passport."""

from dataclasses import dataclass

from measures.models import Metric, Nature
from measures.period import PERIOD_KIND_LABELS, PeriodKind
from measures.progress import DIRECTION_LABELS, Direction
from measures.rollups.figures import trimmed
from measures.rollups.view import View, address
from measures.totals import OVER_ORGANS_LABELS, OVER_TIME_LABELS, OverOrgans, OverTime


@dataclass(frozen=True)
class Fact:
    """One line of a document."""

    label: str
    words: str
    url: str = ""


def definition(view: View, metric: Metric) -> tuple[Fact, ...]:
    """The definition line by line; expects unit, theme, owner, part_of and pair fetched with the metric."""
    over_organs = OverOrgans(metric.over_organs)
    summable = "不可汇总" if over_organs is OverOrgans.NONE else "可汇总"
    if over_organs is OverOrgans.POOLED and not metric.needs_denominator:
        summable = "都有分子分母才可汇总"
    facts = [
        Fact("性质", f"{metric.get_nature_display()}，单位“{metric.unit}”{_values(metric)}"),
        Fact("跨期", OVER_TIME_LABELS[OverTime(metric.over_time)]),
        Fact("跨单位", f"{OVER_ORGANS_LABELS[over_organs]}（{summable}）"),
        Fact("填报周期", PERIOD_KIND_LABELS[PeriodKind(metric.rhythm)]),
        Fact("好的方向", DIRECTION_LABELS[Direction(metric.direction)]),
    ]
    if metric.needs_denominator or metric.nature == Nature.RATIO:
        facts.append(Fact("分子分母", "必须填" if metric.needs_denominator else "不要求"))
    if metric.theme:
        url = view.link(address("theme", metric.theme_id))
        facts.append(Fact("标准主题", metric.theme.name, url))
    facts.append(Fact("适用", f"{metric.owner.label}及下级" if metric.owner else "各单位通用"))
    if metric.part_of:
        url = view.link(address("metric", metric.part_of_id))
        facts.append(Fact("其中项", f"属于“{metric.part_of.name}”，不另计总数", url))
    if metric.pair:
        facts.append(Fact("配对", metric.pair.name, view.link(address("metric", metric.pair_id))))
    if metric.counts:
        facts.append(Fact("自动计数", f"由活动自动得出（{metric.get_counts_display()}）"))
    return tuple(facts)


def _values(metric: Metric) -> str:
    """What values it may have: ，0至100，1位小数."""
    low, high = metric.minimum, metric.maximum
    words = [
        f"{trimmed(low)}至{trimmed(high)}"
        if low is not None and high is not None
        else f"最小{trimmed(low)}"
        if low
        else f"最大{trimmed(high)}"
        if high is not None
        else "",
        f"{metric.decimals}位小数" if metric.decimals else "",
    ]
    return "".join(f"，{word}" for word in words if word)
