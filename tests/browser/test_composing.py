"""Chinese input methods: Enter that ends a word sends nothing, keys that belong to a word are no shortcuts."""

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.browser.conftest import CLERK, LEADER, PageFor
from tests.browser.pages import OBSERVATION

pytestmark = pytest.mark.browser


def _keyboard(page: Page) -> CDPSession:
    return page.context.new_cdp_session(page)


def _compose(keyboard: CDPSession, pinyin: str) -> None:
    """Letters of a word that is not done, each told by 229 as input methods do."""
    for end in range(1, len(pinyin) + 1):
        keyboard.send(
            "Input.dispatchKeyEvent", {"type": "rawKeyDown", "key": "Process", "windowsVirtualKeyCode": 229}
        )
        typed = {"text": pinyin[:end], "selectionStart": end, "selectionEnd": end}
        keyboard.send("Input.imeSetComposition", typed)


def _enter(keyboard: CDPSession, code: int) -> None:
    """The Enter key with the number that the browser tells of it."""
    key = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": code, "text": "\r"}
    keyboard.send("Input.dispatchKeyEvent", {"type": "keyDown", **key})
    keyboard.send(
        "Input.dispatchKeyEvent",
        {"type": "keyUp", "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": code},
    )


@pytest.mark.parametrize(
    ("who", "address", "box"),
    [
        ("", "/login/", "#id_username"),
        (LEADER, "/", "#search-q"),
        (CLERK, f"{OBSERVATION}add/", "#id_phrase"),
        (CLERK, OBSERVATION, ".list-filters input[name=q]"),
    ],
)
def test_enter_that_ends_a_word_sends_no_form(page_for: PageFor, who: str, address: str, box: str) -> None:
    page = page_for(who)
    page.goto(address)
    page.evaluate(
        "addEventListener('submit', event => { document.title = '已发送'; event.preventDefault(); }, true)"
    )
    keyboard = _keyboard(page)
    page.locator(box).click()
    _compose(keyboard, "weisheng")
    _enter(keyboard, 13)  # within the word: isComposing alone tells
    keyboard.send("Input.insertText", {"text": "卫生"})
    _enter(keyboard, 229)  # after it: the number alone tells
    expect(page.locator(box)).to_have_value("卫生")
    assert "已发送" not in page.title()
    _enter(keyboard, 13)
    expect(page).to_have_title("已发送")


def test_keys_of_a_word_are_no_shortcuts(page_for: PageFor) -> None:
    page = page_for(LEADER)
    page.goto("/")
    keyboard = _keyboard(page)
    slash = {"type": "keyDown", "key": "/", "code": "Slash", "text": "/"}
    keyboard.send("Input.dispatchKeyEvent", {**slash, "windowsVirtualKeyCode": 229})
    expect(page.locator("#search-q")).not_to_be_focused()
    keyboard.send("Input.dispatchKeyEvent", {**slash, "windowsVirtualKeyCode": 191})
    expect(page.locator("#search-q")).to_be_focused()
