"""What of the overview and of an organ's page stands on the screen of a meeting room, which nobody scrolls."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from measures.progress import STANDING_LABELS, Standing
from measures.rollups.figures import FigureRow
from measures.rollups.honours import HonourRow
from measures.rollups.instructions import contact
from measures.rollups.lines import PillarRow
from measures.rollups.organ import OrganPage, organ_page
from measures.rollups.overview import HeatRow, Item, Overview, overview
from measures.rollups.standing import SHOWN
from measures.rollups.summary import PRESSING
from measures.rollups.view import View
from organs.models import Organ

Row = TypeVar("Row")

#: Organs that are shown at once, and themes beside each other whose cells have room for a word.
SHEET, WORDED = 9, 7
#: Lines for which a part of one screen has room: of what is late, of anything else; and of those that surely show.
MOST_LATE, MOST_LINES, SURE = 4, 6, 3


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
    return Screen(page, _sheets(page.heat), legend, page.late[:MOST_LATE], _in_all(pressing))


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


def _sheets(rows: Sequence[HeatRow]) -> tuple[Sheet, ...]:
    sheets = []
    for start in range(0, len(rows), SHEET):
        shown = tuple(rows[start : start + SHEET])
        part = f"第{start + 1}至{start + len(shown)}家，" if len(rows) > SHEET else ""
        sheets.append(Sheet(f"{part}共{len(rows)}家", shown))
    return tuple(sheets)
