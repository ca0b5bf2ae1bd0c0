"""The year turns: what is ticked is copied and nothing else, and all of it is taken back again."""

from collections.abc import Callable
from datetime import date
from random import Random
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from measures import ledger, restoring, rollups, turning
from measures.carrying import Copy, carry_over, copied
from measures.locks import Locked
from measures.models import (
    Action,
    Batch,
    Campaign,
    EvidenceLink,
    Milestone,
    Nature,
    Participation,
    Pillar,
    Target,
)
from measures.period import Period
from measures.rollups.turning import moved
from measures.workflow import Step, advance
from organs.models import AuditEvent, Role, User
from tests import make
from tests.conftest import Tree

SignIn = Callable[[User | None], Client]
DAYS = (date(2022, 1, 1), date(2022, 12, 31))
NAME = "模范机关创建（2022年）"


@pytest.fixture
def year(tree: Tree) -> Campaign:
    """A year of two bureaus: headings, actions in every state, targets of every nature with and without figures."""
    campaign = tree.campaign
    for organ in (tree.bureau, tree.other_bureau):
        for number in range(2):
            pillar = make.make_pillar(organ, campaign, f"着力第{number}项")
            make.make_action(
                pillar,
                f"{organ.name}举措{number}",
                joint=[tree.unit],
                start_day=date(2021, 3, 1),
                due_day=date(2021, 11, 30),
                progress="做了一半",
                problem="人手不够",
            )
        make.make_action(pillar, f"{organ.name}已销号", closing_state="approved", closed_on=date(2021, 6, 1))
        make.make_action(pillar, f"{organ.name}草稿", approved=False)
        make.make_target(make.make_metric(), organ, campaign, "120", phrase="全年120个")
    return campaign


def natures(tree: Tree) -> dict[str, tuple[str, str]]:
    """By nature and rhythm, what comes out of the year's figures: baseline and its words."""
    kinds = {
        "stock": ("个", Nature.STOCK, "quarter"),
        "ratio": ("%", Nature.RATIO, "quarter"),
        "yearly": ("场", Nature.FLOW, "year"),
        "monthly": ("场", Nature.FLOW, "quarter"),
        "rank": ("位", Nature.RANK, "year"),
        "silent": ("个", Nature.CUMULATIVE, "year"),
    }
    for name, (unit, nature, rhythm) in kinds.items():
        metric = make.make_metric(name, unit, nature, rhythm=rhythm)
        make.make_target(metric, tree.bureau, tree.campaign, "30")
        if name == "silent":
            continue
        periods = ["2021"] if rhythm == "year" else ["2021Q1", "2021Q2"]
        for said, period in zip(("25余" if unit == "个" else "25", "28"), periods, strict=False):
            make.make_observation(metric, tree.bureau, said, period)
    plan = rollups.turning_plan(tree.campaign, make.make_member(Role.STEWARD, tree.area, with_below=True))
    aims = [aim for part in plan.parts for aim in part.aims if aim.row.metric.name in kinds]
    return {aim.row.metric.name: (str(aim.baseline.quantity), aim.baseline.words) for aim in aims}


def told(model: type[Any], campaign: Campaign) -> list[Any]:
    """What rows of a campaign say, without keys."""
    where = {"pillar__campaign": campaign} if model is Action else {"campaign": campaign}
    return sorted(str(row) for row in model._default_manager.filter(**where))


def whole(campaign: Campaign) -> dict[str, list[dict[str, Any]]]:
    """All that is stored, but for the trail and what was remembered."""
    models = (Campaign, Participation, Pillar, Action, Target)
    found = {m.__name__: list(m._default_manager.order_by("pk").values()) for m in models}
    found["joint"] = list(Action.joint_organs.through.objects.order_by("pk").values())
    return found


def turned(campaign: Campaign, by: User, *, close: bool = True, ticks: set[str] | None = None) -> Campaign:
    plan = rollups.turning_plan(campaign, by)
    ticks = plan.ticked if ticks is None else ticks
    return turning.turn(plan, ticks, name=NAME, days=DAYS, close=close, by=by)


