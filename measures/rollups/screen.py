"""What of the overview and of an organ's page stands on the screen of a meeting room, which nobody scrolls."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Generic, TypeVar

from measures.progress import STANDING_LABELS, Standing
from measures.rollups.figures import FigureRow
from measures.rollups.heat import HeatRow
from measures.rollups.honours import HonourRow
from measures.rollups.instructions import contact
from measures.rollups.lines import PillarRow
from measures.rollups.organ import OrganPage, organ_page
from measures.rollups.overview import Item, Overview, overview
from measures.rollups.standing import SHOWN
from measures.rollups.summary import PRESSING
from measures.rollups.view import View
from organs.models import Organ

Row = TypeVar("Row")

#: Organs that are shown at once, and themes beside each other whose cells have room for a word.
SHEET, WORDED = 9, 7
#: Lines for which a part of one screen has room: of what is late, of anything else; and of those that surely show.
MOST_LATE, MOST_LINES, SURE = 4, 6, 3
#: Characters of a name that surely show, that decide whether names are akin, that are left of the shortest.
SEEN, AKIN, LEFT = 5, 3, 3


@dataclass(frozen=True)
class Sheet:
    """Organs of the heat map that are shown at once, and which of them all they are."""

    words: str
    rows: tuple[HeatRow, ...]


@dataclass(frozen=True)
class Screen:
    """The overview as far as one screen has room; with a legend where cells have room for a sign alone."""

    page: Overview
    sheets: tuple[Sheet, ...]
    legend: tuple[tuple[Standing, str], ...]
    late: tuple[Item, ...]
    late_words: str


@dataclass(frozen=True)
class Cut(Generic[Row]):
    """The first rows, and how many there are in all where not all of those may find room."""

    rows: tuple[Row, ...]
    words: str


@dataclass(frozen=True)
class OrganScreen:
    """The page of an organ as far as one screen has room; honours with their level, the highest first.

    `contact` is its office where something is late or nearly so.
    """

    page: OrganPage
    contact: str
    pillars: Cut[PillarRow]
    targets: Cut[FigureRow]
    honours: Cut[tuple[str, HonourRow]]


def screen(view: View, days: int) -> Screen:
    """The rows of the overview, the organs in sheets that take turns, in their official order."""
    page = overview(view, days)
    pressing = len(page.late) + page.more_late
    legend = () if len(page.columns) <= WORDED else tuple((s, STANDING_LABELS[s]) for s in SHOWN)
    labels = [organ.label for organ in view.organs]
    names = told_apart(labels)
    heat = [replace(row, name=names.get(row.name, row.name)) for row in page.heat]
    late = tuple(_days_first(item, labels, names) for item in page.late[:MOST_LATE])
    return Screen(page, _sheets(heat), legend, late, _in_all(pressing))


def organ_screen(view: View, organ: Organ) -> OrganScreen:
    """The rows of an organ's page, the first of each kind."""
    page = organ_page(view, organ, most=0)
    honours = tuple((level.label, honour) for level in page.honours for honour in level.honours)
    standings = {count.standing for row in page.pillars for count in row.counts}
    whom = "" if standings.isdisjoint(PRESSING) else contact(organ)
    return OrganScreen(page, whom, _cut(page.pillars, "个支柱"), _cut(page.targets, "个指标"), _cut(honours))


def _cut(rows: tuple[Row, ...], what: str = "项") -> Cut[Row]:
    return Cut(rows[:MOST_LINES], _in_all(len(rows), what))


def _in_all(number: int, what: str = "项") -> str:
    return f"共{number}{what}" if number > SURE else ""


def told_apart(names: Iterable[str]) -> dict[str, str]:
    """Each name as it is, or, where akin ones look the same at first sight, without the beginning they share (…)."""
    akin: dict[str, set[str]] = defaultdict(set)
    told: dict[str, str] = {}
    for name in names:
        akin[name[:AKIN]].add(name)
    for group in akin.values():
        ends = zip(min(group), max(group), strict=False)  # what these share, all share
        shared = min(
            sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], ends)), len(min(group, key=len)) - LEFT
        )
        if len({name[:SEEN] for name in group}) == len(group) or shared < AKIN:
            told.update((name, name) for name in group)
        else:
            rest = told_apart(name[shared:] for name in group)
            told.update((name, f"…{rest[name[shared:]].lstrip('…')}") for name in group)
    return told


def _days_first(item: Item, labels: Sequence[str], names: dict[str, str]) -> Item:
    """What is late with its days before the organ, whose name may be long."""
    organ = next((label for label in labels if item.note.startswith(f"{label}，")), "")
    days, _, rest = item.note[len(organ) + 1 :].partition("，")
    return replace(item, note="，".join(filter(None, (days, names.get(organ), rest)))) if organ else item


def _sheets(rows: Sequence[HeatRow]) -> tuple[Sheet, ...]:
    sheets = []
    for start in range(0, len(rows), SHEET):
        shown = tuple(rows[start : start + SHEET])
        part = f"第{start + 1}至{start + len(shown)}家，" if len(rows) > SHEET else ""
        sheets.append(Sheet(f"{part}共{len(rows)}家", shown))
    return tuple(sheets)
