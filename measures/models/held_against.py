"""What figures are held against before they go on: those before and after, the other of a pair, their proof; for many."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Q, Subquery

from measures.models.evidence import EvidenceLink
from measures.models.metric import Nature
from measures.models.metric_beside import counts_households
from measures.models.observation import Observation
from measures.models.reviewed import Reviewed
from measures.progress import cumulative_drop, pair_check
from measures.totals import Presence


@dataclass(frozen=True)
class HeldAgainst:
    """What is known beside a figure."""

    earlier: Observation | None  # the last one before a cumulative figure (累计), be it on its way
    later: Observation | None  # the first one after it
    other: Observation | None  # of households and persons (户/人) of one thing, on the same days
    proven: bool  # it, an earlier version of it, or an activity that is counted


def held_against(rows: Sequence[Observation]) -> dict[int, HeldAgainst]:
    """Of stored figures by their key: a constant number of queries, and one more for each correction of a correction."""
    if not rows:
        return {}
    told = Observation.objects.exclude(quantity_amount=None).live()
    series = told.heads().filter(metric=OuterRef("metric"), organ=OuterRef("organ"))
    before = series.filter(period_days__fully_lt=OuterRef("period_days")).order_by("-period_days", "-pk")
    after = series.filter(period_days__fully_gt=OuterRef("period_days")).order_by("period_days", "pk")
    paired = Q(metric=OuterRef("metric__pair")) | Q(metric__pair=OuterRef("metric"))
    beside = told.filter(paired, organ=OuterRef("organ"), period_days=OuterRef("period_days"))
    asked = Observation.objects.filter(pk__in=[row.pk for row in rows]).order_by()
    keys = asked.values_list(
        "pk", *(Subquery(near.values("pk")[:1]) for near in (before, after, beside.order_by("-version")))
    )
    known: dict[int, Sequence[int | None]] = {row.pk: (None, None, None) for row in rows}
    known |= {pk: near for pk, *near in keys}
    found = Observation.objects.select_related("metric__unit").in_bulk(
        [key for near in known.values() for key in near if key]
    )
    proven = _proven(rows)
    return {
        pk: HeldAgainst(
            found.get(earlier or 0), found.get(later or 0), found.get(other or 0), proven=pk in proven
        )
        for pk, (earlier, later, other) in known.items()
    }


def _proven(rows: Sequence[Observation]) -> set[int]:
    """The keys of those that something proves."""
    versions = {row.pk: [row.pk] for row in rows}  # by key, its own and those of the versions before it
    last: dict[int, Any] = {row.pk: row.previous_id for row in rows if row.previous_id}
    while last:
        for pk, before in last.items():
            versions[pk].append(before)
        earlier = Observation.objects.filter(pk__in=last.values(), previous__isnull=False)
        steps = dict(earlier.values_list("pk", "previous"))
        last = {pk: steps[before] for pk, before in last.items() if before in steps}
    every = {pk for keys in versions.values() for pk in keys}
    links = EvidenceLink.objects.filter(observation__in=every).values_list("observation", flat=True)
    counted = EvidenceLink.objects.filter(activity__counted_in__in=list(versions))
    proven = {*links, *counted.values_list("activity__counted_in", flat=True)}
    return {pk for pk, keys in versions.items() if not proven.isdisjoint(keys)}


def questions(row: Observation, beside: HeldAgainst | None = None) -> list[str]:
    """What looks odd beside the figures that are known: asked about, not refused."""
    if row.presence != Presence.VALUE.value or row.quantity is None:
        return []
    beside = beside or held_against([row])[row.pk]
    asked = (_drop(row, beside.earlier), _rise(row, beside.later), _odd_pair(row, beside.other))
    return [question for question in asked if question]


def _drop(row: Observation, last: Observation | None) -> str:
    """A cumulative figure below the one before it."""
    falls = last and row.metric.nature == Nature.CUMULATIVE and _below(row, last)
    return f"累计数比{last.period.label}的{last.quantity}还少" if last and falls else ""


def _rise(row: Observation, later: Observation | None) -> str:
    """A cumulative figure above the one after it, of which nobody has said why it is below."""
    falls = later and row.metric.nature == Nature.CUMULATIVE and not later.remark and _below(later, row)
    return f"累计数比后面{later.period.label}的{later.quantity}还多" if later and falls else ""


def _below(row: Observation, last: Observation) -> bool:
    return bool(row.quantity and last.quantity and cumulative_drop(last.quantity, row.quantity))


def _odd_pair(row: Observation, other: Observation | None) -> str:
    """Households and persons of one thing that do not fit together."""
    if other is None or row.quantity is None or other.quantity is None:
        return ""
    first = counts_households(row.metric, other.metric)
    households, persons = (row, other) if first else (other, row)
    return pair_check(households.quantity, persons.quantity).partition("，请核对")[0]


def why_unproven(row: Reviewed, beside: HeldAgainst | None = None) -> str:
    """Why a figure may not go on for want of evidence, as a sentence; empty if it may.

    What proves an earlier version, or an activity that is counted, proves the figure; nil and not applicable have no proof.
    """
    if not isinstance(row, Observation) or not row.metric.needs_evidence or row.presence != Presence.VALUE:
        return ""
    if (beside or held_against([row])[row.pk]).proven:
        return ""
    return f"“{row.metric.name}”须附佐证材料，这一条还没有。请先存草稿，点“上传佐证”附上，再办下一步。"
