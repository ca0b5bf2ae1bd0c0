"""What was submitted is withdrawn by who submitted it, and what was approved is retracted with a reason."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from measures import ledger, locks
from measures.counting import propose
from measures.locks import Locked
from measures.models import Activity, Honour, Observation, Pillar, Reviewed, ReviewStep
from measures.period import Period
from measures.workflow import Step, advance, open_steps, why_not
from organs.models import AuditEvent, AuditVerb, Membership, Organ, User
from tests import make
from tests.conftest import Tree

pytestmark = pytest.mark.django_db


def retract(row: Reviewed, by: User) -> None:
    """Take an approved row out with a reason."""
    advance(row, Step.RETRACT, by=by, note="重复填报")


def test_who_submitted_it_takes_it_back_and_changes_it(bureau: Organ, clerk: User, reviewer: User) -> None:
    row = make.submit(make.draft_honour(bureau), by=clerk)
    advance(row, Step.WITHDRAW, by=clerk)
    assert row.state == "draft"
    row.title = "改了"
    ledger.change(row, by=clerk)
    make.approve(row, by=clerk, reviewer=reviewer)
    assert Honour.objects.current().get().title == "改了"
    steps = list(ReviewStep.objects.values_list("step", "before", "after"))
    assert steps[1] == ("withdraw", "submitted", "draft")
    assert AuditEvent.objects.filter(verb=AuditVerb.WITHDRAW).count() == 1


def test_a_colleague_does_not_take_back_what_another_clerk_submitted(
    bureau: Organ, clerk: User, second_clerk: User
) -> None:
    row = make.submit(make.draft_honour(bureau), by=clerk)
    with pytest.raises(Locked, match="这是林填报报审的，请本人撤回，或请审核员退回"):
        advance(row, Step.WITHDRAW, by=second_clerk)
    assert open_steps(row, by=second_clerk) == []
    Membership.objects.filter(user=clerk).update(last_day=timezone.localdate() - timedelta(days=1))
    row = Honour.objects.get()
    advance(row, Step.WITHDRAW, by=second_clerk)
    assert row.state == "draft"


def test_a_clerk_of_another_organ_takes_nothing_back(bureau: Organ, clerk: User, other_clerk: User) -> None:
    with pytest.raises(PermissionDenied):
        advance(make.submit(make.draft_honour(bureau), by=clerk), Step.WITHDRAW, by=other_clerk)


def test_a_request_for_closing_is_taken_back_by_who_made_it(
    pillar: Pillar, clerk: User, second_clerk: User
) -> None:
    line = make.make_action(pillar)
    advance(line, Step.CLOSE, by=clerk)
    assert "林填报报审" in why_not(line, Step.WITHDRAW_CLOSING, by=second_clerk)
    advance(line, Step.WITHDRAW_CLOSING, by=clerk)
    assert (line.state, line.closing_state) == ("approved", "")
    line.progress = "又有进展"
    ledger.change(line, by=second_clerk)
    advance(line, Step.CLOSE, by=second_clerk)
    assert why_not(line, Step.WITHDRAW_CLOSING, by=second_clerk) == ""


def test_what_is_retracted_counts_no_more_but_did_before(bureau: Organ, reviewer: User) -> None:
    row = make.make_observation(make.make_metric(), bureau, "100")
    before = timezone.now()
    retract(row, reviewer)
    assert (row.state, row.retracted_by, row.is_current) == ("retracted", reviewer, False)
    assert row.approved_by is not None
    assert not Observation.objects.current().exists()
    assert Observation.objects.current_as_of(before).get() == row
    assert not Observation.objects.current_as_of(timezone.now()).exists()
    event = AuditEvent.objects.get()
    assert (event.verb, event.note) == (AuditVerb.RETRACT, "重复填报")
    assert "撤销人：周审核" in event.after


def test_a_retraction_wants_its_reason(bureau: Organ, reviewer: User) -> None:
    row = make.make_honour(bureau)
    with pytest.raises(ValidationError, match="撤销的原因") as caught:
        advance(row, Step.RETRACT, by=reviewer, note=" ")
    assert list(caught.value.error_dict) == ["review_note"]
    assert not AuditEvent.objects.exists()


def test_a_figure_is_entered_anew_where_one_was_retracted(bureau: Organ, clerk: User, reviewer: User) -> None:
    old = make.make_observation(make.make_metric(), bureau, "100")
    retract(old, reviewer)
    new = make.approve(make.draft_observation(old.metric, bureau, "90"), by=clerk, reviewer=reviewer)
    assert Observation.objects.current().get() == new


def test_a_target_is_set_anew_where_one_was_retracted(tree: Tree, clerk: User, reviewer: User) -> None:
    old = make.make_target(make.make_metric(), tree.bureau, tree.campaign, "100")
    retract(old, reviewer)
    new = make.draft_target(old.metric, tree.bureau, tree.campaign, "90")
    make.approve(new, by=clerk, reviewer=reviewer)
    assert new.is_current


def test_retracting_a_correction_does_not_bring_the_old_version_back(
    bureau: Organ, clerk: User, reviewer: User
) -> None:
    old = make.make_observation(make.make_metric(), bureau, "100")
    new = make.approve(make.corrected(old, by=clerk, phrase="共100个"), by=clerk, reviewer=reviewer)
    old.refresh_from_db()
    assert "已被更正" in why_not(old, Step.RETRACT, by=reviewer)
    retract(new, reviewer)
    assert not Observation.objects.current().exists()


def test_what_is_being_corrected_is_not_retracted(bureau: Organ, clerk: User, reviewer: User) -> None:
    row = make.make_honour(bureau)
    draft = ledger.correct(row, by=clerk, reason="笔误")
    with pytest.raises(Locked, match="请先把更正办完，或删除更正稿"):
        retract(row, reviewer)
    ledger.delete(draft, by=clerk)
    retract(row, reviewer)


def test_what_is_retracted_stays_as_it_is(bureau: Organ, clerk: User) -> None:
    row = make.make_honour(bureau, state="retracted")
    assert "已经撤销" in locks.why_locked(row)
    row.title = "改了"
    for deed in (ledger.change, ledger.delete):
        with pytest.raises(Locked, match="已经撤销，不能再改"):
            deed(row, by=clerk)
    with pytest.raises(Locked, match="可以更正"):
        ledger.correct(row, by=clerk, reason="笔误")


def test_leaders_still_find_what_was_retracted_and_never_saw_drafts(bureau: Organ, leader: User) -> None:
    rows = {state: make.make_honour(bureau, state=state) for state in ("retracted", "returned", "approved")}
    assert set(Honour.objects.visible_to(leader)) == {rows["retracted"], rows["approved"]}


def test_nothing_is_retracted_in_a_closed_campaign(tree: Tree, reviewer: User) -> None:
    row = make.make_honour(tree.bureau)
    type(tree.campaign).objects.update(closed=True)
    with pytest.raises(Locked, match="已结束"):
        retract(row, reviewer)


@pytest.mark.parametrize("how", ["retracted", "withdrawn"])
def test_an_activity_that_a_figure_counts_is_let_go_with_the_figure(
    how: str, pillar: Pillar, bureau: Organ, clerk: User, reviewer: User
) -> None:
    metric = make.make_metric("活动场次", "场", counts="activities")
    action = make.make_action(pillar)
    action.counted_metrics.add(metric)
    activity = make.make_activity(action)
    figure = make.submit(propose(metric, bureau, Period.year(2021), by=clerk), by=clerk)
    if how == "retracted":
        advance(figure, Step.APPROVE, by=reviewer)
    with pytest.raises(Locked, match=r"已计入“.*活动场次.*”，请先更正、撤销或退回那个数值"):
        retract(activity, reviewer)
    if how == "retracted":
        retract(figure, reviewer)
    else:
        advance(figure, Step.WITHDRAW, by=clerk)
    retract(activity, reviewer)
    if how == "withdrawn":
        with pytest.raises(Locked, match="计入的活动有变动"):
            advance(figure, Step.SUBMIT, by=clerk)
    again = propose(metric, bureau, Period.year(2021), by=clerk)
    assert (again is None) == (how == "retracted")


@pytest.mark.parametrize("what", ["activity", "shared activity", "figure"])
def test_a_line_with_something_under_it_is_not_retracted(
    what: str, pillar: Pillar, bureau: Organ, reviewer: User
) -> None:
    line = make.make_action(pillar)
    under: Reviewed
    if what == "figure":
        under = make.make_observation(make.make_metric(), bureau, actions=[line])
    else:
        under = make.make_activity(line if what == "activity" else make.make_action(pillar))
        if what == "shared activity":
            under.also_serves.add(line)
    kind = "数值" if what == "figure" else "活动"
    with pytest.raises(Locked, match=f"这项举措下还有{kind}1项，请先撤销或删除"):
        retract(line, reviewer)
    retract(under, reviewer)
    retract(line, reviewer)
    assert line.state == "retracted"


def test_a_line_whose_closing_is_asked_for_is_not_retracted_a_closed_one_is(
    pillar: Pillar, clerk: User, reviewer: User
) -> None:
    line = make.make_action(pillar)
    advance(line, Step.CLOSE, by=clerk)
    with pytest.raises(Locked, match="正在申请销号"):
        retract(line, reviewer)
    advance(line, Step.APPROVE_CLOSING, by=reviewer)
    retract(line, reviewer)
    assert open_steps(line, by=clerk) == open_steps(line, by=reviewer) == []


def test_nothing_is_entered_under_a_retracted_line(pillar: Pillar, bureau: Organ, clerk: User) -> None:
    line = make.make_action(pillar, state="retracted")
    with pytest.raises(ValidationError, match="请选现行的一条") as caught:
        make.enter(make.draft_activity(line), by=clerk)
    assert list(caught.value.error_dict) == ["action"]
    figure = make.draft_observation(make.make_metric(), bureau)
    with pytest.raises(ValidationError, match="请选现行的一条") as caught:
        make.enter(figure, by=clerk, links={"actions": [line]})
    assert list(caught.value.error_dict) == ["actions"]
    assert not Activity.objects.exists()
    assert not Observation.objects.exists()


def test_an_activity_waiting_under_a_line_retracted_meanwhile_is_not_approved(
    pillar: Pillar, reviewer: User
) -> None:
    activity = make.make_activity(make.make_action(pillar, state="retracted"), state="submitted")
    with pytest.raises(ValidationError, match="请选现行的一条"):
        advance(activity, Step.APPROVE, by=reviewer)


def test_the_database_wants_to_know_who_retracted(bureau: Organ) -> None:
    row = make.make_honour(bureau)
    row.state = "retracted"
    assert make.refused(row) == "honour_retracted_by_someone"
    row.state, row.retracted_at = "approved", timezone.now()
    assert make.refused(row) == "honour_retracted_by_someone"


def test_days_of_closing_stay_with_a_line_that_is_withdrawn_from_it(pillar: Pillar, clerk: User) -> None:
    line = make.make_action(pillar)
    advance(line, Step.CLOSE, by=clerk, closed_on=date(2021, 9, 1))
    advance(line, Step.WITHDRAW_CLOSING, by=clerk)
    assert line.closed_on == date(2021, 9, 1)


@pytest.mark.parametrize("back", [Step.WITHDRAW_CLOSING, Step.RETURN_CLOSING])
def test_a_day_of_closing_that_nobody_typed_does_not_outlast_its_request(
    back: Step, pillar: Pillar, clerk: User, reviewer: User
) -> None:
    line = make.make_action(pillar)
    advance(line, Step.CLOSE, by=clerk)
    assert line.closed_on == timezone.localdate()
    assert ReviewStep.objects.get(step=Step.CLOSE).note == "完成日期没有填，记为申请当天。"
    advance(line, back, by=clerk if back is Step.WITHDRAW_CLOSING else reviewer, note="还没有做完")
    assert line.closed_on is None
    line.closed_on = timezone.localdate()
    ledger.change(line, by=clerk)
    advance(line, Step.CLOSE, by=clerk)
    advance(line, Step.RETURN_CLOSING, by=reviewer, note="还缺照片")
    assert line.closed_on == timezone.localdate(), "that was typed"
