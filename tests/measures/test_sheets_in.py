"""Sheets of offices: looked at row by row, taken over all or nothing as drafts."""

import re
from datetime import date, timedelta
from html import unescape
from io import BytesIO, StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from openpyxl import Workbook, load_workbook

from measures.admin import reviewed
from measures.models import Activity, ListOrder, Observation, Source, Target, Upload
from measures.resources import orders, upload_form, waiting
from measures.resources.kinds import KINDS
from organs.models import AuditEvent
from tests import make

pytestmark = pytest.mark.django_db


def sheet(*rows, name="表.xlsx", **formats):
    """A spreadsheet with these rows; `B2="0.0%"` is the format of a cell."""
    book = Workbook()
    for row in rows:
        book.active.append(row)
    for cell, number_format in formats.items():
        book.active[cell].number_format = number_format
    return saved(book, name)


def saved(book, name="表.xlsx"):
    """A spreadsheet as it is sent."""
    file = BytesIO()
    book.save(file)
    return SimpleUploadedFile(name, file.getvalue())


@pytest.fixture
def bring(as_user, clerk, bureau):
    """Brings a sheet as the clerk and gives the page that shows what would become of it."""

    def brought(kind, *rows, by=clerk, file=None, **formats):
        sent = {"kind": kind, "home": bureau.pk, "file": file or sheet(*rows, **formats)}
        return as_user(by).post("/sheets/", sent, follow=True)

    return brought


def confirm(answer):
    """Take over what a page shows."""
    token = re.search(r'name="token" value="([^"]+)"', answer.content.decode())[1]
    return answer.client.post(answer.request["PATH_INFO"], {"token": token}, follow=True)


def told(answer):
    """What a page says is wrong, the first words of each sentence naming the cell."""
    said = re.findall(r'<p class="error">(.*?)</p>', answer.content.decode())
    return [unescape(sentence) for sentence in said]


def statuses_of(kind):
    """What would become of the rows of the sheet that waits."""
    return [str(entry.status) for entry in waiting.looked_at(Upload.objects.get(kind=kind)).entries]


def handed_out(client, kind, organ):
    """The empty form of a kind."""
    return b"".join(client.get(f"/sheets/forms/{kind}/?home={organ.pk}").streaming_content)


HEADS = ("举措", "日期", "活动名称", "实到人次")


def test_rows_become_drafts_each_with_its_event(bring, pillar, clerk):
    action = make.make_action(pillar, "宣讲")
    answer = bring(
        "activities",
        HEADS,
        ("宣讲", date(2021, 3, 5), "第一场", 56),
        ("同上", "2021.3.6", "第二场", "６０人"),
    )
    before = AuditEvent.objects.count()
    confirm(answer)
    rows = Activity.objects.order_by("day")
    assert [(r.action, r.day, r.title, r.attended, r.state, r.hands) for r in rows] == [
        (action, date(2021, 3, 5), "第一场", 56, "draft", [clerk.pk]),
        (action, date(2021, 3, 6), "第二场", 60, "draft", [clerk.pk]),
    ]
    assert AuditEvent.objects.count() == before + 2
    assert Upload.objects.count() == 0


def test_the_same_sheet_again_changes_nothing(bring, pillar):
    make.make_action(pillar, "宣讲")
    rows = (HEADS, ("宣讲", "2021-03-05", "第一场", 56))
    confirm(bring("activities", *rows))
    answer = bring("activities", *rows)
    assert statuses_of("activities") == ["same"]
    assert "确认导入" not in answer.content.decode()


def test_one_wrong_cell_keeps_all_out_and_is_named(bring, pillar):
    make.make_action(pillar, "宣讲")
    answer = bring(
        "activities", HEADS, ("宣讲", "2021-03-05", "第一场", 56), ("宣将", "3月40日", "第二场", "五六十")
    )
    cells = sorted(sentence.partition("：")[0] for sentence in told(answer))
    assert cells == ["第3行“举措”", "第3行“实到人次”", "第3行“日期”"]
    assert "第3行“举措”：甲局没有叫“宣将”的举措，是不是“宣讲”？" in told(answer)
    confirm(answer)
    assert not Activity.objects.exists()