def test_what_is_proposed_goes_on_as_drafts_of_the_steward(
    year: Campaign, tree: Tree, steward: User, clerk: User, reviewer: User
) -> None:
    new = turned(year, steward)
    assert told(Pillar, new) == told(Pillar, year)
    assert told(Action, new) == sorted(f"{o}举措{n}" for o in ("甲局", "乙局") for n in (0, 1))
    row = Action.objects.get(pillar__campaign=new, title="甲局举措0")
    assert (row.state, row.created_by, row.hands, row.organ) == ("draft", steward, [steward.pk], tree.bureau)
    assert (row.start_day, row.due_day) == (date(2022, 3, 1), date(2022, 11, 30))
    assert (row.progress, row.problem, list(row.joint_organs.all())) == ("", "", [tree.unit])
    assert [p.organ for p in new.participations.order_by("organ__path")] == [tree.bureau, tree.other_bureau]
    assert AuditEvent.objects.about(row).get().user_id == steward.pk
    year.refresh_from_db()
    assert year.closed
    with pytest.raises(Locked, match="已结束"):
        ledger.create(make.draft_action(year.pillars.first()), by=clerk)
    advance(row, Step.SUBMIT, by=clerk)
    advance(row, Step.APPROVE, by=reviewer)
    other = Action.objects.get(pillar__campaign=new, title="乙局举措0")
    make.make_member(Role.CLERK, tree.other_bureau)
    advance(other, Step.SUBMIT, by=User.objects.filter(memberships__organ=tree.other_bureau).get())
    with pytest.raises(Locked, match="不能自己审核"):
        advance(other, Step.APPROVE, by=steward)


def test_last_years_value_is_the_baseline_where_it_fits(tree: Tree) -> None:
    assert natures(tree) == {
        "stock": ("28个", "2021年第二季度"),
        "ratio": ("28%", "2021年第二季度"),
        "yearly": ("25场", "2021年"),
        "monthly": ("None", ""),
        "rank": ("None", ""),
        "silent": ("None", ""),
    }


def test_a_copied_target_is_pending_until_somebody_has_thought_about_it(
    year: Campaign, tree: Tree, steward: User, clerk: User
) -> None:
    metric = Target.objects.filter(organ=tree.bureau).get().metric
    make.make_observation(metric, tree.bureau, "100余")
    new = turned(year, steward)
    row = Target.objects.get(campaign=new, organ=tree.bureau)
    assert (str(row.value), str(row.baseline), row.baseline_day) == ("120个", "100余个", date(2021, 12, 31))
    assert (row.baseline_note, row.phrase) == ("上一届：2021年", "待定：沿用上一届的目标值")
    with pytest.raises(Exception, match="还是待定"):
        advance(row, Step.SUBMIT, by=clerk)
    row.phrase = ""
    ledger.change(row, by=clerk)
    advance(row, Step.SUBMIT, by=clerk)


@settings(settings.get_profile("database"), max_examples=8)
@given(seed=st.integers(0, 2**32))
def test_what_is_ticked_is_copied_and_undoing_gives_back_what_was(
    year: Campaign, steward: User, seed: int
) -> None:
    chance, before = Random(seed), whole(year)
    plan = rollups.turning_plan(year, steward)
    ticks = {token for token in sorted(plan.by_token) if chance.random() < 0.8}
    chosen = plan.chosen(ticks)
    new = turned(year, steward, ticks=ticks, close=chance.random() < 0.5)
    assert told(Pillar, new) == sorted(str(row) for part in chosen for row in part.pillars)
    assert told(Action, new) == sorted(str(row) for part in chosen for row in part.actions)
    assert told(Target, new) == sorted(str(aim.row) for part in chosen for aim in part.aims)
    copies = {row.title for row in Action.objects.filter(pillar__campaign=new)}
    assert copies <= {plan.by_token[token].label for token in ticks if token.startswith("a")}
    turning.undo(Batch.objects.get(turned=year, undone_at=None), by=steward)
    assert whole(year) == before


