"""The page of a theme (标准主题): the headings and actions of all organs beside each other, in official order."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from sys import maxsize

from django.db.models import Q, QuerySet

from measures import charts
from measures.models import Pillar, Theme
from measures.progress import STANDING_LABELS, Standing
from measures.rollups.digest import Asked
from measures.rollups.figures import FigureRow, line_figure
from measures.rollups.instructions import contact
from measures.rollups.load import Figures, load_figures
from measures.rollups.narrow import rows_unless_changed
from measures.rollups.overview import total_row
from measures.rollups.rows import ActionLine
from measures.rollups.standing import Count, counts
from measures.rollups.summary import PRESSING, summary
from measures.rollups.view import View, address
from organs.models import Organ

#: Of more the first are shown, with how many there are and the way to all of them. Beside many organs each says less,
#: so that one still sees them beside each other.
MANY_ORGANS = 12


@dataclass(frozen=True)
class _Most:
    """How many headings of an organ, actions of a heading and figures of an action are shown."""

    headings: int
    actions: int
    figures: int = 2


FEW, MANY = _Most(headings=4, actions=5), _Most(headings=2, actions=2)
WHOLE = _Most(maxsize, maxsize, maxsize)


@dataclass(frozen=True)
class ThemeAction:
    """An action under its heading."""

    url: str
    title: str
    standing: str
    standing_label: str
    figures: tuple[FigureRow, ...]
    more_figures: int


@dataclass(frozen=True)
class Heading:
    """A heading in the organ's own words with its first actions; `note` says its campaign, or that its theme is another."""

    url: str
    words: str
    note: str
    counts: tuple[Count, ...]
    actions: tuple[ThemeAction, ...]
    more: int


@dataclass(frozen=True)
class ThemeOrgan:
    """What one organ does for the theme; `contact` is its office where something of it is late or nearly so."""

    url: str
    name: str
    contact: str
    headings: tuple[Heading, ...]
    more: int


@dataclass(frozen=True)
class ThemePage:
    """All that the page of a theme shows."""

    lead: str
    counts: tuple[Count, ...]
    strip: charts.Strip | None
    totals: tuple[FigureRow, ...]
    organs: tuple[ThemeOrgan, ...]
    without: tuple[str, ...]


@dataclass(frozen=True)
class _Found:
    """What the rows of the page are made of."""

    view: View
    theme: Theme
    figures: Figures
    under: Mapping[int, Sequence[ActionLine]]
    standings: Mapping[int, Standing]
    most: _Most


def theme_page(view: View, theme: Theme, *, whole: bool = False) -> ThemePage:
    """The theme over the organs of the view, its lists cut or `whole`; from a constant number of queries."""
    figures = load_figures(view)
    actions = [a for digest in figures.digests.values() for a in digest.actions if a.theme_id == theme.pk]
    standings = {
        pk: stands
        for d in figures.digests.values()
        for pk, stands in summary(d, view).lines.standings.items()
    }
    under: dict[int, list[ActionLine]] = defaultdict(list)
    for action in actions:
        under[action.pillar_id].append(action)
    by_organ: dict[int, list[Pillar]] = defaultdict(list)
    for pillar in _pillars(view, theme, under):
        by_organ[pillar.organ_id].append(pillar)
    own = {pk for pk, rows in by_organ.items() if any(row.theme_id == theme.pk for row in rows)}
    organs = [organ for organ in view.organs if organ.pk in by_organ]
    organs.sort(key=lambda organ: organ.pk not in own)  # whose headings are others comes last
    most = WHOLE if whole else MANY if len(organs) > MANY_ORGANS else FEW
    found = _Found(view, theme, figures, under, standings, most)
    divided = counts(standings[action.pk] for action in actions)
    headings = sum(row.theme_id == theme.pk for rows in by_organ.values() for row in rows)
    return ThemePage(
        lead=_lead(len(own), headings, len(actions)) if organs else "",
        counts=divided,
        strip=charts.strip([(c.standing, c.label, c.number) for c in divided]) if divided else None,
        totals=_totals(figures, theme),
        organs=tuple(_organ(found, organ, by_organ[organ.pk]) for organ in organs),
        without=tuple(organ.label for organ in view.expected if organ.pk not in own),
    )


