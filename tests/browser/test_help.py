"""The question mark beside a field and the handbook behind it, by keyboard alone and without scripts."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import CLERK, LEADER, PHONE, PageFor
from tests.browser.pages import OBSERVATION

pytestmark = pytest.mark.browser


def test_a_question_is_opened_by_keyboard_without_scripts_and_leads_to_its_place(page_for: PageFor) -> None:
    page = page_for(CLERK, scripts=False)
    page.set_viewport_size(PHONE)
    page.goto(f"{OBSERVATION}add/")
    page.locator("#id_coverage").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    said = page.locator(".field-coverage .question-said")
    expect(said).to_be_visible()
    with page.context.expect_page() as opened:
        said.get_by_role("link", name="看手册").click()
    place = opened.value.locator(":target")
    expect(place).to_contain_text("含下级")
    expect(place).to_be_in_viewport()
    assert page.url.endswith("/add/")  # what was typed is still there


def test_a_first_visit_brings_no_picture_that_is_not_looked_at(page_for: PageFor) -> None:
    page = page_for(LEADER)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/help/", wait_until="networkidle")
    assert len([url for url in asked if url.endswith(".png")]) < 6
    page.get_by_role("link", name="溯源卡", exact=True).first.click()
    shown = page.get_by_alt_text("溯源卡：原话", exact=False)
    expect(shown).to_be_in_viewport()
    assert shown.evaluate("async picture => (await picture.decode(), picture.naturalWidth)") > 300
