"""The heat map (单位 × 主题): where the actions of each organ stand under each theme, and whether it has reported."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace

from django.urls import reverse

from measures.models import Theme
from measures.period import PeriodKind
from measures.progress import STANDING_LABELS
from measures.rollups.digest import Digest
from measures.rollups.load import Figures, load_metrics
from measures.rollups.summary import Summary
from measures.rollups.view import View
from organs.models import Organ


@dataclass(frozen=True)
class Cell:
    """An organ's actions of one theme: the standing that needs attention most, and how many there are."""

    url: str
    standing: str
    label: str
    note: str


@dataclass(frozen=True)
class HeatRow:
    """One organ across the themes, how many of its actions have no figure, and whether it has reported any: 已报.

    `gone` says what became of one that is no more.
    """

    name: str
    url: str
    cells: tuple[Cell | None, ...]
    without: int
    without_url: str
    reported: str = ""
    gone: str = ""


def reported(view: View, found: Mapping[int, Summary]) -> Set[int]:
    """The organs of which a figure tells of days in the period: their own, or that of one above with those below it."""
    above = [row.digest.organ.path for row in found.values() if row.speaks_for_those_below]
    return {
        organ.pk
        for organ in view.organs
        if (organ.pk in found and found[organ.pk].reported) or organ.path.startswith(tuple(above))
    }


def _gone(view: View, organ: Organ) -> str:
    """What became of an organ that was no more before the end of the period."""
    gone = organ.active_to is not None and organ.active_to <= min(view.today, view.period.last)
    return view.closed(organ) if gone else ""


def owing_figures(view: View) -> Set[int]:
    """The organs that should have told something of the period by now: of a metric whose rhythm has a period in it that is
    over, or of any, once the period is."""
    asked = {("", PeriodKind.SPAN)}
    asked |= {(m.owner.path if m.owner else "", PeriodKind(m.rhythm)) for m in load_metrics(view).values()}
    return {
        organ.pk
        for organ in view.expected
        if any(organ.path.startswith(path) and view.owes(organ, rhythm) for path, rhythm in asked)
    }


def heat_map(
    view: View,
    figures: Figures,
    found: Mapping[int, Summary],
    themes: Sequence[Theme],
    told: Set[int],
    owing: Set[int],
) -> tuple[HeatRow, ...]:
    """The organs that are to report, and those that have actions, which the cards count too."""
    due, rows = {organ.pk for organ in view.expected}, []
    for organ in view.organs:
        own = found.get(organ.pk)
        if organ.pk in due or (own and own.lines.actions):
            row = _heat_row(view, organ, figures.digests.get(organ.pk), own, themes)
            silent = ("未报" if organ.pk in owing else "未到期") if organ.pk in due else "不用报"
            rows.append(
                replace(row, reported="已报" if organ.pk in told else silent, gone=_gone(view, organ))
            )
    return tuple(rows)


def _heat_row(
    view: View, organ: Organ, digest: Digest | None, row: Summary | None, themes: Sequence[Theme]
) -> HeatRow:
    """One organ across the themes in their order; kept beside its digest."""
    if digest is None:
        return _made_heat_row(view, organ, None, themes)
    key = ("heat", view.period, view.today, view.query, tuple(theme.pk for theme in themes))
    if key not in digest.known:
        digest.known[key] = _made_heat_row(view, organ, row, themes)
    return digest.known[key]


def _made_heat_row(view: View, organ: Organ, row: Summary | None, themes: Sequence[Theme]) -> HeatRow:
    url = view.link(reverse("organ", args=(organ.pk,)))
    cells: list[Cell | None] = []
    for theme in themes:
        standing, number = row.lines.cells.get(theme.pk, (None, 0)) if row else (None, 0)
        label = STANDING_LABELS[standing] if standing else ""
        cell = standing and Cell(f"{url}#theme-{theme.pk}", standing.value, label, f"{number}项")
        cells.append(cell or None)
    return HeatRow(
        organ.label,
        url,
        tuple(cells),
        without=len(row.without) if row else 0,
        without_url=view.narrowed("actions", organ=organ.pk, lack="figure"),
    )