def test_while_both_campaigns_are_open_choices_say_whose_they_are(
    year: Campaign, steward: User, clerk: User, as_user: SignIn
) -> None:
    activities, anew = reverse("entry_activities"), reverse("admin:measures_action_add")
    assert 'label="着力第0项"' in make.page(as_user, clerk, activities)
    assert ">着力第0项</option>" in make.page(as_user, clerk, anew)
    new = turned(year, steward, close=False)
    for campaign in (year, new):
        assert f'label="着力第0项（{campaign.name}）"' in make.page(as_user, clerk, activities)
        assert f">着力第0项（{campaign.name}）</option>" in make.page(as_user, clerk, anew)
    action = Action.objects.filter(pillar__campaign=year).first()
    make.make_activity(action)
    assert f">{action.title}（{year.name}）</option>" in make.page(as_user, clerk, activities)


def test_undoing_says_what_would_be_lost_and_ends_with_the_first_approval(
    year: Campaign, tree: Tree, steward: User, clerk: User, reviewer: User, as_user: SignIn
) -> None:
    new, address = turned(year, steward), f"/campaigns/{year.pk}/next/"
    rows = Action.objects.filter(pillar__campaign=new, organ=tree.bureau).order_by("pk")
    first, second = rows
    first.office = "机关党办"
    ledger.change(first, by=clerk)
    html = make.page(as_user, steward, address)
    assert "撤销会丢掉这些改动" in html
    assert first.title in html
    assert second.title not in html
    own = make.enter(make.draft_action(first.pillar, "自己加的"), by=clerk)
    proof = make.make_evidence(tree.other_bureau)
    theirs = Action.objects.filter(pillar__campaign=new, organ=tree.other_bureau).first()
    make.make_link(proof, action=theirs)
    said = f"自己新增的举措1项（{tree.bureau.label}）；佐证材料1项（{tree.other_bureau.label}）。请先由各单位处理"
    assert said in make.page(as_user, steward, address)
    with pytest.raises(Locked, match="自己新增的举措1项"):
        turning.undo(Batch.objects.get(), by=steward)
    EvidenceLink.objects.all().delete()
    ledger.delete(own, by=clerk)
    advance(second, Step.SUBMIT, by=clerk)
    advance(second, Step.APPROVE, by=reviewer)
    response = as_user(steward).post(address, {"undo": "1"}, follow=True)
    assert "已经审核通过，不能再整体撤销" in response.content.decode()
    assert Campaign.objects.count() == 2


def test_a_stage_entered_for_a_copy_is_named_before_the_undoing_is_offered(
    year: Campaign, tree: Tree, steward: User, clerk: User, as_user: SignIn
) -> None:
    Action.objects.filter(title="甲局举措0").update(line="project")
    project = Action.objects.filter(pillar__campaign=turned(year, steward), organ=tree.bureau).first()
    ledger.create(Milestone(action=project, stage="立项", due_day=date(2022, 3, 1)), by=clerk)
    html, said = make.page(as_user, steward, f"/campaigns/{year.pk}/next/"), "自己新增的项目阶段1项（甲局）"
    assert said in html
    assert 'name="undo"' not in html
    with pytest.raises(Locked, match=said):
        turning.undo(Batch.objects.get(), by=steward)


def test_what_was_held_in_a_campaign_that_was_undone_is_not_restored_and_told_why(
    year: Campaign, tree: Tree, steward: User, clerk: User
) -> None:
    new = turned(year, steward)
    copy = Action.objects.filter(pillar__campaign=new, organ=tree.bureau).first()
    held = ledger.delete(make.enter(make.draft_activity(copy, date(2022, 3, 1)), by=clerk), by=clerk)
    turning.undo(Batch.objects.get(turned=year), by=steward)
    with pytest.raises(Locked) as refused:
        restoring.restore(held, by=clerk)
    turn = f"由“{year.name}”结转为“{NAME}”"
    assert refused.value.messages == [f"它的举措是下一届活动里的，那次结转已经撤销（{turn}），不能恢复。"]


