"""A new account as a steward makes it: by keyboard, in few steps, and its person signs in with what was handed out."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import STEWARD, PageFor

pytestmark = pytest.mark.browser

MOST_STEPS = 12


def test_a_new_account_takes_few_steps_and_lets_its_person_in(page_for: PageFor) -> None:
    page, steps = page_for(STEWARD), 0
    page.goto("/")

    def click(name: str) -> None:
        nonlocal steps
        page.get_by_role("link", name=name, exact=True).click()
        steps += 1

    def press(key: str) -> None:
        nonlocal steps
        page.keyboard.press(key)
        steps += 1

    click("账号")
    click("新建账号")
    expect(page.get_by_label("姓名")).to_be_focused()
    for words in ("欧阳新", "", "机关党办干部", "dfwjj"):
        page.keyboard.insert_text(words)
        press("Tab")
    press("ArrowDown")
    page.get_by_role("button", name="建立账号").click()
    assert steps + 1 <= MOST_STEPS
    row = page.locator(".first-passwords tbody tr")
    expect(row).to_contain_text("欧阳新")
    expect(row).to_contain_text("丹凤县卫生健康局 审核员")
    password = row.locator("code").inner_text()

    theirs: Page = page_for()
    theirs.goto("/login/")
    theirs.get_by_label("用户名").fill("ouyangxin")
    theirs.get_by_label("密码").fill(password)
    theirs.keyboard.press("Enter")
    expect(theirs).to_have_url(re.compile("/password/$"))
    page.reload()
    expect(page.locator("code")).to_have_count(0)


def test_letters_lead_to_an_organ_in_a_list_of_organs(page_for: PageFor) -> None:
    page = page_for(STEWARD)
    for address in ("/accounts/", "/", "/admin/measures/action/"):
        page.goto(address)
        page.locator("select[name=organ]").focus()
        page.keyboard.type("dfwjj")
        expect(page.locator("select[name=organ] option:checked")).to_contain_text("丹凤")
