"""What totals are reckoned from, and the totals that are kept until an organ says something else."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Self

from measures.models import Metric
from measures.period import Period
from measures.rollups.digest import Digest
from measures.rollups.kept import Kept
from measures.totals import Told, Total


@dataclass(frozen=True)
class Heard:
    """A total with what the organs had told, in official order, each beside the token of the digest that said it."""

    tokens: tuple[object, ...]
    told: tuple[Told | None, ...]
    total: Total


@dataclass(frozen=True)
class Sources:
    """The digests that a total is reckoned from, in official order."""

    digests: tuple[Digest, ...]
    tokens: tuple[object, ...]
    paths: tuple[str, ...]
    #: By the place of other tokens in memory: these, and where a digest is another one than then.
    known: dict[int, tuple[tuple[object, ...], list[int]]] = field(default_factory=dict, compare=False)

    @classmethod
    def of(cls, digests: Iterable[Digest]) -> Self:
        """Of these."""
        found = tuple(digests)
        return cls(found, tuple(d.token for d in found), tuple(d.organ.path for d in found))

    def told(self, metric: Metric, days: Period, before: Heard | None) -> tuple[Told | None, ...]:
        """What each tells of a metric; of those that told it `before`, of the same organs, what they told then."""
        if before is None:
            return tuple(digest.told(metric, days) for digest in self.digests)
        said = [*before.told]
        for place in self._other_than(before.tokens):
            said[place] = self.digests[place].told(metric, days)
        return tuple(said)

    def _other_than(self, tokens: tuple[object, ...]) -> list[int]:
        """Where a digest is another one than at these tokens, of the same organs: mostly the same for all metrics."""
        if id(tokens) not in self.known:
            pairs = enumerate(zip(self.tokens, tokens, strict=True))
            self.known[id(tokens)] = tokens, [place for place, (now, then) in pairs if now is not then]
        return self.known[id(tokens)][1]


#: Together they may rest on so many figures.
totals: Kept[Heard] = Kept(200_000)
