"""The door for rounds: opened, answered in one go, reminded of, prolonged and closed, each with its audit event."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from measures import ledger
from measures.counting import propose
from measures.locks import Locked, locked
from measures.models import SAID, Observation, Round, RoundCell, RoundOrgan
from measures.rollups.rounds import gone, held_by, known_by, known_of, may_answer
from measures.workflow import Step, advance
from organs.models import User
from organs.permissions import Right, can


@dataclass(frozen=True)
class Answer:
    """A figure as an organ gives it: by which cell it was asked, whether it is the program's count, and what was shown."""

    cell: int
    row: Observation
    counted: bool
    changed: bool
    seen: datetime | None


class AnswersRefusedError(Exception):
    """Some answers cannot be stored, so none was: why, by the key of the cell."""

    def __init__(self, errors: dict[int, ValidationError]) -> None:
        super().__init__(errors)
        self.errors = errors


def _held(asked: Round, *, by: User) -> Round:
    """The round as stored, locked until the caller's transaction ends; PermissionDenied for who may not look after it."""
    if not can(by, Right.CATALOGUE, asked.owner):
        raise PermissionDenied
    return locked(asked)


def _open(asked: Round, *, by: User) -> Round:
    stored = _held(asked, by=by)
    if not stored.is_open:
        raise Locked(f"这一轮{stored.stage}，不能这样办。")
    return stored


@transaction.atomic
def open_round(asked: Round, *, skip_known: bool, by: User) -> tuple[int, int]:
    """Open it: fix what is asked of whom, without what is said already if `skip_known`; how much is asked, and spared.

    Raises PermissionDenied or Locked, and then nothing has been stored.
    """
    stored = _held(asked, by=by)
    if stored.opened_at:
        raise Locked("这一轮已经发布过了。")
    if stored.until < timezone.localdate():
        raise Locked("截止日期已经过了，请先修改截止日期再发布。")
    organs = list(stored.organs.exclude(gone()).order_by("path"))
    dropped = "、".join(organ.label for organ in stored.organs.filter(gone()).order_by("path"))
    if not organs:
        raise Locked(f"{dropped}已撤并，没有单位可问，请先改选单位。")
    metrics, kinds = list(stored.metrics.select_related("unit", "owner")), list(stored.kinds.all())
    known = known_of(organs, metrics, stored.period)
    held = held_by(organs, [kind.pk for kind in kinds], stored.period)
    cells = [
        RoundCell(round=stored, organ=organ, metric=metric, known=said, left_out=skip_known and said in SAID)
        for organ in organs
        for metric in metrics
        if may_answer(metric, organ)
        for said in (known.get((organ.pk, metric.pk), ""),)
    ]
    cells += [
        RoundCell(round=stored, organ=organ, kind=kind, known=said, left_out=skip_known and said in SAID)
        for organ in organs
        for kind in kinds
        for said in (known_by(held.get((organ.pk, kind.pk), ())),)
    ]
    spared = sum(cell.left_out for cell in cells)
    if spared == len(cells):
        raise Locked("要问的各单位都已报过，不用再发布；需要时请到总览或列表里看。")
    RoundCell.objects.bulk_create(cells)
    stored.opened_at = timezone.now()
    told = f"发布：问{len(cells) - spared}项" + (f"，已报的{spared}项不再问" if spared else "")
    told += f"，已撤并的{dropped}没有问" if dropped else ""
    ledger.change(stored, by=by, links={"organs": organs}, note=told)
    return len(cells) - spared, spared


@transaction.atomic
def close_round(asked: Round, *, by: User) -> None:
    """Nobody answers it any more; raises PermissionDenied or Locked."""
    stored = _open(asked, by=by)
    list(stored.asked_organs.select_for_update(of=("self",)))  # whoever is answering comes to an end first
    stored.closed_at = timezone.now()
    ledger.change(stored, by=by, note="结束")


@transaction.atomic
def delete_round(asked: Round, *, by: User) -> None:
    """Drop one that was never opened; raises PermissionDenied or Locked."""
    stored = _held(asked, by=by)
    if stored.opened_at:
        raise Locked("已经发布的不能删除，可以结束。")
    ledger.delete(stored, by=by)


@transaction.atomic
def remind(asked: Round, *, by: User) -> int:
    """Remind every organ that is there and has not answered all, each once a day; how many; raises PermissionDenied or Locked."""
    stored, today = _open(asked, by=by), timezone.localdate()
    behind = RoundCell.objects.filter(round=stored).unanswered().exclude(organ__active_to__lte=today)
    rows = stored.asked_organs.filter(organ__in=behind.values("organ")).select_related(
        "organ", "round__owner"
    )
    due = [r for r in rows if not r.reminded_at or timezone.localdate(r.reminded_at) < today]
    for row in due:
        row.reminded_at = timezone.now()
        ledger.change(row, by=by, note="催报")
    return len(due)


@transaction.atomic
def prolong(row: RoundOrgan, *, until: date, reason: str, by: User) -> None:
    """Give one organ until a later day; raises PermissionDenied, Locked, or ValidationError beside its field."""
    _open(row.round, by=by)
    row.refresh_from_db()  # others prolong and remind under the same lock
    if until <= row.last_day:
        raise ValidationError({"until": f"要晚于现在的截止日期{row.last_day:%Y-%m-%d}。"})
    if not reason.strip():
        raise ValidationError({"reason": "请写明为什么延期。"})
    row.until, row.reason = until, reason.strip()
    ledger.change(row, by=by, note=row.reason)


@transaction.atomic
def answer(
    asked: RoundOrgan,
    answers: Iterable[Answer],
    absences: Sequence[tuple[RoundCell, str]],
    *,
    by: User,
    submit: bool,
) -> int:
    """Store, or submit, all answers of an organ or none; how many figures there are.

    Raises PermissionDenied, Locked for a round that is not open, or AnswersRefusedError.
    """
    if not can(by, Right.SUBMIT if submit else Right.ENTER, asked.organ):
        raise PermissionDenied
    # who closes the round waits for this row, other organs do not
    held = RoundOrgan.objects.select_for_update(of=("self",)).get(pk=asked.pk)
    stored = Round.objects.get(pk=held.round_id)
    if not stored.is_open:
        raise Locked(f"这一轮{stored.stage}，不能再填；确需补报请联系发起单位，或到“录入”里填数值。")
    errors: dict[int, ValidationError] = {}
    done = 0
    for one in answers:
        try:
            with transaction.atomic():
                _take(one, by=by, submit=submit)
                done += 1
        except ValidationError as error:
            errors[one.cell] = error
    for cell, words in absences:
        if cell.absence != words:
            cell.absence, cell.answered_at = words, timezone.now() if words else None
            ledger.change(cell, by=by)
    if errors:
        raise AnswersRefusedError(errors)
    return done


def _take(one: Answer, *, by: User, submit: bool) -> None:
    row: Observation | None = one.row
    if one.counted:
        row = propose(one.row.metric, one.row.organ, one.row.period, by=by)
    elif not one.row.pk:
        ledger.create(one.row, by=by)
    elif one.changed:
        ledger.change(one.row, by=by, seen=one.seen)
    if submit and row is not None:
        advance(row, Step.SUBMIT, by=by, seen=None if one.changed or one.counted else one.seen)