def test_a_copy_that_says_something_else_is_no_copy(
    year: Campaign, tree: Tree, steward: User, clerk: User
) -> None:
    new = make.make_campaign(tree.area, NAME, year=2022)
    source = Action.objects.filter(title="甲局举措0").select_related("pillar__campaign", "organ").get()
    pillar = make.make_pillar(tree.bureau, new, source.pillar.heading)
    elsewhere = make.make_pillar(tree.other_bureau, new, source.pillar.heading)
    draft = Action.objects.filter(title="甲局草稿").get()
    wrong = [
        copied(source, pillar=pillar, title="别的举措"),
        copied(source, pillar=elsewhere),
        copied(source, pillar=source.pillar),
    ]
    for row in wrong:
        with pytest.raises(Locked, match="不能复制"):
            carry_over([Copy(row, source)], of=year, into=new, by=steward)
    with pytest.raises(Locked, match="只有审核过"):
        carry_over([Copy(copied(draft, pillar=pillar), draft)], of=year, into=new, by=steward)
    with pytest.raises(PermissionDenied):
        carry_over([Copy(copied(source, pillar=pillar), source)], of=year, into=new, by=clerk)
    with pytest.raises(PermissionDenied):
        turned(year, clerk)
    assert not Action.objects.filter(pillar__campaign=new).exists()


def test_days_of_a_long_campaign_come_into_the_new_one(tree: Tree, steward: User) -> None:
    old = make.make_campaign(tree.area, "三年", last_day=date(2023, 12, 31))
    pillar = make.make_pillar(tree.bureau, old)
    make.make_action(pillar, start_day=date(2020, 2, 29), due_day=date(2021, 11, 30))
    make.make_action(pillar, due_day=date(2025, 1, 1))
    plan = rollups.turning_plan(old, steward)
    rows = [row for part in plan.parts for heading in part.headings for _, row in heading.actions]
    assert [moved(row, old, plan.begins) for row in rows] == [
        (date(2024, 1, 1), date(2024, 11, 30)),
        (None, date(2025, 1, 1)),
    ]


def test_days_come_into_a_campaign_that_begins_in_spring(tree: Tree, steward: User) -> None:
    pillar = make.make_pillar(tree.bureau, tree.campaign)
    row = make.make_action(pillar, start_day=date(2021, 1, 15), due_day=date(2021, 11, 30))
    assert moved(row, tree.campaign, date(2022, 3, 1)) == (date(2022, 3, 1), date(2022, 11, 30))


def test_a_line_that_reaches_into_the_next_year_keeps_its_length(tree: Tree, steward: User) -> None:
    days = {"start_day": date(2021, 1, 5), "due_day": date(2022, 1, 10)}
    make.make_action(make.make_pillar(tree.bureau, tree.campaign), **days)
    row = Action.objects.filter(pillar__campaign=turned(tree.campaign, steward)).get()
    assert (row.start_day, row.due_day) == (date(2022, 1, 5), date(2023, 1, 10))


def test_a_problem_stays_where_it_was_found_unless_it_is_ticked(
    tree: Tree, steward: User, as_user: SignIn
) -> None:
    problem = make.make_problem(make.make_pillar(tree.bureau, tree.campaign), due_day=date(2021, 11, 30))
    plan = rollups.turning_plan(tree.campaign, steward)
    token = f"a{problem.pk}"
    assert token not in plan.ticked
    address = f"/campaigns/{tree.campaign.pk}/next/"
    form = {"name": NAME, "first_day": "2022-01-01", "last_day": "2022-12-31", "preview": "1"}
    client = as_user(steward)
    html = client.post(address, {**form, "tick": sorted(plan.ticked)}).content.decode()
    assert "没有销号的问题整改1条不带，留在上一届，在那里继续整改到销号" in html
    html = client.post(address, {**form, "tick": sorted(plan.ticked), "close": "on"}).content.decode()
    assert "上一届一结束，就不能再更新进展、不能再销号" in html
    html = client.post(address, {**form, "tick": [*plan.ticked, token]}).content.decode()
    assert "要带的问题整改1条会在两届里各有一条" in html
    new = turned(tree.campaign, steward, close=False, ticks=plan.ticked | {token})
    assert Action.objects.get(pillar__campaign=new).due_day == problem.due_day


