"""The overview (总览): where the organs of a view stand."""

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import timedelta

from django.urls import reverse

from measures import charts
from measures.models import Action, Honour, HonourLevel, Metric, Observation
from measures.period import shanghai_day
from measures.progress import STANDING_LABELS, VERDICT_LABELS, Standing, Verdict
from measures.rollups.figures import FigureRow, judged, say, tip
from measures.rollups.honours import HonourGroup, honour_groups
from measures.rollups.load import Figures, load_actions, load_figures, load_honours
from measures.rollups.standing import Count, approved, counts, held_activities, standing, worst
from measures.rollups.view import View
from measures.totals import Total

RECENT_DAYS = 30


@dataclass(frozen=True)
class Card:
    """A count with its division."""

    label: str
    number: str
    unit: str
    counts: tuple[Count, ...] = ()
    strip: charts.Strip | None = None
    note: str = ""
    url: str = ""
    col: int = 3


@dataclass(frozen=True)
class Cell:
    """An organ's actions of one theme: the standing that needs attention most, and how many there are."""

    url: str
    standing: str
    label: str
    note: str


@dataclass(frozen=True)
class HeatRow:
    """One organ across the themes."""

    name: str
    url: str
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True)
class Item:
    """Something to look at, with how many there are and where."""

    label: str
    number: int
    url: str = ""
    standing: str = ""
    note: str = ""


@dataclass(frozen=True)
class Section:
    """Figures of one theme."""

    name: str
    rows: tuple[FigureRow, ...]


@dataclass(frozen=True)
class Overview:
    """All that the overview shows."""

    recent: tuple[Item, ...]
    recent_days: int
    cards: tuple[Card, ...]
    columns: tuple[str, ...]
    heat: tuple[HeatRow, ...]
    attention: tuple[Item, ...]
    late: tuple[Item, ...]
    without: tuple[Item, ...]
    honours: tuple[HonourGroup, ...]
    sections: tuple[Section, ...]


def overview(view: View) -> Overview:
    """Where the organs of the view stand, from a constant number of queries."""
    figures = load_figures(view)
    actions = approved(load_actions(view, view.organs))
    honours = load_honours(view, view.organs)
    held = held_activities(view.organs)
    standings = {action.pk: standing(action, view, held=action.pk in held) for action in actions}
    totals = {metric.pk: figures.total(metric) for metric in figures.metrics.values()}
    columns, heat = _heat(view, actions, standings)
    return Overview(
        recent=_recent(view, figures, actions, honours),
        recent_days=RECENT_DAYS,
        cards=_cards(view, figures, actions, standings, honours),
        columns=columns,
        heat=heat,
        attention=_attention(view, figures, actions, standings, held),
        late=_late(view, actions, standings),
        without=_without(view, figures, actions),
        honours=honour_groups(view, honours),
        sections=_sections(figures, totals),
    )


def _recent(view: View, figures: Figures, actions: list[Action], honours: list[Honour]) -> tuple[Item, ...]:
    since = view.today - timedelta(days=RECENT_DAYS)

    def fresh(row: Observation | Honour) -> bool:
        return row.approved_at is not None and shanghai_day(row.approved_at) >= since

    new = [row for row in figures.observations.values() if fresh(row)]
    closed = [a for a in actions if a.is_closed and a.closed_on and a.closed_on >= since]
    late = [a for a in actions if not a.is_closed and a.due_day and since <= a.due_day < view.today]
    return (
        Item("新审核数值", sum(row.version == 1 for row in new), "#figures"),
        Item("更正", sum(row.version > 1 for row in new), "#figures"),
        Item("已销号", len(closed), "#organs"),
        Item("新逾期", len(late), "#late"),
        Item("新荣誉", sum(fresh(row) for row in honours), "#honours"),
    )


def _cards(
    view: View,
    figures: Figures,
    actions: list[Action],
    standings: dict[int, Standing],
    honours: list[Honour],
) -> tuple[Card, ...]:
    divided = counts(standings.values())
    verdicts: dict[Verdict, int] = defaultdict(int)
    worse = 0
    for (metric_id, organ_id), target in figures.targets.items():
        if target.value is None:
            continue
        metric = figures.metrics.get(metric_id) or target.metric
        own = figures.owns.get((metric_id, organ_id))
        progress = judged(own.quantity if own else None, metric, target)
        verdicts[progress.verdict] += 1
        worse += progress.regressed
    shown = tuple(
        Count(v.value, VERDICT_LABELS[v], verdicts[v])
        for v in (Verdict.MET, Verdict.MAYBE, Verdict.NOT_MET, Verdict.NO_DATA)
        if verdicts[v]
    )
    levels = [
        Count("done", HonourLevel(level).label.removesuffix("级"), sum(h.level == level for h in honours))
        for level in HonourLevel.values
    ]
    answered = {row.organ_id for row in figures.observations.values() if row.period.overlaps(view.period)}
    reporting = sum(organ.pk in answered for organ in view.expected)
    return (
        Card(
            "参加单位",
            str(len(view.expected)),
            "家",
            note=f"{len(view.expected)}家中{reporting}家已报数值",
            url="#organs",
        ),
        Card(
            "举措",
            str(len(actions)),
            "项",
            divided,
            charts.strip([(c.standing, c.label, c.number) for c in divided]) if divided else None,
            url="#organs",
        ),
        Card(
            "有目标的指标",
            str(sum(verdicts.values())),
            "个",
            shown,
            note=f"其中{worse}个较基线倒退" if worse else "",
            url="#figures",
        ),
        Card("荣誉", str(len(honours)), "项", tuple(c for c in levels if c.number), url="#honours"),
    )


