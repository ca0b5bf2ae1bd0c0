"""Every table of a page as a file: the same rows, the same words, the same rights, and an event."""

import re
from html import unescape
from io import BytesIO
from urllib.parse import unquote

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from measures.models import Nature
from measures.period import PeriodKind
from measures.totals import Coverage, Presence
from organs.models import AuditEvent, AuditVerb
from tests import make
from tests.make import page
from tests.measures.printed import printed

pytestmark = pytest.mark.django_db

FIGURE = ("数值", "确切数", "最低", "最高", "计量单位")


@pytest.fixture
def told(bureau, other_bureau, campaign, pillar):
    """A county with something in every table."""
    late = make.make_action(pillar, "=宣讲", due_day=campaign.first_day, office="办公室", problem="缺人")
    make.make_action(make.make_pillar(other_bureau, campaign, "乙局的支柱"), "走访")
    people = make.make_metric("受众", "人次")
    make.make_observation(people, bureau, "1400余人次", actions=[late])
    make.make_observation(people, other_bureau, "23")
    share = make.make_metric("知晓率", "%", Nature.RATIO, decimals=1)
    make.make_observation(share, bureau, "95.25", pillar=pillar)
    make.make_observation(share, other_bureau, "60")
    make.make_observation(make.make_metric("五成占比", part_of=people), bureau, "700")
    make.make_honour(bureau, "先进集体", streak_years=3)
    make.make_activity(late)
    return people


def export(client, address):
    """The rows of an exported table without title and line: the head first."""
    answer = client.get(address)
    assert answer.status_code == 200, address
    sheet = openpyxl.load_workbook(BytesIO(answer.content)).active
    return [tuple("" if value is None else value for value in row) for row in list(sheet.values)[2:]]


def links(text):
    """The addresses of the tables that a page offers."""
    return [unescape(found) for found in re.findall(r'class="export" href="([^"]+)"', text)]


@pytest.mark.django_db(transaction=True)  # as when served: pages are read without a transaction of their own
def test_every_table_of_every_page_is_offered_and_says_only_what_the_page_says(
    as_user, leader, told, bureau, other_bureau, pillar
):
    action = pillar.actions.get()
    pages = {
        "/": {"heat", "late", "figures", "honours"},
        "/actions/": {"rows"},
        "/changes/": {"rows"},
        f"/organs/{bureau.pk}/": {"ledger", "figures", "gaps", "honours"},
        f"/pillars/{pillar.pk}/": {"ledger", "figures", "activities"},
        f"/themes/{pillar.theme_id}/": {"organs"},
        f"/metrics/{told.pk}/": {"organs", "parts", "series"},
        f"/metrics/{told.pk}/organs/{bureau.pk}/": {"organs", "parts", "series"},
        f"/actions/{action.pk}/": {"figures", "activities"},
        f"/figures/{told.pk}/{bureau.pk}/2021/": {"totals"},
        f"/compare/?organs={bureau.pk}&organs={other_bureau.pk}": {"organs"},
        f"/compare/?organ={bureau.pk}&period=2020&other=2021": {"numbers", "figures", "honours"},
        "/compare/?as_of=2021-06-30&page=1": {"numbers", "totals", "changes"},
        "/search/?q=宣讲&period=2021": {"action"},
        "/search/?q=先进": {"honour"},
    }
    client = as_user(leader)
    for address, names in pages.items():
        text = page(as_user, leader, address)
        offered = links(text)
        assert {link.partition("export=")[2] for link in offered} == names, address
        shown = re.sub(r"\s", "", unescape(re.sub(r"<[^>]+>", "", text)))
        for link in offered:
            head, *rows = export(client, address.partition("?")[0] + link)
            assert rows, link
            own = [i for i, word in enumerate(head) if word not in FIGURE[1:]]
            words = [line for row in rows for i in own for line in re.split(r"[\s（，）]+", str(row[i]))]
            assert [word for word in words if word not in shown] == [], address + link


