"""The page of a metric: what it means, its total and how sure that is, its organs, its series, what stands around it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from measures.models import Metric
from measures.period import Period, PeriodKind
from measures.rollups.definition import Fact, definition
from measures.rollups.digest import Digest
from measures.rollups.figures import FigureRow, figure_row, held_against, is_rank, say
from measures.rollups.holes import holes, lacks
from measures.rollups.load import Figures, load_figures
from measures.rollups.overview import told_with_below, total_row
from measures.rollups.relatives import Relatives, family, relatives
from measures.rollups.series import Series, series
from measures.rollups.view import View, address
from measures.totals import Coverage, OverOrgans, OverTime, OwnFigure, Presence, Total
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
    lacks: str = ""

    @property
    def note(self) -> str:
        """3期合计，缺第二季度: the days of its figure, and what of them was left out."""
        return "，".join(words for words in (self.figure.note, self.lacks) if words)


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
    lacking = _lacking(figures, metric)
    return MetricPage(
        facts=definition(view, metric),
        total=total_row(figures, metric, found),
        rests=_rests(view, figures, metric, found, lacking),
        organs=_organs(view, figures, metric, found, organ, lacking),
        series=series(view, figures, metric, organ),
        around=relatives(figures, metric, found, around),
    )


def _lacking(figures: Figures, metric: Metric) -> dict[str, str]:
    """缺第二季度, by the path of each organ whose sum lacks a period; told anew only of who told something anew."""
    if metric.over_time != OverTime.SUM:
        return {}
    covering = {d.organ.path: days for d in figures.digests.values() if (days := _with_below(d, metric))}
    found = {}
    for digest in figures.digests.values():
        own, path = figures.own(metric, digest.organ), digest.organ.path
        if own and own.quantity:
            told = tuple(
                p for top, days in covering.items() if path != top and path.startswith(top) for p in days
            )
            found[path] = _lacks(figures.view, digest, metric, own, told)
    return {path: words for path, words in found.items() if words}


def _with_below(digest: Digest, metric: Metric) -> tuple[Period, ...]:
    """The periods of which an organ told of a metric with the units below it."""

    def read() -> tuple[Period, ...]:
        rows = digest.by_metric.get(metric.pk, ())
        below = (row for row in rows if row.coverage == Coverage.BELOW)
        return tuple(row.period for row in below if row.presence != Presence.NOT_APPLICABLE)

    return digest.once(metric, ("with below",), None, read)


def _lacks(view: View, digest: Digest, metric: Metric, own: OwnFigure, above: tuple[Period, ...]) -> str:
    """What is said of one organ's sum: the same as long as it, the days and those above it are."""
    organ = digest.organ
    days = (view.period, view.due(PeriodKind(metric.rhythm)), tuple(view.taking_part.get(organ.pk, ())))
    what = ("lacks", *days, organ.active_from, organ.active_to, above)
    return digest.once(
        metric, what, own, lambda: lacks(view, holes(view, metric, organ, digest.periods(metric), above))
    )


#: What of figures that make no total is shown, and of ranks.
SPREAD = ("最低和最高", "最前和最后")


