"""Counting held activities: each once, in its period, proposed like any other figure."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from measures import counting
from measures.counting import countable, counted, outdated, propose
from measures.ledger import change, correct
from measures.locks import Locked
from measures.models import Action, Activity, Metric, Observation, Source, Unit
from measures.period import Period
from measures.quantity import Quantity
from measures.workflow import Step, advance
from organs.models import Organ, User
from tests import make
from tests.conftest import Tree
from tests.make import SignIn

pytestmark = pytest.mark.django_db
MARCH = Period.month(2021, 3)
DAY = date(2021, 3, 15)


@pytest.fixture
def sessions() -> Metric:
    """How many activities were held."""
    return make.make_metric("活动场次", "场", counts="activities", rhythm="month")


@pytest.fixture
def visits() -> Metric:
    """How many person-times came."""
    return make.make_metric("参加人次", "人次", counts="attendance", rhythm="month")


@pytest.fixture
def line(tree: Tree, sessions: Metric, visits: Metric) -> Action:
    """A ledger line whose activities count for both metrics."""
    action = make.make_action(make.make_pillar(tree.bureau, tree.campaign))
    action.counted_metrics.set([sessions, visits])
    return action


def test_sessions_and_person_times_are_proposed_as_drafts(
    line: Action, sessions: Metric, visits: Metric, bureau: Organ, clerk: User
) -> None:
    held = [make.make_activity(line, DAY, attended=n) for n in (30, 25)]
    rows = [propose(metric, bureau, MARCH, by=clerk) for metric in (sessions, visits)]
    assert [str(row.quantity) for row in rows if row] == ["2场", "55人次"]
    for row in rows:
        assert row is not None
        assert (row.source, row.state, row.created_by, row.period) == (Source.COUNTED, "draft", clerk, MARCH)
        assert set(row.activities.all()) == set(held)


@pytest.mark.parametrize(
    ("day", "counts"),
    [
        (date(2021, 2, 28), False),
        (date(2021, 3, 1), True),
        (date(2021, 3, 31), True),
        (date(2021, 4, 1), False),
    ],
)
def test_an_activity_counts_on_its_day(
    day: date, counts: bool, line: Action, sessions: Metric, bureau: Organ
) -> None:
    make.make_activity(line, day)
    assert bool(countable(sessions, bureau, MARCH)) is counts


@pytest.mark.parametrize("state", ["draft", "submitted", "returned"])
def test_only_approved_activities_count(state: str, line: Action, sessions: Metric, bureau: Organ) -> None:
    make.make_activity(line, DAY, state=state)
    assert countable(sessions, bureau, MARCH) == []


def test_an_activity_that_serves_two_lines_counts_once(
    tree: Tree, line: Action, sessions: Metric, visits: Metric, clerk: User
) -> None:
    other = make.make_action(line.pillar)
    other.counted_metrics.set([sessions, visits])
    make.make_activity(line, DAY, attended=40).also_serves.set([line, other])
    assert str(propose(sessions, tree.bureau, MARCH, by=clerk).quantity) == "1场"
    assert str(propose(visits, tree.bureau, MARCH, by=clerk).quantity) == "40人次"


def test_an_activity_counts_for_the_lines_that_it_also_serves(
    line: Action, sessions: Metric, bureau: Organ
) -> None:
    activity = make.make_activity(make.make_action(line.pillar), DAY)
    assert countable(sessions, bureau, MARCH) == []
    activity.also_serves.set([line])
    assert countable(sessions, bureau, MARCH) == [activity]


def test_a_joint_activity_counts_for_its_lead_organ_only(tree: Tree, line: Action, sessions: Metric) -> None:
    line.joint_organs.set([tree.other_bureau])
    make.make_activity(line, DAY)
    assert len(countable(sessions, tree.bureau, MARCH)) == 1
    assert countable(sessions, tree.other_bureau, MARCH) == []


def test_attendance_that_nobody_noted_makes_the_sum_a_lower_end(
    line: Action, visits: Metric, bureau: Organ, clerk: User
) -> None:
    for attended in (30, None, 0):
        make.make_activity(line, DAY, attended=attended)
    row = propose(visits, bureau, MARCH, by=clerk)
    assert row is not None
    assert (str(row.quantity), row.quantity.open_ended) == ("30人次以上", True)


def test_nothing_held_proposes_nothing(line: Action, sessions: Metric, bureau: Organ, clerk: User) -> None:
    assert propose(sessions, bureau, MARCH, by=clerk) is None
    assert not Observation.objects.exists()


def test_asking_twice_changes_nothing(line: Action, sessions: Metric, bureau: Organ, clerk: User) -> None:
    make.make_activity(line, DAY)
    propose(sessions, bureau, MARCH, by=clerk)
    assert propose(sessions, bureau, MARCH, by=clerk) is None
    assert Observation.objects.count() == 1


def test_a_further_activity_changes_the_draft(
    line: Action, sessions: Metric, bureau: Organ, clerk: User
) -> None:
    make.make_activity(line, DAY)
    first = propose(sessions, bureau, MARCH, by=clerk)
    make.make_activity(line, DAY)
    again = propose(sessions, bureau, MARCH, by=clerk)
    assert again == first
    assert str(Observation.objects.get().quantity) == "2场"


def test_a_further_activity_after_approval_proposes_a_correction(
    line: Action, sessions: Metric, bureau: Organ, clerk: User, reviewer: User
) -> None:
    make.make_activity(line, DAY)
    first = make.approve(propose(sessions, bureau, MARCH, by=clerk), by=clerk, reviewer=reviewer)
    make.make_activity(line, DAY)
    second = propose(sessions, bureau, MARCH, by=clerk)
    assert second is not None
    assert (second.previous, second.version, str(second.quantity)) == (first, 2, "2场")
    assert "重新计数" in second.reason
    assert Observation.objects.current().get() == first


def test_a_corrected_activity_proposes_a_correction_of_the_figure(
    line: Action, visits: Metric, bureau: Organ, clerk: User, reviewer: User
) -> None:
    activity = make.make_activity(line, DAY, attended=40)
    make.approve(propose(visits, bureau, MARCH, by=clerk), by=clerk, reviewer=reviewer)
    draft = correct(activity, by=clerk, reason="数错")
    Activity.objects.filter(pk=draft.pk).update(attended=45)
    assert propose(visits, bureau, MARCH, by=clerk) is None
    make.approve(draft, by=clerk, reviewer=reviewer)
    assert str(propose(visits, bureau, MARCH, by=clerk).quantity) == "45人次"


@pytest.mark.parametrize("presence", ["value", "nil"])
@pytest.mark.parametrize("state", ["draft", "returned", "submitted", "approved"])
def test_what_people_reported_is_not_counted_over(
    state: str, presence: str, line: Action, sessions: Metric, bureau: Organ, clerk: User
) -> None:
    row = make.make_observation(sessions, bureau, "56", MARCH, state=state, presence=presence)
    said = str(row.quantity)
    assert propose(sessions, bureau, MARCH, by=clerk) is None
    make.make_activity(line, DAY)
    with pytest.raises(Locked, match="已有填报的数，不按活动覆盖"):
        propose(sessions, bureau, MARCH, by=clerk)
    stands = Observation.objects.get()
    assert (str(stands.quantity), stands.source, stands.state) == (said, Source.REPORTED, state)


def test_a_count_that_a_clerk_types_over_is_theirs(
    line: Action, sessions: Metric, bureau: Organ, clerk: User
) -> None:
    make.make_activity(line, DAY)
    row = propose(sessions, bureau, MARCH, by=clerk)
    assert row is not None
    row.remark = "另有两场没有登记"
    change(row, by=clerk)
    assert row.source == Source.COUNTED
    row.quantity = Quantity.exact(3, "场")
    change(row, by=clerk)
    make.make_activity(line, DAY)
    with pytest.raises(Locked, match="不按活动覆盖"):
        propose(sessions, bureau, MARCH, by=clerk)
    assert str(Observation.objects.get().quantity) == "3场"


def test_what_is_typed_while_the_program_counts_is_not_overwritten(
    line: Action,
    sessions: Metric,
    bureau: Organ,
    clerk: User,
    second_clerk: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make.make_activity(line, DAY)
    propose(sessions, bureau, MARCH, by=clerk)
    make.make_activity(line, DAY)

    def typed_meanwhile(*asked: Any) -> Quantity:
        row = Observation.objects.get()
        row.quantity = Quantity.exact(99, "场")
        change(row, by=second_clerk)
        return counted(*asked)

    monkeypatch.setattr(counting, "counted", typed_meanwhile)
    with pytest.raises(Locked, match="刚才有人改动过"):
        propose(sessions, bureau, MARCH, by=clerk)


def test_what_nobody_noted_stays_a_lower_end_in_a_larger_unit(line: Action, bureau: Organ) -> None:
    wide = Unit.objects.create(symbol="万人次", dimension="人次", scale=10_000, base=make.make_unit("人次"))
    metric = Metric(name="参加人次（万）", unit=wide, counts="attendance")
    said = counted(metric, [make.make_activity(line, DAY, attended=n) for n in (120, None)])
    assert (str(said), said.low, said.high) == ("120人次以上", 120, None)


def test_a_figure_that_waits_for_review_is_left_to_the_reviewer(
    line: Action, sessions: Metric, bureau: Organ, clerk: User
) -> None:
    make.make_activity(line, DAY)
    make.submit(propose(sessions, bureau, MARCH, by=clerk), by=clerk)
    make.make_activity(line, DAY)
    with pytest.raises(Locked, match="已经报审"):
        propose(sessions, bureau, MARCH, by=clerk)


def test_a_figure_typed_over_the_counted_one_rests_on_no_activities_any_more(
    line: Action, sessions: Metric, bureau: Organ, clerk: User
) -> None:
    make.make_activity(line, DAY)
    row = propose(sessions, bureau, MARCH, by=clerk)
    assert row is not None
    row.quantity = Quantity.exact(99, "场")
    change(row, by=clerk)
    row.refresh_from_db()
    assert row.source == Source.REPORTED
    assert not row.activities.exists()


def test_counting_costs_the_same_for_few_and_many_organs_where_nothing_was_held(
    area: Organ, bureau: Organ, line: Action, steward: User, superuser: User, as_user: SignIn
) -> None:
    make.make_activity(line, DAY)
    client, address = as_user(superuser), reverse("admin:measures_observation_count")

    def cost() -> int:
        client.post(address, {"period": "2021年3月"})
        with CaptureQueriesContext(connection) as spent:
            client.post(address, {"period": "2021年3月"})
        return len(spent)

    few = cost()
    for _ in range(20):
        make.make_organ(under=area)
    assert cost() == few
    assert Observation.objects.filter(organ=bureau).count() == 2


def test_a_clerk_is_told_that_a_counted_figure_is_outdated_and_updates_it(
    line: Action,
    sessions: Metric,
    visits: Metric,
    bureau: Organ,
    clerk: User,
    reviewer: User,
    as_user: SignIn,
) -> None:
    make.make_activity(line, DAY, attended=30)
    first = make.approve(propose(sessions, bureau, MARCH, by=clerk), by=clerk, reviewer=reviewer)
    propose(visits, bureau, MARCH, by=clerk)
    assert outdated(clerk) == []
    assert "按活动计数的数有变动" not in make.page(as_user, clerk, reverse("home"))
    for _ in range(2):
        make.make_activity(line, DAY, attended=5)
    assert len(outdated(clerk)) == 2
    html = make.page(as_user, clerk, reverse("home"))
    assert "按活动计数的数有变动：2条" in html
    assert "现为1场" in html
    address = reverse("admin:measures_observation_count")
    assert "新拟或更新了2条" in as_user(clerk).post(address, {"changed": "1"}, follow=True).content.decode()
    assert str(Observation.objects.get(previous=first).quantity) == "3场"
    assert outdated(clerk) == []


def test_a_retracted_activity_outdates_the_figure(
    line: Action, sessions: Metric, bureau: Organ, clerk: User, reviewer: User
) -> None:
    kept, gone = make.make_activity(line, DAY), make.make_activity(line, DAY)
    row = propose(sessions, bureau, MARCH, by=clerk)
    advance(gone, Step.RETRACT, by=reviewer, note="没有办成")
    assert outdated(clerk) == [row]
    assert outdated(reviewer) == []
    propose(sessions, bureau, MARCH, by=clerk)
    assert (list(row.activities.all()), outdated(clerk)) == ([kept], [])


def test_nobody_is_told_of_outdated_figures_that_wait_or_fall_into_a_closed_campaign(
    tree: Tree, line: Action, sessions: Metric, bureau: Organ, clerk: User
) -> None:
    make.make_activity(line, DAY)
    row = propose(sessions, bureau, MARCH, by=clerk)
    assert row is not None
    make.make_activity(line, DAY)
    type(tree.campaign).objects.update(closed=True)
    assert outdated(clerk) == []
    type(tree.campaign).objects.update(closed=False)
    assert outdated(clerk) == [row]
    make.submit(row, by=clerk)
    assert outdated(clerk) == []


def test_finding_outdated_figures_costs_the_same_for_one_and_for_many(
    line: Action, sessions: Metric, bureau: Organ, clerk: User
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as spent:
            outdated(clerk)
        return len(spent)

    few = 0
    for month in range(1, 7):
        day = date(2021, month, 15)
        make.make_activity(line, day)
        propose(sessions, bureau, Period.month(2021, month), by=clerk)
        make.make_activity(line, day)
        few = few or cost()
    assert (len(outdated(clerk)), cost()) == (6, few)


def test_without_a_period_the_last_one_that_is_over_is_counted(
    line: Action,
    sessions: Metric,
    bureau: Organ,
    clerk: User,
    as_user: SignIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make.make_activity(line, DAY)
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *asked: date(2021, 4, 1))
    answer = as_user(clerk).post(
        reverse("admin:measures_observation_count"), {"metric": sessions.pk}, follow=True
    )
    assert "按活动计数（2021年3月）：新拟或更新了1条数值" in answer.content.decode()
    assert Observation.objects.get().period == MARCH


def test_a_closed_campaign_is_not_counted_unless_its_period_is_asked_for(
    line: Action,
    sessions: Metric,
    tree: Tree,
    clerk: User,
    as_user: SignIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make.make_activity(line, DAY)
    tree.campaign.closed = True
    tree.campaign.save()
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *asked: date(2021, 4, 1))
    client, address = as_user(clerk), reverse("admin:measures_observation_count")
    html = client.post(address, {"metric": sessions.pk}, follow=True).content.decode()
    assert "不能再增加或改动" not in html
    html = client.post(address, {"metric": sessions.pk, "period": "2021年3月"}, follow=True).content.decode()
    assert "不能再增加或改动" in html


def test_what_is_refused_is_told_before_what_needs_nothing(
    line: Action, sessions: Metric, bureau: Organ, clerk: User, as_user: SignIn
) -> None:
    make.make_observation(sessions, bureau, "56", MARCH)
    make.make_activity(line, DAY)
    form = {"metric": sessions.pk, "period": "2021年3月"}
    html = (
        as_user(clerk).post(reverse("admin:measures_observation_count"), form, follow=True).content.decode()
    )
    assert html.index("已有填报的数") < html.index("其余没有需要新拟或更新的数值")