def _heat(
    view: View, actions: list[Action], standings: dict[int, Standing]
) -> tuple[tuple[str, ...], tuple[HeatRow, ...]]:
    """Organs in official order × themes in theirs; only themes under which somebody has an action."""
    themes = {}
    cells: dict[tuple[int, int], list[Standing]] = defaultdict(list)
    for action in actions:
        theme = action.theme or action.pillar.theme
        themes[theme.pk] = theme
        cells[action.organ_id, theme.pk].append(standings[action.pk])
    ordered = sorted(themes.values(), key=lambda theme: (theme.order, theme.pk))
    rows = []
    for organ in view.expected:
        url = view.link(reverse("organ", args=(organ.pk,)))
        row: list[Cell | None] = []
        for theme in ordered:
            found = cells.get((organ.pk, theme.pk))
            if not found:
                row.append(None)
                continue
            top = worst(found)
            row.append(Cell(f"{url}#theme-{theme.pk}", top.value, STANDING_LABELS[top], f"{len(found)}项"))
        rows.append(HeatRow(organ.label, url, tuple(row)))
    return tuple(theme.short_name for theme in ordered), tuple(rows)


def _attention(
    view: View, figures: Figures, actions: list[Action], standings: dict[int, Standing], held: dict[int, int]
) -> tuple[Item, ...]:
    without = [action for action in actions if not figures.metrics_of(action)]
    found = list(standings.values())
    items = (
        Item("逾期", found.count(Standing.LATE), "#late", "late"),
        Item("临近期限", found.count(Standing.SOON), "#late", "soon"),
        Item("没有数值的举措", len(without), "#without", "not_started", f"共{len(actions)}项举措"),
        Item(
            "只有过程没有成效",
            sum(a.pk in held for a in without),
            "#without",
            "not_started",
            "办过活动，还没有成效数值",
        ),
    )
    return tuple(item for item in items if item.number)


def _late(view: View, actions: list[Action], standings: dict[int, Standing]) -> tuple[Item, ...]:
    """What is late or nearly so, with the office to telephone."""
    organs = {organ.pk: organ for organ in view.organs}
    pressing = (Standing.LATE, Standing.SOON)
    due = [(organs[a.organ_id], a.due_day, a) for a in actions if standings[a.pk] in pressing and a.due_day]
    rows = []
    for organ, due_day, action in sorted(due, key=lambda row: (row[0].path, row[1], row[2].pk)):
        days = (due_day - view.today).days
        when = f"逾期{-days}天" if days < 0 else "今天到期" if days == 0 else f"还有{days}天"
        contact = f"{organ.office}{organ.telephone}" if organ.telephone else ""
        note = "，".join(part for part in (organ.label, when, contact) if part)
        url = view.link(reverse("action", args=(action.pk,)))
        rows.append(Item(action.title, abs(days), url, standings[action.pk].value, note))
    return tuple(rows)


def _without(view: View, figures: Figures, actions: list[Action]) -> tuple[Item, ...]:
    """How many actions of each organ have no figure, each with the way to their list."""
    found = Counter(action.organ_id for action in actions if not figures.metrics_of(action))
    return tuple(
        Item(
            organ.label,
            found[organ.pk],
            f"{view.link(reverse('organ', args=(organ.pk,)))}#without",
            "not_started",
        )
        for organ in view.organs
        if found[organ.pk]
    )


def _sections(figures: Figures, totals: dict[int, Total]) -> tuple[Section, ...]:
    """Totals of all metrics that have figures, by theme."""
    by_theme: dict[str, list[FigureRow]] = defaultdict(list)
    for pk, metric in figures.metrics.items():
        if totals[pk].used or totals[pk].not_applicable or totals[pk].straddling:
            by_theme[metric.theme.name if metric.theme else "其他"].append(
                total_row(figures, metric, totals[pk])
            )
    return tuple(Section(name, tuple(rows)) for name, rows in by_theme.items())


def total_row(figures: Figures, metric: Metric, found: Total) -> FigureRow:
    """A metric's total with its coverage; or its lowest and highest where it cannot be added up."""
    label = f"其中：{metric.name}" if metric.part_of_id else metric.name
    note = metric.owner.label if metric.owner else found.coverage_words
    if found.older and found.as_of:
        note = f"{note}，{found.as_of.year}年的数"
    row = FigureRow(figures.view.link(reverse("metric", args=(metric.pk,))), label, note=note)
    if found.quantity is not None:
        words = say(found.quantity, metric)
        return replace(row, words=words, tip=tip(found.quantity, metric), pieces=charts.pieces(words))
    if found.spread is not None:
        low, high = (say(quantity, metric) for quantity in found.spread)
        return replace(row, words=low if low == high else f"{low}—{high}", standing_label="不可汇总")
    word = "不适用" if found.not_applicable else "跨期未计" if found.straddling else "未报"
    return replace(row, absent=word)
