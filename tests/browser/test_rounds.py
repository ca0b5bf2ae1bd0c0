"""A steward asks in a round, one clerk answers on the page, another by a sheet; the steward reminds, prolongs and closes."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from tests.browser.conftest import CLERK, PHONE, STEWARD, PageFor, sign_in
from tests.browser.test_every_page import barriers, english, overhang

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

TITLE, SECOND = "党课和意识形态专项填报", "zhongxin"
PASSWORD, OWN = "松涛七枝-映雪三更-42", "溪桥九曲-听雨半窗-57"
METRICS = ("专题廉政党课（场次）", "专题研究意识形态工作（次）")


def hold(page: Page) -> None:
    """What holds for every page, on the desk and in the hand."""
    found = barriers(page) + sorted(english(page) - {SECOND}) + overhang(page)
    desk = page.viewport_size
    page.set_viewport_size(PHONE)
    found += overhang(page)
    if desk:
        page.set_viewport_size(desk)
    assert not found, "\n".join(found)


def new_clerk(steward: Page) -> None:
    """An account that enters for the centre below the bureau."""
    steward.goto("/admin/organs/user/add/")
    for name, typed in (
        ("username", SECOND),
        ("name", "方中心"),
        ("password1", PASSWORD),
        ("password2", PASSWORD),
    ):
        steward.locator(f"[name={name}]").fill(typed)
    steward.locator("[name=memberships-0-organ]").select_option(label="　　　示例局下属中心")
    steward.locator("[name=memberships-0-role]").select_option("clerk")
    steward.locator("[name=_save]").click()
    expect(steward.locator(".messagelist")).to_contain_text("成功")


def new_round(steward: Page) -> None:
    """Asks both about two metrics and one kind of action in 2019, for two days."""
    steward.goto("/admin/")
    steward.get_by_role("link", name="填报轮次").click()
    steward.get_by_role("link", name="新建一轮").click()
    steward.wait_for_load_state()
    steward.get_by_label("名称").fill(TITLE)
    steward.get_by_label("期间").fill("2019年")
    steward.get_by_label("截止日期").fill(str(timezone.localdate() + timedelta(days=2)))
    while (taking_part := steward.locator("[name=organs]:checked")).count():
        taking_part.first.uncheck()
    for label in (*METRICS, "学习教育", "示例局", "示例局下属中心"):
        steward.get_by_role("checkbox", name=label, exact=True).check()
    steward.get_by_role("button", name="保存，看已有多少").click()
    expect(steward.locator(".round-count")).to_have_text(
        "共要问6项：已报过0项，已有草稿0项，可按活动计数0项，要动手填的只有6项。"
    )
    hold(steward)
    steward.get_by_role("button", name="发布").click()
    expect(steward.locator(".round-count")).to_have_text("2家中0家已报齐")
    hold(steward)


def test_a_round_is_opened_answered_by_page_and_by_sheet_and_closed(
    page_for: PageFor, tmp_path: Path
) -> None:
    steward = page_for(STEWARD)
    new_clerk(steward)
    new_round(steward)

    clerk = page_for(CLERK)
    clerk.goto("/reminders/")
    clerk.get_by_role("link", name=f"示例局·{TITLE}").click()
    clerk.get_by_label(f"{METRICS[0].partition('（')[0]}：数值").fill("3场次")
    clerk.get_by_role("button", name="全部报审").click()
    expect(clerk.locator(".row-error .error")).to_contain_text("请填数值")
    expect(clerk.get_by_label("专题廉政党课：数值")).to_have_value("3场次")
    hold(clerk)
    clerk.get_by_label("专题研究意识形态工作：情况").select_option("零报告")
    clerk.get_by_label("学习教育：没有开展的说明").fill("尚未建立台账")
    clerk.get_by_role("button", name="全部报审").click()
    expect(clerk.locator(".page-facts")).to_contain_text("3项中3项已报")

    steward.reload()
    expect(steward.locator(".round-count")).to_have_text("2家中1家已报齐")
    steward.get_by_role("button", name="提醒没有报齐的1家").click()
    expect(steward.locator(".messages")).to_contain_text("已提醒1家")

    second = page_for()
    sign_in(second, SECOND, PASSWORD)
    for name, typed in (("old_password", PASSWORD), ("new_password1", OWN), ("new_password2", OWN)):
        second.locator(f"[name={name}]").fill(typed)
    second.get_by_role("button", name="保存新密码").click()
    second.wait_for_url("**/done/")
    second.goto("/reminders/")
    expect(second.locator("tbody tr", has_text=TITLE)).to_contain_text("催报")
    hold(second)
    second.get_by_role("link", name=TITLE).click()
    with second.expect_download() as download:
        second.get_by_role("link", name="下载填报表").click()
    file = tmp_path / "填报表.xlsx"
    download.value.save_as(file)
    book = load_workbook(file)
    heads = {cell.value: cell.column for cell in book.active[1]}
    for row, said in ((2, "12"), (3, "5余")):
        assert book.active.cell(row, heads["期间"]).value == "2019年"
        book.active.cell(row, heads["数值"]).value = said
    book.save(file)
    second.get_by_role("link", name="导入表格").click()
    second.get_by_label("导入什么").select_option(label="数值")
    second.get_by_label("表格文件").set_input_files(file)
    second.get_by_role("button", name="上传并预览").click()
    second.get_by_role("button", name="确认导入，存为草稿").click()
    second.goto("/reminders/")
    second.get_by_role("link", name=TITLE).click()
    expect(second.get_by_text("已存为草稿")).to_have_count(2)
    second.get_by_label("学习教育：没有开展的说明").fill("本期未安排")
    second.get_by_role("button", name="全部报审").click()
    expect(second.locator(".page-facts")).to_contain_text("3项中3项已报")

    steward.reload()
    expect(steward.locator(".round-count")).to_have_text("2家中2家已报齐")
    steward.get_by_text("结束这一轮…").click()
    steward.get_by_role("button", name="确定结束").click()
    expect(steward.locator(".page-facts")).to_contain_text("已结束")
    steward.goto("/rounds/")
    row = steward.locator("tbody tr", has_text=TITLE)
    expect(row.locator("td.num")).to_have_text(["2", "6", "0", "6", "3.0", "0"])
    hold(steward)
