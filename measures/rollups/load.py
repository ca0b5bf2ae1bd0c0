"""Fetches rows once for a page and makes of them what the pure modules add up."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet

from measures.models import Metric, Observation, Target, Theme
from measures.period import Period
from measures.rollups.digest import Asked, Digest, names_of, usable
from measures.rollups.kept import Kept
from measures.rollups.reading import catalogue, digests
from measures.rollups.rows import (
    COLUMNS,
    MOMENT,
    SOME,
    STAMP,
    FigureLine,
    Row,
)
from measures.rollups.sources import Heard, Sources, totals
from measures.rollups.view import View
from measures.totals import OverOrgans, OverTime, OwnFigure, Presence, Total, total_of
from organs.asking import Question
from organs.models import CATALOGUE, Marks, Organ, OrganSuccession, OrganVersion, changed_parts
from organs.permissions import Right, scope

#: What organs tell of one metric, and at which marks; so many figures together.
_told_beside: Kept[Mapping[int, tuple[Marks, Digest]]] = Kept(50_000)
_BESIDE = names_of((Observation, Target))


@dataclass(frozen=True)
class Figures:
    """What the organs of a view tell: their digests by number, in official order; and whose stock went to whom."""

    view: View
    digests: Mapping[int, Digest]
    successors: Mapping[int, tuple[int, ...]]

    @cached_property
    def observations(self) -> Mapping[int, Row]:
        """All figures by their key, each organ's in the order of their days; for pages of few organs or metrics."""
        return {row.pk: row for digest in self.digests.values() for row in digest.figures}

    def row(self, key: int, organ: Organ | None = None) -> Row:
        """A figure by its key, of an organ if that is known; raises KeyError for one that no organ tells."""
        if organ:
            return self.digests[organ.pk].by_key[key]
        for digest in self.digests.values():
            if key in digest.by_key:
                return digest.by_key[key]
        raise KeyError(key)

    def rows_of(self, metric: Metric) -> list[Row]:
        """All figures of a metric, organs in official order."""
        return [row for digest in self.digests.values() for row in digest.by_metric.get(metric.pk, ())]

    @cached_property
    def by_metric(self) -> Mapping[int, Sequence[Row]]:
        """All figures by metric; for pages of few organs or metrics."""
        found: dict[int, list[Row]] = defaultdict(list)
        for digest in self.digests.values():
            for metric, rows in digest.by_metric.items():
                found[metric] += rows
        return found

    @property
    def of_action(self) -> Mapping[int, Sequence[int]]:
        """Keys of figures by action; for pages of few organs."""
        return {action: keys for digest in self.digests.values() for action, keys in digest.links.items()}

    @cached_property
    def metrics(self) -> Mapping[int, Metric]:
        """The metrics that have figures, by theme; 户 and 人 of one thing beside each other."""
        told: dict[int, Metric] = {}
        for digest in self.digests.values():
            told.update((pk, digest.by_metric[pk][0].metric) for pk in digest.by_metric.keys() - told.keys())
        return _with_pairs_together({pk: told[pk] for pk in sorted(told, key=lambda pk: _place(told[pk]))})

    @cached_property
    def targets(self) -> Mapping[tuple[int, int], Target]:
        """What each organ starts from and aims at, by metric and organ."""
        return {
            (metric, organ): target
            for organ, digest in self.digests.items()
            for metric, target in digest.targets.items()
        }

    @cached_property
    def owns(self) -> Mapping[tuple[int, int], OwnFigure]:
        """Every organ's own figure of every metric in the period, by metric and organ."""
        metrics, period = self.metrics, self.view.period
        found = {
            (metric, organ): digest.told(metrics[metric], period)
            for organ, digest in self.digests.items()
            for metric in digest.by_metric
        }
        return {pair: row.figure for pair, row in found.items() if row and row.figure}

    def handed_over(self, metric: Metric, period: Period) -> Mapping[int, str]:
        """The closed organs whose stock a successor has told of on a later day: which one, and which have not yet."""
        if metric.over_time != OverTime.LATEST:
            return {}
        found = {organ.pk: self._told_after(organ, metric, period) for organ in self._closed}
        return {pk: heirs for pk, heirs in found.items() if heirs}

    def _told_after(self, organ: Organ, metric: Metric, period: Period) -> str:
        """乙局接着报（丙局还没有报）: which successors, or theirs, have told of a metric after the organ was closed."""
        closed, told, silent, heirs = organ.active_to or period.end, [], [], self._heirs(organ.pk)
        for digest in (own for pk, own in self.digests.items() if pk in heirs):
            if any(
                closed < row.period.end <= period.end and row.presence != Presence.NOT_APPLICABLE
                for row in digest.by_metric.get(metric.pk, ())
            ):
                told.append(digest.organ.label)
            elif not digest.organ.active_to:
                silent.append(digest.organ.label)
        rest = f"（{'、'.join(silent)}还没有报）" if silent else ""
        return f"{'、'.join(told)}接着报{rest}" if told else ""

    def _heirs(self, organ: int) -> set[int]:
        """Who followed an organ, and who followed those."""
        found, ahead = set[int](), [organ]
        while ahead:
            after = set(self.successors.get(ahead.pop(), ())) - found
            found |= after
            ahead += after
        return found

    def of_line(self, action: int, organ: Organ, first: date, last: date) -> Mapping[int, OwnFigure]:
        """An action's figures by metric: its organ's own of those days of the period that its campaign has."""
        days, digest = self.view.period.within(first, last), self.digests.get(organ.pk)
        tied = (
            digest.metrics_of(action, digest.used(days)) if digest and action in digest.links else frozenset()
        )
        owns = {pk: self.own(metric, organ, days) for pk, metric in self.metrics.items() if pk in tied}
        return {pk: own for pk, own in owns.items() if own}

    def own(self, metric: Metric, organ: Organ, period: Period | None = None) -> OwnFigure | None:
        """One organ's own figure of a metric in the period."""
        digest = self.digests.get(organ.pk)
        found = digest.told(metric, period or self.view.period) if digest else None
        return found.figure if found else None

    def expected(self, metric: Metric) -> Sequence[Organ]:
        """The organs that should report the metric: for one of an organ's own, that organ and those below."""
        return self._expected(metric.owner.path if metric.owner else "")

    def _expected(self, above: str) -> Sequence[Organ]:
        if above not in self._below:
            self._below[above] = [organ for organ in self.view.expected if organ.path.startswith(above)]
        return self._below[above]

    def _paths_expected(self, above: str) -> tuple[str, ...]:
        if above not in self._paths_below:
            self._paths_below[above] = tuple(organ.path for organ in self._expected(above))
        return self._paths_below[above]

    @cached_property
    def _paths_below(self) -> dict[str, tuple[str, ...]]:
        return {}

    @cached_property
    def _all(self) -> Sources:
        return Sources.of(self.digests.values())

    @cached_property
    def _closed(self) -> Sequence[Organ]:
        return [organ for organ in self.view.organs if organ.active_to]

    @cached_property
    def _below(self) -> dict[str, Sequence[Organ]]:
        return {}

    def total(self, metric: Metric, period: Period | None = None, top: Organ | None = None) -> Total:
        """A metric's figure over the organs of the view, or over one of them and those below it.

        An organ whose stock a successor tells neither counts nor is missing.
        """
        below, days = top.path if top else "", period or self.view.period
        gone = self.handed_over(metric, days)
        owner = metric.owner.path if metric.owner else ""
        if gone or below or period:
            due = self.view.expecting(period) if period else None
            expected = tuple(
                organ.path
                for organ in self._expected(owner)
                if organ.pk not in gone and organ.path.startswith(below) and (due is None or organ.pk in due)
            )
        else:
            expected = self._paths_expected(owner)
        sources = self._all
        if gone or below:
            sources = Sources.of(
                digest
                for pk, digest in self.digests.items()
                if pk not in gone and digest.organ.path.startswith(below)
            )
        rules = (metric.over_time, metric.over_organs, metric.unit.spec.stored_as)
        key = (metric.pk, rules, days.start, days.end, expected, sources.paths)
        kept = totals.get(key)
        if kept and kept.tokens == sources.tokens:
            return kept.total
        # what was read anew is told by new objects, which mostly say the same
        heard = sources.told(metric, days, kept)
        reckoned = (
            kept.total
            if kept and kept.told == heard
            else total_of(
                [row for row in heard if row],
                over_time=OverTime(metric.over_time),
                over_organs=OverOrgans(metric.over_organs),
                period=days,
                expected=expected,
                unit=metric.unit.spec.stored_as,
            )
        )
        totals.put(key, Heard(sources.tokens, heard, reckoned), 1 + len(heard))
        return reckoned

    def target(self, metric: Metric, organ: Organ) -> Target | None:
        """What the organ starts from and aims at."""
        return self.targets.get((metric.pk, organ.pk))


