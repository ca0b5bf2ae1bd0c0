"""Organs side by side and two periods of one organ: what stands where, for whom, and at what cost."""

import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from measures.models import HonourLevel, Nature
from measures.progress import Direction
from measures.totals import Presence
from organs.models import Organ, OrganSuccession, SuccessionKind
from tests import make
from tests.make import page

pytestmark = pytest.mark.django_db
#: After a change of the catalogue and of every organ; a past day is read beside today.
MOST_QUERIES = {"organs": 17, "organ=": 17, "as_of=": 23}


def words(text):
    """What a reader reads, without the marks."""
    return re.sub(r"\s+", " ", strip_tags(text))


def row(text, name):
    """The cells of the row that begins with a name."""
    rows = re.findall(r"<tr[ >].*?</tr>", text, re.S)
    cells = [re.findall(r"<t[hd].*?</t[hd]>", found, re.S) for found in rows]
    return next([words(cell).strip() for cell in found] for found in cells if name in words(found[0]))


def test_organs_stand_in_official_order_whatever_their_figures(as_user, leader, bureau, other_bureau):
    metric = make.make_metric("学习会", "次")
    make.make_observation(metric, bureau, "1")
    make.make_observation(metric, other_bureau, "99")
    text = page(as_user, leader, f"/compare/?organs={other_bureau.pk}&organs={bureau.pk}")
    assert row(text, "项目") == ["项目", "甲局", "乙局"]
    assert row(text, "学习会")[1:] == ["1次2021年", "99次2021年"]


def test_headings_stand_verbatim_beside_each_other_under_their_theme(
    as_user, leader, campaign, pillar, bureau, other_bureau
):
    other = make.make_pillar(other_bureau, campaign, "突出政治引领，增强机关担当", pillar.theme)
    make.make_action(pillar, due_day=date(2021, 3, 1))
    make.make_action(pillar, state="draft")
    make.make_action(other, progress="开了头")
    text = page(as_user, leader, f"/compare/?organs={bureau.pk}&organs={other_bureau.pk}")
    found = row(text, "标题和举措")
    assert found[1] == "着力政治建设抓创建 1项举措 逾期1"
    assert found[2] == "突出政治引领，增强机关担当 1项举措 推进中1"
    assert f"/organs/{bureau.pk}/#theme-{pillar.theme_id}" in text


def test_what_is_missing_is_told_apart_in_words(as_user, leader, bureau, other_bureau, unit):
    shared, own = make.make_metric("培训"), make.make_metric("宣讲", owner=bureau)
    spared = make.make_metric("驻村")
    make.make_observation(shared, bureau, "0", presence=Presence.NIL.value)
    make.make_observation(own, bureau, "5")
    make.make_observation(
        spared, other_bureau, None, presence=Presence.NOT_APPLICABLE.value, absence="没有驻村任务"
    )
    text = page(as_user, leader, f"/compare/?organs={bureau.pk}&organs={other_bureau.pk}&organs={unit.pk}")
    assert row(text, "项目")[1:] == ["甲局", "甲局所属中心", "乙局"]
    assert row(text, "培训")[1:] == ["0个（零报告）2021年", "无此指标", "未报"]
    assert row(text, "宣讲")[3] == "无此指标"
    assert row(text, "驻村")[1:] == ["未报", "无此指标", "不适用没有驻村任务"]


def test_an_organ_that_was_merged_before_the_period_says_so(as_user, leader, area, bureau, other_bureau):
    make.make_campaign(area, organs=[bureau, other_bureau], year=2022)
    metric = make.make_metric("培训")
    make.make_observation(metric, other_bureau, "5", "2022")
    address = f"/compare/?organs={bureau.pk}&organs={other_bureau.pk}&period=2022"
    assert row(page(as_user, leader, address), "培训")[1:] == ["未报", "5个2022年"]
    Organ.objects.filter(pk=bureau.pk).update(active_to=date(2021, 7, 1))
    OrganSuccession.objects.create(
        predecessor=bureau, successor=other_bureau, day=date(2021, 7, 1), kind=SuccessionKind.MERGED
    )
    cells = row(page(as_user, leader, address), "培训")[1:]
    assert cells == ["2021-07-01起撤并，并入乙局", "5个2022年"]


