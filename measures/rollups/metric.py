"""The page of a metric: what it means, its total and how sure that is, its organs, its series, what stands around it."""

from dataclasses import dataclass, replace

from measures.models import Metric
from measures.rollups.definition import Fact, definition
from measures.rollups.figures import FigureRow, figure_row, held_against, is_rank, say
from measures.rollups.load import Figures, load_figures
from measures.rollups.overview import total_row
from measures.rollups.relatives import Relatives, family, relatives
from measures.rollups.series import Series, series
from measures.rollups.view import View, address
from measures.totals import OverOrgans, OwnFigure, Total
from organs.models import Organ

#: Of more organs a sentence gives the first few names and how many there are; the table has them all.
MOST_NAMES = 12
SUMMED = {
    OverOrgans.SUM: "可汇总：各单位的数直接相加。",
    OverOrgans.POOLED: "可汇总：各单位的分子、分母分别相加再相除，不是把百分比平均。",
}


@dataclass(frozen=True)
class OrganRow:
    """An organ in the table: its figure or the word in its place, what it aims at, and its series."""

    series_url: str
    figure: FigureRow
    baseline: str = ""
    target: str = ""


@dataclass(frozen=True)
class MetricPage:
    """All that the page of a metric shows; `rests` says what the total rests on."""

    facts: tuple[Fact, ...]
    total: FigureRow
    rests: tuple[Fact, ...]
    organs: tuple[OrganRow, ...]
    series: Series
    around: Relatives


def metric_page(view: View, metric: Metric, organ: Organ | None = None) -> MetricPage:
    """One metric over the organs of the view, or the series of one organ; from a constant number of queries."""
    around = family(view, metric)
    figures = load_figures(view)
    found = figures.total(metric)
    return MetricPage(
        facts=definition(view, metric),
        total=total_row(figures, metric, found),
        rests=_rests(view, figures, metric, found),
        organs=_organs(view, figures, metric, found, organ),
        series=series(view, figures, metric, organ),
        around=relatives(figures, metric, found, around),
    )


#: What of figures that make no total is shown, and of ranks.
SPREAD = ("最低和最高", "最前和最后")


def _rests(view: View, figures: Figures, metric: Metric, found: Total) -> tuple[Fact, ...]:
    """What a total rests on: who has reported, whether it adds up and why, what it may be, what is not in it."""
    labels = {organ.path: organ.label for organ in view.organs}
    uncertain = sum(f.quantity is not None and f.quantity.uncertain for f in found.figures)
    quantity = found.quantity
    facts = [Fact("填报", found.coverage_words, "#organs"), Fact("汇总", _summable(metric, found))]
    if quantity is not None and quantity.uncertain:
        told = (
            f"{uncertain}家报的不是确切的数，所以合计只能说到这里"
            if len(found.figures) > 1
            else "报的不是确切的数"
        )
        facts.append(Fact("范围", f"可能是{quantity.range_in(metric.unit.spec)}：{told}。"))
    due = {organ.path for organ in figures.expected(metric)}
    beside = tuple(figure.organ for figure in found.figures if figure.organ not in due)
    named = (
        ("另有", beside, "没有参加活动，报的数也计入合计"),
        ("未报", found.missing, ""),
        ("沿用旧数", found.carried, "本期还没报，用以前的最新数，不算已报"),
        ("不适用", found.not_applicable, "不计入"),
        ("已含在上级", tuple(found.covered_by), "上级报的数“含下级”，不再另加"),
    )
    for label, paths, note in named:
        if paths:
            facts.append(Fact(label, _names([labels[p] for p in paths if p in labels], note)))
    if found.straddling:
        facts.append(Fact("跨期", f"{len(found.straddling)}个数跨出所选期间，没有计入。"))
    return tuple(facts)


def _summable(metric: Metric, found: Total) -> str:
    """Whether the figures of the organs make a total, and why or why not, in one sentence."""
    rule = OverOrgans(metric.over_organs)
    if not found.figures or not (found.quantity or found.why):
        return SUMMED.get(rule, "不可汇总：各单位的数值不能相加，也不能平均。")
    if found.quantity is None:
        return f"{found.why.rstrip('。')}；只列{SPREAD[is_rank(metric)]}。" if found.spread else found.why
    if rule is OverOrgans.NONE:
        return "只有一家单位的数，就是它自己的数；多家的数不合并。"
    return SUMMED[rule]


def _names(names: list[str], note: str) -> str:
    more = f"等{len(names)}家" if len(names) > MOST_NAMES else ""
    return f"{'、'.join(names[:MOST_NAMES])}{more}{f'（{note}）' if note else ''}"


def _organs(
    view: View, figures: Figures, metric: Metric, found: Total, only: Organ | None
) -> tuple[OrganRow, ...]:
    """A row for every organ that should report or has, in official order: its figure, or the word in its place.

    Of the series of one organ that organ's first, then those below it whose figures are in the total, too.
    """
    by_path = {organ.path: organ for organ in view.organs}
    shown = {
        *(organ.path for organ in figures.expected(metric)),
        *(figure.organ for figure in found.figures),
        *found.covered_by,
    }
    if only:
        shown = {only.path, *(figure.organ for figure in found.figures)}
    inside = {path: by_path[above].label for path, above in found.covered_by.items()}
    gone = figures.handed_over(metric, view.period)
    inside |= {organ.path: gone[organ.pk] for organ in view.organs if organ.pk in gone}
    return tuple(_organ(figures, metric, by_path[path], inside.get(path, "")) for path in sorted(shown))


def _organ(figures: Figures, metric: Metric, organ: Organ, inside: str) -> OrganRow:
    """The row of an organ; `inside` names who has its figure in its own already: who is above it, or took it over."""
    own = figures.own(metric, organ)
    # what the figure is not held against would read as met or missed beside it
    target = held_against(figures, own, metric, organ) if own else figures.target(metric, organ)
    return OrganRow(
        series_url=figures.view.link(address("series", metric.pk, organ.pk)) if own else "",
        figure=_figure(figures, metric, organ, own, inside),
        baseline=f"基线{say(target.baseline, metric)}" if target and target.baseline else "",
        target=say(target.value, metric) if target and target.value else "",
    )


def _figure(figures: Figures, metric: Metric, organ: Organ, own: OwnFigure | None, inside: str) -> FigureRow:
    """An organ's figure; `inside` names the organ whose figure has it in already."""
    if own is None:
        if inside:
            return FigureRow(url="", label=organ.label, absent="未单独报", note=f"已含在{inside}的数里")
        return FigureRow(url="", label=organ.label, absent="未报")
    row = figure_row(figures, own, metric, organ, label=organ.label)
    return replace(row, note=f"{row.note}，已含在{inside}的数里，合计不再加") if inside else row
