"""The review line as data: which step leads from which states to which, by whom, and with what words."""

from dataclasses import dataclass
from enum import StrEnum

from measures.models import ReviewState
from organs.models import AuditVerb
from organs.permissions import Right


class Step(StrEnum):
    """One move along the review line; named as in the audit trail."""

    SUBMIT = "submit"
    APPROVE = "approve"
    RETURN = "return"
    WITHDRAW = "withdraw"
    RETRACT = "retract"
    CLOSE = "close"
    APPROVE_CLOSING = "approve_closing"
    RETURN_CLOSING = "return_closing"
    WITHDRAW_CLOSING = "withdraw_closing"
    REOPEN = "reopen"


@dataclass(frozen=True)
class Move:
    """From which states a step leads to which, and what it asks for: a right, words, a second person, the first one."""

    step: Step
    before: frozenset[str]
    after: str
    right: Right
    field: str = "state"
    asks: str = ""
    four_eyes: bool = False
    takes_back: bool = False

    @property
    def verb(self) -> AuditVerb:
        """What the audit trail calls it."""
        return AuditVerb(self.step)

    @property
    def label(self) -> str:
        """What its button says."""
        return str(self.verb.label)

    @property
    def goes_on(self) -> bool:
        """Whether it brings the row nearer to counting, so that the row must be right."""
        return self.after in (ReviewState.SUBMITTED, ReviewState.APPROVED)


LINE = (
    Move(
        Step.SUBMIT,
        frozenset({ReviewState.DRAFT, ReviewState.RETURNED}),
        ReviewState.SUBMITTED,
        Right.SUBMIT,
    ),
    Move(
        Step.APPROVE,
        frozenset({ReviewState.SUBMITTED}),
        ReviewState.APPROVED,
        Right.REVIEW,
        four_eyes=True,
    ),
    Move(
        Step.RETURN,
        frozenset({ReviewState.SUBMITTED}),
        ReviewState.RETURNED,
        Right.REVIEW,
        asks="请写明退回的原因，让填报人知道改什么。",
    ),
    Move(
        Step.WITHDRAW,
        frozenset({ReviewState.SUBMITTED}),
        ReviewState.DRAFT,
        Right.SUBMIT,
        takes_back=True,
    ),
    Move(
        Step.RETRACT,
        frozenset({ReviewState.APPROVED}),
        ReviewState.RETRACTED,
        Right.REVIEW,
        asks="请写明撤销的原因，今后查起来有据可依。",
    ),
    Move(
        Step.CLOSE,
        frozenset({"", ReviewState.RETURNED}),
        ReviewState.SUBMITTED,
        Right.SUBMIT,
        field="closing_state",
    ),
    Move(
        Step.APPROVE_CLOSING,
        frozenset({ReviewState.SUBMITTED}),
        ReviewState.APPROVED,
        Right.REVIEW,
        field="closing_state",
        four_eyes=True,
    ),
    Move(
        Step.RETURN_CLOSING,
        frozenset({ReviewState.SUBMITTED}),
        ReviewState.RETURNED,
        Right.REVIEW,
        field="closing_state",
        asks="请写明退回的原因，让填报人知道还差什么。",
    ),
    Move(
        Step.WITHDRAW_CLOSING,
        frozenset({ReviewState.SUBMITTED}),
        "",
        Right.SUBMIT,
        field="closing_state",
        takes_back=True,
    ),
    Move(
        Step.REOPEN,
        frozenset({ReviewState.APPROVED}),
        "",
        Right.REVIEW,
        field="closing_state",
        asks="请写明为什么重新打开，让单位知道还差什么。",
    ),
)

#: By field: the state that rows begin in, and the one that nothing leads out of, if there is one.
ENDS: dict[str, tuple[str, str | None]] = {
    "state": (ReviewState.DRAFT, ReviewState.RETRACTED),
    "closing_state": ("", None),
}


def check(line: tuple[Move, ...]) -> dict[Step, Move]:
    """The line by step; ValueError if it is not whole, strands a row, or lets one through unread or without a word."""
    moves = {move.step: move for move in line}
    if len(moves) != len(line) or set(moves) != set(Step):
        raise ValueError("every step is declared exactly once")
    for move in line:
        if move.after in move.before:
            raise ValueError(f"{move.step} leads nowhere")
        if move.after == ReviewState.APPROVED and not (move.four_eyes and move.right == Right.REVIEW):
            raise ValueError(f"{move.step} approves without a second person")
        undoes = move.after in (ReviewState.RETURNED, ReviewState.RETRACTED)
        if (undoes or ReviewState.APPROVED in move.before) and not move.asks:
            raise ValueError(f"{move.step} undoes without a word")
    for field, (start, end) in ENDS.items():
        _check_states([move for move in line if move.field == field], start, end)
    return moves


def _check_states(line: list[Move], start: str, end: str | None) -> None:
    """Every state is reached from the start, and only the end, if there is one, is a dead end; else ValueError."""
    reached, left = {start}, {state for move in line for state in move.before}
    while more := {move.after for move in line if move.before & reached} - reached:
        reached |= more
    states = set(ReviewState) if start else reached | left
    if lost := states ^ reached:
        raise ValueError(f"nothing leads to {', '.join(sorted(lost))}")
    if reached - left != ({end} if end else set()):
        raise ValueError(f"dead ends are {sorted(reached - left)}, not {end or 'none'}")


MOVES = check(LINE)
