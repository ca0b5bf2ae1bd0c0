"""Who stands below whom: organs as they stand and rows of a sheet that are none yet, found by a name or a way to it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from measures.resources.analysis import Entry
from measures.resources.cells import folded
from measures.resources.kind import MARK
from measures.resources.known import Names
from organs.models import Organ
from organs.scope import Scope


@dataclass
class OrganEntry(Entry):
    """A row, what it says differently by attribute, its superior (an organ or another row) and its place there."""

    values: dict[str, Any] = field(default_factory=dict)
    above: "Organ | OrganEntry | None" = None
    #: Of a row that is none of them: organs of the same name below other superiors.
    namesakes: Sequence[Organ] = ()
    place: int | None = None
    #: Where its siblings stand afterwards, if that changes: rows, and keys of organs that are none.
    siblings: Sequence["OrganEntry | int"] = ()
    #: Its place before and after, if it names another one.
    moved: tuple[str, str] | None = None


class Tree:
    """The organs as they stand, those that a person administers, and who stands below whom."""

    def __init__(self, reach: Scope) -> None:
        self.all = list(Organ.objects.all())
        self.own = [organ for organ in self.all if organ.path in reach]
        self.by_pk = {organ.pk: organ for organ in self.own}
        self._by_path = {organ.path: organ for organ in self.all}
        self.names = Names("本人管理的单位", [(organ, (organ.name, organ.short_name)) for organ in self.own])
        self.full = Names("本人管理的单位", [(organ, (organ.name,)) for organ in self.own])
        self.below: dict[int | None, list[Organ]] = defaultdict(list)
        for organ in self.all:
            above = self.above(organ)
            self.below[above.pk if above else None].append(organ)

    def above(self, organ: Organ) -> Organ | None:
        """The superior."""
        return self._by_path.get(organ.path[: -Organ.steplen])

    def lies(self, organ: Organ, path: Sequence[str]) -> bool:
        """Whether the organs above one go by these names from the top down; levels may be left out, not the last."""
        above = self.above(organ)
        for place, name in enumerate(reversed(path)):
            while place and above and folded(name) not in names_of(above):
                above = self.above(above)
            if not above or folded(name) not in names_of(above):
                return False
            above = self.above(above)
        return True

    def steps(self, said: str) -> list[str]:
        """The names in a path such as 示范县/丙局; a name with a stroke in it is one."""
        if self.names.called(said):
            return [said]
        return [step for step in folded(said).split("/") if step] or [said]

    def called(self, path: Sequence[str]) -> list[Organ]:
        """The organs of one's own that a path means."""
        return [organ for organ in self.names.called(path[-1]) if self.lies(organ, path[:-1])]

    def place(self, organ: Organ) -> int:
        """The place among its siblings, from 1."""
        above = self.above(organ)
        return self.below[above.pk if above else None].index(organ) + 1

    def texts(self, organ: Organ) -> dict[str, str]:
        """What an organ says, by column."""
        above = self.above(organ)
        said = {
            "name": organ.name,
            "superior": above.name if above and above.pk in self.by_pk else "",
            "short_name": organ.short_name,
            "kind": organ.get_kind_display(),
            "party_kind": organ.get_party_kind_display(),
            "order": str(self.place(organ)),
            "active_from": str(organ.active_from or ""),
            "active_to": str(organ.active_to or ""),
            "office": organ.office,
            "telephone": organ.telephone,
        }
        return {**said, MARK.key: f"{organ.pk}-{sha256(repr(said).encode()).hexdigest()[:16]}"}


class NewRows:
    """The rows of a sheet that are no organs yet, by their names and the last step of the superior that they name."""

    def __init__(self, tree: Tree, entries: Sequence[OrganEntry]) -> None:
        self.tree = tree
        self.rows: dict[str, list[OrganEntry]] = defaultdict(list)
        self.below: dict[tuple[str, str | int], list[OrganEntry]] = defaultdict(list)
        for entry in entries:
            said = entry.cells.get("superior", "")
            last = self._meant(tree.steps(said)[-1])
            for name in names_of(entry.row):
                self.rows[name].append(entry)
                self.below[name, last].append(entry)

    def _meant(self, step: str) -> str | int:
        """One word for an organ however it is called."""
        found = self.tree.names.called(step)
        return found[0].pk if len(found) == 1 else folded(step)

    def called(self, path: Sequence[str]) -> list[OrganEntry]:
        """The rows that a path means; of a longer path the last two names count."""
        if len(path) == 1:
            return self.rows[folded(path[0])]
        return self.below[folded(path[-1]), self._meant(path[-2])]


def names_of(organ: Organ) -> set[str]:
    """What an organ goes by, as it is compared."""
    return {folded(name) for name in (organ.name, organ.short_name) if name}