def test_figures_and_their_change_are_those_of_the_organ_page(
    as_user, leader, bureau, other_bureau, campaign
):
    metric = make.make_metric("因病致贫率", "%", Nature.RATIO, direction=Direction.DOWN.value, decimals=1)
    make.make_target(metric, bureau, campaign, baseline="38.9")
    make.make_observation(metric, bureau, "25.6")
    address = f"/compare/?organs={bureau.pk}&organs={other_bureau.pk}&period=2021"
    assert "较基线下降13.3个百分点" in row(page(as_user, leader, address), "因病致贫率")[1]
    assert "下降13.3个百分点" in page(as_user, leader, f"/organs/{bureau.pk}/?period=2021")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("organs={bureau}&organs={bureau}", "“甲局”选了两次"),
        ("organs={area}&organs={bureau}&organs={unit}&organs={other}&organs={other_unit}", "最多并排四家"),
        ("organs={bureau}", "请选两到四家单位"),
        ("organs={bureau}&organs={other}&period=1x", "没有这样的期间"),
        ("organ={bureau}&period=2021&other=2021", "两个期间一样"),
        ("organ={bureau}&period=2021&other=xx", "没有这样的另一期间"),
        ("organ={bureau}&period=2021&other=", "请选一家单位和两个期间"),
        ("as_of=", "请填一个以前的日子"),
        ("as_of=2999-01-01", "这一天还没有到"),
        ("as_of=2021-02-30", "没有2021年2月30日这一天"),
        ("as_of=去年", "看不懂“去年”"),
        ("as_of=0001-01-01", "请填1949年以后的日子"),
    ],
)
def test_what_is_missing_or_wrong_is_said_and_nothing_is_lost(as_user, leader, tree, asked, said):
    keys = {"area": tree.area, "bureau": tree.bureau, "unit": tree.unit}
    keys |= {"other": tree.other_bureau, "other_unit": tree.other_unit}
    asked = asked.format(**{name: organ.pk for name, organ in keys.items()})
    text = page(as_user, leader, f"/compare/?{asked}")
    assert said in words(text)
    assert "<tbody>" not in text
    selects = "".join(re.findall(r'<select name="organs?".*?</select>', text, re.DOTALL))
    chosen = re.findall(r'<option value="(\d+)" selected', selects)
    assert chosen == [pair.partition("=")[2] for pair in asked.split("&") if pair.startswith("organ")]
    if asked.startswith("as_of="):
        assert f'value="{asked.removeprefix("as_of=")}"' in text or asked == "as_of="


@pytest.mark.parametrize("asked", ["organs=x&organs={0}", "organ=999999&as_of=2021-01-01"])
def test_an_organ_that_is_not_there_is_not_found(as_user, leader, bureau, asked):
    assert as_user(leader).get(f"/compare/?{asked.format(bureau.pk)}").status_code == 404


def test_who_is_sent_an_address_sees_of_its_organs_those_that_they_may(
    as_user, leader, clerk, bureau, unit, other_bureau
):
    address = f"/compare/?organs={bureau.pk}&organs={other_bureau.pk}&organs={unit.pk}"
    assert "乙局" in words(page(as_user, leader, address))
    text = page(as_user, clerk, address)
    assert "乙局" not in words(text)
    assert f'href="/organs/{unit.pk}/' in text


@pytest.mark.parametrize("asked", ["organ={1}&period=2021&other=2020", "organ={1}&as_of="])
def test_an_organ_out_of_ones_sight_is_not_found_either(as_user, clerk, bureau, other_bureau, asked):
    address = f"/compare/?{asked.format(bureau.pk, other_bureau.pk)}"
    assert as_user(clerk).get(address).status_code == 404


def test_two_periods_say_that_units_below_are_left_out(as_user, leader, bureau, unit):
    note = "只列本单位自己的，不含下面1家单位"
    for organ, said in ((bureau, True), (unit, False)):
        text = page(as_user, leader, f"/compare/?organ={organ.pk}&period=2021&other=2020")
        assert (note in text) is said


def test_two_periods_stand_in_the_order_of_time(as_user, leader, area, bureau):
    share = make.make_metric("知晓率", "%", Nature.RATIO, maximum=100)
    people = make.make_metric("受训人次", "人次")
    make.make_campaign(area, organs=[bureau], year=2020)
    for year, said, number in ((2020, "80", "50余"), (2021, "92.5", "55")):
        make.make_observation(share, bureau, said, str(year))
        make.make_observation(people, bureau, number, str(year))
    text = page(as_user, leader, f"/compare/?organ={bureau.pk}&period=2021&other=2020")
    assert row(text, "知晓率") == ["知晓率", "80%2020年", "92.5%2021年", "上升12.5个百分点"]
    assert row(text, "受训人次")[-1] == "变化不确定"
    assert f"/figures/{share.pk}/{bureau.pk}/2020/?period=2020" in text


