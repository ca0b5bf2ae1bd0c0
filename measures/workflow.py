"""The review line as data; `advance` is the only writer of a review state."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from measures.ledger import Locked, linked_text, locked, organ_of, refuse_unseen, save, why_closed
from measures.models import Action, Observation, Reviewed, ReviewState, ReviewStep
from organs.audit import canonical, record
from organs.models import AuditVerb, User
from organs.permissions import Right, can, reviewed_by

NO_RIGHT = "您没有办理这一条的权限。"


class Step(StrEnum):
    """One move along the review line."""

    SUBMIT = "submit"
    APPROVE = "approve"
    RETURN = "return"
    CLOSE = "close"
    APPROVE_CLOSING = "approve_closing"
    RETURN_CLOSING = "return_closing"


@dataclass(frozen=True)
class Move:
    """From which states a step leads to which, what right it asks for, and how it is called."""

    step: Step
    label: str
    before: frozenset[str]
    after: ReviewState
    right: Right
    verb: AuditVerb
    field: str = "state"
    needs_note: bool = False
    four_eyes: bool = False


LINE = (
    Move(
        Step.SUBMIT,
        "报审",
        frozenset({ReviewState.DRAFT, ReviewState.RETURNED}),
        ReviewState.SUBMITTED,
        Right.SUBMIT,
        AuditVerb.SUBMIT,
    ),
    Move(
        Step.APPROVE,
        "审核通过",
        frozenset({ReviewState.SUBMITTED}),
        ReviewState.APPROVED,
        Right.REVIEW,
        AuditVerb.APPROVE,
        four_eyes=True,
    ),
    Move(
        Step.RETURN,
        "退回",
        frozenset({ReviewState.SUBMITTED}),
        ReviewState.RETURNED,
        Right.REVIEW,
        AuditVerb.RETURN,
        needs_note=True,
    ),
    Move(
        Step.CLOSE,
        "申请销号",
        frozenset({"", ReviewState.RETURNED}),
        ReviewState.SUBMITTED,
        Right.SUBMIT,
        AuditVerb.CLOSE,
        field="closing_state",
    ),
    Move(
        Step.APPROVE_CLOSING,
        "同意销号",
        frozenset({ReviewState.SUBMITTED}),
        ReviewState.APPROVED,
        Right.REVIEW,
        AuditVerb.APPROVE_CLOSING,
        field="closing_state",
        four_eyes=True,
    ),
    Move(
        Step.RETURN_CLOSING,
        "退回销号",
        frozenset({ReviewState.SUBMITTED}),
        ReviewState.RETURNED,
        Right.REVIEW,
        AuditVerb.RETURN_CLOSING,
        field="closing_state",
        needs_note=True,
    ),
)


def check(line: tuple[Move, ...]) -> dict[Step, Move]:
    """The line by step; ValueError if a step is missing or double, leads nowhere, or approves without four eyes."""
    moves = {move.step: move for move in line}
    if len(moves) != len(line) or set(moves) != set(Step):
        raise ValueError("every step is declared exactly once")
    for move in line:
        if move.after in move.before:
            raise ValueError(f"{move.step} leads nowhere")
        if move.after == ReviewState.APPROVED and not (move.four_eyes and move.right == Right.REVIEW):
            raise ValueError(f"{move.step} approves without a second person")
    return moves


MOVES = check(LINE)


def why_not(row: Reviewed, step: Step, *, by: User) -> str:
    """Why the user cannot take the step now, as a sentence; empty if they can."""
    move = MOVES[step]
    if move.field == "closing_state" and not (isinstance(row, Action) and row.state == ReviewState.APPROVED):
        return "举措审核通过后才能销号。"
    if getattr(row, move.field) not in move.before:
        now = ReviewState(state).label if (state := getattr(row, move.field)) else "未申请"
        return f"现在的状态是“{now}”，不能{move.label}。"
    hands = row.closing_hands if isinstance(row, Action) and move.field == "closing_state" else row.hands
    if move.four_eyes and by.pk in hands:
        return "录入、修改或报审过的人不能自己审核，请换一位审核员。"
    return ""


def refusal(row: Reviewed, step: Step, *, by: User) -> str:
    """As `why_not`, and who may take the step where the user holds no right to it."""
    right = MOVES[step].right
    if can(by, right, row.organ):
        return why_not(row, step, by=by)
    return reviewed_by(row.organ, told=by) if right is Right.REVIEW else NO_RIGHT


def open_steps(row: Reviewed, *, by: User) -> list[Move]:
    """The moves that the user can make with the row now."""
    organ = organ_of(row)
    return [m for m in LINE if organ and can(by, m.right, organ) and not why_not(row, m.step, by=by)]


@transaction.atomic
def advance(
    row: Reviewed,
    step: Step,
    *,
    by: User,
    note: str = "",
    closed_on: date | None = None,
    seen: datetime | None = None,
) -> None:
    """Move the row one step; raises PermissionDenied, or ValidationError with a sentence, and then changes nothing.

    `seen` is the `changed_at` of what the user was shown: nobody moves what they have not read.
    Rows are locked while they move: of two who press at once one wins and the other is told the new state.
    """
    move = MOVES[step]
    stored = locked(row)
    if not can(by, move.right, stored.organ):
        raise PermissionDenied
    if why := why_not(stored, step, by=by) or why_closed(stored, hold=True):
        raise Locked(why)
    refuse_unseen(stored, seen)
    if move.needs_note and not note.strip():
        raise ValidationError({"note": "请写明退回的原因，让填报人知道改什么。"})
    if step == Step.SUBMIT and isinstance(stored, Observation) and not stored.remark:
        asked = "；".join(stored.questions())
        if asked:
            raise ValidationError({"remark": f"{asked}。请核对；确实如此，在“说明”里写明原因再报审。"})
    links = linked_text(stored)
    before_text, before = "\n".join([canonical(stored), *links]), getattr(stored, move.field)
    setattr(stored, move.field, move.after)
    _follow_up(stored, step, by=by, closed_on=closed_on)
    if not move.needs_note:  # what goes back may be wrong; what goes on must be right as of now
        stored.clean()
    save(stored)
    ReviewStep.objects.create(
        target=stored, step=step, before=before, after=move.after, by=by, note=note.strip()
    )
    record(
        move.verb,
        stored,
        by=by,
        organ=stored.organ,
        before=before_text,
        after="\n".join([canonical(stored), *links]),
        note=note.strip(),
    )
    row.refresh_from_db()


def _follow_up(row: Reviewed, step: Step, *, by: User, closed_on: date | None) -> None:
    """What a step changes besides the state."""
    row.changed_at = now = timezone.now()
    if step == Step.SUBMIT:
        row.submitted_by, row.submitted_at = by, now
        row.hands = sorted({*row.hands, by.pk})
    elif step == Step.APPROVE:
        row.approved_by, row.approved_at = by, now
        if row.previous_id:
            type(row)._default_manager.filter(pk=row.previous_id).update(superseded_at=now, changed_at=now)
    elif step == Step.CLOSE and isinstance(row, Action):
        row.closed_on = closed_on or row.closed_on or timezone.localdate()
        row.closing_hands = sorted({*row.closing_hands, by.pk})
