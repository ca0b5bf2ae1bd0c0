"""The rectification list (整改台账): what a problem asks for, who closes it, how it is counted; projects and rules."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from measures import ledger
from measures.models import Action, Milestone, Rule
from measures.workflow import Step, advance, open_steps, refusal
from organs.models import Role
from tests import make

pytestmark = pytest.mark.django_db
DAY = date(2021, 9, 1)


@pytest.fixture
def problem(pillar):
    return make.make_problem(pillar, "补齐台账", due_day=date(2021, 6, 30))


def close(problem: Action, *, by, reviewer) -> None:
    advance(problem, Step.CLOSE, by=by, closed_on=DAY)
    advance(problem, Step.APPROVE_CLOSING, by=reviewer)


def test_the_organ_does_not_close_its_own_problem(problem, clerk, reviewer, steward) -> None:
    advance(problem, Step.CLOSE, by=clerk, closed_on=DAY)
    with pytest.raises(PermissionDenied):
        advance(problem, Step.APPROVE_CLOSING, by=reviewer)
    assert "示范县的工委管理员审核" in refusal(problem, Step.APPROVE_CLOSING, by=reviewer)
    assert Step.APPROVE_CLOSING not in {move.step for move in open_steps(problem, by=reviewer)}
    advance(problem, Step.APPROVE_CLOSING, by=steward)
    assert problem.is_closed


def test_a_plain_action_is_still_closed_by_the_organs_reviewer(pillar, clerk, reviewer, steward) -> None:
    line = make.make_action(pillar)
    advance(line, Step.CLOSE, by=clerk, closed_on=DAY)
    with pytest.raises(PermissionDenied):
        advance(line, Step.APPROVE_CLOSING, by=steward)
    advance(line, Step.APPROVE_CLOSING, by=reviewer)


def test_the_nearest_above_closes_the_problem_of_a_unit(unit, campaign, clerk, reviewer, steward) -> None:
    problem = make.make_problem(make.make_pillar(unit, campaign))
    make.make_member(Role.REVIEWER, unit, "中心审核")
    advance(problem, Step.CLOSE, by=clerk, closed_on=DAY)
    with pytest.raises(PermissionDenied):
        advance(problem, Step.APPROVE_CLOSING, by=steward)
    advance(problem, Step.APPROVE_CLOSING, by=reviewer)


def test_with_nobody_above_the_organs_reviewer_closes_it(problem, clerk, reviewer) -> None:
    close(problem, by=clerk, reviewer=reviewer)
    assert problem.is_closed


def test_the_closing_waits_with_whom_it_is_for(as_user, problem, clerk, reviewer, steward) -> None:
    advance(problem, Step.CLOSE, by=clerk, closed_on=DAY)
    assert "补齐台账" not in make.page(as_user, reviewer, "/review/")
    assert "补齐台账" in make.page(as_user, steward, "/review/")
    sent = {"approve": f"closing-{problem.pk} {problem.changed_at.isoformat()}"}
    as_user(reviewer).post("/review/", sent)
    problem.refresh_from_db()
    assert not problem.is_closed
    as_user(steward).post("/review/", sent)
    problem.refresh_from_db()
    assert problem.is_closed


def test_a_closed_problem_is_opened_again_with_a_reason(problem, clerk, reviewer, steward) -> None:
    close(problem, by=clerk, reviewer=steward)
    with pytest.raises(ValidationError, match="为什么重新打开"):
        advance(problem, Step.REOPEN, by=steward)
    with pytest.raises(PermissionDenied):
        advance(problem, Step.REOPEN, by=reviewer, note="没改到位")
    advance(problem, Step.REOPEN, by=steward, note="没改到位")
    assert (problem.is_closed, problem.closed_on) == (False, None)
    close(problem, by=clerk, reviewer=steward)
    assert problem.is_closed


def test_a_closed_action_is_not_opened_again(pillar, clerk, reviewer) -> None:
    line = make.make_action(pillar)
    close(line, by=clerk, reviewer=reviewer)
    with pytest.raises(ValidationError, match="只有问题整改"):
        advance(line, Step.REOPEN, by=reviewer, note="再看看")


@pytest.mark.parametrize("missing", ["source", "found_on", "finding"])
def test_a_problem_says_who_found_what_when(pillar, clerk, missing) -> None:
    said = {"source": "audit", "found_on": date(2021, 3, 1), "finding": "台账不全", missing: None}
    said = {name: "" if value is None and name != "found_on" else value for name, value in said.items()}
    with pytest.raises(ValidationError) as refused:
        make.enter(make.draft_action(pillar, line="problem", **said), by=clerk)
    assert set(refused.value.error_dict) == {missing}


def test_only_problems_were_found(pillar, clerk) -> None:
    with pytest.raises(ValidationError, match="只有“问题整改”才填"):
        make.enter(make.draft_action(pillar, finding="台账不全"), by=clerk)
    assert make.refused(_unfit(pillar)) == "action_only_problems_were_found"


def _unfit(pillar) -> Action:
    row = make.make_action(pillar)
    row.document_number = "审〔2021〕3号"
    return row


def test_a_correction_does_not_make_a_problem_an_action(problem, clerk) -> None:
    draft = ledger.correct(problem, by=clerk, reason="写错")
    draft.line, draft.source, draft.found_on, draft.finding = "action", "", None, ""
    with pytest.raises(ValidationError, match="台账类型"):
        ledger.change(draft, by=clerk)


def test_the_list_counts_by_organ_and_says_when_all_is_closed(
    as_user, problem, pillar, other_bureau, campaign, leader, clerk, steward
) -> None:
    make.make_problem(pillar, "规范议事", source="audit", due_day=timezone.localdate() + timedelta(days=90))
    theirs = make.make_problem(make.make_pillar(other_bureau, campaign), "清理账目")
    close(theirs, by=make.make_member(Role.CLERK, other_bureau), reviewer=steward)
    page = make.page(as_user, leader, "/problems/")
    assert "发现3、已销号1、未销号2、逾期1" in page
    assert "清零" in page
    assert page.index("甲局") < page.index("乙局")
    only = make.page(as_user, leader, "/problems/?source=audit&standing=open")
    assert "规范议事" in only
    assert "补齐台账" not in only
    assert "补齐台账" not in make.page(as_user, leader, "/problems/?standing=done")
    assert "发现3" in make.page(as_user, leader, "/")
    assert "整改 · 学习教育" in make.page(as_user, leader, f"/organs/{pillar.organ_id}/")


def test_a_problem_without_a_figure_is_no_gap(as_user, problem, leader, clerk) -> None:
    page = make.page(as_user, leader, f"/organs/{problem.organ_id}/")
    assert "没有数值" not in page
    assert "没有数值的举措" not in make.page(as_user, leader, "/")


def test_the_list_is_a_file_too(as_user, problem, leader) -> None:
    file = as_user(leader).get("/problems/?export=rows")
    assert file["Content-Type"].endswith("spreadsheetml.sheet")


def test_drafts_and_other_organs_are_not_listed(as_user, pillar, other_clerk, leader) -> None:
    make.make_problem(pillar, "还没审的问题", state="draft")
    make.make_problem(pillar, "甲局的问题")
    assert "还没审的问题" not in make.page(as_user, leader, "/problems/")
    assert "甲局的问题" not in make.page(as_user, other_clerk, "/problems/")


def test_the_list_costs_the_same_for_3_and_30(as_user, leader, pillar) -> None:
    counts = []
    for number in (3, 27):
        for _ in range(number):
            make.make_problem(pillar)
        client = as_user(leader)
        client.get("/")  # what is kept of the tree
        with CaptureQueriesContext(connection) as asked:
            client.get("/problems/")
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_project_stands_at_its_stages(as_user, pillar, clerk, leader) -> None:
    project = make.make_action(pillar, "县医院迁建", line="project")
    for order, stage, due, done in (
        (1, "立项", date(2021, 1, 31), date(2021, 1, 20)),
        (2, "招标", date(2021, 3, 31), None),
        (3, "开工", timezone.localdate() + timedelta(days=9), None),
    ):
        row = Milestone(action=project, order=order, stage=stage, due_day=due, done_day=done)
        make.enter(row, by=clerk)
    page = make.page(as_user, leader, f"/actions/{project.pk}/")
    assert page.index("立项") < page.index("2021-01-20完成") < page.index("招标") < page.index("已过")


def test_a_late_stage_is_said_beside_its_project_which_is_not_late(
    as_user, pillar, bureau, clerk, leader
) -> None:
    bureau.telephone = "0914-3320000"
    bureau.save()
    today = timezone.localdate()
    project = make.make_action(pillar, "县医院迁建", line="project", due_day=today + timedelta(days=300))
    for order, (stage, days) in enumerate((("立项", -40), ("开工", -12), ("投入使用", 200))):
        row = Milestone(action=project, order=order, stage=stage, due_day=today + timedelta(days=days))
        make.enter(row, by=clerk)
    Milestone.objects.filter(stage="立项").update(done_day=today - timedelta(days=50))
    said = "阶段“开工”已过12天"
    for address in (f"/organs/{bureau.pk}/", f"/pillars/{pillar.pk}/", "/actions/"):
        page = make.page(as_user, leader, address)
        assert said in page, address
        assert "st-late" not in page.partition("<tbody")[2].partition("</table>")[0], address
    page = make.page(as_user, leader, f"/actions/{project.pk}/")
    assert "有阶段逾期" in page
    assert "0914-3320000" in page
    assert "有阶段逾期的项目" in make.page(as_user, leader, f"/organs/{bureau.pk}/")
    assert "县医院迁建：开工" in make.page(as_user, clerk, "/reminders/")
    Milestone.objects.filter(stage="开工").update(done_day=today)
    assert said not in make.page(as_user, leader, "/actions/")


def test_stages_go_over_to_a_corrected_project(pillar, clerk, reviewer) -> None:
    project = make.make_action(pillar, "县医院迁建", line="project")
    make.enter(Milestone(action=project, stage="立项", due_day=DAY), by=clerk)
    new = make.corrected(project, by=clerk, title="县人民医院迁建")
    make.approve(new, by=clerk, reviewer=reviewer)
    assert Milestone.objects.get().action == new


def test_who_notes_a_stage_does_not_agree_to_the_closing(pillar, bureau, clerk) -> None:
    both = make.make_member(Role.CLERK, bureau, "一人两职", username="both")
    make.make_membership(both, bureau, Role.REVIEWER)
    project = make.make_action(pillar, "县医院迁建", line="project")
    make.enter(Milestone(action=project, stage="竣工验收", due_day=DAY, done_day=DAY), by=both)
    project.refresh_from_db()
    advance(project, Step.CLOSE, by=clerk)
    with pytest.raises(ValidationError, match="不能自己审核"):
        advance(project, Step.APPROVE_CLOSING, by=both)


def test_stages_are_for_open_projects_alone(pillar, clerk, reviewer) -> None:
    with pytest.raises(ValidationError, match="“项目”"):
        make.enter(Milestone(action=make.make_action(pillar), stage="立项", due_day=DAY), by=clerk)
    project = make.make_action(pillar, line="project")
    close(project, by=clerk, reviewer=reviewer)
    with pytest.raises(ValidationError, match="已经销号"):
        make.enter(Milestone(action=project, stage="立项", due_day=DAY), by=clerk)


def test_a_clerk_registers_a_project_with_the_usual_stages(as_user, pillar, clerk) -> None:
    project = make.make_action(pillar, "县医院迁建", line="project")
    address = f"/admin/measures/action/{project.pk}/change/"
    form = make.page(as_user, clerk, address)
    assert 'value="竣工验收"' in form
    sent = {"progress": "", "problem": "", "closed_on": "", "seen": project.changed_at.isoformat()}
    for name in ("milestones", "activities"):
        sent |= {f"{name}-TOTAL_FORMS": "0", f"{name}-INITIAL_FORMS": "0"}
    sent |= {"milestones-TOTAL_FORMS": "2"}
    for number, stage in enumerate(("立项", "可研")):
        sent |= {f"milestones-{number}-{name}": "" for name in ("id", "due_day", "done_day")}
        sent |= {f"milestones-{number}-order": str(number + 1), f"milestones-{number}-stage": stage}
        sent |= {f"milestones-{number}-action": str(project.pk)}
    sent["milestones-0-due_day"] = "2021年3月5日"
    response = as_user(clerk).post(address, sent)
    assert response.status_code == 302
    assert [(row.stage, row.due_day) for row in Milestone.objects.all()] == [("立项", date(2021, 3, 5))]


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("1月15日", date(2022, 1, 15)), ("10月8日", date(2021, 10, 8)), ("2021-01-15", None)],
)
def test_a_stage_is_not_planned_before_its_project_begins(as_user, pillar, clerk, typed, stored) -> None:
    days = {"start_day": date(2021, 9, 1), "due_day": date(2022, 3, 31)}
    project = make.make_action(pillar, "县医院迁建", line="project", **days)
    sent = {"progress": "", "problem": "", "closed_on": "", "seen": project.changed_at.isoformat()}
    for name in ("milestones", "activities"):
        sent |= {f"{name}-TOTAL_FORMS": "0", f"{name}-INITIAL_FORMS": "0"}
    sent |= {"milestones-TOTAL_FORMS": "1", "milestones-0-order": "1", "milestones-0-stage": "开工"}
    sent |= {"milestones-0-action": str(project.pk), "milestones-0-due_day": typed}
    answer = as_user(clerk).post(f"/admin/measures/action/{project.pk}/change/", sent)
    told = "计划完成不能早于项目的开始日期2021-09-01" in answer.content.decode()
    assert told is (stored is None)
    assert [row.due_day for row in Milestone.objects.all()] == ([stored] if stored else [])


def test_a_clerk_enters_a_problem(as_user, pillar, clerk) -> None:
    sent = {
        "pillar": pillar.pk,
        "order": 1,
        "title": "补齐台账",
        "kind": make.make_kind().pk,
        "line": "problem",
    }
    for name in ("milestones", "activities"):
        sent |= {f"{name}-TOTAL_FORMS": "0", f"{name}-INITIAL_FORMS": "0"}
    page = as_user(clerk).post("/admin/measures/action/add/", sent).content.decode()
    assert "问题整改要填来源。" in page
    sent |= {
        "source": "audit",
        "found_on": "2021.3.5",
        "finding": "记录不全",
        "document_number": "审〔2021〕3号",
    }
    assert as_user(clerk).post("/admin/measures/action/add/", sent).status_code == 302
    assert Action.objects.get().is_problem


def test_rules_are_listed_with_what_they_replace(as_user, bureau, clerk, leader, other_clerk) -> None:
    old = make.make_rule(bureau, "议事规则（试行）", force="revised", day=date(2020, 1, 1))
    make.enter(Rule(organ=bureau, name="议事规则", day=DAY, replaces=old), by=clerk)
    page = make.page(as_user, leader, "/rules/")
    assert page.index("议事规则<small>") < page.index("议事规则（试行）</th>")
    assert "代替：议事规则（试行）" in page
    assert "议事规则" not in make.page(as_user, other_clerk, "/rules/")
    with pytest.raises(ValidationError, match="更早印发"):
        make.enter(Rule(organ=bureau, name="倒退", day=date(2019, 1, 1), replaces=old), by=clerk)


def test_the_stages_of_a_project_are_read_before_it_is_approved_and_closed(
    as_user, pillar, clerk, reviewer
) -> None:
    waiting = make.make_action(pillar, "迁建", line="project", state="submitted")
    closing = make.make_action(pillar, "扩建", line="project")
    planned = timezone.localdate() - timedelta(days=2)
    for project in (waiting, closing):
        days = {"due_day": date(2021, 3, 5), "done_day": date(2021, 3, 4)}
        Milestone.objects.create(action=project, order=1, stage="立项", **days)
        Milestone.objects.create(action=project, order=2, stage="开工", due_day=planned)
    advance(closing, Step.CLOSE, by=clerk)
    html = make.page(as_user, reviewer, "/review/")
    told = f"立项：计划2021-03-05，2021-03-04完成；开工：计划{planned}，逾期2天"
    assert html.count(told) == 2
