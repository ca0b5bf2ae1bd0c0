"""Two windows over one row, and the year that turns and turns back."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import CLERK, PHONE, STEWARD, PageFor
from tests.browser.pages import ACTION, LIST_ROW, NEXT, click
from tests.browser.test_every_page import barriers, english, overhang

pytestmark = pytest.mark.browser
PILLAR, CAMPAIGN = "/admin/measures/pillar/", "/admin/measures/campaign/"


@pytest.mark.parametrize(("address", "box"), [(f"{ACTION}?state=approved", "problem"), (PILLAR, "order")])
def test_the_second_of_two_windows_is_told_and_keeps_what_was_typed(
    page_for: PageFor, address: str, box: str
) -> None:
    first, second = page_for(CLERK), page_for(CLERK)
    first.goto(address)
    row = first.locator(LIST_ROW).first.get_attribute("href") or ""
    for page in (first, second):
        page.goto(row)
    save(first, box, "7")
    save(second, box, "8")
    expect(second.locator(".errornote, .errorlist").first).to_be_visible()
    expect(second.locator(".page, #content")).to_contain_text("改动过这一条")
    expect(second.locator(f".field-{box}")).to_contain_text("现在存的是“7”")
    expect(second.locator(f"[name={box}]")).to_have_value("8")
    second.locator("[name=_save]").click()
    second.goto(row)
    expect(second.locator(f"[name={box}]")).to_have_value("8")


def save(page: Page, box: str, words: str) -> None:
    page.locator(f"[name={box}]").fill(words)
    page.locator("[name=_save]").click()
    page.wait_for_load_state()


def test_the_year_turns_and_turns_back(page_for: PageFor) -> None:
    page = page_for(STEWARD)
    page.goto(CAMPAIGN)
    campaigns = page.locator(LIST_ROW).count()
    click(LIST_ROW, NEXT, "button:text-is('全部单位全不选')")(page)
    page.get_by_text("示例局", exact=True).click()
    boxes = page.locator("details[open] input[type=checkbox]").count()
    assert boxes >= 27  # other tests may have given the bureau more
    expect(page.locator("details[open] input:checked")).to_have_count(0)
    page.get_by_role("button", name="全选：示例局").click()
    expect(page.locator("details[open] input:checked")).to_have_count(boxes)
    page.get_by_role("button", name="下一步：看清单").click()
    expect(page.locator(".lead")).to_contain_text("参加单位1家")
    page.get_by_role("button", name="确认，建立新活动").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("下一届已经建立")
    page.locator("summary").click()
    found = barriers(page) + sorted(english(page)) + overhang(page)
    page.set_viewport_size(PHONE)
    assert found + overhang(page) == []
    page.get_by_role("button", name="确认撤销结转").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("办下一届")
    page.goto(CAMPAIGN)
    expect(page.locator(LIST_ROW)).to_have_count(campaigns)
