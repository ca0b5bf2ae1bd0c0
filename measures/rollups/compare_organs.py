"""Organs side by side (单位并排), theme by theme, in official order."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from measures.models import Metric, Pillar
from measures.rollups.compare import OTHER, has_told, label_of, own_cell
from measures.rollups.digest import Asked
from measures.rollups.figures import FigureRow
from measures.rollups.load import Figures, load_figures
from measures.rollups.reading import catalogue
from measures.rollups.rows import ActionLine
from measures.rollups.standing import Count, counts, standing
from measures.rollups.view import View, address
from organs.models import CATALOGUE, Organ


@dataclass(frozen=True)
class Side:
    """One organ, or one organ under one theme: its headings in its own words, and its actions by standing."""

    organ: str
    url: str
    headings: tuple[str, ...]
    number: int
    counts: tuple[Count, ...]


@dataclass(frozen=True)
class MetricLine:
    """One metric across the organs."""

    label: str
    url: str
    cells: tuple[FigureRow, ...]


@dataclass(frozen=True)
class ThemeBlock:
    """What the organs have under one theme; figures without a theme have no sides."""

    name: str
    sides: tuple[Side, ...]
    lines: tuple[MetricLine, ...]


@dataclass(frozen=True)
class OrgansPage:
    """Two to four organs side by side."""

    organs: tuple[Side, ...]
    honours: tuple[FigureRow, ...]
    themes: tuple[ThemeBlock, ...]


def compare_organs(view: View) -> OrgansPage:
    """The organs of the view, each with what is its own; from a constant number of queries."""
    figures = load_figures(view)
    actions: dict[tuple[int, int], list[ActionLine]] = defaultdict(list)
    for digest in figures.digests.values():
        for line in digest.actions:
            actions[digest.organ.pk, line.theme_id].append(line)
    lines: dict[int | None, list[MetricLine]] = defaultdict(list)
    for metric in figures.metrics.values():
        if any(has_told(figures, metric, organ) for organ in view.organs):
            lines[metric.theme_id].append(_line(figures, metric))
    headings, blocks = _headings(view), []
    for theme in catalogue(view.marks[CATALOGUE]).themes.values():
        sides = tuple(
            _side(
                figures,
                organ,
                actions[organ.pk, theme.pk],
                headings[organ.pk, theme.pk],
                f"#theme-{theme.pk}",
            )
            for organ in view.organs
        )
        if lines[theme.pk] or any(side.number or side.headings for side in sides):
            blocks.append(ThemeBlock(theme.name, sides, tuple(lines[theme.pk])))
    if lines[None]:
        blocks.append(ThemeBlock(OTHER, (), tuple(lines[None])))
    return OrgansPage(
        organs=tuple(_side(figures, o, figures.digests[o.pk].actions) for o in view.organs),
        honours=tuple(_honours(figures, organ) for organ in view.organs),
        themes=tuple(blocks),
    )


def _headings(view: View) -> dict[tuple[int, int], list[str]]:
    """The headings of the organs by organ and theme, each once: one query."""
    found: dict[tuple[int, int], list[str]] = defaultdict(list)
    mine = Asked(view.period, view.campaign).of_campaigns(
        Pillar.objects.filter(organ__in=view.organs), "campaign"
    )
    for organ, theme, heading in mine.values_list("organ_id", "theme_id", "heading"):
        if heading not in found[organ, theme]:
            found[organ, theme].append(heading)
    return found


def _side(
    figures: Figures,
    organ: Organ,
    lines: Iterable[ActionLine],
    headings: Iterable[str] = (),
    anchor: str = "",
) -> Side:
    """An organ's actions among some lines of the ledger."""
    standings = [standing(line, figures.view.today, held=bool(line.held)) for line in lines]
    url = figures.view.link(address("organ", organ.pk))
    return Side(organ.label, f"{url}{anchor}", tuple(headings), len(standings), counts(standings))


def _line(figures: Figures, metric: Metric) -> MetricLine:
    url = figures.view.link(address("metric", metric.pk))
    return MetricLine(
        label_of(metric), url, tuple(own_cell(figures, metric, organ) for organ in figures.view.organs)
    )


def _honours(figures: Figures, organ: Organ) -> FigureRow:
    """How many honours, with the way to them."""
    number = len(figures.digests[organ.pk].honours)
    url = figures.view.link(address("organ", organ.pk))
    return FigureRow(url, "荣誉", words=f"{number}项", organ=organ.label)
