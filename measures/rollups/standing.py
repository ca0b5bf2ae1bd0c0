"""Standing of actions as pages count and show it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from measures.models import Action, ReviewState
from measures.progress import STANDING_LABELS, Standing, action_standing
from measures.rollups.rows import ActionLine

#: From what needs attention most to what needs it least.
WORST_FIRST = (
    Standing.LATE,
    Standing.SOON,
    Standing.UNDER_WAY,
    Standing.NOT_STARTED,
    Standing.UNFINISHED,
    Standing.DONE,
)
SHOWN = (
    Standing.DONE,
    Standing.UNDER_WAY,
    Standing.SOON,
    Standing.LATE,
    Standing.NOT_STARTED,
    Standing.UNFINISHED,
)
#: What is said of a closing that was asked for and not agreed to.
CLOSINGS: dict[str, str] = {ReviewState.SUBMITTED: "销号待审", ReviewState.RETURNED: "销号被退回"}


@dataclass(frozen=True)
class Count:
    """How many there are of one standing."""

    standing: str
    label: str
    number: int
    url: str = ""


def standing(action: Action | ActionLine, today: date, *, held: bool) -> Standing:
    """An action's standing on a day; progress that was noted or an activity that was held means it has started."""
    return action_standing(
        start=action.start_day,
        due=action.due_day,
        closed_on=action.closed_on if action.is_closed else None,
        started=held or bool(action.progress),
        today=today,
        over=action.over,
        asked_on=action.asked_on,
        until=action.until,
    )


def label(stands: Standing, closing_state: str, *, sees: bool) -> str:
    """推进中（销号待审）: the word for where an action stands, and what became of its closing.

    That it was sent back is for who `sees` the organ, not for joint ones.
    """
    about = CLOSINGS.get(closing_state, "") if sees or closing_state != ReviewState.RETURNED else ""
    return STANDING_LABELS[stands] + (f"（{about}）" if about else "")


def counts(standings: Iterable[Standing]) -> tuple[Count, ...]:
    """How many stand where, in the order in which pages show it; zeros left out."""
    found = Counter(standings)
    return tuple(Count(s.value, STANDING_LABELS[s], found[s]) for s in SHOWN if found[s])


def worst(standings: Iterable[Standing]) -> Standing:
    """The standing that needs attention most."""
    present = set(standings)
    return next(s for s in WORST_FIRST if s in present)
