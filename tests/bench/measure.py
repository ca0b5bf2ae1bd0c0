"""Asks for each page again and again, the sides of each ratio in turn, and says what a page costs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median, median_low, quantiles

from tests.bench.pages import Place
from tests.bench.visitor import Answer, Visitor

#: One in so many, the first ones, is not counted (30 of 300); at least so many: both workers have to see the page once.
WARMING_UP, AT_LEAST = 10, 3


@dataclass(frozen=True)
class Cost:
    """A page for one person: milliseconds after a change, against the kept rows, asked for again; queries at most and mostly."""

    place: Place
    who: str
    median: float
    p95: float
    kept_median: float
    kept_p95: float
    again: float
    queries: int
    usual_queries: int
    size: int

    @property
    def ratio(self) -> float:
        """After a change, to the same template with the same rows in memory; at the median."""
        return self.median / self.kept_median

    @property
    def ratio_p95(self) -> float:
        """The same at the 95th of a hundred."""
        return self.p95 / self.kept_p95

    @property
    def ratio_again(self) -> float:
        """Asked for again when nothing has changed, to the first time."""
        return self.again / self.median


@dataclass(frozen=True)
class Party:
    """Who looks, by which visitor, and what changes before."""

    who: str
    visitor: Visitor
    change: Callable[[], None]


Sample = tuple[Answer, Answer, Answer]


def costs(place: Place, parties: Sequence[Party], requests: int) -> list[Cost]:
    """One round of a page for all who look, in turn: so many times a change, then the page in three ways."""
    samples: list[list[Sample]] = [[] for _ in parties]
    for _ in range(requests):
        for party, known in zip(parties, samples, strict=True):
            party.change()
            page = party.visitor.page(place.address)
            kept, again = party.visitor.kept_page(place.address), party.visitor.again(place.address, page)
            known.append((page, kept, again))
    dropped = warming_up(requests)
    return [_cost(place, party.who, known[dropped:]) for party, known in zip(parties, samples, strict=True)]


def warming_up(requests: int) -> int:
    """How many of so many requests are not counted, where there are enough to leave some out."""
    return min(max(requests // WARMING_UP, AT_LEAST), requests // 2)


def _cost(place: Place, who: str, samples: Sequence[Sample]) -> Cost:
    first, kept, again = ([answer.milliseconds for answer in side] for side in zip(*samples, strict=True))
    pages = [sample[0] for sample in samples]
    return Cost(
        place=place,
        who=who,
        median=median(first),
        p95=p95(first),
        kept_median=median(kept),
        kept_p95=p95(kept),
        again=median(again),
        queries=max(page.queries for page in pages),
        usual_queries=median_low(page.queries for page in pages),
        size=max(page.compressed for page in pages),
    )


def p95(numbers: Sequence[float]) -> float:
    """What 95 of a hundred do not pass."""
    return quantiles(numbers, n=20, method="inclusive")[-1]


@dataclass(frozen=True)
class Row:
    """A page for one person over all rounds; of everything the worse counts."""

    rounds: tuple[Cost, ...]

    def worst(self, name: str) -> float:
        """The highest of a cost's fields or ratios."""
        return max(getattr(cost, name) for cost in self.rounds)

    def slower_than(self, other: "Row") -> float:
        """The ratio of the medians for somebody else, of one round, to the other's of the same round."""
        pairs = zip(self.rounds, other.rounds, strict=True)
        return max(mine.median / theirs.median for mine, theirs in pairs)