def test_a_figure_stands_as_said_and_beside_it_in_numbers(as_user, leader, told, bureau, other_bureau):
    client = as_user(leader)
    head, *rows = export(client, f"/metrics/{told.pk}/?export=organs")
    assert head == ("单位", *FIGURE, "变化", "基线", "目标", "状态", "期间和说明")
    assert rows[0][:6] == (bureau.name, "1400余人次", "", 1401, 1499, "人次")
    assert rows[1][:6] == (other_bureau.name, "23人次", 23, "", "", "人次")
    totals = {row[1]: row[2:7] for row in export(client, "/?export=figures")[1:]}
    assert totals["受众"] == ("超过1423人次", "", 1424, 1522, "人次")
    assert totals["知晓率"] == ("60%—95.25%", "", 60, 95.25, "%")


def test_a_list_of_targets_tells_its_figures_in_numbers_too(as_user, leader, told, bureau, campaign):
    make.make_target(told, bureau, campaign, "1000人次")
    make.make_target(make.make_metric("走访", "户"), bureau, campaign, "50户")
    head, said, silent = export(as_user(leader), "/targets/?export=rows")
    assert head == ("指标", "单位", *FIGURE, "目标", "状态", "说明")
    assert said[:8] == ("受众", bureau.name, "1400余人次", "", 1401, 1499, "人次", "1000人次")
    assert silent[:8] == ("走访", bureau.name, "未报", "", "", "", "", "50户")


def test_amounts_are_in_the_unit_of_the_metric(as_user, leader, bureau, other_bureau):
    metric = make.make_metric("投入", "万元")
    make.make_observation(metric, bureau, "1.2")
    make.make_observation(metric, other_bureau, "超过3万元")
    rows = export(as_user(leader), f"/metrics/{metric.pk}/?export=organs")[1:]
    assert [row[2:6] for row in rows] == [(1.2, "", "", "万元"), ("", 3, "", "万元")]


def test_a_pooled_percentage_is_the_same_number_as_its_words(as_user, leader, bureau, other_bureau):
    metric = make.make_metric("达标率", "%", Nature.RATIO)
    make.make_observation(metric, bureau, "95", numerator=950, denominator=1000)
    make.make_observation(metric, other_bureau, "66.67", numerator=2, denominator=3)
    row = next(row for row in export(as_user(leader), "/?export=figures")[1:] if row[1] == "达标率")
    assert row[2:4] == ("94.92%", 94.92)


def test_nil_missing_and_not_applicable_stay_different(as_user, leader, bureau, other_bureau, unit, campaign):
    make.make_participation(campaign, unit)
    metric = make.make_metric("信访", "次")
    make.make_observation(metric, bureau, presence=Presence.NIL.value)
    refusal = {"presence": Presence.NOT_APPLICABLE.value, "absence": "没有窗口"}
    make.make_observation(metric, other_bureau, None, **refusal)
    rows = export(as_user(leader), f"/metrics/{metric.pk}/?export=organs")[1:]
    assert [row[1:3] for row in rows] == [("0次（零报告）", 0), ("未报", ""), ("不适用", "")]


def test_a_figure_with_the_units_below_stands_once_in_the_total(as_user, leader, bureau, unit):
    metric = make.make_metric("服务", "人次")
    make.make_observation(metric, unit, "300")
    make.make_observation(metric, bureau, "1500", coverage=Coverage.BELOW.value)
    row = next(row for row in export(as_user(leader), "/?export=figures")[1:] if row[1] == "服务")
    assert row[2:4] == ("1500人次", 1500)


def test_a_heading_of_two_campaigns_is_told_apart_by_theirs(as_user, leader, told, area, bureau, pillar):
    after = make.make_campaign(area, "模范机关创建（2022年）", [bureau], year=2022)
    make.make_action(make.make_pillar(bureau, after, pillar.heading, pillar.theme), "下沉社区")
    head, *rows = export(as_user(leader), f"/organs/{bureau.pk}/?export=ledger")
    assert head[:2] == ("创建活动", "支柱")
    told_by = {row[3]: row[:2] for row in rows}
    assert told_by["下沉社区"] == (after.name, pillar.heading)
    assert told_by["=宣讲"] == (pillar.campaign.name, pillar.heading)


