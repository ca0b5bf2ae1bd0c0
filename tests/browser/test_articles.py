"""An article in Chromium: words and proposals show each other, keys decide, nothing is lost, a telephone will do."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import CLERK, PHONE, PageFor
from tests.browser.pages import ARTICLE, article

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def read(page: Page, more: str = "") -> None:
    """For an organ for which no other test keeps the article; with `more`, no other has chosen of it either."""
    page.goto("/articles/new/")
    article(page, "示例局下属中心", ARTICLE + more)


def test_words_and_proposals_show_each_other_and_keys_decide(page_for: PageFor) -> None:
    page = page_for(CLERK)
    read(page)
    page.locator(".mention", has_text="36场").click()
    here = page.locator(".proposal:focus")
    expect(here).to_contain_text("36场")
    expect(page.locator(".mention-here")).to_have_text("36场")
    page.keyboard.press("x")
    here.locator("input[type=radio]").first.focus()
    page.keyboard.press("Space")  # chooses what one has gone to, not what is advised
    expect(
        here.or_(page.locator(".proposal:focus-within")).locator("input[type=radio]").first
    ).to_be_checked()
    page.keyboard.press("x")
    page.locator(".mention", has_text="4200余人次").click()
    page.keyboard.press("e")
    expect(page.locator(".proposal details[open] input").first).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("m")
    page.keyboard.type("窗口服务群众")
    chosen = page.locator(".proposal", has=page.locator("legend", has_text="4200余人次"))
    expect(chosen.locator("input[value=other]")).to_be_checked()
    page.get_by_role("button", name="采用有把握的").click()
    expect(chosen.locator("input[value=other]")).to_be_checked()
    expect(chosen.locator("input[name$=-other]")).to_have_value("窗口服务群众")
    left = page.locator(".proposal", has=page.locator("legend", has_text="36场"))
    expect(left.locator("input[value=no]")).to_be_checked()


def test_one_is_split_and_the_other_choices_stay(page_for: PageFor) -> None:
    page = page_for(CLERK)
    read(page)
    page.locator(".mention", has_text="18次").click()
    page.keyboard.press("1")
    before = page.locator(".proposal").count()
    page.locator(".mention", has_text="36场").click()
    page.keyboard.press("s")
    expect(page.locator(".proposal")).to_have_count(before + 1)
    first = page.locator(".proposal", has=page.locator("legend", has_text="18次"))
    expect(first.locator("input[type=radio]").first).to_be_checked()


def test_what_was_chosen_is_offered_when_the_article_is_read_again(page_for: PageFor) -> None:
    page, more = page_for(CLERK), "走访老党员7人。"
    read(page, more)
    page.locator(".mention", has_text="36场").click()
    page.keyboard.press("x")
    page.locator(".mention", has_text="18次").click()
    page.keyboard.press("e")
    said = page.locator(".proposal details[open] input[name$=-said]")
    said.fill("19次")
    expect(page.locator(".kept-status")).to_contain_text("已暂存")
    page.goto("/my/")
    read(page, more)
    expect(page.locator(".proposal input:checked")).to_have_count(0)
    page.locator(".kept-offer").get_by_role("button", name="恢复").click()
    left = page.locator(".proposal", has=page.locator("legend", has_text="36场"))
    expect(left.locator("input[value=no]")).to_be_checked()
    expect(page.locator(".proposal input:checked")).to_have_count(1)
    expect(page.locator(".proposal details[open]")).to_have_count(1)
    expect(said).to_have_value("19次")


def test_what_was_split_is_split_again(page_for: PageFor) -> None:
    page, more = page_for(CLERK), "走访老党员6人。"
    read(page, more)
    before = page.locator(".proposal").count()
    for number in (1, 2):
        page.locator(".mention", has_text="36场").click()
        page.keyboard.press("s")
        expect(page.locator(".proposal")).to_have_count(before + number)
    third = page.locator("input[name$='.2-do'][value=no]")
    third.check()
    page.locator(".mention", has_text="18次").click()
    page.keyboard.press("x")
    expect(page.locator(".kept-status")).to_contain_text("已暂存")
    page.goto("/my/")
    read(page, more)
    expect(page.locator(".proposal")).to_have_count(before)
    page.locator(".kept-offer").get_by_role("button", name="恢复").click()
    expect(page.locator(".proposal")).to_have_count(before + 2)
    expect(third).to_be_checked()
    expect(page.locator(".proposal input:checked")).to_have_count(2)
    expect(page).to_have_url(re.compile("/articles/new/$"))


def test_what_a_button_chose_is_kept_too(page_for: PageFor) -> None:
    page, more = page_for(CLERK), "走访老党员8人。"
    read(page, more)
    page.get_by_role("button", name="采用有把握的").click()
    expect(page.locator(".kept-status")).to_contain_text("已暂存")
    chosen = page.locator(".proposal input:checked")
    expect(chosen).not_to_have_count(0)
    number = chosen.count()
    page.goto("/my/")
    read(page, more)
    page.locator(".kept-offer").get_by_role("button", name="恢复").click()
    expect(chosen).to_have_count(number)


def test_on_a_telephone_the_text_is_folded_above(page_for: PageFor) -> None:
    page = page_for(CLERK)
    page.set_viewport_size(PHONE)
    read(page)
    expect(page.locator(".article-body")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_without_scripts_it_is_a_long_form(page_for: PageFor) -> None:
    page = page_for(CLERK, scripts=False)
    read(page)
    page.get_by_role("button", name="改材料").click()
    expect(page.get_by_label("材料全文")).to_have_value(ARTICLE)
    page.locator("button[name=read]").click()
    expect(page.locator(".proposal[data-advice]").first).to_be_visible()