_links = Observation.actions.through.objects.order_by("action_id")
#: What a figure is printed with, and the actions it belongs to.
WITH_METRIC = ("metric__unit__base", "metric__owner", "metric__theme", "organ")
ACTIONS = {"action_pks": ArraySubquery(_links.filter(observation=OuterRef("pk")).values("action_id"))}


def load_beside(view: View, row: Observation) -> Figures:
    """What the organs of a view tell of the metric of a figure, its own organ of all days until then.

    A query for the organs whose figures have changed since this was asked before, and one for those whose targets have.
    """
    campaign = view.campaign.pk if view.campaign else None
    key = (row.metric_id, row.organ_id, view.period, campaign, view.marks.get(CATALOGUE))
    known = dict(_told_beside.get(key) or {}) if view.marks else {}
    figures, targets = [], []
    for organ in view.organs:
        stood_at, now = known[organ.pk][0] if organ.pk in known else None, view.marks.get(organ.pk, "")
        changed = _BESIDE if stood_at is None else changed_parts(stood_at, now) if stood_at != now else ()
        figures += [organ] if Observation._meta.db_table in changed else []
        targets += [organ] if Target._meta.db_table in changed else []
    lines = _lines_beside(view, row, figures) if figures else {}
    aims = _aims_beside(view, row, targets) if targets else {}
    for organ in dict.fromkeys([*figures, *targets]):
        before = known[organ.pk][1] if organ.pk in known else Digest(organ, ())
        told = Digest(
            organ,
            tuple(lines.get(organ.pk, ())) if organ in figures else before.figures,
            targets=aims.get(organ.pk, {}) if organ in targets else before.targets,
        )
        known[organ.pk] = (view.marks.get(organ.pk, ""), told)
    if view.marks and (figures or targets):
        _told_beside.put(key, known, sum(1 + len(told.figures) for _, told in known.values()))
    found = ((organ.pk, known[organ.pk][1]) for organ in view.organs)
    return Figures(view, {pk: own for pk, own in found if own.figures or own.targets}, view.successors)


