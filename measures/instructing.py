"""Words of leaders (批示): given, answered, asked again, settled; each turn with its audit event."""

from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from measures.ledger import described
from measures.locks import Locked, locked
from measures.models import Instruction, Stage, Turn
from measures.storing import all_or_nothing, store
from organs.audit import record
from organs.models import AuditVerb, User
from organs.permissions import Right, can


@dataclass(frozen=True)
class Move:
    """From which stages a turn leads to which, by what right, and what it asks for."""

    verb: AuditVerb
    before: frozenset[Stage]
    after: Stage
    right: Right
    asks: str = ""

    @property
    def label(self) -> str:
        """What its button says."""
        return str(self.verb.label)


MOVES = {
    move.verb: move
    for move in (
        Move(
            AuditVerb.ANSWER,
            frozenset({Stage.OPEN}),
            Stage.ANSWERED,
            Right.ENTER,
            "请写明办到哪一步、什么时候办完。",
        ),
        Move(AuditVerb.SETTLE, frozenset({Stage.OPEN, Stage.ANSWERED}), Stage.SETTLED, Right.INSTRUCT),
        Move(
            AuditVerb.ASK_AGAIN,
            frozenset({Stage.ANSWERED, Stage.SETTLED}),
            Stage.OPEN,
            Right.INSTRUCT,
            "请写明还要办什么。",
        ),
    )
}


@all_or_nothing
def instruct(row: Instruction, *, by: User) -> None:
    """Store a leader's words; raises PermissionDenied, or ValidationError beside what is wrong."""
    if not can(by, Right.INSTRUCT, row.organ):
        raise PermissionDenied
    row.by = by
    store(row)
    record(AuditVerb.INSTRUCT, row, by=by, organ=row.organ, after=described(row), note=row.words)


def why_not(row: Instruction, verb: AuditVerb, *, by: User) -> str:
    """Why the user, who holds the right, cannot take the turn now, as a sentence; empty if they can."""
    move = MOVES[verb]
    if row.stage not in move.before:
        return f"现在的状态是“{Stage(row.stage).label}”，不能{move.label}。"
    theirs = row.by != by and can(row.by, Right.INSTRUCT, row.organ)
    if move.right is Right.INSTRUCT and theirs:
        return f"这是{row.by.title}的批示，由本人办理。"
    return ""


def open_moves(row: Instruction, *, by: User) -> list[Move]:
    """The turns that the user can take now."""
    held = [move for move in MOVES.values() if can(by, move.right, row.organ)]
    return [move for move in held if not why_not(row, move.verb, by=by)]


@all_or_nothing
def take(
    row: Instruction, verb: AuditVerb, *, by: User, words: str = "", seen: datetime | None = None
) -> None:
    """Take a turn; raises PermissionDenied, or ValidationError with a sentence, and then changes nothing.

    `seen` is the `changed_at` of what the user was shown: nobody answers what they have not read.
    """
    move, stored = MOVES[verb], locked(row)
    if not can(by, move.right, stored.organ):
        raise PermissionDenied
    if seen and stored.changed_at != seen:
        raise Locked("刚才有人办过这一条，请看过新内容再办。")
    if why := why_not(stored, verb, by=by):
        raise Locked(why)
    if move.asks and not words.strip():
        raise ValidationError({"words": move.asks})
    before = described(stored)
    stored.stage, stored.changed_at = move.after, timezone.now()
    store(stored)
    store(Turn(instruction=stored, verb=verb, words=words.strip(), by=by))
    record(
        verb,
        stored,
        by=by,
        organ=stored.organ,
        before=before,
        after=described(stored),
        note=words.strip(),
    )
    vars(row).update(vars(stored))
