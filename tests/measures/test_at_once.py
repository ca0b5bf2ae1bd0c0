"""Two at once: one wins, the other is told, and every row leaves one step and one event."""

from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from threading import Barrier, Thread
from time import sleep

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, connections, transaction
from django.urls import reverse
from django.utils import timezone

from measures import ledger, storing
from measures.models import (
    Action,
    Activity,
    Campaign,
    Honour,
    Metric,
    Observation,
    Pillar,
    Reviewed,
    ReviewState,
    ReviewStep,
)
from measures.workflow import Step, advance
from organs.models import AuditEvent, AuditVerb, Organ, Role, User
from organs.verification import Verification
from tests import make
from tests.measures.test_admin_entry import action_form, page, shown

pytestmark = pytest.mark.django_db(transaction=True)
TOLD = "现在的状态是“已审核”，不能审核通过。"


def at_once(*deeds: Callable[[], object]) -> list[str]:
    """What each of several people is told who do something in the same moment, in connections of their own."""
    return [told for (told,) in sorted(all_at_once(*[[deed] for deed in deeds]))]


def all_at_once(*people: Iterable[Callable[[], object]]) -> list[list[str]]:
    """What each of several people is told, deed by deed, who begin in the same moment."""
    start, told = Barrier(len(people)), [list[str]() for _ in people]

    def run(deeds: Iterable[Callable[[], object]], answers: list[str]) -> None:
        start.wait()
        try:
            for deed in deeds:
                answers.append(_answer(deed))
        finally:
            connection.close()

    threads = [Thread(target=run, args=pair) for pair in zip(people, told, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


def _answer(deed: Callable[[], object]) -> str:
    try:
        deed()
    except ValidationError as error:
        return error.messages[0]
    return ""


def test_of_two_who_do_it_at_once_one_wins_and_the_other_is_told(
    bureau: Organ, clerk: User, second_clerk: User, reviewer: User, second_reviewer: User
) -> None:
    row: Reviewed = make.make_honour(bureau, state="submitted")
    told = at_once(
        lambda: advance(Honour.objects.get(), Step.APPROVE, by=reviewer),
        lambda: advance(Honour.objects.get(), Step.APPROVE, by=second_reviewer),
    )
    assert told == ["", TOLD]
    assert ReviewStep.objects.filter(step=Step.APPROVE).count() == 1
    told = at_once(*[lambda: ledger.correct(row, by=clerk, reason="笔误")] * 2)
    assert told == ["", "这一条已经有一份更正在办理。"]
    metric = make.make_metric(rhythm="span")
    drafts = [make.draft_observation(metric, bureau, "1"), make.draft_observation(metric, bureau, "2")]
    told = at_once(*[lambda draft=d: ledger.create(draft, by=clerk) for d in drafts])
    assert told[0] == ""
    assert "已有一份在办理" in told[1]
    waiting = [make.make_observation(make.make_metric("同一指标"), bureau, "1", "2021Q1", state="submitted")]
    waiting.append(make.make_observation(waiting[0].metric, bureau, "5", "2021H1", state="submitted"))
    type(waiting[0].metric).objects.update(rhythm="span")
    told = at_once(*[lambda row=w: advance(row, Step.APPROVE, by=reviewer) for w in waiting])
    assert told[0] == ""
    assert "请用“更正”" in told[1]
    assert Observation.objects.current().count() == 1


def test_of_two_who_wait_for_each_other_one_is_told(bureau: Organ, reviewer: User) -> None:
    """Each approves a figure, then one that the other's first excludes: the database lets one of them go."""
    first, second = make.make_metric(), make.make_metric()
    waiting = [
        make.make_observation(metric, bureau, "1", period, state="submitted")
        for metric, period in ((first, "2021Q1"), (second, "2021H1"), (second, "2021Q1"), (first, "2021H1"))
    ]
    Metric.objects.update(rhythm="span")
    both = Barrier(2)

    def approve(rows: list[Observation]) -> None:
        with transaction.atomic():
            advance(rows[0], Step.APPROVE, by=reviewer)
            both.wait()
            advance(rows[1], Step.APPROVE, by=reviewer)

    told = at_once(partial(approve, waiting[:2]), partial(approve, waiting[2:]))
    assert told == ["", storing.AT_ONCE]
    assert Observation.objects.current().count() == 2


def test_who_was_let_go_because_two_figures_exclude_each_other_is_told_by_which(
    bureau: Organ, reviewer: User
) -> None:
    """One approves the half year and waits for the other's first quarter, who then waits for the half year."""
    metric = make.make_metric()
    quarters = [
        make.make_observation(metric, bureau, "1", period, state="submitted")
        for period in ("2021Q1", "2021Q2")
    ]
    half = make.make_observation(metric, bureau, "2", "2021H1", state="submitted")
    Metric.objects.update(rhythm="span")
    both = Barrier(2)

    def approve_quarters() -> None:
        with transaction.atomic():
            advance(quarters[0], Step.APPROVE, by=reviewer)
            both.wait()
            _until_somebody_waits_for_me()
            advance(quarters[1], Step.APPROVE, by=reviewer)

    def approve_half() -> None:
        both.wait()
        advance(half, Step.APPROVE, by=reviewer)

    told = at_once(approve_quarters, approve_half)
    assert told[0] == ""
    assert "请用“更正”" in told[1]
    assert [str(row.period) for row in Observation.objects.current().order_by("period_days")] == [
        str(row.period) for row in quarters
    ]


def test_whom_the_database_lets_go_reads_so_beside_what_was_typed(
    pillar: Pillar, clerk: User, as_user: make.SignIn
) -> None:
    """One saves an action, which waits for its campaign; who holds that then waits for the action."""
    action = make.make_action(pillar, approved=False)
    client, typed = as_user(clerk), action_form(pillar, title="改过的题目")
    started, answers = Barrier(2), list[str]()

    def hold() -> None:
        with transaction.atomic():
            Campaign.objects.select_for_update().get()
            started.wait()
            _until_somebody_waits_for_me()
            Action.objects.select_for_update().get(pk=action.pk)

    def save() -> None:
        started.wait()
        answers.append(shown(client.post(page(action), typed)))

    assert at_once(hold, save) == ["", ""]
    assert storing.AT_ONCE in answers[0]
    assert 'value="改过的题目"' in answers[0]
    action.refresh_from_db()
    assert action.title != "改过的题目"


def test_of_what_is_submitted_together_only_what_a_colleague_just_deletes_is_left(
    bureau: Organ, clerk: User, second_clerk: User, as_user: make.SignIn
) -> None:
    gone, stays = (
        make.enter(make.draft_honour(bureau, title), by=clerk) for title in ("删掉的奖", "留下的奖")
    )
    client, address = as_user(clerk), reverse("admin:measures_honour_changelist")
    sent = {"action": "submit", "_selected_action": [gone.pk, stays.pk], "confirmed": "1"}
    started, answers = Barrier(2), list[str]()

    def delete() -> None:
        with transaction.atomic():
            ledger.delete(Honour.objects.get(pk=gone.pk), by=second_clerk)
            started.wait()
            _until_somebody_waits_for_me()

    def submit() -> None:
        started.wait()
        answers.append(shown(client.post(address, sent, follow=True)))

    assert at_once(delete, submit) == ["", ""]
    assert "1条已办，1条未办——“删掉的奖”：这条荣誉已经不在了" in answers[0]
    stays.refresh_from_db()
    assert stays.state == ReviewState.SUBMITTED


@pytest.mark.parametrize(
    "deed",
    [
        lambda row, by: advance(row, Step.SUBMIT, by=by),
        lambda row, by: ledger.change(row, by=by),
        lambda row, by: ledger.delete(row, by=by),
        lambda row, by: ledger.correct(row, by=by, reason="笔误"),
        lambda row, by: ledger.hand_over(row, to=by, by=by),
        lambda row, by: ledger.create(make.draft_activity(row), by=by),
    ],
)
def test_what_is_done_to_a_row_that_is_gone_is_refused_in_words(
    deed: Callable[[Action, User], object], pillar: Pillar, clerk: User
) -> None:
    row = make.enter(make.draft_action(pillar), by=clerk)
    ledger.delete(Action.objects.get(), by=clerk)
    assert "这条举措已经不在了" in _answer(lambda: deed(row, clerk))


def test_who_hands_over_what_the_steward_just_gave_to_another_is_told_and_the_rest_goes(
    bureau: Organ, clerk: User, second_clerk: User, steward: User, as_user: make.SignIn
) -> None:
    given, mine = (
        make.enter(make.draft_honour(bureau, title), by=clerk) for title in ("给过的奖", "手里的奖")
    )
    third, client, address = make.make_member(Role.CLERK, bureau), as_user(clerk), f"/handover/{clerk.pk}/"
    started, answers = Barrier(2), list[str]()

    def give() -> None:
        with transaction.atomic():
            ledger.hand_over(Honour.objects.get(pk=given.pk), to=second_clerk, by=steward)
            started.wait()
            _until_somebody_waits_for_me()

    def press() -> None:
        started.wait()
        sent = {"organ": bureau.pk, f"{bureau.pk}-to": third.pk}
        answers.extend(shown(client.post(address, sent, follow=True)) for _ in "12")

    assert at_once(give, press) == ["", ""]
    assert f"的1条已移交给{third.name}" in answers[0]
    assert f"1条没有移交——“给过的奖”：刚才已经移交给{second_clerk.name}了。" in answers[0]
    assert "这些刚才已经移交或者办完了" in answers[1]
    assert set(Honour.objects.kept_by(second_clerk)) == {given}
    assert set(Honour.objects.kept_by(third)) == {mine}


def _until_somebody_waits_for_me() -> None:
    with connection.cursor() as cursor:
        for _ in range(1000):
            cursor.execute(
                "SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
            )
            if cursor.rowcount:
                return
            sleep(0.01)
    raise AssertionError("nobody waits")


def approve_all(rows: list[int], by: User) -> list[str]:
    """What a reviewer is told who approves all these honours, one after the other, in a process of their own."""
    return [_answer(partial(advance, Honour(pk=pk), Step.APPROVE, by=by)) for pk in rows]


def test_two_reviewers_of_the_same_200_rows_approve_each_of_them_once(
    bureau: Organ, clerk: User, reviewer: User, second_reviewer: User
) -> None:
    made = {"created_by": clerk, "hands": [clerk.pk], "state": ReviewState.SUBMITTED}
    sent = {"submitted_by": clerk, "submitted_at": timezone.now()}
    rows = Honour.objects.bulk_create(
        make.draft_honour(bureau, f"荣誉{n}", **made, **sent) for n in range(200)
    )

    connections.close_all()  # each process opens its own
    with ProcessPoolExecutor(2, get_context("fork")) as processes:
        told = list(processes.map(approve_all, [[row.pk for row in rows]] * 2, [reviewer, second_reviewer]))
    assert [sorted(pair) for pair in zip(*told, strict=True)] == [["", TOLD]] * 200
    steps = ReviewStep.objects.filter(step=Step.APPROVE)
    events = AuditEvent.objects.filter(verb=AuditVerb.APPROVE)
    assert Counter(steps.values_list("target_id", "by")) == Counter(
        events.values_list("target_id", "user_id")
    )
    assert Counter(steps.values_list("target_id", flat=True)) == Counter(row.pk for row in rows)
    assert Counter(Honour.objects.current().values_list("pk", "approved_by")) == Counter(
        steps.values_list("target_id", "by")
    )
    assert list(Verification([]).faults()) == []


def test_what_is_being_withdrawn_is_not_approved_too(bureau: Organ, clerk: User, reviewer: User) -> None:
    row = make.submit(make.draft_honour(bureau), by=clerk)
    told = at_once(
        lambda: advance(Honour.objects.get(), Step.WITHDRAW, by=clerk),
        lambda: advance(Honour.objects.get(), Step.APPROVE, by=reviewer),
    )
    assert told[0] == ""
    row.refresh_from_db()
    assert (
        told[1]
        == {
            "draft": "现在的状态是“草稿”，不能审核通过。",
            "approved": "现在的状态是“已审核”，不能撤回。",
        }[row.state]
    )


def test_an_activity_is_not_retracted_while_a_figure_that_counts_it_is_approved(
    bureau: Organ, clerk: User, reviewer: User, second_reviewer: User, pillar: Pillar
) -> None:
    activity = make.make_activity(make.make_action(pillar))
    figure = make.make_observation(make.make_metric(), bureau, "1", approved=False, source="counted")
    figure.activities.set([activity])
    told = at_once(
        lambda: advance(Activity.objects.get(), Step.RETRACT, by=second_reviewer, note="没有举行"),
        lambda: advance(Observation.objects.get(), Step.SUBMIT, by=clerk),
    )
    assert told[0] == ""
    assert "已计入" in told[1] or "计入的活动有变动" in told[1]
    assert Action.objects.get().activities.live().exists() == (figure.activities.current().exists())


@pytest.mark.parametrize("moved", [True, False])
def test_nothing_is_entered_under_a_line_that_is_just_being_retracted(
    moved: bool, bureau: Organ, clerk: User, reviewer: User, pillar: Pillar
) -> None:
    line, other = make.make_action(pillar), make.make_action(pillar)
    activity = make.enter(make.draft_activity(other), by=clerk) if moved else make.draft_activity(line)
    write, told = (ledger.change if moved else ledger.create), list[str]()
    activity.action = Action.objects.get(pk=line.pk)

    def enter() -> None:
        told.append(_answer(partial(write, activity, by=clerk)))
        connection.close()

    entering = Thread(target=enter)
    with transaction.atomic():
        advance(line, Step.RETRACT, by=reviewer, note="不办了")
        entering.start()
        while not _somebody_waits():
            entering.join(0.05)
    entering.join()
    assert "请选现行的一条" in told[0]
    assert not line.activities.exists()


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
        return bool(cursor.fetchone()[0])
