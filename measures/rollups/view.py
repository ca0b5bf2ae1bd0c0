"""What a page is asked for: who looks, at which organs, which period, on which day."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from urllib.parse import urlencode

from django.urls import reverse

from measures.models import Campaign
from measures.period import Period, PeriodKind
from organs.models import Marks, Organ, User

#: The first and last days of something, by number of the organ.
Days = Mapping[int, tuple[tuple[date, date], ...]]


@dataclass(frozen=True)
class View:
    """Who looks at which organs (of those visible to them, in official order) over which period.

    With `as_of` it is what had been approved by the end of that past day; `marks` are what the data of the visible
    organs stands at; `successors` tell who followed a closed one; `taking_part` are first and last days of each organ.
    """

    user: User
    visible: tuple[Organ, ...]
    top: Organ | None
    organs: tuple[Organ, ...]
    expected: tuple[Organ, ...]
    period: Period
    today: date
    campaign: Campaign | None = None
    query: tuple[tuple[str, str], ...] = ()
    as_of: date | None = None
    marks: Mapping[int, Marks] = field(default_factory=dict)
    successors: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    taking_part: Days = field(default_factory=dict)
    #: By period, of the same days and organs: views that differ in other things share it.
    _expecting: dict[Period, frozenset[int]] = field(default_factory=dict, compare=False)
    _owing: dict[tuple[int, PeriodKind, Period, date], bool] = field(default_factory=dict, compare=False)

    def takes_part(self, organ: Organ, period: Period) -> bool:
        """Whether an organ takes part on at least one day of a period."""
        days = self.taking_part.get(organ.pk, ())
        return any(first < period.end and period.start <= last for first, last in days)

    def expects(self, organ: Organ, period: Period) -> bool:
        """Whether an organ that takes part exists then, too."""
        return self.takes_part(organ, period) and exists(organ, period)

    def expecting(self, period: Period) -> frozenset[int]:
        """The keys of the visible organs for which `expects` holds."""
        if period not in self._expecting:
            self._expecting[period] = frozenset(o.pk for o in self.visible if self.expects(o, period))
        return self._expecting[period]

    def has_whole(self, organ: Organ, period: Period) -> bool:
        """Whether an organ exists and takes part on all days of a period."""
        if (organ.active_from or period.start) > period.start or (organ.active_to or period.end) < period.end:
            return False
        days = self.taking_part.get(organ.pk, ())
        return any(first <= period.start and period.last <= last for first, last in days)

    def begins(self, organ: Organ) -> date:
        """The first day of the period on which an organ that is to report takes part: nothing is due before."""
        days = self.taking_part.get(organ.pk, ())
        ahead = [first for first, last in days if first < self.period.end and self.period.start <= last]
        return max(self.period.start, min(ahead, default=self.period.start))

    def due(self, rhythm: PeriodKind) -> Period | None:
        """The newest period of a rhythm that is over and lies in the view's; None before the first one is."""
        end = min(self.period.end, self.today)
        if rhythm is PeriodKind.SPAN:
            return self.period if self.period.end <= self.today else None
        if end <= self.period.start:
            return None
        open_one = Period.of(rhythm, end)
        return open_one.previous() if open_one.start > self.period.start else None

    def opens(self, rhythm: PeriodKind) -> bool:
        """Whether the period of a rhythm in which the view ends is not over yet."""
        if rhythm is PeriodKind.SPAN:
            return self.period.end > self.today
        return Period.of(rhythm, self.period.last).end > self.today

    def owes(self, organ: Organ, rhythm: PeriodKind) -> bool:
        """Whether there is a period of a rhythm that is over and lies in the view, and the organ took part in it."""
        if (key := (organ.pk, rhythm, self.period, self.today)) not in self._owing:
            due = self.due(rhythm)
            while due and not self.expects(organ, due):
                first = rhythm is PeriodKind.SPAN or due.start <= self.period.start
                before = None if first else due.previous()
                due = before if before and before.start >= self.period.start else None
            self._owing[key] = due is not None
        return self._owing[key]

    def silent(self, organ: Organ, rhythm: PeriodKind) -> str:
        """未报, 未到期 or 本期不报: what is said where an organ that is to report has told nothing."""
        return "未报" if self.owes(organ, rhythm) else "未到期" if self.opens(rhythm) else "本期不报"

    def silence(self, organ: Organ, rhythm: PeriodKind) -> str:
        """，本期未报: what is said of an organ's figure from before the period; nothing of one that owes no other."""
        if rhythm is PeriodKind.SPAN or not self.expects(organ, self.period):
            return ""
        return "，本期未报" if self.owes(organ, rhythm) else "，本期还没到" if self.opens(rhythm) else ""

    def closed(self, organ: Organ) -> str:
        """2021-06-01起撤并，并入乙局; empty for an organ that goes on."""
        if organ.active_to is None:
            return ""
        names = {seen.pk: seen.label for seen in self.visible}
        heirs = "、".join(names[pk] for pk in self.successors.get(organ.pk, ()) if pk in names)
        return f"{organ.active_to:%Y-%m-%d}起撤并" + (f"，并入{heirs}" if heirs else "")

    @property
    def when(self) -> str:
        """The period and the campaign that were chosen, in words: the campaign alone if it is looked at as a whole."""
        if self.campaign is None:
            return self.period.label
        name = self.campaign.name
        return f"{self.period.label}，{name}" if "period" in dict(self.query) else name

    @property
    def kept(self) -> str:
        """The choice of period and campaign as the end of an address: ?period=2021, or nothing."""
        return f"?{urlencode(self.query)}" if self.query else ""

    def link(self, address: str) -> str:
        """An address with the choice of period and campaign kept."""
        return f"{address}{self.kept}" if self.query else address

    def narrowed(self, name: str, **chosen: object) -> str:
        """The address of a page over the same organs, period and campaign, with further choices."""
        top = (("organ", str(self.top.pk)),) if self.top and "organ" not in chosen else ()
        query = urlencode([*top, *self.query, *chosen.items()])
        return f"{address(name)}?{query}" if query else address(name)

    @property
    def overview(self) -> str:
        """The address of the overview of the same organs, period and campaign."""
        return self.narrowed("overview")

    def above(self, organ: Organ) -> tuple[Organ, ...]:
        """The organs above one that the user may see, from the root down."""
        return tuple(o for o in self.visible if organ.path.startswith(o.path) and o.path != organ.path)


@cache
def _pattern(name: str, number: int) -> str:
    """The address of a page with places for what tells it from others."""
    places = [f"{10**12 + place}" for place in range(number)]
    found = reverse(name, args=places)
    for place in places:
        found = found.replace(place, "{}")
    return found


def address(name: str, *parts: object) -> str:
    """The address of a page by its numbers and keys, none of which needs quoting: one page names hundreds of others."""
    return _pattern(name, len(parts)).format(*parts)


def exists(organ: Organ, period: Period) -> bool:
    """Whether the organ exists on at least one day of the period."""
    founded = organ.active_from is None or organ.active_from < period.end
    return founded and (organ.active_to is None or organ.active_to > period.start)
