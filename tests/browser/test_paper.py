"""On paper: a passport is one A4 page, whatever the demonstration has to tell; wide tables lie across."""

import re

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import CLERK, LEADER, PageFor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PASSPORTS = "a[href^='/figures/']"


def sheets(page: Page) -> int:
    """How many pages Chromium prints; each is an object of its own in the file."""
    return len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True)))


@pytest.mark.parametrize("who", [LEADER, CLERK])
def test_the_richest_passport_is_one_page(page_for: PageFor, who: str) -> None:
    page = page_for(who)
    page.goto("/")
    page.get_by_role("link", name="示例局", exact=True).first.click()
    page.wait_for_load_state()
    found = page.locator(PASSPORTS).evaluate_all("links => [...new Set(links.map(link => link.pathname))]")
    assert len(found) > 5
    page.goto(max(found, key=lambda address: len(page.request.get(address).text())))
    assert page.locator("article.sheet").is_visible()
    assert sheets(page) == 1


@pytest.mark.parametrize(
    ("address", "lies"), [("/", "upright"), ("/organs/{}/", "across"), ("/problems/", "across")]
)
def test_pages_lie_as_their_tables_need_and_carry_no_controls(
    page_for: PageFor, address: str, lies: str
) -> None:
    page = page_for(LEADER)
    page.goto("/")
    organ = page.get_by_role("link", name="示例局", exact=True).first.get_attribute("href") or ""
    page.goto(address.format(*re.findall(r"\d+", organ)))
    widths = re.findall(rb"/MediaBox \[0 0 (\d+)", page.pdf(prefer_css_page_size=True))
    assert {"across" if int(width) > 600 else "upright" for width in widths} == {lies}
    page.emulate_media(media="print")
    for control in (".filters", ".export", ".me"):
        assert not page.locator(control).first.is_visible()


@pytest.mark.parametrize(("address", "table"), [("/organs/{}/", ".ledger"), ("/problems/", ".problems")])
def test_ledgers_repeat_their_head_and_are_signed_at_the_end(
    page_for: PageFor, address: str, table: str
) -> None:
    page = page_for(LEADER)
    page.goto("/")
    organ = page.get_by_role("link", name="示例局", exact=True).first.get_attribute("href") or ""
    page.goto(address.format(*re.findall(r"\d+", organ)))
    assert not page.locator(".signatures").is_visible()
    page.emulate_media(media="print")
    head = page.locator(f"{table} thead")
    assert head.evaluate("head => getComputedStyle(head).display") == "table-header-group"
    signed = page.locator(".signatures")
    assert signed.inner_text().split() == ["填报人：", "审核人：", "负责人："]
    bottoms = page.locator("main *").evaluate_all("all => all.map(one => one.getBoundingClientRect().bottom)")
    assert signed.evaluate("line => line.getBoundingClientRect().bottom") >= max(bottoms) - 1
