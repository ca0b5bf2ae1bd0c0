"""Reads what organs' approved rows say, once, and after a change only what has changed; keeps it in the process."""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from django.contrib.postgres.aggregates import StringAgg
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    BooleanField,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
)
from django.db.models.functions import Cast, Coalesce

from measures.models import (
    Action,
    Activity,
    Honour,
    LineKind,
    Metric,
    Observation,
    ReviewState,
    Target,
    Theme,
    also_serving,
    begun,
)
from measures.rollups.digest import OF_ACTIONS, Asked, Digest, names_of, usable
from measures.rollups.kept import Kept
from measures.rollups.rows import (
    COLUMNS,
    KEY_AND_STAMP,
    MOMENT,
    PLACE,
    SOME,
    STAMP,
    ActionLine,
    FigureLine,
    Row,
    key_of,
)
from measures.rollups.stages import NEXT_STAGE
from organs.asking import Question
from organs.models import CATALOGUE, Marks, Organ, changed_parts

#: Rows that one process keeps in its memory: a county of five years has about 110,000.
MOST_ROWS = 250_000


@dataclass(frozen=True)
class Catalogue:
    """What belongs to all: the metrics by theme, and the themes, by number."""

    metrics: Mapping[int, Metric]

    @cached_property
    def themes(self) -> Mapping[int, Theme]:
        """One query, for the first page that tells of themes."""
        return {theme.pk: theme for theme in Theme.objects.all()}


@dataclass(frozen=True)
class Older:
    """A digest of the same catalogue that is kept, and the tables in which its organ has changed since."""

    digest: Digest
    changed: frozenset[str]


#: One new figure to so many known ones is put between them.
FEW = 20
#: The rows that tie figures to actions.
TIES = Observation.actions.through
#: Asks for some figures.
_BY_KEYS: Question[Observation] = Question(
    lambda keys: _with_actions(Observation.objects.filter(pk__in=keys)), SOME
)
#: Asks for the actions of some figures, each with the keys of its own among them.
_TIES: Question[Any] = Question(
    lambda figures: (
        TIES.objects.filter(observation__in=figures)
        .order_by()
        .values_list("action")
        .annotate(keys=StringAgg(Cast("observation", TextField()), " "))  # read faster than an array
    ),
    SOME,
)
#: The keys of the actions of figures just read, by the figure's.
Ties = dict[int, list[int]]


@dataclass(frozen=True)
class Read:
    """The figures of one organ in the order of their days and keys, and their stamps.

    Of those that an older digest had the keys of those that are `gone` or changed; and those that were read `anew`.
    """

    rows: tuple[Row, ...]
    stamps: frozenset[str]
    gone: Set[int]
    anew: tuple[Row, ...]


_kept: Kept[tuple[tuple[Marks, Marks], Digest]] = Kept(MOST_ROWS)
_catalogues: Kept[Catalogue] = Kept(4)


def digests(organs: Sequence[Organ], asked: Asked, marks: Mapping[int, Marks]) -> dict[int, Digest]:
    """The digests of organs by their number, in the order given; `marks` is what their data stands at.

    What is kept costs no query; the rest is read in four (one to six where older digests help), and the
    catalogue's metrics in one, whatever their number.
    """

    found: dict[int, Digest] = {}
    older: dict[int, Older] = {}
    for organ in organs:
        if kept := _kept.get((organ.pk, organ.path, *asked.key)):
            (stood_at, of_all), digest = kept
            if of_all == marks[CATALOGUE]:
                older[organ.pk] = Older(digest, changed_parts(stood_at, marks[organ.pk]))
            if of_all == marks[CATALOGUE] and stood_at == marks[organ.pk]:
                found[organ.pk] = digest
    if missing := {organ.pk: organ for organ in organs if organ.pk not in found}:
        for digest in _read(missing, asked, catalogue(marks[CATALOGUE]).metrics, older):
            organ = digest.organ
            if organ.pk in older:
                digest.remember(older[organ.pk].digest, older[organ.pk].changed)
            stands_at = (marks[organ.pk], marks[CATALOGUE])
            _kept.put((organ.pk, organ.path, *asked.key), (stands_at, digest), digest.weight)
            found[organ.pk] = digest
    return {organ.pk: found[organ.pk] for organ in organs}


def catalogue(marks: Marks) -> Catalogue:
    """The catalogue, from one query if it was changed, and one more for its themes."""
    found = _catalogues.get(marks)
    if found is None:
        rows = Metric.objects.select_related("unit__base", "owner", "theme")
        metrics = rows.order_by(F("theme__order").asc(nulls_last=True), "pk")
        by_key = {metric.pk: metric for metric in metrics}
        for metric in metrics:
            metric.part_of = by_key[metric.part_of_id] if metric.part_of_id else None
            metric.pair = by_key[metric.pair_id] if metric.pair_id else None
        found = Catalogue(by_key)
        _catalogues.put(marks, found)
    return found