def _rests(
    view: View, figures: Figures, metric: Metric, found: Total, lacking: Mapping[str, str]
) -> tuple[Fact, ...]:
    """What a total rests on: who has reported, whether it adds up and why, what it may be, what is not in it."""
    labels = {organ.path: organ.label for organ in view.organs}
    uncertain = sum(f.quantity is not None and f.quantity.uncertain for f in found.figures)
    quantity = found.quantity
    facts = [Fact("填报", found.coverage_words, "#organs")]
    if holed := [f.organ for f in found.figures if f.organ in lacking]:
        some = f"其中{len(holed)}家：" if len(found.figures) > 1 else ""
        facts.append(
            Fact("缺期", some + _names([f"{labels[p]}（{lacking[p]}）" for p in holed], ""), "#organs")
        )
    facts.append(Fact("汇总", _summable(metric, found)))
    if quantity is not None and quantity.uncertain:
        told = (
            f"{uncertain}家报的不是确切的数，所以合计只能说到这里"
            if len(found.figures) > 1
            else "报的不是确切的数"
        )
        facts.append(Fact("范围", f"可能是{quantity.range_in(metric.unit.spec)}：{told}。"))
    due = {organ.path for organ in figures.expected(metric)}
    beside = tuple(figure.organ for figure in found.figures if figure.organ not in due)
    closed = {organ.path for organ in view.organs if organ.active_to}
    rhythm = PeriodKind(metric.rhythm)
    owing = {organ.path for organ in view.organs if view.owes(organ, rhythm)}
    not_yet = "" if rhythm is PeriodKind.SPAN else "本期还没报，"
    later = "本期还没到，" if (opens := view.opens(rhythm)) else "本期不报，"
    newer = _older_above(figures, metric, found)
    named = [
        ("另有", [p for p in beside if p in closed], "已撤并，还没有单位接着报，原来的数仍计入合计"),
        ("另有", [p for p in beside if p not in closed], "这段时间没有参加活动，报的数也计入合计"),
        ("未报", [p for p in found.missing if p in owing], ""),
        ("未到期" if opens else "本期不报", [p for p in found.missing if p not in owing], ""),
        ("沿用旧数", [p for p in found.carried if p in owing], f"{not_yet}用以前的最新数，不算已报"),
        ("沿用旧数", [p for p in found.carried if p not in owing], f"{later}用以前的最新数"),
        ("不适用", found.not_applicable, "不计入"),
        ("已含在上级", [p for p in found.covered_by if p not in newer], "上级报的数“含下级”，不再另加"),
    ]
    named += [
        ("合计用上级的数", [p for p in newer if newer[p] == words], f"合计用的是{words}")
        for words in dict.fromkeys(newer.values())
    ]
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
    view: View,
    figures: Figures,
    metric: Metric,
    found: Total,
    only: Organ | None,
    lacking: Mapping[str, str],
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
    inside = {path: f"已含在{by_path[above].label}的数里" for path, above in found.covered_by.items()}
    inside |= {path: f"合计用{words}" for path, words in _older_above(figures, metric, found).items()}
    gone = figures.handed_over(metric, view.period)
    inside |= {organ.path: f"已由{gone[organ.pk]}" for organ in view.organs if organ.pk in gone}
    counted = {figure.organ: figure for figure in found.figures}
    rows = {
        path: _organ(figures, metric, by_path[path], inside.get(path, ""), counted.get(path), found)
        for path in sorted(shown)
    }
    return tuple(replace(row, lacks=lacking.get(path, "")) for path, row in rows.items())


def _older_above(figures: Figures, metric: Metric, found: Total) -> dict[str, str]:
    """教育局2026年第一季度“含下级”的数: the organs with a newer figure than the one that stands in for theirs, and that."""
    standing_in = {figure.organ: figure for figure in found.figures}
    told = {}
    for digest in figures.digests.values():
        above = found.covered_by.get(digest.organ.path)
        own = figures.own(metric, digest.organ) if above else None
        if above and own and own.as_of > standing_in[above].as_of:
            told[digest.organ.path] = told_with_below(figures, standing_in[above])
    return told


def _organ(
    figures: Figures, metric: Metric, organ: Organ, inside: str, counted: OwnFigure | None, found: Total
) -> OrganRow:
    """The row of an organ; `inside` says in whose figure its own is already, `counted` is what of it the total adds."""
    own = figures.own(metric, organ)
    # what the figure is not held against would read as met or missed beside it
    target = held_against(figures, own, metric, organ) if own else figures.target(metric, organ)
    return OrganRow(
        series_url=figures.view.link(address("series", metric.pk, organ.pk)) if own else "",
        figure=_figure(figures, metric, organ, own, inside or _partly(figures, metric, own, counted, found)),
        baseline=f"基线{say(target.baseline, metric)}" if target and target.baseline else "",
        target=say(target.value, metric) if target and target.value else "",
    )


def _partly(
    figures: Figures, metric: Metric, own: OwnFigure | None, counted: OwnFigure | None, found: Total
) -> str:
    """合计只加其中320人，其余已含在教育局的数里; empty where the total has all of the organ's figure."""
    if not (own and counted and counted.quantity) or own.used == counted.used:
        return ""
    above = (row.organ for row in map(figures.row, found.used) if row.coverage == Coverage.BELOW)
    names = [organ.label for organ in dict.fromkeys(above) if own.organ.startswith(organ.path)]
    whose = "、".join(name for name in names if name) or "上级"
    return f"合计只加其中{say(counted.quantity, metric)}，其余已含在{whose}的数里"


def _figure(figures: Figures, metric: Metric, organ: Organ, own: OwnFigure | None, inside: str) -> FigureRow:
    """An organ's figure; `inside` says why the total does not add it, or not all of it."""
    if own is None:
        if inside:
            return FigureRow(url="", label=organ.label, absent="未单独报", note=inside)
        view, rhythm = figures.view, PeriodKind(metric.rhythm)
        silent = view.silent(organ, rhythm) if view.expects(organ, view.period) else "未报"
        return FigureRow(url="", label=organ.label, absent=silent)
    row = figure_row(figures, own, metric, organ, label=organ.label)
    if not inside:
        return row
    return replace(row, note=f"{row.note}，{inside}{'' if inside.startswith('合计') else '，合计不再加'}")
