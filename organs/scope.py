"""What a membership reaches in the organ tree (pure)."""

from dataclasses import dataclass

from django.db.models import Q


@dataclass(frozen=True)
class Scope:
    """Organs named one by one and whole subtrees, both by materialised path; or everything."""

    organs: frozenset[str] = frozenset()
    subtrees: frozenset[str] = frozenset()
    everything: bool = False

    def __contains__(self, path: str) -> bool:
        return self.everything or path in self.organs or any(path.startswith(root) for root in self.subtrees)

    def __bool__(self) -> bool:
        return self.everything or bool(self.organs or self.subtrees)

    def q(self, field: str) -> Q:
        """A condition on `field`, which holds an organ's path."""
        if self.everything:
            return ~Q(pk__in=[])  # an empty Q would vanish beside an "or"
        condition = Q(pk__in=[])
        if self.organs:
            condition |= Q(**{f"{field}__in": sorted(self.organs)})
        for root in sorted(self.subtrees):
            condition |= Q(**{f"{field}__startswith": root})
        return condition
