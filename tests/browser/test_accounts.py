"""A new account as a steward makes it, and its person signs in with what was handed out."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import STEWARD, PageFor
from tests.browser.strokes import Hand, open_account

pytestmark = pytest.mark.browser


def test_a_new_account_lets_its_person_in(page_for: PageFor) -> None:
    page = page_for(STEWARD)
    page.goto("/my/")
    open_account(Hand(page), "司马新")
    row = page.locator(".first-passwords tbody tr")
    password = row.locator("code").inner_text()
    username = (re.search(r"simaxin\w*", row.inner_text()) or [""])[0]

    theirs: Page = page_for()
    theirs.goto("/login/")
    theirs.get_by_label("用户名").fill(username)
    theirs.get_by_label("密码").fill(password)
    theirs.keyboard.press("Enter")
    expect(theirs).to_have_url(re.compile("/password/$"))
    page.reload()
    expect(page.locator("code")).to_have_count(0)


def test_a_form_sent_while_its_answer_is_on_its_way_hands_out_the_password_all_the_same(
    page_for: PageFor,
) -> None:
    page = page_for(STEWARD)
    page.goto("/accounts/new/")
    page.get_by_label("姓名").fill("欧阳双")
    page.get_by_label("单位", exact=True).fill("丹凤县卫生健康局")
    page.locator("form.account-form").evaluate(
        "form => [0, 30].forEach(at => setTimeout(() => form.requestSubmit(), at))"
    )
    expect(page.locator(".first-passwords tbody tr")).to_contain_text("欧阳双")


def test_letters_lead_to_an_organ_in_a_list_of_organs(page_for: PageFor) -> None:
    page = page_for(STEWARD)
    for address in ("/accounts/", "/", "/admin/measures/action/"):
        page.goto(address)
        page.locator("select[name=organ]").focus()
        page.keyboard.type("dfwjj")
        expect(page.locator("select[name=organ] option:checked")).to_contain_text("丹凤")
        page.wait_for_load_state("networkidle")  # a live filter fetches the page that was chosen


def test_letters_go_on_where_each_of_them_shows_another_organ_at_once(page_for: PageFor) -> None:
    page = page_for(STEWARD)
    page.goto("/")
    page.clock.set_fixed_time("2026-03-01T10:00:00")  # however slow the machine is, they are typed at one go
    page.locator("select[name=organ]").focus()
    page.keyboard.type("d")
    expect(page.locator("#where")).to_contain_text("丹凤")
    page.keyboard.type("f")  # alone it would lead to another one
    expect(page.locator("select[name=organ] option:checked")).to_contain_text("丹凤")


def test_letters_lead_to_an_organ_in_each_list_of_those_that_are_compared(page_for: PageFor) -> None:
    page = page_for(STEWARD)
    page.goto("/compare/")
    for number, (letters, name) in enumerate((("dfwjj", "丹凤"), ("rywjj", "乳源")), 1):
        page.get_by_label(f"第{number}家单位").focus()
        page.keyboard.type(letters)
        expect(page.get_by_label(f"第{number}家单位").locator("option:checked")).to_contain_text(name)
