"""The door for writes: rights, locks, closed campaigns, corrections, and one audit event for each deed."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, models
from django.utils import timezone

from measures import ledger, locks, storing
from measures.locks import Locked
from measures.models import (
    Action,
    ActionKind,
    Activity,
    Campaign,
    Honour,
    Metric,
    Observation,
    Participation,
    Pillar,
    Reviewed,
    ReviewState,
    Theme,
)
from measures.quantity import Quantity
from organs.models import AuditEvent, AuditVerb, Organ, User
from tests import make
from tests.conftest import Tree

pytestmark = pytest.mark.django_db
EVERYBODY = ("clerk", "reviewer", "leader", "steward", "auditor", "outsider", "other_clerk", "superuser")


@pytest.fixture
def pillar(tree: Tree) -> Pillar:
    return make.make_pillar(tree.bureau, tree.campaign)


def new_rows(tree: Tree) -> dict[str, models.Model]:
    """One row of each kind that people enter, not stored."""
    pillar = make.make_pillar(tree.bureau, tree.campaign)
    action = make.make_action(pillar)
    return {
        "pillar": Pillar(campaign=tree.campaign, organ=tree.bureau, heading="另一标题", theme=pillar.theme),
        "action": make.draft_action(pillar),
        "activity": make.draft_activity(action),
        "observation": make.draft_observation(make.make_metric(), tree.bureau, "50余"),
        "target": make.draft_target(make.make_metric(), tree.bureau, tree.campaign, "100"),
        "honour": make.draft_honour(tree.bureau),
        "own metric": Metric(name="自用指标", unit=make.make_unit(), nature="flow", owner=tree.bureau),
        "metric": Metric(name="通用指标", unit=make.make_unit(), nature="flow"),
        "theme": Theme(name="新主题", short_name="新"),
        "kind": ActionKind(name="新类别"),
        "campaign": Campaign(
            name="新活动", owner=tree.area, first_day=date(2022, 1, 1), last_day=date(2022, 12, 31)
        ),
    }


ENTERED = ("pillar", "action", "activity", "observation", "target", "honour", "own metric")
CATALOGUE = ("metric", "theme", "kind", "campaign")


def test_rows_are_entered_by_the_clerk_and_catalogues_by_the_steward(
    tree: Tree, request: pytest.FixtureRequest
) -> None:
    cast = {who: request.getfixturevalue(who) for who in EVERYBODY}
    for kind, row in new_rows(tree).items():
        allowed = {"superuser", "clerk" if kind in ENTERED else "steward"}
        assert {who for who, user in cast.items() if ledger.may_write(user, row)} == allowed, kind


@pytest.mark.parametrize("kind", ENTERED)
def test_an_entry_leaves_one_event_that_tells_who_what_and_where(kind: str, tree: Tree, clerk: User) -> None:
    row = make.enter(new_rows(tree)[kind], by=clerk)
    event = AuditEvent.objects.get()
    assert (event.verb, event.user_name, event.organ_name) == (AuditVerb.CREATE, "林填报", "甲局")
    assert (event.target_id, event.target_name, event.before) == (row.pk, str(row), "")
    assert event.after == ledger.described(row)


@pytest.mark.parametrize("kind", CATALOGUE)
def test_an_entry_of_the_catalogue_leaves_one_event(kind: str, tree: Tree, steward: User) -> None:
    row = make.enter(new_rows(tree)[kind], by=steward)
    assert AuditEvent.objects.get().target_id == row.pk


def test_a_new_row_knows_who_made_it_and_counts_for_nothing_yet(bureau: Organ, clerk: User) -> None:
    row = make.enter(make.draft_honour(bureau), by=clerk)
    row.refresh_from_db()
    assert (row.created_by, row.hands, row.state) == (clerk, [clerk.pk], ReviewState.DRAFT)
    assert not row.is_current


def test_what_is_refused_leaves_neither_row_nor_event(bureau: Organ, clerk: User, other_clerk: User) -> None:
    with pytest.raises(PermissionDenied):
        make.enter(make.draft_honour(bureau), by=other_clerk)
    with pytest.raises(ValidationError, match="不能在将来"):
        make.enter(make.draft_honour(bureau, day=timezone.localdate() + timedelta(days=1)), by=clerk)
    assert not Honour.objects.exists()
    assert not AuditEvent.objects.exists()


def test_a_second_entry_of_the_same_series_is_told_to_go_to_the_first(bureau: Organ, clerk: User) -> None:
    metric = make.make_metric()
    make.enter(make.draft_observation(metric, bureau, "100"), by=clerk)
    with pytest.raises(ValidationError, match="已有一份在办理"):
        make.enter(make.draft_observation(metric, bureau, "120"), by=clerk)


def test_a_change_tells_before_and_after_with_its_links(
    tree: Tree, pillar: Pillar, clerk: User, second_clerk: User
) -> None:
    row = make.enter(make.draft_action(pillar, "旧题"), by=clerk)
    row.title = "新题"
    ledger.change(row, by=second_clerk, links={"joint_organs": [tree.other_bureau]})
    event = AuditEvent.objects.get(verb=AuditVerb.CHANGE)
    assert "举措：旧题" in event.before
    assert "举措：新题" in event.after
    assert "协办单位：乙局" in event.after
    assert "协办单位" not in event.before
    row.refresh_from_db()
    assert row.hands == sorted([clerk.pk, second_clerk.pk])


def test_saving_without_changing_anything_is_no_deed(pillar: Pillar, clerk: User, second_clerk: User) -> None:
    row = make.enter(make.draft_action(pillar), by=clerk)
    ledger.change(Action.objects.get(pk=row.pk), by=second_clerk, links={"joint_organs": []})
    row.refresh_from_db()
    assert row.hands == [clerk.pk]
    assert AuditEvent.objects.count() == 1


def test_an_approved_row_may_be_opened_and_saved_unchanged_by_who_approved_it(
    bureau: Organ, superuser: User
) -> None:
    row = make.make_honour(bureau)
    Honour.objects.update(approved_by=superuser)
    ledger.change(Honour.objects.get(pk=row.pk), by=superuser)
    assert superuser.pk not in Honour.objects.get().hands


def test_a_change_cannot_smuggle_a_review_state(bureau: Organ, clerk: User) -> None:
    row = make.enter(make.draft_honour(bureau), by=clerk)
    row.state, row.title = ReviewState.SUBMITTED, "新题"
    row.created_at = timezone.now()
    ledger.change(row, by=clerk)
    row.refresh_from_db()
    assert (row.state, row.title) == (ReviewState.DRAFT, "新题")


def test_a_row_is_not_moved_to_an_organ_where_the_clerk_has_no_say(tree: Tree, clerk: User) -> None:
    row = make.enter(make.draft_honour(tree.bureau), by=clerk)
    row.organ = tree.other_bureau
    with pytest.raises(PermissionDenied):
        ledger.change(row, by=clerk)
    theirs = make.make_honour(tree.other_bureau, approved=False)
    theirs.organ = tree.bureau
    with pytest.raises(PermissionDenied):
        ledger.change(theirs, by=clerk)


LOCKED = [("submitted", "已经报审"), ("approved", "请用“更正”")]


def changed(row: Reviewed) -> Reviewed:
    """The row with something else in it."""
    match row:
        case Observation():
            row.quantity = Quantity.exact(7, row.quantity.unit)
        case Action() | Honour() | Activity():
            row.title = "改了"
        case _:
            row.phrase = "改了"
    return row


@pytest.mark.parametrize(("state", "why"), LOCKED)
@pytest.mark.parametrize("kind", ["action", "activity", "observation", "target", "honour"])
def test_rows_on_review_and_past_it_are_locked_for_everybody(
    kind: str, state: str, why: str, tree: Tree, clerk: User, superuser: User
) -> None:
    row = make.store(new_rows(tree)[kind], state=state)
    for user in (clerk, superuser):
        with pytest.raises(Locked, match=why):
            ledger.change(changed(row), by=user)
        with pytest.raises(Locked, match=why):
            ledger.delete(row, by=user)
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("kind", ["action", "activity", "observation", "target", "honour"])
def test_returned_rows_are_open_again(kind: str, tree: Tree, clerk: User) -> None:
    row = make.store(new_rows(tree)[kind], state="returned")
    ledger.change(changed(row), by=clerk)
    ledger.delete(row, by=clerk)
    events = AuditEvent.objects.order_by("pk")
    assert [event.verb for event in events] == [AuditVerb.CHANGE, AuditVerb.DELETE]
    assert events[1].before == events[0].after


def test_joint_organs_of_an_approved_line_are_locked_like_its_title(
    tree: Tree, pillar: Pillar, clerk: User
) -> None:
    row = make.make_action(pillar)
    with pytest.raises(Locked):
        ledger.change(row, by=clerk, links={"joint_organs": [tree.other_bureau]})


def test_progress_and_problem_of_an_approved_line_go_on(pillar: Pillar, clerk: User) -> None:
    row = make.make_action(pillar)
    row.progress, row.problem = "已完成一半", "缺人"
    ledger.change(row, by=clerk)
    row.refresh_from_db()
    assert (row.progress, row.problem) == ("已完成一半", "缺人")
    assert clerk.pk in row.closing_hands
    assert clerk.pk not in row.hands


def test_a_line_that_is_closed_out_stays_as_it_is(pillar: Pillar, clerk: User) -> None:
    row = make.make_action(pillar, closing_state=ReviewState.APPROVED, closed_on=date(2021, 9, 1))
    row.progress = "又改"
    with pytest.raises(Locked, match="已经销号"):
        ledger.change(row, by=clerk)


@pytest.mark.parametrize("field", ["progress", "problem", "closed_on"])
def test_a_line_whose_closing_is_asked_for_waits_as_it_is(field: str, pillar: Pillar, clerk: User) -> None:
    row = make.make_action(pillar, closing_state=ReviewState.SUBMITTED, closed_on=date(2021, 9, 1))
    setattr(row, field, date(2021, 8, 1) if field == "closed_on" else "又改")
    with pytest.raises(Locked, match="已经申请销号"):
        ledger.change(row, by=clerk)


def test_an_activity_that_counts_in_an_approved_figure_says_which_lock_holds_it(
    pillar: Pillar, bureau: Organ
) -> None:
    activity = make.make_activity(make.make_action(pillar), approved=False)
    observation = make.make_observation(make.make_metric(counts="activities"), bureau, "1")
    observation.activities.set([activity])
    assert "已计入审核过的数值" in locks.why_locked(activity)


def closed(campaign: Campaign) -> None:
    """Closes the campaign past the door."""
    campaign.closed = True
    campaign.save()


@pytest.mark.parametrize("kind", ["pillar", "action", "activity", "observation", "target", "honour"])
def test_a_closed_campaign_takes_nothing_in_and_lets_nothing_be_changed(
    kind: str, tree: Tree, clerk: User, superuser: User
) -> None:
    rows, again = new_rows(tree), new_rows(tree)
    row = rows[kind]
    if isinstance(row, Reviewed):
        make.store(row, approved=False)
    else:
        row.save()
    closed(tree.campaign)
    for user in (clerk, superuser):
        with pytest.raises(Locked, match=r"已结束.*工委管理员"):
            make.enter(again[kind], by=user)
        with pytest.raises(Locked, match="已结束"):
            ledger.delete(row, by=user)
    assert "模范机关创建（2021年）" in locks.why_locked(row)


@pytest.mark.parametrize("kind", ["activity", "observation", "target", "honour"])
def test_a_closed_campaign_takes_no_correction(kind: str, tree: Tree, clerk: User) -> None:
    row = make.store(new_rows(tree)[kind])
    closed(tree.campaign)
    with pytest.raises(Locked, match="已结束"):
        ledger.correct(row, by=clerk, reason="笔误")


def test_a_change_to_what_somebody_else_has_changed_is_refused(
    bureau: Organ, clerk: User, second_clerk: User
) -> None:
    mine = make.enter(make.draft_honour(bureau), by=clerk)
    theirs, seen = Honour.objects.get(), mine.changed_at
    theirs.title = "他们的"
    ledger.change(theirs, by=second_clerk, seen=seen)
    mine.title = "我的"
    with pytest.raises(Locked, match="刚才有人改动过"):
        ledger.change(mine, by=clerk, seen=seen)
    assert Honour.objects.get().title == "他们的"
    ledger.change(mine, by=clerk, seen=theirs.changed_at)
    assert Honour.objects.get().changed_at == mine.changed_at > theirs.changed_at > seen


def test_what_the_database_cannot_hold_is_said_in_words(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    row = Participation(campaign=tree.campaign, organ=tree.unit)
    monkeypatch.setattr(
        row, "save", lambda: connection.cursor().execute("select daterange('2021-2-1', '2021-1-1')")
    )
    with pytest.raises(ValidationError, match="超出了能存的范围"):
        storing.save(row)


def test_a_refusal_that_no_constraint_of_ours_explains_is_not_hidden(
    bureau: Organ, monkeypatch: pytest.MonkeyPatch
) -> None:
    nameless = Honour(organ=bureau)
    monkeypatch.setattr(nameless, "full_clean", lambda **_: None)
    with pytest.raises(IntegrityError, match="null value"):
        storing.store(nameless)