def _lines_beside(view: View, row: Observation, organs: Sequence[Organ]) -> Mapping[int, list[Row]]:
    """The figures of the metric of a figure, by organ; one query."""
    found: dict[int, list[Row]] = defaultdict(list)
    by_key = {organ.pk: organ for organ in organs}
    asked = _beside(row.metric_id, row.organ_id, view.period)
    for of, pk, metric, *rest in asked.columns([*by_key]):
        found[of].append(FigureLine(pk, by_key[of], row.metric, of, metric, *rest))
    return found


def _aims_beside(view: View, row: Observation, organs: Sequence[Organ]) -> Mapping[int, dict[int, Target]]:
    """What is aimed at for the metric of a figure, by organ; one query."""
    found: dict[int, dict[int, Target]] = defaultdict(dict)
    for target in _targets(view, organs, {row.metric_id}).select_related("campaign"):
        target.metric = row.metric
        found[target.organ_id][row.metric_id] = target
    return found


@lru_cache(1_000)
def _beside(metric: int, organ: int, period: Period) -> Question[Observation]:
    """Asks for the figures of a metric of some organs in a period; of one of them also for those until then."""

    def build(organs: Sequence[int]) -> QuerySet:
        counting = Observation.objects.current().filter(organ__in=organs, metric=metric)
        own = counting.filter(organ=organ, period_days__startswith__lt=period.end)
        rows = (usable(counting, period) | own).annotate(moment=MOMENT, stamp=STAMP)
        return rows.order_by("period_days").values_list(*COLUMNS)

    return Question(build, SOME)


def _targets(view: View, organs: Sequence[Organ], metrics: Collection[int]) -> QuerySet[Target]:
    """What these organs aim at in the period of the view, the newest campaign last."""
    targets = Target.objects.current().filter(
        organ__in=organs,
        metric__in=metrics,
        campaign__first_day__lt=view.period.end,
        campaign__last_day__gte=view.period.start,
    )
    if view.campaign:
        targets = targets.filter(campaign=view.campaign)
    return targets.order_by("campaign__first_day", "pk")


