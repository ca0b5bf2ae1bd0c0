"""The versions of a figure as a reader may see them, with the way they went."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Exists, OuterRef, Prefetch, QuerySet, prefetch_related_objects
from django.urls import reverse

from measures.models import (
    CONFIRMED_STATES,
    Action,
    Activity,
    Article,
    EvidenceLink,
    Observation,
    Pillar,
    Source,
)
from measures.period import Period
from measures.rollups.load import load_metric
from measures.rollups.narrow import unless_changed
from measures.rollups.rows import STAMP
from measures.rollups.stations import Station, stations
from measures.rollups.view import View
from organs.asking import Question
from organs.permissions import Right, can

#: What a figure's versions rest on, besides figures.
TABLES = (
    *(Action, Activity, Pillar, Action.joint_organs.through),
    *(Observation.actions.through, Observation.activities.through),
)


@dataclass(frozen=True)
class Phrase:
    """A figure's own phrase, cut so that the figure can be marked."""

    before: str
    marked: str
    after: str
    #: The article that the sentence stands in, for who may read it.
    article: str = ""
    url: str = ""


@dataclass(frozen=True)
class Versions:
    """The versions of a figure that a reader may see, oldest first."""

    rows: tuple[Observation, ...]
    stations: tuple[Station, ...]
    phrase: Phrase | None
    #: The versions that there were, those that the reader may not see among them, each with what tells a changed row, and
    #: whether it has evidence.
    stand_at: tuple[tuple[int, str, bool], ...]

    @property
    def proven(self) -> bool:
        """Whether any of them has evidence, be it seen or not."""
        return any(proven for _, _, proven in self.stand_at)

    @property
    def shown(self) -> Observation:
        """The one that counts, else the newest; there is one."""
        return next((row for row in reversed(self.rows) if row.is_current), self.rows[-1])


def versions(view: View, metric: int, organ: int, period: Period) -> Versions:
    """The versions of a figure with what they link to; from one query if they were read before and stand as they did.

    Counted figures are read anew: what they count may be another organ's. So is what the reader may not see.
    """
    figure = (metric, organ, DateRange(period.start, period.end))

    def read() -> Versions:
        found: list[Any] = _ROWS.rows(*figure)
        stand_at = tuple((row.pk, row.stamp, row.proven) for row in found)
        if not (rows := _seen(view, found)):
            return Versions((), (), None, stand_at)
        _link(view, rows)
        known = Versions(tuple(rows), (), None, stand_at)
        staff = can(view.user, Right.VIEW_DRAFTS, rows[0].organ)
        return replace(known, stations=stations(rows, staff=staff), phrase=_phrase(known.shown, view))

    def still(known: Versions) -> bool:
        counted = any(row.source == Source.COUNTED for row in known.rows)
        return bool(known.rows) and not counted and known.stand_at == tuple(_STAMPS.columns(*figure))

    return unless_changed(view, organ, TABLES, ("figure", *figure), read, still)


def _seen(view: View, rows: list[Any]) -> list[Any]:
    """Those versions of a figure that the reader may see, with organ and metric; no query where the organ is in view."""
    if not rows:
        return []
    organ = next((organ for organ in view.visible if organ.pk == rows[0].organ_id), None)
    if organ is None:
        found = Observation.objects.visible_to(view.user).select_related("organ").only("organ")
        organs = {row.pk: row.organ for row in found.filter(pk__in=[row.pk for row in rows])}
    else:
        drafts = can(view.user, Right.VIEW_DRAFTS, organ)
        organs = {row.pk: organ for row in rows if drafts or row.state in CONFIRMED_STATES}
    metric, seen = load_metric(view, rows[0].metric_id), [row for row in rows if row.pk in organs]
    for row in seen:
        row.metric, row.organ = metric, organs[row.pk]
    return seen


def _link(view: View, rows: list[Any]) -> None:
    """Fetch what versions link to, as far as the reader may see it; a query for each kind of which there is any."""
    activities: Any = Activity.objects.none()
    if any(row.counting for row in rows):
        activities = Activity.objects.visible_to(view.user).select_related("action", "organ")
    links: list[Any] = [
        Prefetch("actions", Action.objects.visible_to(view.user).only("title")),
        Prefetch("activities", activities.order_by("day", "pk")),
    ]
    if any(row.article_id for row in rows):  # the rows are kept, a text is long
        links.append(Prefetch("article", Article.objects.select_related("organ").defer("full_text")))
    prefetch_related_objects(rows, *links)


def _of_figure(metric: int, organ: int, days: DateRange) -> QuerySet:
    rows = Observation.objects.filter(metric=metric, organ=organ, period_days=days)
    counting = Observation.activities.through.objects.filter(observation=OuterRef("pk"))
    proven = EvidenceLink.objects.filter(observation=OuterRef("pk"))
    rows = rows.annotate(stamp=STAMP, proven=Exists(proven), counting=Exists(counting))
    return rows.select_related("pillar").order_by("pk")


_FIGURE = (-1, -2, DateRange(date(1, 1, 1), date(1, 1, 2)))
#: Asks for the versions of a figure, each with what tells a changed one and whether it has evidence and counts activities.
_ROWS: Question[Observation] = Question(_of_figure, *_FIGURE)
#: Asks what tells a changed version, and whether it has evidence.
_STAMPS: Question[Observation] = Question(
    lambda *figure: _of_figure(*figure).values_list("pk", "stamp", "proven"), *_FIGURE
)


def _phrase(row: Observation, view: View) -> Phrase | None:
    if row.article and (excerpt := row.excerpt):
        reads = can(view.user, Right.VIEW_DRAFTS, row.article.organ)
        url = f"{reverse('article', args=(row.article.pk,))}#observation-{row.pk}" if reads else ""
        return Phrase(*excerpt, article=row.article.title if reads else "", url=url)
    if not row.phrase:
        return None
    words = row.quantity.words if row.quantity else ""
    before, marked, after = row.phrase.partition(words) if words else ("", "", row.phrase)
    return Phrase(before, marked, after) if marked else Phrase(row.phrase, "", "")
