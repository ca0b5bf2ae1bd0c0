"""What new metrics of an article are to others: 户 and 人 of one statement a pair, what is 其中 a part of its whole."""

from collections.abc import Iterator, Mapping, Sequence

from measures.figures import Figure
from measures.models import Metric, Nature

#: The head of a pair, and the other: households name their persons (Metric.pair).
HOUSEHOLDS, PERSONS = "户", "人"
#: Have no parts that add up.
_ALONE = frozenset({Nature.RANK, Nature.RATIO})
#: By the place of a figure: it, and the metric that was chosen for it.
Told = Mapping[int, tuple[Figure, Metric]]


def relate(told: Told) -> None:
    """Set `pair` and `part_of` of new metrics as their figures say it; metrics that are stored stay as they are."""
    for figure, metric in told.values():
        if metric.pk:
            continue
        if figure.pair is not None and figure.pair in told:
            _pair(metric, told[figure.pair][1], told)
        if figure.part_of is not None and figure.part_of in told:
            _part(metric, told[figure.part_of][1])


def _pair(metric: Metric, other: Metric, told: Told) -> None:
    """Households with their persons, both new, unless these are another's already."""
    if metric.pair or other.pk or (metric.unit.symbol, other.unit.symbol) != (HOUSEHOLDS, PERSONS):
        return
    if not any(not each.pk and each.pair is other for _, each in told.values()):
        metric.pair = other


def _part(metric: Metric, whole: Metric) -> None:
    """A part of the whole in its unit, adding up as it does: a part of a stock is a stock."""
    if metric.part_of or metric.unit_id != whole.unit_id or metric.nature in _ALONE or whole.nature in _ALONE:
        return
    above: Metric | None = whole
    while above and not above.pk:
        if above is metric:
            return  # a text may say of either that it is a part of the other
        above = above.part_of
    metric.part_of = whole
    metric.nature, metric.over_time, metric.over_organs = whole.nature, whole.over_time, whole.over_organs


def layers(metrics: Sequence[Metric]) -> Iterator[list[Metric]]:
    """New metrics in the order in which they are stored: what another names comes before it."""
    left, done = list(metrics), set[int]()
    while left:
        ready = [metric for metric in left if all(id(each) in done for each in _named(metric))]
        yield ready
        done |= {id(metric) for metric in ready}
        left = [metric for metric in left if id(metric) not in done]


def _named(metric: Metric) -> list[Metric]:
    """The metrics that a new one names and that are new as well."""
    return [each for each in (metric.pair, metric.part_of) if each and not each.pk]