def test_stages_that_stay_behind_are_told(tree: Tree, steward: User, as_user: SignIn) -> None:
    project = make.make_action(make.make_pillar(tree.bureau, tree.campaign), line="project")
    for stage in ("立项", "开工"):
        Milestone.objects.create(action=project, stage=stage, due_day=date(2021, 6, 1))
    address, client = f"/campaigns/{tree.campaign.pk}/next/", as_user(steward)
    assert "2个项目阶段不带" in client.get(address).content.decode()
    ticks = rollups.turning_plan(tree.campaign, steward).ticked
    form = {"name": NAME, "first_day": "2022-01-01", "last_day": "2022-12-31", "preview": "1"}
    assert "项目阶段2个不带" in client.post(address, {**form, "tick": sorted(ticks)}).content.decode()


def test_three_steps_on_the_page(year: Campaign, tree: Tree, steward: User, as_user: SignIn) -> None:
    client, address = as_user(steward), f"/campaigns/{year.pk}/next/"
    html = client.get(address).content.decode()
    assert 'value="模范机关创建（2022年）"' in html
    form = {"name": NAME, "first_day": "2022.1.1", "last_day": "2022年12月31日", "close": "on"}
    plan = rollups.turning_plan(year, steward)
    some = sorted(plan.ticked)
    none = client.post(address, {**form, "tick": some, "none": str(tree.bureau.pk)}).content.decode()
    assert none.count(" checked") == sum(token in plan.ticked for token in some) - 6 + 1
    wrong = client.post(address, {**form, "first_day": "约三月", "preview": "1", "tick": some})
    assert "看不懂“约三月”" in wrong.content.decode()
    assert wrong.content.decode().count(" checked") == len(some) + 1
    html = client.post(address, {**form, "preview": "1", "tick": some}).content.decode()
    assert "参加单位2家，支柱4个，举措4项，目标2个" in html
    assert "举措“甲局草稿”（草稿）" in html
    sent = {**form, "ticks": " ".join(some)}
    again = client.post(address, {**sent, "back": "1"}).content.decode()
    assert again.count(" checked") == len(some) + 1
    assert "已建立" in client.post(address, {**sent, "confirm": "1"}, follow=True).content.decode()
    client.post(address, {**sent, "confirm": "1"})
    assert Campaign.objects.count() == 2
    assert "恢复到结转以前" in client.post(address, {"undo": "1"}, follow=True).content.decode()
    assert list(Campaign.objects.values_list("pk", "closed")) == [(year.pk, False)]


def test_the_plan_costs_the_same_for_few_and_many(
    year: Campaign, tree: Tree, steward: User, django_assert_max_num_queries: Any
) -> None:
    pillar = Pillar.objects.filter(organ=tree.bureau).first()
    make.store_many(make.draft_action(pillar, organ=tree.bureau) for _ in range(50))
    for _ in range(10):
        make.make_participation(year, make.make_organ(under=tree.area))
    with django_assert_max_num_queries(22):
        plan = rollups.turning_plan(year, steward)
        assert sum(len(part.actions) for part in plan.chosen(plan.ticked)) == 54
    new = turned(year, steward)
    with django_assert_max_num_queries(24):
        turning.standing(Batch.objects.get())
    assert Action.objects.filter(pillar__campaign=new).count() == 54
    assert Period.year(2022).start == new.first_day


@pytest.mark.parametrize(("first", "last"), [("9999-12-31", "9999-12-31"), ("2022-01-01", "9999-12-31")])
def test_a_year_beyond_the_calendar_is_told_beside_its_field(
    first: str, last: str, year: Campaign, steward: User, as_user: SignIn
) -> None:
    sent = {"name": NAME, "first_day": first, "last_day": last, "preview": "1"}
    html = as_user(steward).post(f"/campaigns/{year.pk}/next/", sent).content.decode()
    assert "年份要在1949年到2200年之间。" in html
    assert f'value="{last}"' in html
