"""Steps along the review line; `advance` is the only writer of a review state."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, cast

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q, QuerySet, prefetch_related_objects
from django.utils import timezone

from measures.ledger import changed_fields, linked_text, organ_of
from measures.locks import ClosedCampaigns, Locked, locked, refuse_unseen, why_closed
from measures.models import (
    PENDING,
    Action,
    Activity,
    EvidenceLink,
    Instruction,
    LineKind,
    Milestone,
    Observation,
    Reviewed,
    ReviewState,
    ReviewStep,
    Source,
    Target,
    held_against,
    questions,
    why_unproven,
)
from measures.moves import LINE, MOVES, Move, Step, check
from measures.storing import all_or_nothing, save
from organs.audit import canonical, record
from organs.models import User
from organs.permissions import Right, below, can, can_from_above, reviewed_by, scope

__all__ = [
    "LINE",
    "MOVES",
    "NO_RIGHT",
    "Move",
    "Step",
    "advance",
    "ask_again",
    "check",
    "holds",
    "open_steps",
    "refusal",
    "reviewed",
    "says_more",
    "why_not",
]

NO_RIGHT = "您没有办理这一条的权限。"
#: Stands with the asking where nobody had typed when the line was finished.
DAY_OF_ASKING = "完成日期没有填，记为申请当天。"
#: Stands before that where the day is that of an earlier asking.
AS_ASKED_BEFORE = "，照原来的申请"


def why_not(row: Reviewed, step: Step, *, by: User) -> str:
    """Why the user cannot take the step now, as a sentence; empty if they can."""
    move = MOVES[step]
    closing = move.field == "closing_state"
    if closing and not (isinstance(row, Action) and row.state == ReviewState.APPROVED):
        return "举措审核通过后才能销号。"
    if row.superseded_at:
        return f"这一版已被更正，不再生效；{move.label}请到现行的一版上办理。"
    if getattr(row, move.field) not in move.before:
        now = ReviewState(state).label if (state := getattr(row, move.field)) else "未申请"
        return f"现在的状态是“{now}”，不能{move.label}。"
    hands = row.closing_hands if closing and isinstance(row, Action) else row.hands
    if move.four_eyes and by.pk in hands:
        return "录入、修改或报审过的人不能自己审核，请换一位审核员。"
    if move.takes_back:
        return _why_not_back(row, move, by=by)
    if step == Step.REOPEN and not (isinstance(row, Action) and row.is_problem):
        return "只有问题整改销号后可以重新打开。"
    if step == Step.CLOSE and _corrections(row).exists():
        return "这项举措正在更正，请先把更正办完，或删除更正稿。"
    return _why_kept(row) if step == Step.RETRACT else ""


def _why_not_back(row: Reviewed, move: Move, *, by: User) -> str:
    """Why the user cannot take back what waits: it is for who submitted it, or for any clerk once they are gone."""
    submitter = row.submitted_by
    if move.field != "state":
        asked = _askings(row).last()
        submitter = asked.by if asked else None
    if submitter is None or submitter == by or not can(submitter, move.right, row.organ):
        return ""
    return f"这是{submitter.name}报审的，请本人撤回，或请审核员退回。"


def _askings(row: Reviewed) -> QuerySet[ReviewStep]:
    """The times that somebody asked to close out the line."""
    kind = ContentType.objects.get_for_model(row)
    return ReviewStep.objects.filter(target_type=kind, target_id=row.pk, step=Step.CLOSE)


def _why_kept(row: Reviewed) -> str:
    """What has to be done before the row can be retracted; empty if nothing."""
    if _corrections(row).exists():
        return "这一条正在更正，请先把更正办完，或删除更正稿，再撤销。"
    if isinstance(row, Activity):
        counted = (
            row.counted_in.live().filter(state__in=(ReviewState.SUBMITTED, ReviewState.APPROVED)).first()
        )
        return f"这次活动已计入“{counted}”，请先更正、撤销或退回那个数值。" if counted else ""
    if not isinstance(row, Action):
        return ""
    if row.closing_state == ReviewState.SUBMITTED:
        return "这项举措正在申请销号，请先办结或退回。"
    held = Activity.objects.live().filter(Q(action=row) | Q(also_serves=row)).distinct().count()
    figures = row.observations.live().count()
    there = "、".join(f"{what}{n}项" for what, n in (("活动", held), ("数值", figures)) if n)
    return f"这项举措下还有{there}，请先撤销或删除，再撤销举措。" if there else ""


def _corrections(row: Reviewed) -> Any:
    """Open corrections of the row."""
    return cast(Any, row).next_versions.open()


def refusal(row: Reviewed, step: Step, *, by: User) -> str:
    """As `why_not`, and who may take the step where the user holds no right to it."""
    move = MOVES[step]
    if holds(by, move, row):
        return why_not(row, step, by=by)
    above = _decided_above(row, move)
    return reviewed_by(row.organ, told=by, above=above) if move.right is Right.REVIEW else NO_RIGHT


def holds(user: User, move: Move, row: Reviewed) -> bool:
    """Whether the user holds the right to the step; no organ itself closes what was found there, or opens it again."""
    organ = organ_of(row)
    decides = can_from_above if _decided_above(row, move) else can
    return organ is not None and decides(user, move.right, organ)


def _decided_above(row: Reviewed, move: Move) -> bool:
    found = isinstance(row, Action) and row.is_problem
    return found and move.field == "closing_state" and move.right is Right.REVIEW


def reviewed(user: User, field: str) -> Q:
    """Of actions and all that waits in the field, what it is the user's to review."""
    own = scope(user, Right.REVIEW).q("organ__path")
    if field != "closing_state":
        return own
    found = Q(line=LineKind.PROBLEM)
    return (own & ~found) | (found & Q(organ__in=below(user, Right.REVIEW)))


