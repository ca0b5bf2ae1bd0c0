"""What the definition of a metric is held against: other metrics, and the figures that were approved."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q

from measures.models.reviewed import ReviewState

#: Dimensions that tell the halves of a pair: households stand before persons.
_PLACES = {"户数": 0, "人数": 2}


def refuse_pair(metric: Any) -> None:
    """A pair is of one owner, and one metric names the other: nobody takes the half of somebody else's pair."""
    if metric.pair is None:
        return
    if metric.pk and metric.pk in (metric.pair_id, metric.pair.pair_id):
        raise ValidationError({"pair": "不能和自己配对，也不能互相配对：只在户数指标里选人数指标。"})
    if metric.pair.owner_id != metric.owner_id:
        whose = f"{metric.pair.owner.label}的" if metric.pair.owner else "各单位通用的"
        raise ValidationError({"pair": f"“{metric.pair}”是{whose}指标，只能和同一所属单位的指标配对。"})
    held = type(metric)._default_manager.filter(pair=metric.pair_id).exclude(pk=metric.pk)
    if metric.pair_id and (holder := held.first()):
        raise ValidationError({"pair": f"“{metric.pair}”已经和“{holder}”配对，请先取消那一对。"})


def counts_households(metric: Any, other: Any) -> bool:
    """Whether of a pair it is the households (户): the units tell, where they do not the one that names the other."""
    own, beside = (_PLACES.get(each.unit.dimension, 1) for each in (metric, other))
    return own < beside if own != beside else metric.pair_id == other.pk


def refuse_circle(metric: Any) -> None:
    """A part is never the whole of its whole: neither would have a total."""
    whole, met = metric.part_of, {metric.pk}
    while whole and whole.pk not in met:
        met.add(whole.pk)
        whole = whole.part_of
    if whole and whole.pk == metric.pk and metric.part_of != metric:
        raise ValidationError({"part_of": f"“{metric.part_of}”本身是这个指标的其中项，不能互为其中项。"})


def refuse_bounds(metric: Any) -> None:
    """New bounds leave room for what approved figures say; a range without an end contradicts none above it."""
    rows = type(metric)._default_manager.filter(pk=metric.pk).values("minimum", "maximum")
    if not metric.pk or (stored := rows.first()) is None:
        return
    approved = metric.observations.filter(state=ReviewState.APPROVED, superseded_at=None)
    for name, limit in (("minimum", metric.minimum), ("maximum", metric.maximum)):
        if limit is None or limit == stored[name]:
            continue
        least = limit * metric.unit.scale
        beyond = (
            Q(quantity_range__startswith__lt=least)
            if name == "minimum"
            else Q(quantity_range__endswith__gt=least) | Q(quantity_range__startswith__gt=least)
        )
        if row := approved.filter(beyond).first():
            said = f"{row.organ.label}审核过的“{row.said}”"
            raise ValidationError({name: f"{said}已超出这个数，请改宽，或先更正那个数值。"})
