"""What leaders read is right at the edges: of periods, campaigns, organs and versions."""

from datetime import date

import pytest

from measures import ledger
from measures.models import Nature
from measures.period import Period, PeriodKind
from measures.totals import Presence
from organs.models import OrganSuccession, SuccessionKind
from tests import make
from tests.make import page

pytestmark = pytest.mark.django_db


def merged(before, after, day):
    before.active_to = day
    before.save()
    OrganSuccession.objects.create(predecessor=before, successor=after, day=day, kind=SuccessionKind.MERGED)


def test_the_stock_of_a_merged_organ_counts_until_its_successor_tells_of_it(
    as_user, leader, bureau, other_bureau, area
):
    make.make_campaign(area, organs=[bureau, other_bureau], year=2022)
    metric = make.make_metric("在册党员", "人", Nature.STOCK)
    make.make_observation(metric, bureau, "15", "2021")
    make.make_observation(metric, other_bureau, "10", "2021")
    merged(other_bureau, bureau, date(2022, 1, 1))
    address = f"/metrics/{metric.pk}/?period="
    assert ">25<" in page(as_user, leader, f"{address}2021")
    assert ">25<" in page(as_user, leader, f"{address}2022")
    make.make_observation(metric, bureau, "25", "2022")
    assert ">25<" in page(as_user, leader, f"{address}2022")
    assert ">25<" in page(as_user, leader, f"{address}2021")
    assert "1家中1家已报" in page(as_user, leader, f"{address}2022")


def test_last_years_figure_is_used_but_not_called_reported(as_user, leader, bureau, other_bureau, area):
    make.make_campaign(area, organs=[bureau, other_bureau], year=2022)
    metric = make.make_metric("在册党员", "人", Nature.STOCK)
    make.make_observation(metric, bureau, "15", "2021")
    make.make_observation(metric, other_bureau, "10", "2022")
    text = page(as_user, leader, f"/metrics/{metric.pk}/?period=2022")
    assert ">25<" in text
    assert "2家中1家已报" in text
    assert "本期还没报，用以前的最新数，不算已报" in text
    assert "2021年的数" not in page(as_user, leader, "/?period=2021")


def test_a_total_of_several_years_says_how_many_are_carried_on(
    as_user, leader, bureau, other_bureau, area, campaign
):
    metric = make.make_metric("在册党员", "人", Nature.STOCK)
    make.make_observation(metric, other_bureau, "30", "2019")
    text = page(as_user, leader, "/?period=2021")
    assert "2家中0家已报，2019年的数" in text
    make.make_observation(metric, bureau, "50", "2021")
    text = page(as_user, leader, "/?period=2021")
    assert ("2家中1家已报，1家沿用2019年的数" in text, "已报，2019年的数" in text) == (True, False)


def test_a_figure_is_judged_by_the_target_of_its_own_years(as_user, leader, bureau, area, campaign):
    later = make.make_campaign(area, organs=[bureau], year=2022)
    metric = make.make_metric("走访", "户")
    make.make_target(metric, bureau, campaign, value="100")
    make.make_target(metric, bureau, later, value="500")
    make.make_observation(metric, bureau, "100", "2021")
    assert "已达标" in page(as_user, leader, f"/organs/{bureau.pk}/?period=2021")
    assert "已达标" in page(as_user, leader, f"/figures/{metric.pk}/{bureau.pk}/2021/")


def test_a_campaign_counts_only_who_takes_part(as_user, leader, bureau, other_bureau, area):
    alone = make.make_campaign(area, organs=[bureau])
    metric = make.make_metric("走访", "户")
    make.make_observation(metric, bureau, "30")
    make.make_observation(metric, other_bureau, "1000")
    text = page(as_user, leader, f"/metrics/{metric.pk}/?campaign={alone.pk}")
    assert ">30<" in text
    assert "1030" not in text
    assert "1家中1家已报" in text


def test_the_series_says_nil_not_applicable_and_not_summable(as_user, leader, bureau, other_bureau):
    ratio = make.make_metric("达标率", "%", Nature.RATIO)
    make.make_observation(ratio, bureau, "95")
    make.make_observation(ratio, other_bureau, "60")
    assert page(as_user, leader, f"/metrics/{ratio.pk}/").count("60%—95%") == 2
    nil = make.make_metric("信访", "次")
    make.make_observation(nil, bureau, presence=Presence.NIL.value)
    assert page(as_user, leader, f"/metrics/{nil.pk}/organs/{bureau.pk}/").count("0次（零报告）") == 2


def test_a_period_of_a_series_leads_only_to_its_own_passport(as_user, leader, bureau, other_bureau):
    metric = make.make_metric("在册党员", "人", Nature.STOCK, rhythm=PeriodKind.QUARTER.value)
    make.make_observation(metric, bureau, "10", "2021Q1")
    make.make_observation(metric, other_bureau, "5", "2021Q1")
    make.make_observation(metric, bureau, "15", "2021Q2")
    text = page(as_user, leader, f"/metrics/{metric.pk}/")
    row = text[text.index("各期</h2>") : text.index('id="organs"')]
    assert "20人" in row
    assert "/2021Q2/" not in row


