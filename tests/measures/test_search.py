"""The search box: what is found, by whom, in which order, and what it costs."""

import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from measures import rollups
from measures.models import Action, Activity, Honour, Metric, Pillar
from measures.rollups.search import KINDS
from organs.models import Organ, Role
from tests import make
from tests.make import page

pytestmark = pytest.mark.django_db


@pytest.fixture
def found(as_user, monkeypatch):
    """Asks as a person through the page; gives the rows that it was drawn from."""
    drawn, told, search = [], {}, rollups.search

    def noted(*asked, **more):
        drawn.append(search(*asked, **more))
        return drawn[-1]

    monkeypatch.setattr(rollups, "search", noted)

    def asked(user, q, **more):
        drawn.clear()
        assert as_user(user).get("/search/", {"q": q, **more}).status_code == 200
        key = (user, q, *more.items())
        told[key] = drawn[-1] if drawn else told[key]  # a page that was kept says what it said
        return told[key]

    return asked


@pytest.fixture
def look(found):
    """Asks as a person; gives what was found by kind as the words of the page."""

    def asked(user, q, **more):
        return {
            group.label: ["".join(piece.text for piece in hit.title) for hit in group.hits]
            for group in found(user, q, **more).groups
        }

    return asked


@pytest.fixture
def line(pillar):
    return make.make_action(pillar, "村（社区）公共卫生委员会全覆盖")


def test_every_kind_is_found_in_order(look, leader, bureau, line):
    make.make_metric("卫生满意率", "%", nature="ratio")
    make.make_pillar(bureau, line.pillar.campaign, "突出卫生为民")
    make.make_organ("卫生监督所", under=bureau)
    make.make_activity(line, title="卫生日义诊")
    make.make_honour(bureau, "卫生先进集体")
    assert look(leader, "卫生") == {
        "单位": ["卫生监督所"],
        "创建支柱": ["突出卫生为民"],
        "指标": ["卫生满意率"],
        "举措": ["村（社区）公共卫生委员会全覆盖"],
        "活动": ["卫生日义诊"],
        "荣誉": ["卫生先进集体"],
    }


@pytest.mark.parametrize(
    "typed",
    ["公", "卫生", "委员会 卫生", "村(社区)", "“全覆盖”", "全覆盖 甲局", "2021 全覆盖", "着力政治 全覆盖"],
)
def test_words_are_found_in_any_order_and_beside_the_name(look, leader, line, typed):
    assert look(leader, typed)["举措"] == [line.title]


@pytest.mark.parametrize("typed", ["卫生 不存在", "甲局", "2021", "委员会生"])
def test_all_words_are_wanted_and_one_of_them_in_the_name(look, leader, line, typed):
    assert "举措" not in look(leader, typed)


@pytest.mark.parametrize("typed", ["ＨＰＶ", "hpv", "HpV", "２价", "2价"])
def test_wide_and_narrow_large_and_small_are_the_same(look, leader, pillar, typed):
    make.make_action(pillar, "接种HPV２价疫苗")
    assert look(leader, typed)["举措"] == ["接种HPV２价疫苗"]


@pytest.mark.parametrize(
    "typed", ["一站式结算", "“一站式”结算", "一站式 结算", "请战书的党员", "健康讲座口腔"]
)
def test_signs_in_a_name_need_not_be_typed(look, leader, pillar, typed):
    make.make_metric("“一站式”结算率", "%")
    make.make_action(pillar, "递交《请战书》的党员")
    make.make_action(pillar, "健康讲座：口腔")
    assert sum(map(len, look(leader, typed).values())) == 1


def test_letters_find_organs_metrics_and_actions_by_their_sound(look, leader, bureau, area, line, pillar):
    make.make_organ("丹凤县卫生健康局", under=area, short_name="丹凤卫健局")
    make.make_metric("卫生满意率", "%", nature="ratio")
    make.make_activity(line, title="卫健局义诊")
    assert look(leader, "wjj") == {"单位": ["丹凤县卫生健康局"]}
    assert look(leader, "weijianju") == look(leader, "dfx") == look(leader, "wjj")
    assert look(leader, "wsmyl") == {"指标": ["卫生满意率"]}
    assert look(leader, "sqgg") == {"举措": ["村（社区）公共卫生委员会全覆盖"]}
    assert look(leader, "sqgg 2021") == look(leader, "sqgg")
    assert look(leader, "jiaju") == {"单位": ["甲局", "甲局所属中心"]}
    for typed in ("eijian", "w", "wjk", "sqggg", "gdw"):
        assert look(leader, typed) == {}, typed


