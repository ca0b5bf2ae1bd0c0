"""What memberships reach in the organ tree (pure)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q


@dataclass(frozen=True)
class Scope:
    """Organs named one by one and whole subtrees, both by materialised path; the empty path is the root of all.

    Where `nearer` covers an organ by a longer path, it is theirs and not this scope's.
    """

    organs: frozenset[str] = frozenset()
    subtrees: frozenset[str] = frozenset()
    nearer: Scope | None = None

    @classmethod
    def of(cls, reached: Iterable[tuple[str, bool]]) -> Scope:
        """From pairs of an organ's path and whether all below is reached, too."""
        pairs = set(reached)
        return cls(
            organs=frozenset(path for path, below in pairs if not below),
            subtrees=frozenset(path for path, below in pairs if below),
        )

    @property
    def everything(self) -> bool:
        """Whether it reaches below every root."""
        return "" in self.subtrees

    def __contains__(self, path: str) -> bool:
        near = self._nearness(path)
        return near >= 0 and (self.nearer is None or self.nearer._nearness(path) <= near)

    def __bool__(self) -> bool:
        return bool(self.organs or self.subtrees)

    def above(self, step: int) -> frozenset[str]:
        """The paths of the organs above those reached; each organ adds `step` characters to a path."""
        reached = self.organs | self.subtrees
        return frozenset(path[:end] for path in reached for end in range(step, len(path), step))

    def _nearness(self, path: str) -> int:
        """Length of the longest path that covers the organ; -1 where none does."""
        roots = (len(root) for root in self.subtrees if path.startswith(root))
        return len(path) if path in self.organs else max(roots, default=-1)

    def _below(self, root: str) -> Scope:
        """The part strictly below a root, without what a subtree of it covers already."""
        inside = {path for path in self.subtrees if path.startswith(root) and path != root}
        tops = frozenset(p for p in inside if not any(p != top and p.startswith(top) for top in inside))
        alone = (p for p in self.organs if p.startswith(root) and p != root)
        return Scope(frozenset(p for p in alone if not any(p.startswith(top) for top in tops)), tops)

    def q(self, field: str) -> Q:
        """A condition on `field`, which holds an organ's path."""
        condition = Q(pk__in=[])
        if self.organs:
            condition |= Q(**{f"{field}__in": sorted(self.organs)})
        for root in sorted(self.subtrees):
            # an empty Q would vanish beside an "or", and a prefix would leave out rows of no organ
            under = Q(**{f"{field}__startswith": root}) if root else ~Q(pk__in=[])
            theirs = self.nearer._below(root) if self.nearer else None
            condition |= under & ~theirs.q(field) if theirs else under
        return condition
