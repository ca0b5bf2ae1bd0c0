"""The screen of a meeting room: renewed without a reload, readable from five metres, honest about its age."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import LEADER, WALL, PageFor

pytestmark = pytest.mark.browser

ORGAN = "/screen/organs/5/"
MINUTE = 61_000  # milliseconds
#: What is out of its screen or smaller than 28 pixels.
UNREADABLE = """() => [...document.querySelectorAll("body *")]
    .filter(one => [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim()))
    .filter(one => one.tagName !== "SCRIPT" && one.tagName !== "NOSCRIPT" && !one.matches(".vh"))
    .filter(one => one.getClientRects().length)
    .filter(one => parseFloat(getComputedStyle(one).fontSize) < 28
        || one.getBoundingClientRect().bottom > window.innerHeight)
    .map(one => one.outerHTML.slice(0, 100))"""


def on_the_wall(page_for: PageFor, address: str) -> Page:
    page = page_for(LEADER)
    page.set_viewport_size(WALL)
    page.clock.install()
    page.goto(address)
    page.evaluate("document.body.dataset.opened = 'once'")
    return page


def never_reloaded(page: Page) -> bool:
    return page.evaluate("document.body.dataset.opened") == "once"


@pytest.mark.parametrize("address", ["/screen/", ORGAN])
def test_a_wall_is_one_screen_of_large_type(page_for: PageFor, address: str) -> None:
    page = on_the_wall(page_for, address)
    assert page.evaluate(UNREADABLE) == []
    assert page.evaluate("document.documentElement.scrollHeight <= window.innerHeight")
    assert page.locator("button, input, select, form").count() == 0


def test_a_changed_figure_takes_its_place_without_a_reload(page_for: PageFor) -> None:
    page = on_the_wall(page_for, ORGAN)
    asked, changes = [], {"截至": "此时"}

    def later(route: Route) -> None:
        asked.append(route.request.headers)
        answer = route.fetch()
        text = answer.text()
        for old, new in changes.items():
            text = text.replace(old, new)
        route.fulfill(response=answer, body=text)

    page.route(f"**{ORGAN}", later)
    page.evaluate("document.getElementById('main').dataset.kept = 'yes'")
    page.clock.fast_forward(MINUTE)
    expect(page.locator(".wall-as-of")).to_contain_text("此时")
    expect(page.locator("main[data-kept] .ba-after")).to_have_text("25.6%")  # the same: not drawn anew
    changes["25.6"] = "24.9"
    page.clock.fast_forward(MINUTE)
    expect(page.locator(".ba-after")).to_have_text("24.9%")
    assert never_reloaded(page)
    assert [headers.get("x-background") for headers in asked] == ["1", "1"]


def test_a_wall_says_since_when_the_server_is_gone_and_recovers(page_for: PageFor) -> None:
    page = on_the_wall(page_for, "/screen/")
    figures = page.locator("main").inner_text()
    page.route("**/screen/", lambda route: None)  # no answer ever
    page.clock.fast_forward(MINUTE)
    page.clock.fast_forward(21_000)
    said = page.get_by_role("alert")
    expect(said).to_have_text(re.compile(r"▲ 从\d\d:\d\d起没有连上服务器，数据没有更新"))
    expect(page.locator(".wall-as-of")).to_have_text(re.compile(r"截至\d+月\d+日\d\d:\d\d的数据"))
    assert page.locator("main").inner_text() == figures
    page.unroute("**/screen/")
    page.clock.fast_forward(MINUTE)
    expect(said).to_have_count(0)
    assert never_reloaded(page)


def test_a_wall_tells_before_it_is_signed_out_and_a_key_stays(page_for: PageFor) -> None:
    page = on_the_wall(page_for, "/screen/")

    def ending(route: Route) -> None:
        answer, left = route.fetch(), 100 if "x-background" in route.request.headers else 1800
        body = re.sub(r'data-left="\d+"', f'data-left="{left}"', answer.text())
        route.fulfill(response=answer, body=body)

    page.route("**/screen/", ending)
    page.clock.fast_forward(MINUTE)
    said = page.get_by_role("alert")
    expect(said).to_have_text("▲ 还有2分钟将自动退出，按任意键继续", use_inner_text=True)
    page.keyboard.press("Space")
    expect(said).to_have_count(0)


def test_a_wall_at_the_limit_of_the_day_asks_for_no_key(page_for: PageFor) -> None:
    page = on_the_wall(page_for, "/screen/")

    def ending(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=re.sub(r'data-left="\d+"', 'data-left="100"', answer.text()))

    page.route("**/screen/", ending)
    page.clock.fast_forward(MINUTE)
    said = page.get_by_role("alert")
    expect(said).to_contain_text("按任意键继续")
    page.keyboard.press("Space")
    expect(said).to_contain_text("登录时间已到上限，不能延长")


def test_a_wall_that_is_signed_out_keeps_its_figures_and_says_so(page_for: PageFor) -> None:
    page = on_the_wall(page_for, ORGAN)
    gone = {"HX-Redirect": "/login/?next=%2Fscreen%2Forgans%2F5%2F&why=idle"}
    page.route(f"**{ORGAN}", lambda route: route.fulfill(status=403, headers=gone))
    page.clock.fast_forward(MINUTE)
    said = page.get_by_role("alert")
    expect(said).to_have_text("▲ 已退出，数据不再更新，请重新登录")
    expect(said.get_by_role("link", name="重新登录")).to_have_attribute("href", gone["HX-Redirect"])
    expect(page.locator(".ba-after")).to_have_text("25.6%")
    assert never_reloaded(page)


def test_a_wall_without_scripts_shows_how_old_it_is(page_for: PageFor) -> None:
    page = page_for(LEADER, scripts=False)
    page.goto("/screen/")
    expect(page.locator(".wall-as-of")).to_have_text(re.compile(r"截至\d+月\d+日\d\d:\d\d的数据"))
    expect(page.locator(".wall-foot")).to_contain_text("没有自动更新，请按刷新键")
    expect(page.locator(".wall-sheet").first).to_be_visible()