def test_the_whole_name_comes_first_then_its_beginning(look, leader, pillar):
    titles = ["开展党史学习", "党史学习教育", "党史学习"]
    for title in titles:
        make.make_action(pillar, title)
    assert look(leader, "党史学习")["举措"] == ["党史学习", "党史学习教育", "开展党史学习"]


def test_a_short_name_is_a_whole_name(look, leader, area):
    for name, short in (("卫健局后勤中心", ""), ("卫生健康局", "卫健局")):
        make.make_organ(name, under=area, short_name=short)
    assert look(leader, "卫健局")["单位"] == ["卫生健康局", "卫健局后勤中心"]


def test_a_long_text_shows_where_it_has_the_word(as_user, leader, pillar):
    make.make_action(pillar, "健康义诊", what="组织医生到各村为老人<量>血压")
    text = as_user(leader).get("/search/", {"q": "血压 量"}).content.decode()
    assert "组织医生到各村为老人&lt;<mark>量</mark>&gt;<mark>血压</mark>" in text


def test_an_activity_leads_to_its_place_with_its_action(as_user, leader, line):
    held = make.make_activity(line, title="义诊")
    assert (
        f'href="/actions/{line.pk}/#activity-{held.pk}"'
        in as_user(leader).get("/search/?q=义诊").content.decode()
    )


def test_links_keep_the_choice_of_period(as_user, leader, line):
    text = as_user(leader).get("/search/?q=卫生&period=2021").content.decode()
    assert f'href="/actions/{line.pk}/?period=2021"' in text


def test_the_rest_of_a_kind_stands_on_pages_of_its_own(as_user, look, leader, pillar):
    for number in range(45):
        make.make_action(pillar, f"党课第{number}讲", order=number)
    client = as_user(leader)
    assert "还有35条举措" in client.get("/search/?q=党课").content.decode()
    first, second = (look(leader, "党课", kind="action", page=page)["举措"] for page in (1, 2))
    assert (len(first), len(second)) == (30, 15)
    assert not set(first) & set(second)
    assert look(leader, "党课", kind="action", page=99)["举措"] == second
    assert len(look(leader, "党课", kind="nothing", page="x")["举措"]) == 10


def test_only_what_counts_is_found(look, leader, clerk, bureau, line):
    honour = make.make_honour(bureau, "旧荣誉")
    make.make_honour(bureau, "撤销荣誉", state="retracted")
    Honour.objects.filter(pk=honour.pk).update(superseded_at=honour.approved_at)
    newer = make.make_honour(bureau, "新荣誉", previous=honour, version=2, reason="名称有误")
    for who in (leader, clerk):
        assert look(who, "荣誉")["荣誉"] == [newer.title]


@pytest.mark.parametrize("state", ["draft", "submitted", "returned"])
def test_what_is_on_its_way_is_found_by_its_makers_alone(
    look, found, as_user, clerk, leader, other_clerk, line, state
):
    make.make_action(line.pillar, "玉兰计划", state=state)
    make.make_activity(line, title="玉兰活动", state=state)
    make.make_honour(line.organ, "玉兰荣誉", state=state)
    assert look(clerk, "玉兰") == {"举措": ["玉兰计划"], "活动": ["玉兰活动"], "荣誉": ["玉兰荣誉"]}
    assert 'class="review"' in as_user(clerk).get("/search/?q=玉兰").content.decode()
    for blind in (leader, other_clerk):
        answer = found(blind, "玉兰")
        assert (answer.total, answer.groups) == (0, ())


def test_a_joint_organ_finds_the_confirmed_joint_line_and_its_activities(
    look, other_clerk, bureau, other_bureau, pillar
):
    line = make.make_action(pillar, "联合义诊", joint=[other_bureau])
    make.make_action(pillar, "联合草案", joint=[other_bureau], state="draft")
    make.make_action(pillar, "联合别家")
    make.make_activity(line, title="联合下乡")
    make.make_activity(line, title="联合草稿", state="draft")
    make.make_metric("联合次数", owner=bureau)
    assert look(other_clerk, "联合") == {"举措": ["联合义诊"], "活动": ["联合下乡"]}
    assert look(other_clerk, "甲局") == {}


