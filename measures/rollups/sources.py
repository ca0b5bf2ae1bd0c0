"""What totals are reckoned from, and the totals that are kept until an organ says something else."""

from collections.abc import Iterable
from dataclasses import dataclass
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

    @classmethod
    def of(cls, digests: Iterable[Digest]) -> Self:
        """Of these."""
        found = tuple(digests)
        return cls(found, tuple(d.token for d in found), tuple(d.organ.path for d in found))

    def told(self, metric: Metric, days: Period, before: Heard | None) -> tuple[Told | None, ...]:
        """What each tells of a metric; of those that told it `before`, of the same organs, what they told then."""
        if before is None:
            return tuple(digest.told(metric, days) for digest in self.digests)
        known = zip(self.digests, self.tokens, before.tokens, before.told, strict=True)
        return tuple(said if now is then else digest.told(metric, days) for digest, now, then, said in known)


#: Together they may rest on so many figures.
totals: Kept[Heard] = Kept(200_000)