def test_figures_are_read_as_they_are_said(bring, bureau, pillar):
    people, share = make.make_metric("受众", "人次"), make.make_metric("知晓率", "%", "ratio", decimals=1)
    heads = ("指标", "统计期", "数值", "备注")
    answer = bring(
        "observations",
        ("示例表",),
        heads,
        ("受众", "2021年", "1400余人次", ""),
        ("知晓率", "2021年", 0.956, "抽样"),
        C4="0.0%",
    )
    assert told(answer) == []
    confirm(answer)
    rows = {row.metric: row for row in Observation.objects.all()}
    assert (str(rows[people].quantity), rows[people].source) == ("1400余人次", Source.IMPORTED)
    assert str(rows[share].quantity) == "95.6%"
    assert rows[share].remark == "抽样"


OCTOBER = "第2行“期间”：“2025.1”是2025年1月还是2025年10月？请写成 2025年1月 或 2025年10月。"


@pytest.mark.parametrize(
    ("said", "formats", "period"),
    [
        (2025.10, {"B2": "0.00"}, "2025-10"),
        (2025.10, {"B2": "0.0"}, "2025-01"),
        ("2025.1", {}, "2025-01"),
        (2025.10, {}, OCTOBER),
        (2025.10, {"B2": "0.0#"}, OCTOBER),
    ],
)
def test_a_month_that_lost_its_zero_is_asked_about(bring, said, formats, period):
    make.make_metric("受众", "人次", rhythm="month")
    answer = bring("observations", ("指标", "期间", "数值"), ("受众", said, 56), **formats)
    assert told(answer) == ([period] if period == OCTOBER else [])
    confirm(answer)
    assert [row.period.key for row in Observation.objects.all()] == ([] if period == OCTOBER else [period])


def test_a_day_that_lost_its_zero_is_asked_about(bring, pillar):
    make.make_action(pillar, "宣讲")
    rows = [("宣讲", 3.10, "甲", 1), ("宣讲", 3.20, "乙", 1), ("宣讲", 2.3, "丙", 1)]
    answer = bring("activities", HEADS, *rows, B3="0.00")
    assert told(answer) == ["第2行“日期”：“3.1”是3月1日还是3月10日？请写成 3月1日。"]


def test_a_share_that_may_be_two_things_is_asked_about(bring):
    make.make_metric("知晓率", "%", "ratio", decimals=1)
    answer = bring("observations", ("指标", "期间", "数值"), ("知晓率", "2021年", 0.956))
    assert told(answer) == ["第2行“数值”：“0.956”是95.6%还是0.956%？请写上%，如 95.6%。"]


#: Sheets of one figure of a metric in 万元, with the formats of cells, that all say 22299元.
SMALL_CHANGE = {
    "the row": ([("指标", "计量单位", "期间", "数值"), ("投入", "元", "2021年", 22299)], {}),
    "the row, about": ([("指标", "计量单位", "期间", "数值"), ("投入", "元", "2021年", "22299左右")], {}),
    "the cell before the row": (
        [("指标", "计量单位", "期间", "数值"), ("投入", "万元", "2021年", "22299元")],
        {},
    ),
    "the title": ([("（单位：元）",), ("指标", "期间", "数值"), ("投入", "2021年", 22299)], {}),
    "the title in two cells": (
        [("单位：甲局",), ("金额单位：", "元"), ("指标", "期间", "数值"), ("投入", "2021年", 22299)],
        {},
    ),
    "the head": ([("指标", "期间", "数值（元）"), ("投入", "2021年", "22,299")], {}),
    "the format": ([("指标", "期间", "数值"), ("投入", "2021年", 22299)], {"C2": '#,##0.00"元"'}),
    "ten thousands by the format": (
        [("指标", "期间", "数值"), ("投入", "2021年", 22299)],
        {"C2": '0!.0,"万元"'},
    ),
}