def test_what_others_do_together_with_ones_own_organ_is_found_as_it_stands_now(
    look, other_clerk, other_bureau, pillar
):
    assert look(other_clerk, "联合") == {}
    line = make.make_action(pillar, "联合义诊")
    assert look(other_clerk, "联合") == {}
    line.joint_organs.add(other_bureau)
    assert look(other_clerk, "联合") == {"举措": ["联合义诊"]}
    held = make.make_activity(line, title="联合下乡")
    assert look(other_clerk, "联合") == {"举措": ["联合义诊"], "活动": ["联合下乡"]}
    Activity.objects.filter(pk=held.pk).update(title="联合进村")
    Action.objects.filter(pk=line.pk).update(title="联合巡诊")
    assert look(other_clerk, "联合") == {"举措": ["联合巡诊"], "活动": ["联合进村"]}
    Pillar.objects.filter(pk=pillar.pk).update(heading="联建")
    assert look(other_clerk, "联建 巡诊") == {"举措": ["联合巡诊"]}
    line.joint_organs.clear()
    assert look(other_clerk, "联合") == {}


def test_an_approved_activity_of_a_draft_has_no_link_for_leaders(as_user, leader, clerk, pillar):
    drafted = make.make_action(pillar, "草案", state="draft")
    make.make_activity(drafted, title="义诊活动")
    shown = {who: as_user(who).get("/search/?q=义诊").content.decode() for who in (leader, clerk)}
    assert all("<mark>义诊</mark>活动" in text for text in shown.values())
    assert [f"/actions/{drafted.pk}/" in shown[who] for who in (leader, clerk)] == [False, True]


def test_the_name_of_a_draft_is_told_to_its_makers_alone(
    as_user, leader, clerk, other_clerk, pillar, other_bureau
):
    make.make_action(pillar, "办成的", joint=[other_bureau])
    drafted = make.make_action(pillar, "草案", state="draft", joint=[other_bureau])
    make.make_activity(drafted, title="义诊活动")
    shown = {who: page(as_user, who, "/search/?q=义诊") for who in (leader, other_clerk, clerk)}
    assert all("<mark>义诊</mark>活动" in text for text in shown.values())
    assert ["草案" in text for text in shown.values()] == [False, False, True]
    found = {who: page(as_user, who, "/search/?q=义诊 草案") for who in (leader, other_clerk, clerk)}
    assert ["<mark>义诊</mark>活动" in text for text in found.values()] == [False, False, True]


def test_changes_are_found_at_once(look, leader, clerk, line, other_bureau):
    assert "活动" not in look(leader, "义诊")
    held = make.make_activity(line, title="义诊")
    assert look(leader, "义诊")["活动"] == ["义诊"]
    Activity.objects.filter(pk=held.pk).update(title="送药")
    assert look(leader, "义诊") == {}
    Organ.objects.filter(pk=other_bureau.pk).update(name="义诊局")
    assert look(leader, "义诊") == {"单位": ["义诊局"]}
    make.make_metric("义诊次数")
    assert look(leader, "义诊") == {"单位": ["义诊局"], "指标": ["义诊次数"]}
    assert look(clerk, "义诊") == {"指标": ["义诊次数"]}


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("党" * 51, "最多输入50个字"),
        ("%_\\;、", "只有标点符号查不到内容"),
        ("查无此事", "没有找到"),
        ("", "几个词之间用空格隔开"),
    ],
)
def test_what_finds_nothing_says_what_helps_and_keeps_what_was_typed(as_user, leader, typed, said):
    text = as_user(leader).get("/search/", {"q": typed}).content.decode()
    assert said in text
    assert f'value="{typed}"' in text


def test_what_was_typed_is_never_markup(as_user, leader, pillar):
    make.make_action(pillar, "<b>粗</b>")
    text = as_user(leader).get("/search/", {"q": '"><b>粗'}).content.decode()
    assert "<b>" not in text
    assert "&lt;<mark>b</mark>&gt;<mark>粗</mark>" in text


