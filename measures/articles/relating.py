"""What new metrics of an article are to each other: 户 and 人 of one statement are a pair."""

from collections.abc import Iterator, Mapping, Sequence

from measures.figures import Figure
from measures.models import Metric

#: The head of a pair, and the other: households name their persons (Metric.pair).
HOUSEHOLDS, PERSONS = "户", "人"
#: By the place of a figure: it, and the metric that was chosen for it.
Told = Mapping[int, tuple[Figure, Metric]]


def relate(told: Told) -> None:
    """Set `pair` of new metrics as their figures say it; metrics that are stored already stay as they are."""
    for figure, metric in told.values():
        if not metric.pk and figure.pair is not None and figure.pair in told:
            _pair(metric, told[figure.pair][1], told)


def _pair(metric: Metric, other: Metric, told: Told) -> None:
    """Households with their persons, both new, unless these are another's already."""
    if metric.pair or other.pk or (metric.unit.symbol, other.unit.symbol) != (HOUSEHOLDS, PERSONS):
        return
    if not any(not each.pk and each.pair is other for _, each in told.values()):
        metric.pair = other


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
    return [each for each in (metric.pair,) if each and not each.pk]
