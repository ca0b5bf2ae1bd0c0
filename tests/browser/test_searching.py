"""The search box as it is used: with the keyboard, while a word is being composed, without scripts, on a telephone."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import LEADER, PageFor

pytestmark = pytest.mark.browser

COMPOSED = """([text, composing]) => {
    const box = document.querySelector(".search-q");
    box.focus();
    box.value = text;
    box.dispatchEvent(new InputEvent("input", {bubbles: true, isComposing: composing}));
    if (!composing) box.dispatchEvent(new CompositionEvent("compositionend", {bubbles: true, data: text}));
}"""


def test_the_keyboard_alone_finds_and_opens(page_for: PageFor) -> None:
    page = page_for(LEADER)
    page.goto("/")
    page.keyboard.press("/")
    page.keyboard.type("公共卫生委员会全覆盖")
    drop = page.get_by_role("region", name="搜到的前几条")
    expect(drop.locator("mark").first).to_have_text("公共卫生委员会全覆盖")
    page.keyboard.press("Escape")
    expect(drop).to_be_hidden()
    expect(page.get_by_role("searchbox")).to_have_value("公共卫生委员会全覆盖")
    page.keyboard.type(" 村")
    expect(drop).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("公共卫生委员会全覆盖")
    page.wait_for_load_state()
    page.keyboard.press("/")
    page.keyboard.type("卫生")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("搜索")
    expect(page.get_by_role("searchbox")).to_have_value("卫生")


def test_nothing_is_asked_while_a_word_is_being_composed(page_for: PageFor) -> None:
    page = page_for(LEADER)
    page.goto("/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/search/?" in request.url else None)
    page.evaluate(COMPOSED, ["wei'sheng", True])
    page.wait_for_timeout(600)
    assert asked == []
    page.evaluate(COMPOSED, ["卫生", False])
    expect(page.locator(".search-drop mark").first).to_have_text("卫生")
    assert len(asked) == 1


def test_the_button_searches_without_scripts(page_for: PageFor) -> None:
    page = page_for(LEADER, scripts=False)
    page.goto("/?period=2021")
    page.get_by_role("searchbox").fill("卫生 委员会")
    page.get_by_role("button", name="搜索").click()
    expect(page.locator(".hits a").first).to_have_attribute("href", re.compile(r"\?period=2021$"))


def test_a_telephone_has_a_link_in_place_of_the_box(page_for: PageFor) -> None:
    page = page_for(LEADER)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/")
    expect(page.get_by_role("searchbox")).to_be_hidden()
    page.get_by_role("link", name="搜索", exact=True).click()
    expect(page.get_by_role("searchbox")).to_be_visible()
