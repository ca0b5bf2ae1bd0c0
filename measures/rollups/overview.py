"""The overview (总览): where the organs of a view stand."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from heapq import merge
from itertools import islice

from django.urls import reverse

from measures import charts
from measures.models import HonourLevel, Metric
from measures.period import PeriodKind
from measures.progress import STANDING_LABELS, VERDICT_LABELS, Standing, Verdict
from measures.rollups.digest import by_level
from measures.rollups.figures import FigureRow, amount, cut, say, spread_words, tip
from measures.rollups.heat import HeatRow, heat_map, owing_figures, reported
from measures.rollups.honours import HonourGroup, honour_groups
from measures.rollups.kept import Kept
from measures.rollups.load import Figures, load_figures, load_themes
from measures.rollups.problems import ProblemCount, count_problems
from measures.rollups.recent import NEWS_LABELS, WINDOWS, numbers
from measures.rollups.standing import SHOWN, Count
from measures.rollups.summary import Summary, due_note, summary
from measures.rollups.view import View
from measures.totals import OwnFigure, Presence, Total
from organs.models import Organ

#: Of a longer list so many stand on the page; the others are where its last line leads.
MOST_LATE, MOST_NAMES, MOST_HONOURS = 12, 6, 24
#: Rows of totals, with what they were made of.
_rows: Kept[tuple[Metric, Total, FigureRow]] = Kept(2_000)
VERDICTS = (Verdict.MET, Verdict.MAYBE, Verdict.NOT_MET, Verdict.NO_DATA, Verdict.NOT_APPLICABLE)


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


@dataclass(frozen=True)
class Column:
    """A theme as the head of a column."""

    name: str
    url: str


@dataclass(frozen=True)
class Window:
    """A number of last days to choose."""

    name: str
    url: str
    current: bool


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
    windows: tuple[Window, ...]
    cards: tuple[Card, ...]
    columns: tuple[Column, ...]
    heat: tuple[HeatRow, ...]
    attention: tuple[Item, ...]
    problems: ProblemCount | None
    late: tuple[Item, ...]
    more_late: int
    late_url: str
    honours: tuple[HonourGroup, ...]
    more_honours: int
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class Brief:
    """The overview in a few lines."""

    recent: tuple[Item, ...]
    late: tuple[Item, ...]
    more_late: int
    late_url: str


def overview(view: View, days: int = WINDOWS[-1], *, whole: bool = False) -> Overview:
    """Where the organs of the view stand, and what has changed in the last days; from a constant number of queries.

    Long lists are cut, unless the `whole` of them is asked for.
    """
    figures = load_figures(view)
    found = {pk: summary(digest, view) for pk, digest in figures.digests.items()}
    themes, used = load_themes(view), {theme for row in found.values() for theme in row.lines.cells}
    columns = sorted((themes[pk] for pk in used), key=lambda theme: (theme.order, theme.pk))
    told, owing = reported(view, found), owing_figures(view)
    most_late, most_honours = (None, None) if whole else (MOST_LATE, MOST_HONOURS)
    honours = merge(*(digest.honours_by_level for digest in figures.digests.values()), key=by_level)
    pressing = sum(len(row.lines.pressing) for row in found.values())
    return Overview(
        recent=_recent(view, figures, days),
        recent_days=days,
        windows=tuple(Window(f"近{n}天", view.narrowed("overview", days=n), n == days) for n in WINDOWS),
        cards=_cards(view, found, told, owing),
        columns=tuple(Column(t.short_name, view.narrowed("actions", theme=t.pk)) for t in columns),
        heat=heat_map(view, figures, found, columns, told, owing),
        attention=_attention(view, found),
        problems=_problems(view, figures, found),
        late=tuple(islice(_late(view, found), most_late)),
        more_late=max(pressing - MOST_LATE, 0),
        late_url=view.narrowed("actions", standing="pressing"),
        honours=honour_groups(view, islice(honours, most_honours)),
        more_honours=max(sum(len(d.honours) for d in figures.digests.values()) - MOST_HONOURS, 0),
        sections=_sections(figures),
    )


def brief(view: View, days: int, most_late: int) -> Brief:
    """What changed in the last days, and the first of what is late with the office to telephone."""
    figures = load_figures(view)
    found = {pk: summary(digest, view) for pk, digest in figures.digests.items()}
    late = [item for item in _late(view, found) if item.standing == Standing.LATE]
    return Brief(
        _recent(view, figures, days),
        tuple(late[:most_late]),
        max(len(late) - most_late, 0),
        view.narrowed("actions", standing=Standing.LATE.value),
    )


def _recent(view: View, figures: Figures, days: int) -> tuple[Item, ...]:
    """Five lines of what has changed, each with the way to its rows."""
    return tuple(
        Item(NEWS_LABELS[kind], number, view.narrowed("changes", days=days, kind=kind.value))
        for kind, number in numbers(view, figures.digests.values(), days).items()
    )


def _cards(view: View, found: Mapping[int, Summary], told: Set[int], owing: Set[int]) -> tuple[Card, ...]:
    standings: Counter[Standing] = Counter()
    verdicts: Counter[Verdict] = Counter()
    levels: Counter[HonourLevel] = Counter()
    pillars = worse = 0
    for row in found.values():
        standings.update(row.lines.numbers)
        verdicts.update(row.verdicts.numbers)
        worse += len(row.verdicts.regressed)
        levels.update(row.honours)
        pillars += row.lines.pillars
    divided = tuple(
        Count(s.value, STANDING_LABELS[s], standings[s], view.narrowed("actions", standing=s.value))
        for s in SHOWN
        if standings[s]
    )
    aimed = tuple(
        Count(v.value, VERDICT_LABELS[v], verdicts[v], view.narrowed("targets", verdict=v.value))
        for v in VERDICTS
        if verdicts[v]
    )
    ranks = tuple(
        Count("done", level.label.removesuffix("级"), levels[level]) for level in HonourLevel if levels[level]
    )
    silent = [organ for organ in view.expected if organ.pk not in told]
    actions = standings.total()
    return (
        Card("参加单位", str(len(view.expected)), "家", note=_answered(view, silent, owing), url="#organs"),
        Card(
            "举措",
            str(actions),
            "项",
            divided,
            charts.strip([(c.standing, c.label, c.number) for c in divided]) if divided else None,
            note=f"在{pillars}个创建支柱下" if pillars else "",
            url=view.narrowed("actions"),
        ),
        Card(
            "有目标的指标",
            str(verdicts.total()),
            "个",
            aimed,
            note=f"其中{worse}个较基线倒退" if worse else "",
            url=view.narrowed("targets"),
        ),
        Card("荣誉", str(levels.total()), "项", ranks, url="#honours"),
    )


def _answered(view: View, silent: Sequence[Organ], owing: Set[int]) -> str:
    """9家中7家已报数值，未报：…; of days that are still to come nothing is due."""
    begins = min((view.begins(organ) for organ in view.expected), default=view.period.start)
    if begins > view.today:
        return f"{begins:%Y-%m-%d}才开始"
    note = f"{len(view.expected)}家中{len(view.expected) - len(silent)}家已报数值"
    if not (due := [organ.label for organ in silent if organ.pk in owing]):
        return note
    rest = f"等{len(due)}家" if len(due) > MOST_NAMES else ""
    return f"{note}；未报：{'、'.join(due[:MOST_NAMES])}{rest}"


def _attention(view: View, found: Mapping[int, Summary]) -> tuple[Item, ...]:
    late = sum(row.lines.numbers[Standing.LATE] for row in found.values())
    soon = sum(row.lines.numbers[Standing.SOON] for row in found.values())
    actions = sum(row.lines.numbers.total() for row in found.values())
    without = sum(len(row.without) for row in found.values())
    process = sum(len(row.process_only) for row in found.values())
    items = (
        Item("逾期", late, view.narrowed("actions", standing="late"), "late"),
        Item("临近期限", soon, view.narrowed("actions", standing="soon"), "soon"),
        Item(
            "没有数值的举措",
            without,
            view.narrowed("actions", lack="figure"),
            "not_started",
            f"共{actions}项举措",
        ),
        Item(
            "只有过程没有成效",
            process,
            view.narrowed("actions", lack="outcome"),
            "not_started",
            "办过活动，还没有成效数值",
        ),
    )
    return tuple(item for item in items if item.number)


def _problems(view: View, figures: Figures, found: Mapping[int, Summary]) -> ProblemCount | None:
    """Problems of all organs; None where none was found."""
    standings = [standing for pk in figures.digests for standing in found[pk].lines.of_problems]
    return count_problems("", view.narrowed("problems"), standings) if standings else None


def _late(view: View, found: Mapping[int, Summary]) -> Iterable[Item]:
    """What is late or nearly so, organs in official order, with the office to telephone."""
    for organ in view.organs:
        row = found.get(organ.pk)
        for line in row.lines.pressing if row else ():
            standing = row.lines.standings[line.pk] if row else Standing.LATE
            note = f"{organ.label}，{due_note(view, organ, line, standing)}"
            yield Item(line.title, 1, view.link(reverse("action", args=(line.pk,))), standing.value, note)


def _sections(figures: Figures) -> tuple[Section, ...]:
    """Totals of all metrics that have figures, by theme."""
    by_theme: dict[str, list[FigureRow]] = defaultdict(list)
    for metric in figures.metrics.values():
        found = figures.total(metric)
        if found.used or found.not_applicable or found.straddling:
            by_theme[metric.theme.name if metric.theme else "其他"].append(_row(figures, metric, found))
    return tuple(Section(name, tuple(rows)) for name, rows in by_theme.items())


def _row(figures: Figures, metric: Metric, found: Total) -> FigureRow:
    """The same row as long as the metric and its total are the same."""
    key = (metric.pk, figures.view.query, figures.view.period, figures.view.today)
    kept = _rows.get(key)
    if kept is None or kept[0] is not metric or kept[1] is not found:
        kept = (metric, found, total_row(figures, metric, found))
        _rows.put(key, kept)
    return kept[2]


def _older(figures: Figures, found: Total) -> str:
    """2019年第一季度的数; of several, or beside new ones, how many are from before the period; empty where none is."""
    told = [figure for figure in found.figures if figure.presence is not Presence.NOT_APPLICABLE]
    older = [figure for figure in told if figure.older]
    number, years = len(found.carried) or len(older), {figure.as_of.year for figure in older}
    if number and len(older) == 1:
        days = _days(figures, older[0])
        return f"{days}的数" if len(told) == 1 else f"{number}家沿用{days}的数"
    if number and len(years) == 1 and len(older) == len(told) and years != {figures.view.period.start.year}:
        return f"{years.pop()}年的数"
    return f"{number}家沿用以前的数" if number else ""


def _days(figures: Figures, figure: OwnFigure) -> str:
    return figures.row(figure.used[-1]).period.label


def told_with_below(figures: Figures, figure: OwnFigure) -> str:
    """教育局2026年第一季度“含下级”的数: a figure that stands in for those of the units below."""
    return f"{figures.row(figure.used[-1]).organ.label}{_days(figures, figure)}“含下级”的数"


def total_row(figures: Figures, metric: Metric, found: Total) -> FigureRow:
    """A metric's total with its coverage; or its lowest and highest where it cannot be added up."""
    label = f"其中：{metric.name}" if metric.part_of_id else metric.name
    note = f"{metric.owner.label}，{found.coverage_words}" if metric.owner else found.coverage_words
    rhythm = PeriodKind(metric.rhythm)
    owed, early = figures.view.due(rhythm) is not None, figures.view.opens(rhythm)
    if early and not owed and found.expected and not found.reported:
        note = f"{note}，本期还没到"
    if older := _older(figures, found):
        note = f"{note}，{older}"
    row = FigureRow(figures.view.link(reverse("metric", args=(metric.pk,))), label, note=note)
    if found.quantity is not None:
        words = say(found.quantity, metric)
        row = replace(row, words=words, tip=tip(found.quantity, metric), pieces=cut(words, metric))
        return replace(row, amount=amount(metric, found.quantity))
    if found.spread is not None:
        words = spread_words(*found.spread, metric)
        row = replace(row, words=words, standing_label="不可汇总")
        return replace(row, amount=amount(metric, *found.spread))
    silent = "未报" if owed else "未到期" if early else "本期不报"
    word = "不适用" if found.not_applicable else "跨期未计" if found.straddling else silent
    return replace(row, absent=word)
