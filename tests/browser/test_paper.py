"""A passport on paper: one A4 page, whatever the demonstration has to tell."""

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
    found = page.locator(PASSPORTS).evaluate_all("links => [...new Set(links.map(link => link.pathname))]")
    assert len(found) > 5
    page.goto(max(found, key=lambda address: len(page.request.get(address).text())))
    assert page.locator("article.sheet").is_visible()
    assert sheets(page) == 1