def test_the_box_stands_where_something_may_be_viewed(as_user, leader, auditor, clerk):
    box = 'role="search" aria-label="搜索"'
    assert box in as_user(leader).get("/").content.decode()
    assert box in as_user(clerk).get("/").content.decode()
    assert box not in as_user(auditor).get("/audit/").content.decode()


def cost(client, address):
    with CaptureQueriesContext(connection) as spent:
        assert client.get(address).status_code == 200
    return sum("SAVEPOINT" not in query["sql"] for query in spent)  # which only tests need


def test_searching_costs_the_same_for_few_and_many(as_user, leader, area, campaign):
    def grow(number):
        for _ in range(number):
            organ = make.make_organ(under=area)
            action = make.make_action(make.make_pillar(organ, campaign), "党课", due_day=date(2021, 3, 1))
            make.make_activity(action, title="党课")
            make.make_honour(organ, "党课能手")

    client, address = as_user(leader), "/search/?q=党课"
    client.get(address)  # who asks for the first time is found out by the long way
    grow(2)
    few, again = cost(client, address), cost(client, address)
    grow(12)
    assert again < few == cost(client, address) <= 15


def test_joint_lines_cost_no_more_than_is_allowed(as_user, other_clerk, other_bureau, pillar):
    make.make_activity(make.make_action(pillar, "联合义诊", joint=[other_bureau]))
    assert cost(as_user(other_clerk), "/search/?q=联合") <= 15


MODELS = {
    "organ": Organ,
    "pillar": Pillar,
    "metric": Metric,
    "action": Action,
    "activity": Activity,
    "honour": Honour,
}


def test_exactly_what_is_visible_can_be_found(tree, found, cast_of_all):
    """All rows have a common word; who asks for it gets what `visible_to` gives, each thing once."""
    for who in cast_of_all:
        text = {kind: found(who, "同", kind=kind).total for kind in KINDS}
        rows = {kind: model.objects.visible_to(who) for kind, model in MODELS.items()}
        for kind in ("action", "activity", "honour"):
            rows[kind] = rows[kind].heads()
        name = {"organ": "name", "pillar": "heading", "metric": "name"}
        wanted = {k: r.filter(**{f"{name.get(k, 'title')}__contains": "同"}).count() for k, r in rows.items()}
        assert text == wanted


@pytest.fixture
def cast_of_all(tree, leader, clerk, other_clerk, reviewer, steward, superuser):
    """Rows of every kind and state in three organs, and people who see different parts of them."""
    for organ, other in (
        (tree.bureau, tree.other_bureau),
        (tree.other_bureau, tree.bureau),
        (tree.unit, tree.area),
    ):
        pillar = make.make_pillar(organ, tree.campaign, f"同{organ.name}")
        make.make_metric(f"同{organ.name}", owner=organ)
        for state in ("draft", "submitted", "approved", "returned", "retracted"):
            action = make.make_action(pillar, f"同{state}", state=state, joint=[other])
            make.make_honour(organ, f"同{state}", state=state)
            for held in ("draft", "approved", "retracted"):
                make.make_activity(action, title=f"同{held}", state=held)
    Organ.objects.filter(pk=tree.unit.pk).update(name="同中心")
    make.make_metric("同")
    below = make.make_member(Role.LEADER, tree.unit, "孙领导", username="below")
    return leader, clerk, other_clerk, reviewer, steward, superuser, below


TYPED = st.one_of(st.text(max_size=60), st.text("同%_\\;'\"()（）<&党 　２2aＡ", max_size=12))


@settings(settings.get_profile("database"))
@given(q=TYPED, kind=st.sampled_from([*KINDS, "", "x"]), page=st.one_of(st.integers(), st.text(max_size=5)))
def test_whatever_is_typed_is_answered(as_user, leader, cast_of_all, q, kind, page):
    answer = as_user(leader).get("/search/", {"q": q.replace("\0", ""), "kind": kind, "page": str(page)})
    assert answer.status_code in (200, 400)
    assert not re.search("同(draft|submitted|returned)", answer.content.decode())


def test_nothing_is_asked_of_the_database_without_words(leader, rf, tree):
    assert rollups.search(None, "，") == rollups.SearchPage()
