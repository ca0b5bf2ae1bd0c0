"""Choosing an organ or a period shows it at once, leaves its address, and loses neither the place nor the way back."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import LEADER, PHONE, PageFor

pytestmark = pytest.mark.browser

#: A mark that a page loaded anew does not have.
MARK = "document.body.dataset.same = '1'"


def overview(page: Page) -> None:
    page.goto("/")
    page.evaluate(MARK)


def still_the_same(page: Page) -> bool:
    return page.evaluate("document.body.dataset.same") == "1"


def test_a_choice_replaces_the_content_and_leaves_a_link(page_for: PageFor) -> None:
    page = page_for(LEADER)
    overview(page)
    period = page.get_by_label("期间")
    period.focus()
    period.select_option("2021年")
    expect(page.locator(".top .period")).to_have_text("2021年")
    expect(page.locator("#figures")).not_to_contain_text("22299元")
    expect(page).to_have_url(re.compile(r"[?&]period=2021(&|$)"))
    expect(period).to_be_focused()
    expect(page.get_by_role("status").first).to_have_text(re.compile("正在看：.*2021年"))
    assert still_the_same(page)
    link = page.locator("#figures .export").get_attribute("href")
    assert "period=2021" in str(link)
    expect(page.locator("form.search input[name=period]")).to_have_value("2021")
    page.reload()
    expect(page.locator(".top .period")).to_have_text("2021年")


def test_choices_add_up_and_the_way_back_undoes_them_one_by_one(page_for: PageFor) -> None:
    page = page_for(LEADER)
    overview(page)
    page.get_by_label("期间").select_option("2021年")
    expect(page.locator(".top .period")).to_have_text("2021年")
    organ = page.get_by_label("范围")
    chosen = organ.locator("option").nth(2).get_attribute("value")
    organ.select_option(chosen)
    expect(page.locator("table.heat tbody tr")).to_have_count(1)
    expect(page).to_have_url(re.compile(f"organ={chosen}&period=2021"))
    page.go_back()
    expect(page.get_by_label("范围")).to_have_value("")
    expect(page.get_by_label("期间").locator("option:checked")).to_have_text("2021年")
    page.go_back()
    expect(page.locator(".top .period")).to_have_text("创建以来")
    expect(page.get_by_label("期间")).to_have_value("")
    page.go_forward()
    expect(page.locator(".top .period")).to_have_text("2021年")


def test_the_keyboard_alone_filters(page_for: PageFor) -> None:
    page = page_for(LEADER)
    overview(page)
    page.get_by_label("期间").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".top .period")).not_to_have_text("创建以来")
    expect(page).to_have_url(re.compile("period=2"))  # all of the page is in its place
    expect(page.get_by_label("期间")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.locator(".top .period")).to_have_text("创建以来")
    page.get_by_role("button", name="查看").press("Enter")
    expect(page.locator(".top .period")).to_have_text("创建以来")


def test_a_key_pressed_as_the_new_content_appears_is_not_lost(page_for: PageFor) -> None:
    page = page_for(LEADER)
    overview(page)
    # The next key comes the very moment the new content stands there, before anything else may run.
    page.evaluate(
        """() => new MutationObserver((_, seen) => {
            if (document.querySelector(".top .period").textContent !== "2021年") return;
            seen.disconnect();
            document.body.dataset.pressed = "1";
            const period = document.getElementById("id_period");
            period.value = "";
            period.dispatchEvent(new Event("change", {bubbles: true}));
        }).observe(document.body, {childList: true, subtree: true, characterData: true})"""
    )
    page.get_by_label("期间").select_option("2021年")
    expect(page.locator("body")).to_have_attribute("data-pressed", "1")
    expect(page.locator(".top .period")).to_have_text("创建以来")
    assert still_the_same(page)


def test_on_a_telephone_the_filters_stay_open_while_one_chooses(page_for: PageFor) -> None:
    page = page_for(LEADER)
    page.set_viewport_size(PHONE)
    overview(page)
    page.locator(".filter-switch").click()
    page.get_by_label("期间").select_option("2021年")
    expect(page.locator(".filter-switch")).to_have_text(re.compile("已选条件"))
    expect(page.get_by_label("范围")).to_be_visible()
    assert still_the_same(page)


def test_who_is_signed_out_meanwhile_is_sent_to_sign_in_and_back(page_for: PageFor) -> None:
    page = page_for(LEADER)
    cookies = page.context.cookies()
    overview(page)
    page.context.clear_cookies()
    page.get_by_label("期间").select_option("2021年")
    expect(page.get_by_label("用户名")).to_be_visible()
    assert "next=" in page.url
    page.context.add_cookies(cookies)


@pytest.mark.parametrize("broken", ["answer", "network"])
def test_a_choice_that_cannot_be_fetched_is_opened_as_a_page(page_for: PageFor, broken: str) -> None:
    page = page_for(LEADER).context.new_page()  # one of its own: the failure is told in the console
    overview(page)

    def fail(route: Route) -> None:
        if "hx-request" not in route.request.headers:
            route.continue_()
        elif broken == "answer":
            route.fulfill(status=500, body="")
        else:
            route.abort()

    page.route("**/*period=2021*", fail)
    page.get_by_label("期间").select_option("2021年")
    expect(page.locator(".top .period")).to_have_text("2021年")
    assert not still_the_same(page)
    page.close()
