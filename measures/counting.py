"""Counting held activities: the program proposes the observation, people review it like any other."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace

from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from measures.ledger import Links, change, correct, create
from measures.locks import ClosedCampaigns, Locked
from measures.models import (
    OPEN_STATES,
    Action,
    Activity,
    Counts,
    Metric,
    Observation,
    ReviewState,
    Source,
)
from measures.period import Period
from measures.quantity import Qualifier, Quantity
from measures.totals import Presence
from organs.models import Organ, User
from organs.permissions import Right, scope


def countable(metric: Metric, organ: Organ, period: Period) -> list[Activity]:
    """The organ's approved activities that the metric counts in the period, each once, oldest first."""
    serving = Q(action__counted_metrics=metric) | Q(also_serves__counted_metrics=metric)
    rows = Activity.objects.current().filter(serving, organ=organ, day__gte=period.start, day__lt=period.end)
    return list(rows.order_by("day", "pk").distinct())


def countable_by(
    metrics: Collection[Metric], organs: Collection[Organ], period: Period
) -> dict[tuple[int, int], list[Activity]]:
    """As `countable` for many metrics and organs, by the keys of organ and metric: three queries."""
    ties = Action.counted_metrics.through.objects.filter(metric__in=[m.pk for m in metrics if m.counts])
    wanted: dict[int, set[int]] = defaultdict(set)
    for action, metric in ties.values_list("action_id", "metric_id"):
        wanted[action].add(metric)
    if not wanted:
        return {}
    rows = Activity.objects.current().filter(organ__in=organs, day__gte=period.start, day__lt=period.end)
    shared: dict[int, set[int]] = defaultdict(set)
    for activity, action in Activity.also_serves.through.objects.filter(
        action__in=wanted, activity__in=rows
    ).values_list("activity_id", "action_id"):
        shared[activity] |= wanted[action]
    found: dict[tuple[int, int], list[Activity]] = defaultdict(list)
    for row in rows.order_by("day", "pk"):
        for metric in wanted.get(row.action_id, set()) | shared.get(row.pk, set()):
            found[row.organ_id, metric].append(row)
    return dict(found)


def to_count(metrics: Collection[Metric], organs: Collection[Organ], period: Period) -> set[tuple[int, int]]:
    """Of which organ and metric, by their keys, `propose` may have something to say: four queries."""
    standing = Observation.objects.live().filter(
        metric__in=metrics, organ__in=organs, source=Source.COUNTED, period_days=(period.start, period.end)
    )
    return {*countable_by(metrics, organs, period), *standing.values_list("organ_id", "metric_id")}


def outdated(user: User) -> list[Observation]:
    """Counted figures of the user's organs whose activities are no longer those held: `propose` brings them up to date.

    Those that wait for a reviewer, or fall into a closed campaign, stay as they are. At most three queries.
    """
    serving = Q(action__counted_metrics=OuterRef("metric")) | Q(
        also_serves__counted_metrics=OuterRef("metric")
    )
    held = Activity.objects.current().filter(
        serving,
        organ=OuterRef("organ"),
        day__gte=OuterRef("period_days__startswith"),
        day__lt=OuterRef("period_days__endswith"),
    )
    said = Observation.activities.through.objects.filter(observation=OuterRef("pk"))
    on_its_way = Observation.objects.filter(previous=OuterRef("pk"), state__in=OPEN_STATES)
    rows = Observation.objects.live().filter(scope(user, Right.ENTER).q("organ__path"), source=Source.COUNTED)
    rows = rows.exclude(state=ReviewState.SUBMITTED).exclude(Exists(on_its_way))
    rows = rows.annotate(
        held=ArraySubquery(held.order_by("pk").values("pk").distinct()),
        rests_on=ArraySubquery(said.order_by("activity").values("activity")),
    ).exclude(held=F("rests_on"))
    found = list(
        rows.select_related("organ", "metric__unit__base").order_by("organ__path", "metric__name", "pk")
    )
    closed = ClosedCampaigns(row.organ for row in found) if found else None
    return [row for row in found if closed and not closed.why(row)]


def counted(metric: Metric, activities: list[Activity]) -> Quantity:
    """How many activities, or person-times; attendance that was not noted makes it “以上”."""
    unit = metric.unit.spec
    if metric.counts == Counts.ACTIVITIES:
        return Quantity.exact(len(activities), unit.base)
    known = Quantity.exact(sum(a.attended or 0 for a in activities), unit.base)
    if all(a.attended is not None for a in activities):
        return known
    return replace(known, high=None, qualifier=Qualifier.AT_LEAST, words=f"{known}以上")


@transaction.atomic
def propose(metric: Metric, organ: Organ, period: Period, *, by: User) -> Observation | None:
    """A draft (or a changed draft) with the count for the period; None if what stands is right or nothing was held.

    What people reported is theirs: Locked if the period has such a figure, or somebody is just typing one.
    """
    activities = countable(metric, organ, period)
    series = Observation.objects.filter(metric=metric, organ=organ, period_days=(period.start, period.end))
    standing = series.open().first() or series.current().first()
    typed = standing is not None and standing.source != Source.COUNTED
    if not activities and (standing is None or typed):
        return None
    if typed:
        raise Locked("已有填报的数，不按活动覆盖。")
    quantity = counted(metric, activities)
    if standing and _says(standing, quantity, activities):
        return None
    links: Links = {
        "activities": activities,
        "actions": list(metric.counted_actions.heads().filter(organ=organ)),
    }
    if standing is None:
        standing = Observation(metric=metric, organ=organ, source=Source.COUNTED)
        standing.period, standing.quantity = period, quantity
        create(standing, by=by, links=links)
        return standing
    if standing.state == ReviewState.APPROVED:
        standing = correct(standing, by=by, reason="活动有变动，按活动重新计数")
    standing.presence, standing.absence, standing.quantity = Presence.VALUE.value, "", quantity
    change(standing, by=by, links=links, seen=standing.changed_at)
    return standing


def _says(observation: Observation, quantity: Quantity, activities: list[Activity]) -> bool:
    said = observation.quantity
    same = said is not None and (said.amount, said.qualifier) == (quantity.amount, quantity.qualifier)
    return same and set(observation.activities.values_list("pk", flat=True)) == {a.pk for a in activities}