class Beside:
    """What it takes to say of many drafts what they lack: a constant number of queries for all of them."""

    def __init__(self, rows: Sequence[Reviewed]) -> None:
        self.closed = ClosedCampaigns({row.organ for row in rows})
        self.figures = held_against([row for row in rows if isinstance(row, Observation)])
        for model in {type(row) for row in rows}:
            ties = [field.name for field in model._meta.many_to_many]
            corrections = [row for row in rows if type(row) is model and row.previous_id]
            prefetch_related_objects(corrections, "previous", *ties, *(f"previous__{name}" for name in ties))
        counted = [r for r in rows if isinstance(r, Observation) and r.source == Source.COUNTED]
        prefetch_related_objects(counted, "activities")


def unready(row: Reviewed, step: Step, *, by: User, beside: Beside) -> str:
    """Why the step would be refused as the row stands now, as a sentence; empty if it would be taken."""
    if why := refusal(row, step, by=by) or beside.closed.why(row):
        return why
    try:
        _refuse_unready(row, step, beside)
        row.clean()
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


def open_steps(row: Reviewed, *, by: User) -> list[Move]:
    """The moves that the user can make with the row now."""
    return [m for m in LINE if holds(by, m, row) and not why_not(row, m.step, by=by)]


@all_or_nothing
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
    Errors are those of the row's fields, and of `review_note`, the box for the words.
    """
    move = MOVES[step]
    stored = locked(row)
    if not holds(by, move, stored):
        raise PermissionDenied
    if why := why_not(stored, step, by=by) or why_closed(stored, hold=True):
        raise Locked(why)
    refuse_unseen(stored, seen)
    if move.asks and not note.strip():
        raise ValidationError({"review_note": move.asks})
    if move.goes_on:
        _refuse_unready(stored, step)
    note = note.strip()
    if step == Step.CLOSE and not (closed_on or cast(Action, stored).closed_on):
        closed_on, note = timezone.localdate(), "；".join(part for part in (note, DAY_OF_ASKING) if part)
    links = linked_text(stored)
    before_text, before = "\n".join([canonical(stored), *links]), getattr(stored, move.field)
    setattr(stored, move.field, move.after)
    taken_over = _follow_up(stored, step, by=by, closed_on=closed_on)
    if move.goes_on:
        stored.clean()
    save(stored)
    ReviewStep.objects.create(target=stored, step=step, before=before, after=move.after, by=by, note=note)
    record(
        move.verb,
        stored,
        by=by,
        organ=stored.organ,
        before=before_text,
        after="\n".join([canonical(stored), *links, *taken_over]),
        note=note,
    )
    vars(row).update(vars(stored))


@all_or_nothing
def ask_again(row: Action, *, by: User, note: str) -> None:
    """Ask to close out the line as was asked before that was withdrawn; raises as `advance` does.

    What was recorded as the day of asking, since nobody had typed one, is the day of that asking still.
    """
    day, asked = None, _askings(row).last()
    if asked and asked.note.endswith(DAY_OF_ASKING):
        first = _askings(row).exclude(note__contains=AS_ASKED_BEFORE).last() or asked
        day, note = timezone.localdate(first.at), f"{note}{AS_ASKED_BEFORE}；{DAY_OF_ASKING}"
    advance(row, Step.CLOSE, by=by, note=note, closed_on=day)


def _refuse_unready(row: Reviewed, step: Step, beside: Beside | None = None) -> None:
    """What goes on must be right as of now: raises ValidationError beside what is to be put right.

    Without what was read `beside` many rows, what matters stays as it is until the caller's transaction ends.
    """
    figures = beside.figures.get(row.pk) if beside else None
    if step == Step.SUBMIT and isinstance(row, Observation) and not row.remark:
        asked = "；".join(questions(row, figures))
        if asked:
            raise ValidationError({"remark": f"{asked}。请核对；确实如此，在“说明”里写明原因再报审。"})
    if step == Step.SUBMIT and isinstance(row, Target) and row.phrase.startswith(PENDING):
        raise ValidationError({"phrase": "目标值沿用上一届，还是待定：核定后删去“待定”这句话再报审。"})
    if step == Step.SUBMIT and row.previous and not says_more(row, row.previous):
        raise Locked("与原来的一样，没有可更正的；请改好再报审，不用更正就删除这一份。")
    if why := why_unproven(row, figures):
        raise Locked(why)
    if isinstance(row, Observation) and row.source == Source.COUNTED:
        held = row.activities.select_for_update(of=("self",)).order_by("pk")
        counted = row.activities.all() if beside else held
        if not all(activity.is_current for activity in counted):
            raise Locked("计入的活动有变动，请重新按活动计数后再报审。")


def says_more(row: Reviewed, before: Reviewed) -> bool:
    """Whether a correction says anything else than the version before it."""
    links = {field.name: getattr(row, field.name).all() for field in row._meta.many_to_many}
    return bool(changed_fields(before, row, links) - row.OPEN_AFTER_APPROVAL)


def _follow_up(row: Reviewed, step: Step, *, by: User, closed_on: date | None) -> list[str]:
    """What a step changes besides the state; says what it moved from the version before."""
    row.changed_at = now = timezone.now()
    if step == Step.SUBMIT:
        row.submitted_by, row.submitted_at = by, now
        row.hands = sorted({*row.hands, by.pk})
    elif step == Step.APPROVE:
        row.approved_by, row.approved_at = by, now
        if row.previous_id:
            type(row)._default_manager.filter(pk=row.previous_id).update(superseded_at=now, changed_at=now)
        if isinstance(row, Action) and row.previous_id:
            return _take_over(row, locked(Action(pk=row.previous_id)))
    elif step == Step.RETRACT:
        row.retracted_by, row.retracted_at = by, now
    elif step == Step.CLOSE and isinstance(row, Action):
        row.closed_on = closed_on or row.closed_on
        row.closing_hands = sorted({*row.hands, *row.closing_hands, by.pk})
    elif step in (Step.RETURN_CLOSING, Step.WITHDRAW_CLOSING) and isinstance(row, Action):
        if (asked := _askings(row).last()) and asked.note.endswith(DAY_OF_ASKING):
            row.closed_on = None  # nobody said so: whoever asks again says it, or it is the day of that
    elif step == Step.REOPEN and isinstance(row, Action):
        row.closed_on = None
    return []


def _take_over(new: Action, old: Action) -> list[str]:
    """Give a corrected line what went on under the one before it, and what hangs on that one; says what and how much."""
    for name in (*Action.OPEN_AFTER_APPROVAL, "closing_state", "closing_hands"):
        setattr(new, name, getattr(old, name))
    moved = {"活动": Activity.objects.filter(action=old).update(action=new)}
    moved["项目阶段"] = Milestone.objects.filter(action=old).update(action=new)
    moved["批示"] = Instruction.objects.filter(action=old).update(action=new)
    for kind, links, end in (
        ("同时服务的活动", Activity.also_serves.through.objects, "activity"),
        ("数值", Observation.actions.through.objects, "observation"),
        ("佐证材料", EvidenceLink.objects, "evidence"),
    ):
        twice = links.filter(action=new).values(end)
        moved[kind] = links.filter(action=old).exclude(**{f"{end}__in": twice}).update(action=new)
    said = "、".join(f"{kind}{n}项" for kind, n in moved.items() if n)
    return [f"从上一版转来：{said}"] if said else []
