"""The page of a theme: all organs' headings and actions beside each other, within rights."""

from datetime import date

import pytest
from django.test import RequestFactory

from measures import rollups
from measures.filters import chosen
from organs.models import Role
from tests import make
from tests.kept import asked_from_nothing
from tests.make import page

pytestmark = pytest.mark.django_db


@pytest.fixture
def theme(db):
    return make.make_theme("业务履职")


def shown(user, theme, query=""):
    request = RequestFactory().get(f"/{query}")
    request.user = user
    return rollups.theme_page(chosen(request)[0], theme)


def test_headings_stand_verbatim_in_official_order_with_standing_and_figures(
    leader, bureau, other_bureau, campaign, theme
):
    metric = make.make_metric("宣讲", "场", theme=theme)
    for organ, heading in ((other_bureau, "突出主责主业，增强担当"), (bureau, "着力履职抓创建")):
        line = make.make_pillar(organ, campaign, heading, theme)
        action = make.make_action(line, "下乡宣讲", due_day=date(2021, 3, 1))
        make.make_action(line, "草稿举措", approved=False)
        make.make_observation(metric, organ, "50余", actions=[action])
    found = shown(leader, theme)
    assert [(organ.name, organ.headings[0].words) for organ in found.organs] == [
        ("甲局", "着力履职抓创建"),
        ("乙局", "突出主责主业，增强担当"),
    ]
    (action,) = found.organs[0].headings[0].actions
    assert (action.title, action.standing_label, action.figures[0].words) == ("下乡宣讲", "逾期", "50余场")
    assert [(row.label, row.words) for row in found.totals] == [("宣讲", "超过101场")]
    assert found.lead == "2家单位设了2个标题，有2项举措。"
    assert [(count.label, count.number) for count in found.counts] == [("逾期", 2)]


def test_an_action_stands_under_the_theme_that_it_bears_itself(leader, bureau, campaign, theme):
    other = make.make_theme("政治建设")
    line = make.make_pillar(bureau, campaign, "着力政治建设抓创建", other)
    make.make_action(line, "按标题的主题")
    make.make_action(line, "另标了主题", theme=theme)
    (heading,) = shown(leader, theme).organs[0].headings
    assert [action.title for action in heading.actions] == ["另标了主题"]
    assert heading.note == "标题归“政治建设”，下面的举措单独标为本主题"
    assert shown(leader, theme).lead == "没有单位设这个主题的标题，有1项举措。"
    assert bureau.label in shown(leader, theme).without
    (heading,) = shown(leader, other).organs[0].headings
    assert [action.title for action in heading.actions] == ["按标题的主题"]


def test_long_lists_are_cut_and_say_so(as_user, leader, bureau, campaign, theme):
    for number in range(6):
        line = make.make_pillar(bureau, campaign, f"第{number}个标题", theme)
        for _ in range(7 - number):
            make.make_action(line)
    text = page(as_user, leader, f"/themes/{theme.pk}/")
    assert ">另有2项</a>" in text
    assert ">另有1项</a>" in text
    assert ">另有2个标题</a>" in text
    assert text.count('class="theme-actions"') == 4


def test_who_has_no_heading_of_the_theme_is_named(as_user, leader, bureau, other_bureau, campaign, theme):
    make.make_pillar(bureau, campaign, "着力履职抓创建", theme)
    text = page(as_user, leader, f"/themes/{theme.pk}/")
    assert "没有设这一主题标题的单位（1家）：乙局" in text
    assert "还没有举措" in text


def test_a_theme_that_nobody_uses_shows_what_belongs_there(as_user, leader, campaign, theme):
    assert "还没有。" in page(as_user, leader, f"/themes/{theme.pk}/")


def test_headings_of_several_campaigns_name_theirs(leader, area, bureau, campaign, theme):
    earlier = make.make_campaign(area, "创建（2020年）", organs=[bureau], year=2020)
    make.make_pillar(bureau, earlier, "旧标题", theme)
    make.make_pillar(bureau, campaign, "新标题", theme)
    headings = shown(leader, theme).organs[0].headings
    assert [(h.words, h.note) for h in headings] == [("新标题", campaign.name), ("旧标题", earlier.name)]
    assert [h.words for h in shown(leader, theme, "?period=2020").organs[0].headings] == ["旧标题"]
    chosen_one = shown(leader, theme, f"?campaign={campaign.pk}")
    assert [(h.words, h.note) for h in chosen_one.organs[0].headings] == [("新标题", "")]


def test_one_sees_the_organs_of_ones_scope_only(as_user, bureau, other_bureau, campaign, theme):
    make.make_pillar(other_bureau, campaign, "乙局的标题", theme)
    make.make_pillar(bureau, campaign, "甲局的标题", theme)
    text = page(as_user, make.make_member(Role.LEADER, bureau), f"/themes/{theme.pk}/")
    assert "甲局的标题" in text
    assert "乙局" not in text


def test_without_an_organ_to_see_there_is_no_theme(as_user, leader, outsider, auditor, theme):
    address = f"/themes/{theme.pk}/"
    for user in (outsider, auditor):
        assert as_user(user).get(address).status_code == 404
    assert as_user(leader).get("/themes/999999/").status_code == 404
    assert as_user(leader).post(address).status_code == 405


def test_the_definition_of_a_metric_leads_to_its_theme(as_user, leader, theme):
    metric = make.make_metric(theme=theme)
    assert f'href="/themes/{theme.pk}/?period=2021"' in page(
        as_user, leader, f"/metrics/{metric.pk}/?period=2021"
    )


def test_the_page_costs_the_same_for_3_and_30_organs(as_user, leader, area, campaign, theme):
    organs = [make.make_organ(under=area) for _ in range(30)]
    metric = make.make_metric(theme=theme)
    client = as_user(leader)

    def spent(some):
        for organ in some:
            make.make_participation(campaign, organ)
            line = make.make_pillar(organ, campaign, "着力履职抓创建", theme)
            action = make.make_action(line)
            make.make_activity(action)
            make.make_observation(metric, organ, "50余", actions=[action])
            make.make_target(metric, organ, campaign, value="60", baseline="10")
        return asked_from_nothing(client, f"/themes/{theme.pk}/")

    assert spent(organs[:3]) == spent(organs[3:]) <= 15
