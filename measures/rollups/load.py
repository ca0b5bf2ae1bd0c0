"""Fetches rows once for a page and makes of them what the pure modules add up."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.utils import timezone

from measures.models import Action, Honour, Metric, Observation, Target
from measures.period import Period
from measures.rollups.view import View
from measures.totals import Coverage, Entry, OverOrgans, OverTime, OwnFigure, Presence, Total, own, total
from organs.models import Organ, OrganSuccession


@dataclass(frozen=True)
class Figures:
    """Approved figures of a view with their metrics, targets and actions, as fetched; and whose stock went to whom."""

    view: View
    successors: dict[int, tuple[int, ...]]
    observations: dict[int, Observation]
    by_metric: dict[int, tuple[Observation, ...]]
    metrics: dict[int, Metric]
    targets: dict[tuple[int, int], Target]
    of_action: dict[int, tuple[int, ...]]

    def entries(self, metric: Metric, organ: Organ | None = None) -> list[Entry]:
        """The figures of a metric, of one organ or of all, for adding up."""
        rows = self.by_metric.get(metric.pk, ())
        if metric.over_time == OverTime.LATEST and organ is None:
            rows = tuple(row for row in rows if not self._handed_over(row, rows))
        return [entry(row) for row in rows if organ is None or row.organ_id == organ.pk]

    def _handed_over(self, row: Observation, rows: Sequence[Observation]) -> bool:
        """Whether the organ is closed and its successor has told of a later day: what it held is in that figure."""
        closed, after = row.organ.active_to, self.successors.get(row.organ_id, ())
        return closed is not None and any(
            other.organ_id in after and closed < other.period.end <= self.view.period.end for other in rows
        )

    @cached_property
    def owns(self) -> dict[tuple[int, int], OwnFigure]:
        """Every organ's own figure of every metric in the period, by metric and organ."""
        organs = {row.organ_id: row.organ for row in self.observations.values()}
        pairs = {(row.metric_id, row.organ_id) for row in self.observations.values()}
        found = {pair: self.own(self.metrics[pair[0]], organs[pair[1]]) for pair in sorted(pairs)}
        return {pair: figure for pair, figure in found.items() if figure is not None}

    def metrics_of(self, action: Action) -> set[int]:
        """The metrics for which the action has a figure in the period."""
        linked = set(self.of_action.get(action.pk, ()))
        return {
            metric
            for (metric, organ), figure in self.owns.items()
            if organ == action.organ_id and linked.intersection(figure.used)
        }

    def own(self, metric: Metric, organ: Organ, period: Period | None = None) -> OwnFigure | None:
        """One organ's own figure of a metric in the period."""
        return own(
            self.entries(metric, organ),
            over_time=OverTime(metric.over_time),
            over_organs=OverOrgans(metric.over_organs),
            period=period or self.view.period,
            unit=metric.unit.spec.stored_as,
        )

    def expected(self, metric: Metric) -> list[Organ]:
        """The organs that should report the metric: for one of an organ's own, that organ and those below."""
        above = metric.owner.path if metric.owner else ""
        return [organ for organ in self.view.expected if organ.path.startswith(above)]

    def total(self, metric: Metric, period: Period | None = None, top: Organ | None = None) -> Total:
        """A metric's figure over the organs of the view, or over one of them and those below it."""
        below = top.path if top else ""
        return total(
            [entry for entry in self.entries(metric) if entry.organ.startswith(below)],
            over_time=OverTime(metric.over_time),
            over_organs=OverOrgans(metric.over_organs),
            period=period or self.view.period,
            expected=[o.path for o in self.expected(metric) if o.path.startswith(below)],
            unit=metric.unit.spec.stored_as,
        )

    def target(self, metric: Metric, organ: Organ) -> Target | None:
        """What the organ starts from and aims at."""
        return self.targets.get((metric.pk, organ.pk))