def test_what_is_only_carried_on_is_no_new_figure(as_user, leader, bureau):
    stock = make.make_metric("在册党员", "人", Nature.STOCK)
    make.make_observation(stock, bureau, "120", "2020")
    text = page(as_user, leader, f"/compare/?organ={bureau.pk}&period=2020&other=2021")
    assert row(text, "在册党员")[1:] == ["120人2020年", "120人截至2020年，本期未报", "本期没有新数"]


def test_three_quarters_are_no_fall_from_a_whole_year(as_user, leader, area, bureau):
    make.make_campaign(area, "模范机关创建（2022年）", year=2022, organs=(bureau,))
    visits = make.make_metric("走访", "户", rhythm="quarter")
    stationed = make.make_metric("驻村人员", "人", nature=Nature.STOCK, rhythm="quarter")
    for year, quarters in ((2021, "1234"), (2022, "123")):
        for quarter in quarters:
            for metric in (visits, stationed):
                make.make_observation(metric, bureau, "10" if year == 2021 else "9", f"{year}Q{quarter}")
    text = page(as_user, leader, f"/compare/?organ={bureau.pk}&period=2022&other=2021")
    assert row(text, "走访")[1:] == ["40户4期合计", "27户3期合计", "合计的时间长短不同，不比增减"]
    assert row(text, "驻村人员")[3] == "减少1人"
    make.make_observation(visits, bureau, "20", "2022Q4")
    text = page(as_user, leader, f"/compare/?organ={bureau.pk}&period=2022&other=2021")
    assert row(text, "走访")[1:] == ["40户4期合计", "47户4期合计", "增加7户"]


def test_two_periods_count_actions_activities_and_honours(as_user, leader, area, bureau, campaign, pillar):
    older = make.make_campaign(area, organs=[bureau], year=2020)
    first = make.make_action(make.make_pillar(bureau, older))
    done = make.make_action(pillar, closing_state="approved", closed_on=date(2021, 5, 1))
    make.make_action(pillar, due_day=date(2021, 5, 1))
    make.make_activity(first, date(2020, 12, 31))
    for day in (date(2021, 1, 1), date(2021, 12, 31)):
        make.make_activity(done, day)
    make.make_activity(done, state="draft")
    make.make_honour(bureau, level=HonourLevel.PROVINCIAL)
    text = page(as_user, leader, f"/compare/?organ={bureau.pk}&period=2020&other=2021")
    assert row(text, "举措")[1:] == ["1项", "2项", "增加1项"]
    assert row(text, "已销号")[1:] == ["0项", "1项", "增加1项"]
    assert row(text, "逾期")[1:] == ["0项", "1项", "增加1项"]
    assert row(text, "期内销号的举措")[1:] == ["0项", "1项", "增加1项"]
    assert row(text, "期内举行的活动")[1:] == ["1次", "2次", "增加1次"]
    assert row(text, "荣誉")[1:] == ["0项", "1项", "增加1项"]
    assert "没有登记荣誉" in text
    assert "先进基层党组织" in text


def test_the_organ_page_leads_here_with_its_period(as_user, leader, bureau):
    text = page(as_user, leader, f"/organs/{bureau.pk}/?period=2021")
    assert f'href="/compare/?organs={bureau.pk}&amp;period=2021"' in text


@pytest.mark.parametrize(
    "asked",
    ["organs={0}&organs={1}&organs={2}", "organ={0}&period=2021&other=2020", "as_of=2021-06-01"],
    ids=["organs", "periods", "day"],
)
def test_the_page_costs_the_same_with_few_and_many_rows(
    as_user, leader, area, bureau, other_bureau, unit, campaign, asked
):
    client, address = as_user(leader), f"/compare/?{asked.format(bureau.pk, other_bureau.pk, unit.pk)}"

    def fill(number):
        for _ in range(number):
            organ = make.make_organ(under=area)
            for one in (bureau, other_bureau, unit, organ):
                line = make.make_pillar(one, campaign, theme=make.make_theme(f"主题{number}"))
                action = make.make_action(line)
                make.make_activity(action)
                make.make_observation(make.make_metric(), one, actions=[action])
                make.make_honour(one)

    def cost():
        with CaptureQueriesContext(connection) as spent:
            assert client.get(address).status_code == 200
        return len(spent)

    fill(1)
    client.get(address)  # what is asked for once in a process
    fill(1)
    few = cost()
    fill(8)
    assert cost() == few <= MOST_QUERIES[asked[:6]]
    assert cost() <= 15  # nothing has changed