@pytest.mark.parametrize("where", SMALL_CHANGE)
def test_a_figure_is_in_the_unit_that_the_sheet_writes_anywhere(bring, where):
    make.make_metric("投入", "万元")
    make.make_unit("元")
    rows, formats = SMALL_CHANGE[where]
    answer = bring("observations", *rows, **formats)
    assert told(answer) == []
    confirm(answer)
    assert Observation.objects.get().quantity_amount == 22299


def test_a_target_is_in_the_unit_of_its_row(bring, campaign):
    make.make_metric("投入", "万元")
    make.make_unit("元")
    heads = ("创建活动", "成效指标", "计量单位", "目标值")
    confirm(bring("targets", heads, (campaign.name, "投入", "元", "5000以上")))
    assert str(Target.objects.get().value) == "5000元以上"


@pytest.mark.parametrize(
    ("unit", "head", "why"),
    [
        ("\\1", "数值", "第2行“数值”：“56\\1”不是一个数，请填 56、1.2万余 或 95以上 这样的数。"),
        ("户", "数值", "第2行“数值”：这里填的是“人次”，您写的是“户”。"),
        ("人次", "数值（户）", "第2行“数值（户）”：计量单位写的是“人次”，表头写的是“户”，请改成一样。"),
    ],
)
def test_a_unit_that_does_not_fit_is_refused(bring, unit, head, why):
    make.make_metric("受众", "人次")
    make.make_unit("户")
    answer = bring("observations", ("指标", "计量单位", "期间", head), ("受众", unit, "2021年", 56))
    assert told(answer) == [why]


def test_what_counts_already_is_not_overwritten(bring, bureau):
    metric = make.make_metric("受众", "人次")
    make.make_observation(metric, bureau, "100")
    answer = bring("observations", ("指标", "期间", "数值"), ("受众", "2021年", 120))
    assert "已经审核，不能直接改" in told(answer)[0]


def test_a_change_after_the_look_is_pointed_out(bring, bureau, clerk):
    metric = make.make_metric("受众", "人次")
    row = make.make_observation(metric, bureau, "100", state="draft")
    answer = bring("observations", ("指标", "期间", "数值"), ("受众", "2021年", 120))
    assert "100人次 → 120" in answer.content.decode()
    Observation.objects.filter(pk=row.pk).update(remark="别人改过", changed_at=make.timezone.now())
    answer = confirm(answer)
    assert "看过以后内容有变动" in answer.content.decode()
    assert str(Observation.objects.get().quantity) == "100人次"
    confirm(answer)
    assert str(Observation.objects.get().quantity).startswith("120")


def test_who_confirms_twice_at_once_is_told_that_it_is_done(bring, pillar, monkeypatch):
    make.make_action(pillar, "宣讲")
    answer = bring("activities", HEADS, ("宣讲", "2021-03-05", "第一场", 56))
    take = waiting.take

    def second(upload, token):
        take(upload, token)
        return take(upload, token)

    monkeypatch.setattr(waiting, "take", second)
    assert "刚才已经导入或去掉，没有再导一次" in confirm(answer).content.decode()
    assert Activity.objects.count() == 1


def test_a_waiting_sheet_is_seen_by_none_but_who_brought_it(bring, as_user, second_clerk):
    make.make_metric("受众", "人次")
    bring("observations", ("指标", "期间", "数值"), ("受众", "2021年", 120))
    assert as_user(second_clerk).get(f"/sheets/{Upload.objects.get().pk}/").status_code == 404