def entry(row: Observation) -> Entry:
    """An observation as the pure modules know it."""
    return Entry(
        organ=row.organ.path,
        period=row.period,
        presence=Presence(row.presence),
        quantity=row.quantity,
        numerator=row.numerator,
        denominator=row.denominator,
        coverage=Coverage(row.coverage),
        order=(row.approved_at or timezone.now(), row.pk),  # what waits would be approved last
        key=row.pk,
    )


_links = Observation.actions.through.objects.order_by("action_id")
#: What a figure is printed with, and the actions it belongs to.
WITH_METRIC = ("metric__unit__base", "metric__owner", "metric__theme", "organ")
ACTIONS = {"action_pks": ArraySubquery(_links.filter(observation=OuterRef("pk")).values("action_id"))}


def observations(view: View) -> QuerySet[Observation]:
    """The figures that count and that the period may use: none begins after it."""
    rows = Observation.objects.current().filter(organ__in=view.organs)
    rows = rows.filter(period_days__startswith__lt=view.period.end).select_related(*WITH_METRIC)
    return rows.annotate(**ACTIONS).order_by(
        "metric__theme__order", "metric_id", "organ__path", "period_days"
    )


def load_figures(view: View, rows: Iterable[Observation] | None = None) -> Figures:
    """Approved figures of a view, in two queries (one if the rows are given; one more if an organ was closed)."""
    found = list(observations(view) if rows is None else rows)
    targets = Target.objects.current().filter(
        organ__in=view.organs,
        campaign__first_day__lt=view.period.end,
        campaign__last_day__gte=view.period.start,
    )
    if view.campaign:
        targets = targets.filter(campaign=view.campaign)
    if rows is not None:
        targets = targets.filter(metric__in={row.metric_id for row in found})
    targets = targets.select_related("metric__unit__base", "metric__owner", "metric__theme", "campaign")
    return figures_of(view, found, load_successors(found), targets.order_by("campaign__first_day", "pk"))


def figures_of(
    view: View,
    rows: Iterable[Observation],
    successors: dict[int, tuple[int, ...]],
    targets: Iterable[Target] = (),
) -> Figures:
    """Figures made of rows that are loaded already (with their metric and organ), without a query."""
    found = {row.pk: row for row in rows}
    by_metric: dict[int, list[Observation]] = defaultdict(list)
    links: dict[int, list[int]] = defaultdict(list)
    for row in found.values():
        by_metric[row.metric_id].append(row)
        for action in getattr(row, "action_pks", ()):
            links[action].append(row.pk)
    return Figures(
        view=view,
        successors=successors,
        observations=found,
        by_metric={metric: tuple(rows) for metric, rows in by_metric.items()},
        metrics=_with_pairs_together({row.metric_id: row.metric for row in found.values()}),
        targets={(target.metric_id, target.organ_id): target for target in targets},
        of_action={action: tuple(rows) for action, rows in links.items()},
    )


def load_successors(rows: Iterable[Observation]) -> dict[int, tuple[int, ...]]:
    """Whose stock went to whom; one query if an organ of the rows was closed, else none."""
    successors: dict[int, list[int]] = defaultdict(list)
    if any(row.organ.active_to for row in rows):
        for before, after in OrganSuccession.objects.values_list("predecessor_id", "successor_id"):
            successors[before].append(after)
    return {organ: tuple(after) for organ, after in successors.items()}


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


def load_actions(view: View, organs: Sequence[Organ]) -> list[Action]:
    """The ledger lines of organs that the user may see, each once, in ledger order: one query."""
    rows = Action.objects.visible_to(view.user).heads().filter(organ__in=organs)
    if view.campaign:
        rows = rows.filter(pillar__campaign=view.campaign)
    rows = rows.filter(
        pillar__campaign__first_day__lt=view.period.end, pillar__campaign__last_day__gte=view.period.start
    )
    return list(rows.select_related("pillar__theme", "theme", "kind"))


def load_honours(view: View, organs: Sequence[Organ]) -> list[Honour]:
    """The honours of the period, highest level first: one query."""
    rows = Honour.objects.current().filter(organ__in=organs)
    return list(rows.filter(year__gte=view.period.start.year, year__lte=view.period.last.year))
