"""What nobody foresaw the length of, names of forty characters and sums in yuan, stays in its place."""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import LEADER, OFFICE, PHONE, WALL, PageFor
from tests.browser.pages import ORGAN, Place, click
from tests.browser.test_every_page import overhang

pytestmark = pytest.mark.browser

#: Long words in place of those of the demonstration.
LENGTHEN = """() => {
    const name = "新疆生产建设兵团第十三师红星农场与伊吾河谷统筹发展示范市民族宗教事务管理局";
    const say = (where, words) => document.querySelectorAll(where).forEach(one => one.textContent = words);
    say(".facts dt, .where > a, .heat tbody th a, .cards tbody th, .totals tbody th a, .wall-name", name);
    say(".ledger-figure, .figure, .trend .value", "超过5111111101999.36元");
    say(".trend .when", "2026年第一季度");
}"""
#: Figures that reach out of their cells, labels out of their charts.
OUTSIDE = """() => [...document.querySelectorAll("td .ledger-figure, .card:not(.count-card) .figure, .trend text")]
    .filter(one => getComputedStyle(one).display !== "none" && one.getClientRects().length)
    .filter(one => {
        const [own, place] = [one, one.closest("td, .card, .chart")].map(each => each.getBoundingClientRect());
        return own.left < place.left - 1 || own.right > place.right + 1;
    })
    .map(one => one.outerHTML.slice(0, 100))"""
CUT_THROUGH = """() => [...document.querySelectorAll(".wall-lines")].flatMap(list => {
    const [right, bottom] = [list.getBoundingClientRect().right,
        list.closest(".wall-columns").getBoundingClientRect().bottom];
    return [...list.children].map(line => line.getBoundingClientRect())
        .filter(line => line.left < right && line.bottom > bottom + 1);
}).length"""
PLACES = [
    Place("overview", LEADER),
    Place("organ", LEADER, steps=click(ORGAN)),
    Place("pillar", LEADER, steps=click(ORGAN, "a.pillar-heading")),
    Place("metric", LEADER, steps=click("#figures a:text-is('窗口服务群众')")),
    Place("series", LEADER, steps=click("#figures a:text-is('服务回访满意率')", "tbody th a")),
]


def lengthened(page: Page) -> list[str]:
    page.evaluate(LENGTHEN)
    return overhang(page) + page.evaluate(OUTSIDE)


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_long_names_and_figures_stay_in_their_places(page_for: PageFor, place: Place) -> None:
    page = page_for(LEADER)
    place.open(page)
    assert lengthened(page) == []
    assert page.locator(".top .search-q").bounding_box()["width"] >= 120
    page.set_viewport_size(PHONE)
    assert lengthened(page) == []


@pytest.mark.parametrize("address", ["/screen/", "/screen/organs/5/"])
def test_a_line_on_the_wall_is_whole_or_left_out(page_for: PageFor, address: str) -> None:
    page = page_for(LEADER)
    for screen in (WALL, OFFICE):
        page.set_viewport_size(screen)
        page.goto(address)
        page.evaluate(
            "document.querySelectorAll('.wall-lines li').forEach(one => one.after(one.cloneNode(true)))"
        )
        page.evaluate(LENGTHEN)
        assert page.evaluate(CUT_THROUGH) == 0
        assert page.evaluate(OUTSIDE) == []