def test_the_form_handed_out_is_read_again(bring, as_user, clerk, pillar, bureau):
    make.make_action(pillar, "宣讲")
    make.make_metric("受众", "人次")
    for kind in ("actions", "activities", "observations", "targets", "honours"):
        content = handed_out(as_user(clerk), kind, bureau)
        bring(kind, file=SimpleUploadedFile("模板.xlsx", content))
        assert waiting.looked_at(Upload.objects.get(kind=kind)).entries == [], kind
    page = load_workbook(BytesIO(handed_out(as_user(clerk), "observations", bureau))).active
    assert [cell.value for cell in page[2]][:3] == [bureau.name, "受众（人次）", "人次"]
    assert page.protection.sheet
    assert not page["E2"].protection.locked


@pytest.mark.parametrize(
    "content", [b"", b"\x00\x01\x02", b"PK\x03\x04broken", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1x"]
)
def test_what_is_no_sheet_is_refused_beside_the_file(bring, content):
    answer = bring("activities", file=SimpleUploadedFile("表.xlsx", content))
    assert answer.status_code == 200
    assert re.search(r'role="alert">[^<a-zA-Z]*(CSV|XLSX)?[^<]*</p>', answer.content.decode())
    assert not Upload.objects.exists()


def test_a_row_that_was_changed_after_the_export_is_not_overwritten(bring, as_user, clerk, bureau):
    row = make.make_observation(make.make_metric("受众", "人次"), bureau, "100", state="draft")
    content = b"".join(as_user(clerk).get("/admin/measures/observation/export/").streaming_content)
    book = load_workbook(BytesIO(content))
    book.active["E4"] = "120"
    changed = saved(book)
    Observation.objects.filter(pk=row.pk).update(remark="别人改过", changed_at=make.timezone.now())
    answer = bring("observations", file=changed)
    assert "导出以后这一条已有别人改过" in told(answer)[0]


def test_a_row_copied_with_its_mark_does_not_overwrite_the_first(bring, as_user, clerk, bureau):
    make.make_observation(make.make_metric("受众", "人次"), bureau, "100", state="draft")
    content = b"".join(as_user(clerk).get("/admin/measures/observation/export/").streaming_content)
    book = load_workbook(BytesIO(content))
    book.active.append([cell.value for cell in book.active[4]])
    book.active["D5"] = "2020年"
    answer = bring("observations", file=saved(book))
    assert told(answer) == ["第5行：与第4行的系统标记相同；另一条请清空系统标记。"]


def test_a_second_sheet_that_fits_is_named(bring, pillar, clerk, bureau, tmp_path):
    make.make_action(pillar, "宣讲")
    book = Workbook()
    book.active.title = "10月"
    for page, day in ((book.active, "2021-10-05"), (book.create_sheet("11月"), "2021-11-05")):
        page.append(HEADS)
        page.append(("宣讲", day, "一场", 56))
    book.create_sheet("说明").append(HEADS)
    answer, said = bring("activities", file=saved(book)), StringIO()
    told_of = "一次只导入一张工作表，“11月”没有导入；请另存为单独的文件再传。"
    assert re.findall(r'role="alert">(.*?)</p>', answer.content.decode()) == [told_of]
    book.save(path := tmp_path / "表.xlsx")
    asked = {"kind": "activities", "organ": bureau.name, "by": clerk.username}
    call_command("import_sheet", str(path), stdout=said, **asked)
    assert told_of in said.getvalue()


def test_progress_goes_on_in_the_ledger_after_approval(bring, as_user, clerk, bureau, pillar):
    action = make.make_action(pillar, "宣讲", progress="一半")
    content = b"".join(as_user(clerk).get(f"/sheets/ledgers/{bureau.pk}/").streaming_content)
    book = load_workbook(BytesIO(content))
    book.active["H4"], book.active["C4"] = "做完了", "宣讲和走访"
    assert "已经审核，不能直接改" in told(bring("actions", file=saved(book)))[0]
    book.active["C4"] = "宣讲"
    confirm(bring("actions", file=saved(book)))
    action.refresh_from_db()
    assert (action.progress, action.state) == ("做完了", "approved")
    book.active["H4"] = "又改过"
    assert "有过改动，现在是“已审核”" in told(bring("actions", file=saved(book)))[0]


def test_a_line_that_is_to_be_closed_out_is_left_as_it_is(bring, pillar):
    make.make_action(pillar, "宣讲", closing_state="submitted", closed_on=date(2021, 3, 5))
    heads = ("创建支柱", "举措", "类别", "进展")
    answer = bring("actions", heads, (pillar.heading, "宣讲", "学习教育", "做完了"))
    assert "已经申请销号" in told(answer)[0]


def test_a_long_sheet_is_left_to_the_command(bring, bureau, clerk, pillar, tmp_path, monkeypatch):
    make.make_action(pillar, "宣讲")
    rows = (HEADS, *(("宣讲", f"2021-03-{day:02}", "党课", 9) for day in range(1, 4)))
    monkeypatch.setattr(upload_form, "MOST_ON_A_PAGE", 2)
    assert "网页上一次最多导入2行" in bring("activities", *rows).content.decode()
    path = tmp_path / "表.xlsx"
    path.write_bytes(sheet(*rows).read())
    asked = {"kind": "activities", "organ": bureau.name, "by": clerk.username}
    said = StringIO()
    call_command("import_sheet", str(path), stdout=said, **asked)
    assert "新增：3行" in said.getvalue()
    assert not Activity.objects.exists()
    call_command("import_sheet", str(path), stdout=said, confirm=True, **asked)
    assert Activity.objects.count() == 3


def test_a_long_list_is_ordered_written_by_the_command_and_fetched(
    as_user, clerk, second_clerk, bureau, other_bureau, monkeypatch
):
    metric = make.make_metric("受众", "人次")
    for quarter in range(1, 4):
        make.make_observation(metric, bureau, str(quarter), f"2021Q{quarter}")
    make.make_observation(metric, bureau, "9", "2020", state="draft")
    monkeypatch.setattr(reviewed, "MOST_ON_A_PAGE", 2)
    client, address = as_user(clerk), "/admin/measures/observation/export/?state=approved"
    for _ in range(2):  # pressed twice, ordered once
        answer = client.get(address, follow=True)
    assert answer.redirect_chain == [("/sheets/orders/", 302)]
    assert "正在准备" in answer.content.decode()
    row = ListOrder.objects.get()
    assert client.get(f"/sheets/orders/{row.pk}/").status_code == 404
    said = StringIO()
    call_command("write_orders", stdout=said)
    assert "已备好1张，清除0张" in said.getvalue()
    book = load_workbook(BytesIO(b"".join(client.get(f"/sheets/orders/{row.pk}/").streaming_content)))
    rows = book.active.iter_rows(min_row=4, values_only=True)
    assert [(row[0], row[4]) for row in rows] == [(bureau.name, f"{number}人次") for number in (1, 2, 3)]
    verbs = AuditEvent.objects.exclude(verb="login").order_by("pk").values_list("verb", flat=True)
    assert [*verbs] == ["export", "download"]
    assert as_user(second_clerk).get(f"/sheets/orders/{row.pk}/").status_code == 404
    ListOrder.objects.update(at=make.timezone.now() - timedelta(days=8))
    call_command("write_orders", stdout=said)
    assert "已备好0张，清除1张" in said.getvalue()


def test_a_list_is_written_of_what_its_orderer_may_still_see(clerk, bureau):
    row = make.make_observation(make.make_metric(), bureau)
    found = orders.order(KINDS["observations"], Observation.objects.filter(pk=row.pk), by=clerk)
    clerk.memberships.update(last_day=make.timezone.localdate() - timedelta(days=1))
    assert orders.write_next() == found
    found.refresh_from_db()
    page = load_workbook(BytesIO(bytes(found.content))).active
    assert list(page.iter_rows(min_row=4, values_only=True)) == []
