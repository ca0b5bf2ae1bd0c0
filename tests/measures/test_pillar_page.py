"""The page of a pillar: its heading verbatim and all that stands under it."""

import re
from datetime import date

import pytest

from measures.models import HonourLevel
from tests import make
from tests.kept import asked_from_nothing
from tests.make import page

pytestmark = pytest.mark.django_db


@pytest.fixture
def address(pillar):
    return f"/pillars/{pillar.pk}/"


def test_it_shows_the_heading_its_actions_activities_figures_and_honours(
    as_user, leader, bureau, pillar, address
):
    action = make.make_action(pillar, "组织宣讲", due_day=date(2021, 3, 1))
    activity = make.make_activity(action, title="送教上门", attended=40)
    make.make_observation(make.make_metric("宣讲受众", "人次"), bureau, "1400余人次", actions=[action])
    make.make_observation(make.make_metric("志愿服务", "人次"), bureau, "120", pillar=pillar)
    make.make_honour(bureau, "先进集体", pillar=pillar, level=HonourLevel.MUNICIPAL)
    make.make_honour(bureau, "别的荣誉")
    text = page(as_user, leader, address)
    for words in (
        *("<h1>着力政治建设抓创建</h1>", "模范机关创建（2021年）", "政治建设", "组织宣讲", "逾期"),
        *("活动1次，最近2021-06-01", "送教上门", "40人次", "1400余人次", "120人次", "先进集体"),
        *(f"/organs/{bureau.pk}/", f"/actions/{action.pk}/#activity-{activity.pk}", "2021年"),
    ):
        assert words in text, words
    assert "别的荣誉" not in text


def test_nothing_of_another_heading_stands_on_it(as_user, leader, bureau, campaign, pillar, address):
    other = make.make_pillar(bureau, campaign, "着力组织建设抓创建", make.make_theme("组织建设"))
    line = make.make_action(other, "别的举措")
    make.make_activity(line, title="别的活动")
    make.make_observation(make.make_metric("别的指标"), bureau, pillar=other)
    text = page(as_user, leader, address)
    assert "别的" not in text
    assert "着力组织建设抓创建" not in text


def test_without_a_period_it_tells_of_the_days_of_its_campaign(
    as_user, leader, area, bureau, pillar, address
):
    make.make_campaign(area, organs=[bureau], year=2022)
    metric, action = make.make_metric("学习会", "次"), make.make_action(pillar)
    for key, said in (("2021", "56"), ("2022", "65")):
        make.make_observation(metric, bureau, said, key, actions=[action])
    assert "56次" in page(as_user, leader, address)
    for text in (page(as_user, leader, address), page(as_user, leader, f"{address}?period=2021")):
        assert "121次" not in text
        assert "65次" not in text


def test_the_days_of_the_only_campaign_are_named_as_among_several(
    as_user, leader, area, bureau, pillar, address
):
    make.make_action(pillar, "组织宣讲")
    alone = page(as_user, leader, address)
    make.make_campaign(area, organs=[bureau], year=2022)
    for text in (alone, page(as_user, leader, address)):
        assert "2021年" in re.sub(r"<form.*?</form>|模范机关创建（2021年）", "", text, flags=re.DOTALL)
        assert "创建以来" not in text


@pytest.mark.parametrize(
    "query", ["?period=abc", "?page=x", "?page=99", "?page=-1", "?campaign=999", "?period=1999"]
)
def test_nonsense_in_the_address_gives_a_page(as_user, leader, pillar, address, query):
    make.make_action(pillar, "组织宣讲")
    assert "组织宣讲" in page(as_user, leader, address + query)


def test_more_than_fifty_actions_take_several_pages(as_user, leader, pillar, address):
    for number in range(51):
        make.make_action(pillar, f"第{number}项", order=number)
    first = page(as_user, leader, address)
    assert "第49项" in first
    assert "第50项" not in first
    assert "第1页，共2页" in first
    assert 'href="?period=2021&amp;page=2#ledger"' in page(as_user, leader, f"{address}?period=2021")
    last = page(as_user, leader, f"{address}?page=2")
    assert "第50项" in last
    assert "第49项" not in last
    assert ">51<" in last


def test_it_names_the_headings_of_others_that_one_sees(
    as_user, leader, bureau, other_bureau, campaign, pillar, address
):
    other = make.make_pillar(other_bureau, campaign, "突出政治机关属性", pillar.theme)
    make.make_pillar(other_bureau, campaign, "别的主题", make.make_theme("组织建设"))
    text = page(as_user, leader, address)
    assert "突出政治机关属性" in text
    assert f"/pillars/{other.pk}/" in text
    assert "别的主题" not in text
    own = make.make_member("leader", bureau)
    assert "突出政治机关属性" not in page(as_user, own, address)


def test_drafts_are_for_their_makers_alone(as_user, leader, clerk, bureau, pillar, address):
    draft = make.make_action(pillar, "草稿举措", approved=False)
    make.make_activity(draft, title="草稿活动", approved=False)
    action = make.make_action(pillar)
    make.make_observation(make.make_metric(), bureau, "7654321", approved=False, actions=[action])
    text = page(as_user, leader, address)
    assert "草稿" not in text
    assert "7654321" not in text
    seen = page(as_user, clerk, address)
    assert "草稿举措" in seen
    assert "7654321个" in seen


def test_an_empty_heading_says_so(as_user, leader, address):
    assert "这一支柱下还没有举措" in page(as_user, leader, address)


def test_outsiders_cannot_tell_that_it_exists(as_user, outsider, other_clerk, auditor, address):
    for user in (outsider, other_clerk, auditor):
        assert as_user(user).get(address).status_code == 404
        assert as_user(user).get("/pillars/999999/").status_code == 404


@pytest.mark.parametrize("who", ["leader", "clerk"])
def test_the_page_costs_the_same_for_3_and_300_actions(
    request, as_user, area, bureau, campaign, pillar, address, who
):
    client = as_user(request.getfixturevalue(who))

    def spent(number):
        for _ in range(number):
            action = make.make_action(pillar)
        make.make_activity(action)
        make.make_observation(make.make_metric(), bureau, actions=[action])
        make.make_observation(make.make_metric(), bureau, actions=[action], approved=False)
        make.make_honour(bureau, pillar=pillar)
        make.make_pillar(make.make_organ(under=area), campaign)
        return asked_from_nothing(client, address)

    few = spent(3)
    assert few == spent(297) <= 15


def test_a_campaign_that_is_none_is_not_carried_on(as_user, leader, pillar, address):
    none = pillar.campaign_id + 999
    assert f'value="{none}"' not in as_user(leader).get(f"{address}?campaign={none}").content.decode()


def test_a_campaign_is_carried_on_and_not_told_as_chosen_here(as_user, leader, pillar, address):
    carried = as_user(leader).get(f"{address}?campaign={pillar.campaign_id}").content.decode()
    assert f'value="{pillar.campaign_id}"' in carried
    assert "已选条件" not in carried
    assert "已选条件" in as_user(leader).get(f"{address}?period=2021").content.decode()