def test_the_ledger_has_a_row_for_every_line_in_the_order_of_the_page(as_user, leader, told, bureau, pillar):
    second = make.make_action(pillar, "走访")
    head, *rows = export(as_user(leader), f"/organs/{bureau.pk}/?export=ledger")
    assert head[:3] == ("支柱", "主题", "举措")
    assert [row[2] for row in rows] == ["=宣讲", second.title, "成效（未对应到举措）"]
    assert "1400余人次（受众）" in rows[0]
    assert "问题" in head
    assert "缺人" in rows[0]
    assert rows[1][11] == "没有数值"


def test_a_list_that_is_cut_on_the_page_is_exported_whole(as_user, leader, told, pillar, campaign):
    for _ in range(60):
        make.make_action(pillar, due_day=campaign.first_day)
    client = as_user(leader)
    assert "另有49项" in page(as_user, leader, "/")
    assert len(export(client, "/?export=late")) == 1 + 61
    assert len(export(client, "/actions/?standing=late&page=2&export=rows")) == 1 + 61
    titles = {action.title for action in pillar.actions.all()}
    for address in (
        f"/organs/{pillar.organ_id}/?export=ledger",
        f"/organs/{pillar.organ_id}/?export=gaps",
        f"/pillars/{pillar.pk}/?page=2&export=ledger",
        f"/themes/{pillar.theme_id}/?export=organs",
    ):
        assert titles <= {cell for row in export(client, address) for cell in row}, address
    assert "page=2" not in "".join(links(page(as_user, leader, "/actions/?page=2")))


def test_what_was_found_is_exported_whole_within_rights_whatever_is_chosen(
    as_user, leader, clerk, told, pillar, other_bureau
):
    for number in range(40):
        make.make_action(pillar, f"宣讲{number}")
    make.make_action(pillar, "宣讲草稿", approved=False)
    address = f"/search/?q=宣讲&organ={other_bureau.pk}&period=2020&page=2&export=action"
    assert len(export(as_user(leader), address)) == 1 + 41
    assert ("宣讲草稿", "草稿") in [(row[0], row[4]) for row in export(as_user(clerk), address)]
    answer = as_user(clerk).get(address)
    sheet = openpyxl.load_workbook(BytesIO(answer.content)).active
    assert sheet["A1"].value == "搜索“宣讲”：举措"
    assert re.fullmatch(r"全部单位和期间 · 截至[\d-]+的数据，没有审核的已注明", sheet["A2"].value)
    assert as_user(leader).get("/search/?q=宣讲&export=honour").status_code == 404
    assert as_user(leader).get("/search/?q=&export=action").status_code == 404


def test_the_honours_of_two_periods_stand_in_one_file(as_user, leader, told, bureau):
    make.make_honour(bureau, "旧荣誉", year=2020)
    rows = export(as_user(leader), f"/compare/?organ={bureau.pk}&period=2020&other=2021&export=honours")[1:]
    assert [(row[0], row[2]) for row in rows] == [("2020年", "旧荣誉"), ("2021年", "先进集体")]


def test_the_numbers_of_a_small_drawing_stand_in_the_file_of_its_series(as_user, leader, bureau):
    metric = make.make_metric("月度走访", "户", rhythm=PeriodKind.MONTH.value)
    for month, said in (("2021-01", "50余"), ("2021-02", "7"), ("2021-04", "近100")):
        make.make_observation(metric, bureau, said, month)
    client, text = as_user(leader), page(as_user, leader, f"/organs/{bureau.pk}/?period=2021")
    drawn = {period: cells[0] for period, cells in printed(text, "月度走访各期数值").items()}
    assert list(drawn.items()) == [
        ("2021年1月", "50余户"),
        ("2021年2月", "7户"),
        ("2021年3月", "未报"),
        ("2021年4月", "近100户"),
    ]
    address = re.search(r'<a href="([^"]+)">月度走访</a></h3>', text)[1]
    assert {row[0]: row[1] for row in export(client, f"{address}&export=series")[1:]} == drawn