def load_figures(view: View, rows: Iterable[Observation] | None = None) -> Figures:
    """What the organs of a view tell, from what is kept and at most six queries; of given rows, from one more."""
    if rows is None:
        return Figures(view, load_digests(view), view.successors)
    loaded = list(rows)
    targets = _targets(view, view.organs, {row.metric_id for row in loaded})
    targets = targets.select_related("metric__unit__base", "metric__owner", "metric__theme", "campaign")
    return figures_of(view, loaded, view.successors, targets)


def load_themes(view: View) -> Mapping[int, Theme]:
    """All themes by number."""
    return catalogue(_marks(view)[CATALOGUE]).themes


def load_metrics(view: View) -> Mapping[int, Metric]:
    """The metrics that the user may see, by number: as `Metric.objects.visible_to`."""
    if not (seen := scope(view.user, Right.VIEW)):
        return {}
    rows, above = catalogue(_marks(view)[CATALOGUE]).metrics, seen.above(Organ.steplen)
    return {
        pk: m for pk, m in rows.items() if m.owner is None or m.owner.path in above or m.owner.path in seen
    }


def load_metric(view: View, pk: int) -> Metric:
    """A metric that a figure tells of; the user sees the figure, be it of another organ's metric."""
    return catalogue(_marks(view)[CATALOGUE]).metrics.get(pk) or Metric.objects.get(pk=pk)


def _marks(view: View) -> Mapping[int, Marks]:
    return view.marks or OrganVersion.objects.marks()


def load_digests(view: View) -> dict[int, Digest]:
    """What the organs of a view tell, by their number."""
    return digests(view.organs, Asked(view.period, view.campaign, view.as_of), _marks(view))


def figures_of(
    view: View,
    rows: Iterable[Observation],
    successors: Mapping[int, tuple[int, ...]],
    targets: Iterable[Target] = (),
) -> Figures:
    """Figures made of rows that are loaded already (with their metric and organ), without a query."""
    by_organ: dict[int, list[Observation]] = defaultdict(list)
    links: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    aims: dict[int, dict[int, Target]] = defaultdict(dict)
    for row in {row.pk: row for row in rows}.values():
        by_organ[row.organ_id].append(row)
        for action in getattr(row, "action_pks", ()):
            links[row.organ_id][action].append(row.pk)
    for target in targets:
        aims[target.organ_id][target.metric_id] = target
    organs = {organ.pk: organ for organ in view.organs} | {pk: own[0].organ for pk, own in by_organ.items()}
    found = {
        pk: Digest(organ, tuple(by_organ[pk]), {a: tuple(keys) for a, keys in links[pk].items()}, aims[pk])
        for pk, organ in organs.items()
        if by_organ[pk] or aims[pk]
    }
    return Figures(view, found, successors)


def load_successors(organs: Iterable[Organ]) -> dict[int, tuple[int, ...]]:
    """Whose stock went to whom; one query if one of the organs was closed, else none."""
    successors: dict[int, list[int]] = defaultdict(list)
    if any(organ.active_to for organ in organs):
        for before, after in OrganSuccession.objects.values_list("predecessor_id", "successor_id"):
            successors[before].append(after)
    return {organ: tuple(after) for organ, after in successors.items()}


def _place(metric: Metric) -> tuple[bool, int, int]:
    """Where a metric stands: by theme, without one last."""
    return (metric.theme is None, metric.theme.order if metric.theme else 0, metric.pk)


def _with_pairs_together(metrics: dict[int, Metric]) -> dict[int, Metric]:
    """The same metrics in the same order, but 户 and 人 of one thing beside each other."""
    partner = {metric.pair_id: metric for metric in metrics.values() if metric.pair_id in metrics}
    ordered: dict[int, Metric] = {}
    for pk, metric in metrics.items():
        if first := partner.get(pk):
            ordered.setdefault(first.pk, first)
        ordered.setdefault(pk, metric)
        if metric.pair_id in metrics:
            ordered.setdefault(metric.pair_id, metrics[metric.pair_id])
    return ordered