def test_overview_and_organ_page_agree_which_actions_have_no_figure(as_user, leader, bureau, area, pillar):
    make.make_campaign(area, organs=[bureau], year=2022)
    pillar.campaign.last_day = date(2022, 12, 31)
    pillar.campaign.save()
    action = make.make_action(pillar, "走访群众")
    make.make_observation(make.make_metric("走访", "户"), bureau, "30", "2021", actions=[action])
    for address in ("/?period=2022", f"/organs/{bureau.pk}/?period=2022"):
        assert "没有数值的举措" in page(as_user, leader, address)
    for address in ("/?period=2021", f"/organs/{bureau.pk}/?period=2021"):
        assert "没有数值的举措" not in page(as_user, leader, address)


def test_what_has_begun_has_begun_on_every_page(as_user, leader, bureau, area, pillar):
    pillar.campaign.last_day = date(2022, 12, 31)
    pillar.campaign.save()
    action = make.make_action(pillar, "走访群众")
    make.make_activity(action, date(2022, 3, 1))
    for address in ("/?period=2021", f"/organs/{bureau.pk}/?period=2021", f"/actions/{action.pk}/"):
        assert "推进中" in page(as_user, leader, address)


def test_a_figure_over_the_edge_is_named_not_lost(as_user, leader, bureau, pillar):
    metric = make.make_metric("引进人才", "人", rhythm=PeriodKind.SPAN.value)
    span = Period.span(date(2020, 6, 1), date(2021, 6, 1), "自去年起")
    make.make_observation(metric, bureau, "50余", span, actions=[make.make_action(pillar)])
    for address in ("/?period=2021", f"/organs/{bureau.pk}/?period=2021"):
        assert "跨期未计" in page(as_user, leader, address)


def test_a_change_of_a_pooled_share_is_rounded_for_display(as_user, leader, bureau, other_bureau, campaign):
    metric = make.make_metric("达标率", "%", Nature.RATIO, decimals=2, over_time="latest")
    make.make_target(metric, bureau, campaign, baseline="60")
    make.make_observation(metric, bureau, "33.33", numerator=1, denominator=3)
    assert "下降26.67个百分点" in page(as_user, leader, f"/organs/{bureau.pk}/")


def test_a_joint_organ_sees_the_approved_figures_of_the_joint_action(
    as_user, other_clerk, other_bureau, bureau, pillar
):
    action = make.make_action(pillar, "联合义诊", joint=[other_bureau])
    metric = make.make_metric("义诊", "场", owner=bureau)
    row = make.make_observation(metric, bureau, "12", actions=[action])
    make.make_observation(make.make_metric("筛查", "人"), bureau, "999", approved=False, actions=[action])
    make.make_link(make.make_evidence(bureau, "签到照片"), observation=row)
    text = page(as_user, other_clerk, f"/actions/{action.pk}/")
    assert "12场" in text
    assert "999" not in text
    card = page(as_user, other_clerk, f"/figures/{metric.pk}/{bureau.pk}/2021/")
    assert "12场" in card
    assert "签到照片" not in card
    assert f"/organs/{bureau.pk}/" not in card


def test_a_passport_names_only_actions_that_the_reader_may_see(as_user, leader, bureau, pillar):
    draft = make.make_action(pillar, "还没审的举措", approved=False)
    metric = make.make_metric("走访", "户")
    make.make_observation(metric, bureau, "30", actions=[draft])
    assert "还没审的举措" not in page(as_user, leader, f"/figures/{metric.pk}/{bureau.pk}/2021/")


def test_an_old_version_of_an_honour_leads_to_the_one_that_counts(as_user, leader, clerk, reviewer, bureau):
    old = make.approve(make.draft_honour(bureau, "先进集休"), by=clerk, reviewer=reviewer)
    new = ledger.correct(old, by=clerk, reason="错字")
    new.title = "先进集体"
    ledger.change(new, by=clerk)
    make.approve(new, by=clerk, reviewer=reviewer)
    text = page(as_user, leader, f"/honours/{old.pk}/")
    assert "已被更正" in text
    assert f"/honours/{new.pk}/" in text


def test_parts_of_a_whole_say_so_on_the_overview(as_user, leader, bureau):
    whole = make.make_metric("递交请战书", "人")
    make.make_observation(whole, bureau, "1500余")
    make.make_observation(make.make_metric("申请驰援", "人", part_of=whole), bureau, "65")
    assert "其中：申请驰援" in page(as_user, leader, "/")


def test_a_quarter_in_the_address_is_a_choice_like_a_year(as_user, leader, bureau):
    metric = make.make_metric("宣讲", "场", rhythm=PeriodKind.QUARTER.value)
    make.make_observation(metric, bureau, "7", "2021Q1")
    make.make_observation(metric, bureau, "8", "2021Q2")
    text = page(as_user, leader, f"/metrics/{metric.pk}/?period=2021Q1")
    assert "7场" in text
    assert "2021年第一季度" in text
    assert ">15<" not in text
