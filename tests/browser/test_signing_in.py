"""Signing in and out."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import LEADER, PageFor, Site, sign_in

pytestmark = pytest.mark.browser


def test_a_wrong_password_is_answered_with_a_sentence_and_the_name_is_kept(page_for: PageFor) -> None:
    page = page_for()
    sign_in(page, "steward", "guess")
    expect(page.get_by_text("请输入一个正确的")).to_be_visible()
    expect(page.get_by_label("用户名")).to_have_value("steward")


def test_five_wrong_passwords_lock_the_name_and_no_other(page_for: PageFor, site: Site) -> None:
    page = page_for()
    for _ in range(5):
        sign_in(page, "auditor", "guess")
    expect(page.get_by_role("heading", name="登录已暂停")).to_be_visible()
    sign_in(page, "auditor", site.passwords["auditor"])
    expect(page.get_by_role("heading", name="登录已暂停")).to_be_visible()
    sign_in(page, LEADER, site.passwords[LEADER])
    expect(page.get_by_role("link", name="看创建工作总览")).to_be_visible()


def test_signing_out_leads_back_to_the_sign_in_page(page_for: PageFor, site: Site) -> None:
    page = page_for()
    sign_in(page, LEADER, site.passwords[LEADER])
    page.get_by_role("button", name="退出").click()
    expect(page.get_by_role("heading", name="登录")).to_be_visible()
    page.goto("/")
    expect(page).to_have_url(f"{site.url}/login/?next=/")


def test_a_leader_has_no_way_into_the_entry_pages(page_for: PageFor) -> None:
    page = page_for(LEADER)
    page.goto("/")
    expect(page.locator("a[href^='/admin/']")).to_have_count(0)
    answer = page.goto("/admin/")
    assert answer is not None
    assert answer.status == 403
    expect(page.locator("#site-name")).to_have_count(0)
