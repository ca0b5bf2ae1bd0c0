"""The page of a creation pillar (创建支柱): its heading verbatim and all that stands under it."""

from collections.abc import Set
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet

from measures import charts
from measures.models import SERVING, Action, Activity, Pillar
from measures.period import Period
from measures.rollups.definition import Fact
from measures.rollups.digest import Asked
from measures.rollups.figures import FigureRow
from measures.rollups.honours import HonourGroup, honour_groups
from measures.rollups.instructions import contact
from measures.rollups.ledger import load_ledger
from measures.rollups.lines import PillarRow
from measures.rollups.load import load_figures
from measures.rollups.narrow import row_unless_changed, rows_unless_changed
from measures.rollups.proofs import Held, held
from measures.rollups.standing import Count, counts
from measures.rollups.summary import PRESSING
from measures.rollups.view import View, address
from organs.permissions import SignedInRequest

#: Lines of one page; activities and headings of other organs that are named.
LINES, MOST_HELD, MOST_OTHERS = 50, 10, 20


@dataclass(frozen=True)
class Turn:
    """Where one is among several pages, and the addresses of those beside it (empty at an end)."""

    words: str
    before: str
    after: str


@dataclass(frozen=True)
class PillarPage:
    """All that the page of a heading shows, the heading itself as one row; `more_others` are not named."""

    facts: tuple[Fact, ...]
    number: int
    counts: tuple[Count, ...]
    strip: charts.Strip | None
    pillars: tuple[PillarRow]
    turn: Turn | None
    figures: tuple[FigureRow, ...]
    activities: tuple[Held, ...]
    held: str
    honours: tuple[HonourGroup, ...]
    others: tuple[Fact, ...]
    more_others: int


def pillar_page(view: View, pillar: Pillar, page: str = "", *, whole: bool = False) -> PillarPage:
    """One heading with all its actions, fifty to a page, from a constant number of queries.

    The view is that of `of_campaign`; a page that is none gives the nearest; the `whole` is on one.
    """
    asked = Asked(view.period, view.campaign, view.as_of)
    figures = load_figures(view)
    ledger = load_ledger(view, figures, pillar.organ, [pillar])
    lines = Paginator(ledger.actions, max(len(ledger.actions), 1) if whole else LINES).get_page(page)
    row = replace(
        ledger.pillar_row(pillar, 0), actions=tuple(ledger.row(a) for a in lines), figures=(), rest=""
    )
    divided = counts(ledger.standings[action.pk] for action in ledger.approved)
    pks = tuple(action.pk for action in ledger.actions)

    def of_days() -> tuple[Activity, ...]:
        serving = Q(pk__in=SERVING.objects.filter(action__in=pks).values("activity"), organ=pillar.organ)
        days = Activity.objects.filter(Q(action__in=pks) | serving)
        days = days.filter(day__gte=view.period.start, day__lt=view.period.end)
        return tuple(asked.counting(days).select_related("action", "organ"))

    what = ("activities", pillar.pk, pks, *asked.key)
    activities = figures.digests[pillar.organ_id].read((Action, Activity, SERVING), what, of_days)

    def alike() -> QuerySet[Pillar]:
        rows = Pillar.objects.visible_to(view.user).filter(theme=pillar.theme, campaign=pillar.campaign)
        return rows.exclude(organ=pillar.organ).select_related("organ")

    others = rows_unless_changed(view, (Pillar,), ("beside", pillar.pk), alike)
    return PillarPage(
        facts=_facts(view, pillar, {c.standing for c in divided}),
        number=len(ledger.approved),
        counts=divided,
        strip=charts.strip([(c.standing, c.label, c.number) for c in divided]) if divided else None,
        pillars=(row,),
        turn=_turn(view, lines),
        figures=ledger.loose(pillar),
        activities=held(activities if whole else activities[:MOST_HELD], view),
        held=f"{len(activities)}次" + (f"，这里是最近{MOST_HELD}次" if len(activities) > MOST_HELD else ""),
        honours=honour_groups(
            view, [h for h in figures.digests[pillar.organ_id].honours if h.pillar_id == pillar.pk]
        ),
        others=tuple(
            Fact(other.organ.label, other.heading, view.link(address("pillar", other.pk)))
            for other in others[:MOST_OTHERS]
        ),
        more_others=max(len(others) - MOST_OTHERS, 0),
    )


def seen_pillar(request: SignedInRequest, pk: int) -> Pillar:
    """A heading that who asks may see; raises Http404."""

    def rows() -> QuerySet[Pillar]:
        return Pillar.objects.visible_to(request.user).select_related("organ", "campaign", "theme")

    return row_unless_changed(request, rows, pk, (Pillar,))


def of_campaign(view: View, pillar: Pillar) -> View:
    """The view of the heading's organ alone, in the days of its campaign where the address chose none."""
    campaign, period = pillar.campaign, view.period
    if "period" not in dict(view.query):
        days, year = (
            Period.span(campaign.first_day, campaign.last_day + timedelta(days=1)),
            Period.year(campaign.first_day.year),
        )
        period = year if (year.start, year.end) == (days.start, days.end) else days
    return replace(view, organs=(pillar.organ,), campaign=campaign, period=period)


def _facts(view: View, pillar: Pillar, standings: Set[str]) -> tuple[Fact, ...]:
    organ = view.link(address("organ", pillar.organ_id))
    whom = "" if standings.isdisjoint(PRESSING) else contact(pillar.organ)
    return (
        Fact("单位", pillar.organ.name, organ),
        Fact("活动", pillar.campaign.name),
        Fact("标准主题", pillar.theme.name),
        *((Fact("联系", whom),) if whom else ()),
    )


def _turn(view: View, page: Page) -> Turn | None:
    """None where one page holds everything."""
    if page.paginator.num_pages == 1:
        return None

    def address(there: bool, number: int) -> str:
        return f"?{urlencode([*view.query, ('page', number)])}" if there else ""

    return Turn(
        f"第{page.number}页，共{page.paginator.num_pages}页",
        address(page.has_previous(), page.number - 1),
        address(page.has_next(), page.number + 1),
    )