def _read(
    organs: Mapping[int, Organ], asked: Asked, metrics: Mapping[int, Metric], older: Mapping[int, Older]
) -> Iterable[Digest]:
    """Digests of organs, from six queries at most; of what is known from before only what has changed since."""

    def stale(*tables: type[Model]) -> list[int]:
        """The organs of which something in one of the tables is not known."""
        return [pk for pk in organs if pk not in older or not older[pk].changed.isdisjoint(names_of(tables))]

    of = {pk: older[pk].digest for pk in organs if pk in older}
    figures, ties = _figures(stale(Observation), organs, asked, metrics, of)
    untied = of.keys() & stale(TIES)
    links = _links(untied, figures, ties, of)
    targets = _targets(stale(Target), asked, metrics)
    actions = _actions(stale(*OF_ACTIONS), asked)
    honours = _honours(stale(Honour), asked)
    for pk, organ in organs.items():
        yield Digest(
            organ=organ,
            figures=figures[pk].rows if pk in figures else of[pk].figures,
            stamps=figures[pk].stamps if pk in figures else of[pk].stamps,
            gone=figures[pk].gone if pk in figures else frozenset(),
            anew=figures[pk].anew if pk in figures and pk in of else (),
            links=links[pk] if pk in links else of[pk].links,
            targets=targets[pk] if pk in targets else of[pk].targets,
            actions=actions[pk] if pk in actions else of[pk].actions,
            honours=honours[pk] if pk in honours else of[pk].honours,
        )


def _figures(
    organs: Sequence[int],
    named: Mapping[int, Organ],
    asked: Asked,
    metrics: Mapping[int, Metric],
    older: Mapping[int, Digest],
) -> tuple[dict[int, Read], Ties]:
    """The figures of organs, and the actions of those just read.

    One query, two where most of them are known from before.
    """
    if not organs:
        return {}, {}
    ties: Ties = {}
    known: dict[int, list[Row]] = {pk: [] for pk in organs}
    gone: dict[int, Set[int]] = {}
    new: dict[int, int] = {}  # keys of figures that are not known, and their organs
    stamps: dict[int, frozenset[str]] = dict.fromkeys(organs, frozenset())
    if any(pk in older for pk in organs):
        stamps |= {pk: frozenset(told.split()) for pk, told in _stamps(asked).columns([*organs])}
        for pk, now in stamps.items():
            before = older[pk].stamps if pk in older else frozenset()
            if pk in older:
                gone[pk] = {key_of(stamp) for stamp in before - now} & older[pk].by_key.keys()
                known[pk] = _without_rows(older[pk], gone[pk])
            new |= {key_of(stamp): pk for stamp in now - before}
        read = _BY_KEYS.columns([*new]) if new else []
    else:
        read = list(_with_actions(_used_rows(organs, asked)))
    found: dict[int, list[Row]] = defaultdict(list)
    told: dict[int, list[str]] = defaultdict(list)
    for of, pk, metric, *rest, actions in read:
        ties[pk] = actions
        # what has come, or gone to another organ, meanwhile is told by the next page
        if metric in metrics and new.get(pk, of) == of:
            found[of].append(FigureLine(pk, named[of], metrics[metric], of, metric, *rest))
            told[of].append(f"{pk}:{rest[-1]}")
    return {
        pk: Read(
            _in_order(own, found[pk]),
            stamps[pk] or frozenset(told[pk]),
            gone.get(pk, frozenset()),
            tuple(found[pk]),
        )
        for pk, own in known.items()
    }, ties


def _without_rows(digest: Digest, gone: Set[int]) -> list[Row]:
    """The figures of a digest in their order, but for those of its own that are gone, of which there may be few."""
    if len(gone) * FEW > len(digest.figures):
        return [row for row in digest.figures if row.pk not in gone]
    rows = [*digest.figures]
    for pk in gone:
        del rows[bisect_left(rows, PLACE(digest.by_key[pk]), key=PLACE)]
    return rows


def _in_order(known: list[Row], new: Sequence[Row]) -> tuple[Row, ...]:
    """All in the order of their days and keys, in which the known ones stand; of the new ones there may be few."""
    if len(new) * FEW > len(known):
        return tuple(sorted([*known, *new], key=PLACE))
    for row in new:
        insort(known, row, key=PLACE)
    return tuple(known)


def _used_rows(organs: Sequence[int], asked: Asked) -> QuerySet:
    """The figures of organs that are of use."""
    return usable(asked.counting(Observation.objects.filter(organ_id__in=organs)), asked.period).order_by()


def _with_actions(figures: QuerySet[Observation]) -> QuerySet[Any, tuple[Any, ...]]:
    """Their columns as `FigureLine` takes them, with what tells a changed row, and the actions of each."""
    ties = ArraySubquery(TIES.objects.filter(observation=OuterRef("pk")).values("action_id"))
    return figures.annotate(moment=MOMENT, stamp=STAMP).order_by().values_list(*COLUMNS, ties)