def test_what_the_filters_leave_out_is_not_exported(as_user, leader, told, bureau, other_bureau):
    client = as_user(leader)
    assert [row[0] for row in export(client, "/?export=heat")[1:]] == [bureau.name, other_bureau.name]
    narrowed = page(as_user, leader, f"/?organ={bureau.pk}&period=2021&nonsense=1")
    assert f"?organ={bureau.pk}&period=2021&export=heat" in links(narrowed)
    assert [row[0] for row in export(client, f"/?organ={bureau.pk}&export=heat")[1:]] == [bureau.name]
    assert export(client, "/?period=2020&export=figures")[1:] == []


def test_nobody_exports_what_they_may_not_see(as_user, told, bureau, other_bureau, outsider, other_clerk):
    own = make.make_member("leader", bureau)
    rows = export(as_user(own), f"/metrics/{told.pk}/?export=organs")[1:]
    assert [row[0] for row in rows] == [bureau.name]
    assert as_user(outsider).get("/?export=figures").status_code == 403
    assert as_user(other_clerk).get(f"/organs/{bureau.pk}/?export=ledger").status_code == 404
    assert not AuditEvent.objects.filter(verb=AuditVerb.EXPORT).exclude(user_id=own.pk).exists()


def test_drafts_are_exported_to_their_makers_alone_and_marked(as_user, leader, clerk, told, bureau, pillar):
    make.make_action(pillar, "草稿举措", approved=False)
    address = f"/organs/{bureau.pk}/?export=ledger"
    assert "草稿举措" not in [row[2] for row in export(as_user(leader), address)]
    assert ("草稿举措", "草稿") in [(row[2], row[13]) for row in export(as_user(clerk), address)]
    sheet = openpyxl.load_workbook(BytesIO(as_user(clerk).get(address).content)).active
    assert "没有审核的已注明" in sheet["A2"].value


def test_a_file_says_of_what_and_when_and_has_a_name_in_chinese(as_user, leader, told, bureau):
    answer = as_user(leader).get(f"/organs/{bureau.pk}/?period=2021&export=ledger")
    sheet = openpyxl.load_workbook(BytesIO(answer.content)).active
    assert sheet["A1"].value == "台账"
    assert re.fullmatch(r"甲局 · 2021年 · 截至\d{4}-\d\d-\d\d审核过的数据", sheet["A2"].value)
    saved = unquote(answer["Content-Disposition"])
    assert saved.startswith("attachment; filename*=utf-8''甲局 台账 2021年")
    assert saved.endswith(".xlsx")


def test_names_of_organs_are_text_too(as_user, leader, told, bureau):
    bureau.name, bureau.short_name = "=甲/局", "=甲"
    bureau.save()
    answer = as_user(leader).get(f"/organs/{bureau.pk}/?export=ledger")
    sheet = openpyxl.load_workbook(BytesIO(answer.content)).active
    assert sheet["A2"].data_type == "s"
    assert "/" not in unquote(answer["Content-Disposition"])


def test_each_export_leaves_an_event_that_says_what_was_taken(as_user, leader, told, bureau):
    client = as_user(leader)
    client.get(f"/organs/{bureau.pk}/?period=2021&export=ledger")
    event = AuditEvent.objects.get(verb=AuditVerb.EXPORT)
    assert (event.user_id, event.organ_id) == (leader.pk, bureau.pk)
    assert event.note == "台账（甲局，2021年，2行）"
    client.get(f"/organs/{bureau.pk}/")
    assert AuditEvent.objects.filter(verb=AuditVerb.EXPORT).count() == 1


@pytest.mark.parametrize("name", ["", "x", "LATE", "../late", "late "])
def test_a_table_that_a_page_does_not_have_is_not_found(as_user, leader, told, name):
    assert as_user(leader).get("/", {"export": name}).status_code == 404
    assert not AuditEvent.objects.filter(verb=AuditVerb.EXPORT).exists()


@pytest.mark.parametrize("address", ["/?export=figures", "/organs/{}/?export=ledger"])
def test_an_export_costs_its_page_and_its_event(as_user, leader, told, bureau, address):
    client = as_user(leader)
    address = address.format(bureau.pk)
    client.get(address)
    with CaptureQueriesContext(connection) as spent:
        assert client.get(address).status_code == 200
    asked = [query["sql"] for query in spent if "SAVEPOINT" not in query["sql"]]
    assert len(asked) <= 15
    assert len([sql for sql in asked if sql.startswith("INSERT")]) == 2
