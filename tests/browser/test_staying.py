"""The warning before one is signed out: what the page's script does about it."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import CLERK, LEADER, PageFor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
HALF_AN_HOUR = 31 * 60_000  # milliseconds, with the minute that the server allows


def answering(page: Page, **seconds_left: int) -> None:
    """The server as it would answer later, by method: so many seconds left, or 0 for signed out."""

    def answer(route: Route) -> None:
        left = seconds_left[route.request.method]
        user = page.locator(".session-bar").get_attribute("data-user")
        told = {"seconds_left": left, "user": int(user or 0), "token": "x" * 64}
        route.fulfill(json=told) if left else route.fulfill(
            status=403, headers={"HX-Redirect": "/login/?why=idle"}
        )

    page.route("**/stay/", answer)


def test_a_warning_comes_in_time_and_one_click_stays(page_for: PageFor) -> None:
    page = page_for(LEADER)
    page.clock.install()
    page.goto("/")
    bar = page.get_by_role("alert").filter(has_text="将自动退出")
    answering(page, GET=115, POST=1800)
    page.clock.fast_forward(HALF_AN_HOUR - 180_000)
    expect(bar).to_have_count(0)
    page.clock.fast_forward(65_000)
    expect(bar).to_contain_text("还有2分钟将自动退出")
    bar.get_by_role("button", name="点这里继续").click()
    expect(bar).to_have_count(0)


def test_at_the_limit_of_the_day_no_click_is_offered_that_changes_nothing(page_for: PageFor) -> None:
    page = page_for(LEADER)
    page.clock.install()
    page.goto("/")
    answering(page, GET=115, POST=115)
    page.clock.fast_forward(HALF_AN_HOUR - 110_000)
    bar = page.get_by_role("alert").filter(has_text="将自动退出")
    bar.get_by_role("button", name="点这里继续").click()
    expect(bar).to_contain_text("登录时间已到上限，不能延长")
    expect(bar.get_by_role("button")).to_have_count(0)


def test_what_somebody_was_typing_stays_when_the_time_is_over(page_for: PageFor) -> None:
    page = page_for(CLERK)
    page.clock.install()
    page.goto("/admin/measures/action/add/")
    page.locator("[name=title]").fill("走访慰问困难党员")
    answering(page, GET=0, POST=0)
    page.clock.fast_forward(HALF_AN_HOUR + 10_000)
    bar = page.get_by_role("alert").filter(has_text="已自动退出")
    expect(bar.get_by_role("link", name="在新窗口登录")).to_have_attribute("href", "/login/?why=idle")
    expect(page.locator("[name=title]")).to_have_value("走访慰问困难党员")
    answering(page, GET=1800)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(bar).to_have_count(0)
    expect(page.locator("input[name=csrfmiddlewaretoken]").last).to_have_value("x" * 64)


def test_a_page_without_changes_goes_to_the_sign_in_page_by_itself(page_for: PageFor) -> None:
    page = page_for(LEADER)
    page.clock.install()
    page.goto("/")
    answering(page, GET=0)
    page.route("**/login/**", lambda route: route.fulfill(body="登录"))
    page.clock.fast_forward(HALF_AN_HOUR + 10_000)
    expect(page).to_have_url("/login/?why=idle")