def _lead(organs: int, headings: int, actions: int) -> str:
    """2家单位设了2个标题，有10项举措; the actions may stand under headings of other themes."""
    told = f"{organs}家单位设了{headings}个标题" if organs else "没有单位设这个主题的标题"
    return f"{told}，有{actions}项举措。"


def _pillars(view: View, theme: Theme, under: Mapping[int, object]) -> tuple[Pillar, ...]:
    """The headings of the theme and those with actions of it, newest campaign first: one query, none if none changed."""

    def rows() -> QuerySet[Pillar]:
        found = Pillar.objects.visible_to(view.user).filter(
            Q(theme=theme) | Q(pk__in=list(under)),
            organ__in=view.organs,
            campaign__first_day__lt=view.period.end,
            campaign__last_day__gte=view.period.start,
        )
        if view.campaign:
            found = found.filter(campaign=view.campaign)
        return found.select_related("campaign", "theme").order_by("-campaign__first_day", "order", "pk")

    organs = tuple(organ.pk for organ in view.organs)
    what = ("of theme", theme.pk, *Asked(view.period, view.campaign).key, organs, frozenset(under))
    return rows_unless_changed(view, (Pillar,), what, rows)


def _totals(figures: Figures, theme: Theme) -> tuple[FigureRow, ...]:
    """The totals of the theme's metrics that have figures."""
    totals = [(m, figures.total(m)) for m in figures.metrics.values() if m.theme_id == theme.pk]
    return tuple(
        total_row(figures, metric, found)
        for metric, found in totals
        if found.used or found.not_applicable or found.straddling
    )


def _organ(found: _Found, organ: Organ, pillars: Sequence[Pillar]) -> ThemeOrgan:
    campaigns = {pillar.campaign_id for pillar in pillars}
    standings = {found.standings[a.pk] for pillar in pillars for a in found.under.get(pillar.pk, ())}
    url = found.view.link(address("organ", organ.pk))
    return ThemeOrgan(
        url=url,
        name=organ.label,
        contact="" if standings.isdisjoint(PRESSING) else contact(organ),
        headings=tuple(
            _heading(found, organ, pillar, several=len(campaigns) > 1)
            for pillar in pillars[: found.most.headings]
        ),
        more=max(len(pillars) - found.most.headings, 0),
    )


def _heading(found: _Found, organ: Organ, pillar: Pillar, *, several: bool) -> Heading:
    """A heading; where the organ has them in several campaigns it says which."""
    actions = found.under.get(pillar.pk, ())
    notes = [pillar.campaign.name] if several else []
    if pillar.theme_id != found.theme.pk:
        notes.append(f"标题归“{pillar.theme.name}”，下面的举措单独标为本主题")
    return Heading(
        url=found.view.link(address("pillar", pillar.pk)),
        words=pillar.heading,
        note="；".join(notes),
        counts=counts(found.standings[action.pk] for action in actions),
        actions=tuple(
            _action(found, organ, pillar.campaign_id, action) for action in actions[: found.most.actions]
        ),
        more=max(len(actions) - found.most.actions, 0),
    )


def _action(found: _Found, organ: Organ, campaign: int, action: ActionLine) -> ThemeAction:
    figures, stands = found.figures, found.standings[action.pk]
    told = figures.of_line(action.pk, organ, action.first_day, action.last_day)
    shown = islice(told.items(), found.most.figures)
    rows = [line_figure(figures, own, figures.metrics[pk], organ, campaign) for pk, own in shown]
    return ThemeAction(
        url=found.view.link(address("action", action.pk)),
        title=action.title,
        standing=stands.value,
        standing_label=STANDING_LABELS[stands],
        figures=tuple(rows),
        more_figures=max(len(told) - found.most.figures, 0),
    )
