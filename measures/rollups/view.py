"""What a page is asked for: who looks, at which organs, which period, on which day."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from measures.models import Campaign
from measures.period import Period
from organs.models import Organ, User


@dataclass(frozen=True)
class View:
    """Who looks at which organs (visible to them, in official order) over which period."""

    user: User
    organs: tuple[Organ, ...]
    expected: tuple[Organ, ...]
    period: Period
    today: date
    campaign: Campaign | None = None
    query: tuple[tuple[str, str], ...] = ()

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths of the organs that should report."""
        return tuple(organ.path for organ in self.expected)

    def link(self, address: str) -> str:
        """An address with the choice of period and campaign kept."""
        return f"{address}?{urlencode(self.query)}" if self.query else address


def organ_path(organ: Organ, organs: tuple[Organ, ...]) -> list[Organ]:
    """The organs above one, of those given, from the root down to itself."""
    return [above for above in organs if organ.path.startswith(above.path)]