@lru_cache(1024)
def _stamps(asked: Asked) -> Question[Observation]:
    """Asks for the stamps of the figures of some organs, with their keys, by organ."""

    def build(organs: Sequence[int]) -> QuerySet:
        rows = _used_rows(organs, asked).values("organ_id").annotate(all=StringAgg(KEY_AND_STAMP, " "))
        return rows.values_list("organ_id", "all")

    return Question(build, SOME)


def _links(
    untied: Set[int], figures: Mapping[int, Read], ties: Ties, older: Mapping[int, Digest]
) -> dict[int, dict[int, tuple[int, ...]]]:
    """The keys of figures by action, of organs with other figures than before, or with other ties of the same (`untied`).

    Those of figures just read are given; what ties the others is as before, or asked for in one query.
    """
    links: dict[int, dict[int, tuple[int, ...]]] = {pk: {} for pk in untied}
    for pk in figures.keys() - untied:
        before = older.get(pk)
        anew = {row.pk for row in figures[pk].anew}
        own = links[pk] = _without(before.links, figures[pk].gone - anew) if before else {}
        new: dict[int, list[int]] = defaultdict(list)
        for key in anew - before.by_key.keys() if before else anew:
            for action in ties[key]:
                new[action].append(key)
        own |= {action: tuple(sorted((*own.get(action, ()), *keys))) for action, keys in new.items()}
    if untied:
        telling = {
            row.pk: pk for pk in untied for row in (figures[pk].rows if pk in figures else older[pk].figures)
        }
        for action, keys in _TIES.columns([*telling]):
            for key in sorted(map(int, keys.split())):
                own = links[telling[key]]
                own[action] = (*own.get(action, ()), key)
    return links


def _without(links: Mapping[int, tuple[int, ...]], gone: Set[int]) -> dict[int, tuple[int, ...]]:
    """The same keys by action, but for those that are gone."""
    return {
        action: keys if gone.isdisjoint(keys) else tuple(key for key in keys if key not in gone)
        for action, keys in links.items()
    }


def _targets(
    organs: Sequence[int], asked: Asked, metrics: Mapping[int, Metric]
) -> dict[int, dict[int, Target]]:
    """What organs start from and aim at, by metric; of several campaigns the newest: one query."""
    if not organs:
        return {}
    found: dict[int, dict[int, Target]] = {pk: {} for pk in organs}
    rows = asked.of_campaigns(asked.counting(Target.objects.filter(organ_id__in=organs)), "campaign")
    rows = rows.order_by("organ_id", "metric_id", "-campaign__first_day", "-pk")
    for target in rows.distinct("organ_id", "metric_id").select_related("campaign"):
        if metric := metrics.get(target.metric_id):  # else it has come meanwhile
            target.metric = metric
            found[target.organ_id][target.metric_id] = target
    return found


def _honours(organs: Sequence[int], asked: Asked) -> dict[int, tuple[Honour, ...]]:
    """The honours of organs in the period; of the years of it, where no day is known: one query."""
    if not organs:
        return {}
    found: dict[int, list[Honour]] = {pk: [] for pk in organs}
    years = (asked.period.start.year, asked.period.last.year)
    inside = Q(day__isnull=True) | Q(day__gte=asked.period.start, day__lt=asked.period.end)
    rows = asked.counting(Honour.objects.filter(inside, organ_id__in=organs))
    for honour in rows.filter(year__range=years):
        found[honour.organ_id].append(honour)
    return {pk: tuple(own) for pk, own in found.items()}


def _actions(organs: Sequence[int], asked: Asked) -> dict[int, tuple[ActionLine, ...]]:
    """The actions of organs in ledger order: one query."""
    if not organs:
        return {}
    found: dict[int, list[ActionLine]] = {pk: [] for pk in organs}
    rows = asked.of_campaigns(asked.counting(Action.objects.filter(organ_id__in=organs)), "pillar__campaign")
    activities = asked.counting(Activity.objects.all()).order_by()
    inside = activities.filter(day__gte=asked.period.start, day__lt=asked.period.end)
    held = inside.filter(action=OuterRef("pk")).values("action").values(number=Count("pk"))
    rows = rows.values_list(
        *("pk", "organ_id", "pillar_id", Coalesce("theme_id", "pillar__theme_id"), "title"),
        *("start_day", "due_day", "closed_on", "closing_state", "progress", begun(activities)),
        *(Coalesce(Subquery(held), 0), Exists(also_serving(inside)), "approved_at"),
        *("pillar__campaign__first_day", "pillar__campaign__last_day", "pillar__campaign__closed"),
        "organ__active_to",
        ExpressionWrapper(Q(line=LineKind.PROBLEM), BooleanField()),
        *NEXT_STAGE,
    )
    for pk, organ, pillar, theme, title, first, due, closed_on, closing, progress, started, *rest in rows:
        closed = closed_on if closing == ReviewState.APPROVED else None
        asked_on = closed_on if closing == ReviewState.SUBMITTED else None
        going = bool(progress) or started
        line = ActionLine(pk, organ, pillar, theme, title, first, due, closed, asked_on, going, *rest)
        found[organ].append(line)
    return {pk: tuple(own) for pk, own in found.items()}
