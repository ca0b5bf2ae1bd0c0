"""Nothing typed is lost: by leaving the page, by a lost connection, by being signed out, by pressing twice."""

import re
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import CLERK, PHONE, PageFor, Site, sign_in
from tests.browser.strokes import yesterday
from tests.browser.test_every_page import barriers, english, overhang

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
PAGE, KEPT = "/entry/activities/", re.compile("已暂存 [0-9]")


def typed(page: Page, address: str = PAGE) -> str:
    """A title that nobody else types, in the first row, with its day."""
    title = f"讲座{uuid4().int % 10**6}"
    page.goto(address)
    page.get_by_label("第1行日期").fill(yesterday())
    page.get_by_label("第1行活动名称").fill(title)
    return title


def opened(page: Page, address: str) -> None:
    """Open a page and hear what is kept there."""
    with page.expect_response("**/kept/**"):
        page.goto(address)


def test_what_was_typed_is_offered_again_after_leaving_the_page(page_for: PageFor) -> None:
    page = page_for(CLERK)
    title = typed(page, f"{PAGE}?rows=6")
    page.get_by_label("第6行地点").fill("六号会议室")
    expect(page.locator(".kept-status")).to_have_text(KEPT)
    page.goto("/my/")
    page.go_back()
    page.goto(PAGE)
    offer = page.locator(".kept-offer")
    expect(offer).to_contain_text("没存完的内容")
    page.set_viewport_size(PHONE)
    assert barriers(page) + sorted(english(page)) + overhang(page) == []
    offer.get_by_role("button", name="恢复").click()
    expect(page.get_by_label("第1行活动名称")).to_have_value(title)
    expect(page.get_by_label("第6行地点")).to_have_value("六号会议室")
    expect(page.locator(".kept-status")).to_have_text(KEPT)
    page.get_by_role("button", name="存草稿").last.click()
    # a place alone is no activity, nor is it nothing
    expect(page.get_by_role("alert").first).to_contain_text("有1行要改")
    page.get_by_label("第6行地点").fill("")
    page.get_by_role("button", name="存草稿").last.click()
    expect(page.locator(".messages")).to_contain_text("已存为草稿1次活动")
    expect(page.locator(".kept-status")).to_have_count(1)
    expect(offer).to_have_count(0)


def test_a_lost_connection_costs_nothing(page_for: PageFor) -> None:
    page = page_for(CLERK)
    page.clock.install()
    typed(page)
    status = page.locator(".kept-status")
    try:
        page.context.set_offline(True)
        page.get_by_label("第1行活动名称").fill("断网时写的")
        page.clock.run_for(2_000)
        expect(status).to_have_text("断网，内容还在本页，连上后自动暂存")
        page.get_by_role("button", name="存草稿").last.click()
        expect(status).to_contain_text("断网，没有提交")
        expect(page.get_by_label("第1行活动名称")).to_have_value("断网时写的")
    finally:
        page.context.set_offline(False)
    page.clock.run_for(12_000)
    expect(status).to_have_text(KEPT)
    page.get_by_role("button", name="存草稿").last.click()
    expect(page.locator(".messages")).to_contain_text("已存为草稿1次活动")


def test_being_signed_out_while_typing_costs_nothing(page_for: PageFor, site: Site) -> None:
    page = page_for()
    sign_in(page, CLERK, site.passwords[CLERK])
    page.get_by_role("button", name="退出").wait_for()
    typed(page)
    expect(page.locator(".kept-status")).to_have_text(KEPT)
    page.context.clear_cookies()
    page.get_by_label("第1行活动名称").fill("退出以后写的")
    expect(page.locator(".kept-status")).to_contain_text("已退出登录，内容还在本页")
    page.get_by_role("button", name="存草稿").last.click()
    expect(page.get_by_label("第1行活动名称")).to_have_value("退出以后写的")
    with page.context.expect_page() as window:
        page.locator(".kept-status").get_by_role("link", name="在新窗口登录").click()
    again = window.value
    again.get_by_label("用户名").fill(CLERK)
    again.get_by_label("密码").fill(site.passwords[CLERK])
    again.get_by_role("button", name="登录").click()
    again.get_by_role("button", name="退出").wait_for()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator(".kept-status")).to_have_text(KEPT)
    page.get_by_role("button", name="存草稿").last.click()
    expect(page.locator(".messages")).to_contain_text("已存为草稿1次活动")


def test_pressing_twice_stores_once_and_going_back_offers_nothing(page_for: PageFor) -> None:
    page = page_for(CLERK)
    title = typed(page)
    page.get_by_role("button", name="存草稿").last.dblclick()
    expect(page.locator(".messages")).to_contain_text(re.compile("已存为草稿1次活动|没有重复登记"))
    page.reload()
    page.go_back()
    opened(page, PAGE)
    expect(page.get_by_label("第1行活动名称")).to_have_value("")
    expect(page.locator(".kept-offer")).to_have_count(0)
    page.goto(f"/admin/measures/activity/?q={title}")
    expect(page.locator("#result_list tbody tr")).to_have_count(1)


def test_the_forms_of_the_entry_pages_are_kept_too(page_for: PageFor) -> None:
    page, address = page_for(CLERK), "/admin/measures/action/add/"
    page.goto(address)
    page.locator("[name=title]").fill("走访慰问困难党员")
    page.locator("[name=kind]").select_option(index=1)
    chosen = page.locator("[name=kind]").input_value()
    expect(page.locator(".kept-status")).to_have_text(KEPT)
    page.goto(address)
    page.locator(".kept-offer").get_by_role("button", name="恢复").press("Enter")
    expect(page.locator("[name=title]")).to_have_value("走访慰问困难党员")
    assert page.evaluate("document.activeElement.contains(document.querySelector('[name=title]'))")
    assert page.evaluate("document.activeElement.matches('form')")
    expect(page.locator("[name=kind]")).to_have_value(chosen)
    page.goto("/my/")
    page.goto(address)
    with page.expect_response("**/kept/**"):
        page.locator(".kept-offer").get_by_role("button", name="丢弃").click()
    opened(page, address)
    expect(page.locator(".kept-offer")).to_have_count(0)
