"""Asks for each page again and again, the sides of each ratio in turn, and says what a page costs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from tests.bench.pages import Place
from tests.bench.visitor import Visitor

#: One in so many, the first ones, is not counted: 30 of 300.
WARMING_UP = 10


@dataclass(frozen=True)
class Cost:
    """A page for one person: milliseconds after a change, against the kept rows, asked for again; queries, bytes."""

    place: Place
    who: str
    median: float
    p95: float
    kept_median: float
    kept_p95: float
    again: float
    queries: int
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


def cost(place: Place, who: str, visitor: Visitor, change: Callable[[], None], requests: int) -> Cost:
    """One round of a page: so many times a change, the page, the page from kept rows, the page once more."""
    first, kept, again = [], [], []
    for number in range(requests):
        change()
        page = visitor.page(place.address)
        from_memory, once_more = visitor.kept_page(place.address), visitor.again(place.address, page)
        if number >= requests // WARMING_UP:
            first.append(page)
            kept.append(from_memory.milliseconds)
            again.append(once_more.milliseconds)
    return Cost(
        place=place,
        who=who,
        median=median(page.milliseconds for page in first),
        p95=p95([page.milliseconds for page in first]),
        kept_median=median(kept),
        kept_p95=p95(kept),
        again=median(again),
        queries=max(page.queries for page in first),
        size=max(page.compressed for page in first),
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
