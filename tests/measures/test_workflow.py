"""The review line: who moves what from where to where, with four eyes, and what a correction does to the totals."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from measures import ledger
from measures.locks import Locked
from measures.models import Action, Honour, Observation, ReviewState, ReviewStep
from measures.quantity import Quantity
from measures.workflow import MOVES, Step, advance, open_steps, why_not
from organs.models import AuditEvent, AuditVerb, Membership, Organ, Role, User
from tests import make
from tests.conftest import Tree

pytestmark = pytest.mark.django_db
EVERYBODY = ("clerk", "reviewer", "leader", "steward", "auditor", "outsider", "other_clerk")
STATES = ["draft", "submitted", "approved", "returned", "retracted"]
ALLOWED = {
    Step.SUBMIT: {"draft", "returned"},
    Step.APPROVE: {"submitted"},
    Step.RETURN: {"submitted"},
    Step.WITHDRAW: {"submitted"},
    Step.RETRACT: {"approved"},
}


@pytest.fixture
def line(tree: Tree) -> Action:
    """An approved ledger line."""
    return make.make_action(make.make_pillar(tree.bureau, tree.campaign))


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("step", ALLOWED)
def test_a_step_is_taken_from_its_states_only(step: Step, state: str, bureau: Organ, superuser: User) -> None:
    row = make.make_honour(bureau, state=state)
    if state in ALLOWED[step]:
        advance(row, step, by=superuser, note="请补充")
        assert row.state == MOVES[step].after
    else:
        with pytest.raises(Locked, match="现在的状态是"):
            advance(row, step, by=superuser, note="请补充")
        row.refresh_from_db()
        assert row.state == state


@pytest.mark.parametrize(
    ("step", "state", "allowed"),
    [
        (Step.SUBMIT, "draft", {"clerk"}),
        (Step.APPROVE, "submitted", {"reviewer"}),
        (Step.RETURN, "submitted", {"reviewer"}),
        (Step.WITHDRAW, "submitted", {"clerk"}),
        (Step.RETRACT, "approved", {"reviewer"}),
    ],
)
def test_a_step_is_taken_by_those_with_the_right(
    step: Step, state: str, allowed: set[str], bureau: Organ, request: pytest.FixtureRequest
) -> None:
    took = set()
    for who in EVERYBODY:
        row = make.make_honour(bureau, state=state)
        try:
            advance(row, step, by=request.getfixturevalue(who), note="请补充")
        except PermissionDenied:
            row.refresh_from_db()
            assert row.state == state
        else:
            took.add(who)
    assert took == allowed


def test_a_figure_goes_from_the_clerk_to_the_reviewer_and_counts(
    bureau: Organ, clerk: User, reviewer: User
) -> None:
    row = make.approve(make.draft_observation(make.make_metric(), bureau, "56"), by=clerk, reviewer=reviewer)
    assert (row.submitted_by, row.approved_by, row.state) == (clerk, reviewer, ReviewState.APPROVED)
    assert row.is_current
    assert row.approved_at is not None
    steps = ReviewStep.objects.values_list("step", "before", "after", "by")
    assert list(steps) == [
        ("submit", "draft", "submitted", clerk.pk),
        ("approve", "submitted", "approved", reviewer.pk),
    ]
    assert ReviewStep.objects.first().target == row
    verbs = list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == [AuditVerb.CREATE, AuditVerb.SUBMIT, AuditVerb.APPROVE]
    last = AuditEvent.objects.first()
    assert "审核状态：待审" in last.before
    assert "审核状态：已审核" in last.after


def test_a_return_wants_a_word_and_keeps_it(bureau: Organ, reviewer: User) -> None:
    row = make.make_honour(bureau, state="submitted")
    with pytest.raises(ValidationError, match="退回的原因") as caught:
        advance(row, Step.RETURN, by=reviewer, note="  ")
    assert list(caught.value.error_dict) == ["review_note"]
    advance(row, Step.RETURN, by=reviewer, note=" 缺佐证材料 ")
    assert row.state == ReviewState.RETURNED
    assert ReviewStep.objects.last().note == AuditEvent.objects.get().note == "缺佐证材料"


@pytest.fixture
def everything(bureau: Organ) -> User:
    """One person who is clerk and reviewer of the same bureau."""
    user = make.make_member(Role.CLERK, bureau)
    make.make_membership(user, bureau, Role.REVIEWER)
    return user


def test_submitter_cannot_approve(bureau: Organ, clerk: User, everything: User) -> None:
    row = make.enter(make.draft_honour(bureau), by=clerk)
    advance(row, Step.SUBMIT, by=everything)
    with pytest.raises(Locked, match="不能自己审核"):
        advance(row, Step.APPROVE, by=everything)


def test_who_typed_it_cannot_approve(bureau: Organ, clerk: User, everything: User) -> None:
    row = make.enter(make.draft_honour(bureau), by=everything)
    advance(row, Step.SUBMIT, by=clerk)
    with pytest.raises(Locked, match="不能自己审核"):
        advance(row, Step.APPROVE, by=everything)


def test_who_changed_it_cannot_approve_not_even_rounds_later(
    bureau: Organ, clerk: User, reviewer: User, everything: User
) -> None:
    row = make.enter(make.draft_honour(bureau), by=clerk)
    row.title = "改了"
    ledger.change(row, by=everything)
    for _ in range(2):
        advance(row, Step.SUBMIT, by=clerk)
        with pytest.raises(Locked, match="不能自己审核"):
            advance(row, Step.APPROVE, by=everything)
        advance(row, Step.RETURN, by=reviewer, note="再看")


def test_a_superuser_has_two_eyes_too(bureau: Organ, superuser: User) -> None:
    row = make.submit(make.draft_honour(bureau), by=superuser)
    with pytest.raises(Locked, match="不能自己审核"):
        advance(row, Step.APPROVE, by=superuser)


def test_who_entered_it_may_still_send_it_back(bureau: Organ, everything: User) -> None:
    row = make.submit(make.draft_honour(bureau), by=everything)
    advance(row, Step.RETURN, by=everything, note="填错了")
    assert row.state == ReviewState.RETURNED


def test_a_reviewer_whose_days_are_over_approves_nothing(bureau: Organ, reviewer: User) -> None:
    Membership.objects.filter(user=reviewer).update(last_day=timezone.localdate() - timedelta(days=1))
    with pytest.raises(PermissionDenied):
        advance(
            make.make_honour(bureau, state="submitted"), Step.APPROVE, by=User.objects.get(pk=reviewer.pk)
        )


def test_nothing_is_moved_in_a_closed_campaign(tree: Tree, reviewer: User) -> None:
    row = make.make_honour(tree.bureau, state="submitted")
    type(tree.campaign).objects.update(closed=True)
    with pytest.raises(Locked, match="已结束"):
        advance(row, Step.APPROVE, by=reviewer)


def test_what_has_become_wrong_meanwhile_is_not_approved(bureau: Organ, reviewer: User) -> None:
    row = make.make_honour(bureau, state="submitted")
    Honour.objects.update(day=timezone.localdate() + timedelta(days=1), year=timezone.localdate().year)
    with pytest.raises(ValidationError):
        advance(row, Step.APPROVE, by=reviewer)
    assert not ReviewStep.objects.filter(step=Step.APPROVE).exists()


def test_buttons_are_those_of_the_person_and_the_state(
    bureau: Organ, clerk: User, reviewer: User, leader: User
) -> None:
    def buttons(state: str, user: User) -> list[str]:
        return [move.label for move in open_steps(make.make_honour(bureau, state=state), by=user)]

    assert buttons("draft", clerk) == buttons("returned", clerk) == ["报审"]
    assert buttons("submitted", reviewer) == ["审核通过", "退回"]
    assert buttons("submitted", clerk) == ["撤回"]
    assert buttons("approved", reviewer) == ["撤销"]
    assert buttons("draft", reviewer) == buttons("submitted", leader) == buttons("approved", clerk) == []
    assert all(buttons("retracted", user) == [] for user in (clerk, reviewer, leader))


def test_a_line_is_closed_out_by_two_persons(line: Action, clerk: User, reviewer: User) -> None:
    assert [move.step for move in open_steps(line, by=clerk)] == [Step.CLOSE]
    advance(line, Step.CLOSE, by=clerk, closed_on=date(2021, 9, 1))
    assert (line.closing_state, line.closed_on, line.is_closed) == (
        ReviewState.SUBMITTED,
        date(2021, 9, 1),
        False,
    )
    advance(line, Step.APPROVE_CLOSING, by=reviewer)
    assert line.is_closed
    assert line.state == ReviewState.APPROVED
    assert open_steps(line, by=clerk) == []
    assert [move.step for move in open_steps(line, by=reviewer)] == [Step.RETRACT]


def test_a_line_is_closed_today_unless_somebody_says_otherwise(line: Action, clerk: User) -> None:
    advance(line, Step.CLOSE, by=clerk)
    assert line.closed_on == timezone.localdate()


def test_a_line_is_not_closed_tomorrow(line: Action, clerk: User) -> None:
    with pytest.raises(ValidationError, match="不能在将来"):
        advance(line, Step.CLOSE, by=clerk, closed_on=timezone.localdate() + timedelta(days=1))
    assert Action.objects.get().closing_state == ""


def test_a_returned_closing_can_be_asked_for_again(line: Action, clerk: User, reviewer: User) -> None:
    advance(line, Step.CLOSE, by=clerk)
    advance(line, Step.RETURN_CLOSING, by=reviewer, note="还差两个村")
    assert line.closing_state == ReviewState.RETURNED
    advance(line, Step.CLOSE, by=clerk)
    assert line.closing_state == ReviewState.SUBMITTED


def test_who_asks_for_closing_or_wrote_the_progress_cannot_agree_to_it(
    line: Action, everything: User, clerk: User
) -> None:
    line.progress = "完成"
    ledger.change(line, by=everything)
    advance(line, Step.CLOSE, by=clerk)
    with pytest.raises(Locked, match="不能自己审核"):
        advance(line, Step.APPROVE_CLOSING, by=everything)


def test_who_typed_the_line_cannot_agree_to_its_closing(
    tree: Tree, everything: User, reviewer: User, clerk: User
) -> None:
    row = make.draft_action(make.make_pillar(tree.bureau, tree.campaign), progress="完成")
    make.approve(row, by=everything, reviewer=reviewer)
    advance(row, Step.CLOSE, by=clerk)
    with pytest.raises(Locked, match="不能自己审核"):
        advance(row, Step.APPROVE_CLOSING, by=everything)


@pytest.mark.parametrize("state", ["draft", "submitted", "returned"])
def test_only_an_approved_line_is_closed(state: str, tree: Tree, clerk: User) -> None:
    row = make.make_action(make.make_pillar(tree.bureau, tree.campaign), state=state)
    with pytest.raises(Locked, match="审核通过后才能销号"):
        advance(row, Step.CLOSE, by=clerk)


def test_only_a_line_is_closed(bureau: Organ, clerk: User) -> None:
    assert why_not(make.make_honour(bureau), Step.CLOSE, by=clerk) == "举措审核通过后才能销号。"


def test_a_correction_takes_over_in_the_moment_it_is_approved(
    bureau: Organ, clerk: User, reviewer: User
) -> None:
    old = make.make_observation(make.make_metric(), bureau, "100")
    new = make.corrected(old, by=clerk, phrase="共100个")
    before = timezone.now()
    make.approve(new, by=clerk, reviewer=reviewer)
    old.refresh_from_db()
    assert Observation.objects.current().get() == new
    assert old.superseded_at == new.approved_at
    assert (old.state, old.is_current) == (ReviewState.APPROVED, False)
    assert Observation.objects.current_as_of(before).get() == old
    assert Observation.objects.current_as_of(timezone.now()).get() == new


def test_nobody_approves_what_was_changed_since_they_read_it(
    bureau: Organ, clerk: User, reviewer: User, second_reviewer: User
) -> None:
    row = make.submit(make.draft_observation(make.make_metric(), bureau, "100"), by=clerk)
    read = Observation.objects.get()
    advance(row, Step.RETURN, by=second_reviewer, note="请核对", seen=row.changed_at)
    row.quantity = Quantity.exact(1000, "个")
    ledger.change(row, by=clerk)
    advance(row, Step.SUBMIT, by=clerk)
    with pytest.raises(Locked, match="看过新内容再办"):
        advance(read, Step.APPROVE, by=reviewer, seen=read.changed_at)
    assert not Observation.objects.current().exists()
    advance(row, Step.APPROVE, by=reviewer, seen=row.changed_at)


def test_a_returned_correction_leaves_the_old_version_counting(
    bureau: Organ, clerk: User, reviewer: User
) -> None:
    old = make.make_observation(make.make_metric(), bureau, "100")
    new = make.submit(make.corrected(old, by=clerk, phrase="共100个"), by=clerk)
    advance(new, Step.RETURN, by=reviewer, note="没有依据")
    assert Observation.objects.current().get() == old
    ledger.delete(new, by=clerk)
    assert Observation.objects.get() == old


def test_a_figure_that_overlaps_one_that_counts_is_refused_in_words(
    bureau: Organ, clerk: User, reviewer: User
) -> None:
    metric = make.make_metric(rhythm="span")
    make.make_observation(metric, bureau, "100", "2021")
    row = make.make_observation(metric, bureau, "20", "2021Q1", state="submitted")
    with pytest.raises(ValidationError, match="请用“更正”"):
        advance(row, Step.APPROVE, by=reviewer)
