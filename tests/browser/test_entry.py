"""One figure on its way: typed by the clerk, confirmed by the reviewer, read by the leader."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import CLERK, LEADER, REVIEWER, PageFor, Site, sign_in
from tests.browser.pages import OBSERVATION

pytestmark = pytest.mark.browser

METRIC, WORDS, PHRASE = "政务信息公开", "1.2万余条", "公开信息1.2万余条"


def fill(page: Page, words: str) -> None:
    """A new figure in the form of one."""
    page.goto(f"{OBSERVATION}add/")
    page.get_by_label("机关单位").select_option("示例局")
    page.locator(".field-metric .select2-selection").click()
    page.locator(".select2-search__field").last.fill(METRIC)
    page.get_by_role("option", name=METRIC).click()
    page.get_by_label("期间:", exact=True).fill("2021年")
    page.get_by_label("数值:", exact=True).fill(words)
    page.get_by_label("出处原话").fill(PHRASE)


def test_a_bad_figure_gets_a_sentence_beside_its_field_and_keeps_what_was_typed(page_for: PageFor) -> None:
    page = page_for(CLERK)
    fill(page, "三成左右吧")
    page.get_by_role("button", name="保存并报审").click()
    expect(page.locator(".field-quantity .errorlist")).to_have_text(re.compile("[^a-z]*左右吧[^a-z]*。"))
    expect(page.get_by_label("数值:", exact=True)).to_have_value("三成左右吧")
    expect(page.get_by_label("期间:", exact=True)).to_have_value("2021年")
    expect(page.get_by_label("出处原话")).to_have_value(PHRASE)
    expect(page.locator(".field-metric .select2-selection")).to_contain_text(METRIC)


def test_a_figure_travels_from_the_clerk_through_the_reviewer_to_the_leader(
    page_for: PageFor, site: Site
) -> None:
    clerk, reviewer, leader = page_for(), page_for(REVIEWER), page_for(LEADER)
    sign_in(clerk, CLERK, site.passwords[CLERK])
    fill(clerk, WORDS)
    clerk.get_by_role("button", name="保存并报审").click()
    expect(clerk.locator(".review-head")).to_contain_text("待审")
    expect(clerk.get_by_role("button", name="审核通过")).to_have_count(0)
    address = clerk.url

    read_by_leader(leader)
    expect(leader.locator(".page")).not_to_contain_text(WORDS)

    reviewer.goto(f"{OBSERVATION}?state=submitted")
    reviewer.locator("#result_list").get_by_role("link", name=re.compile(METRIC)).click()
    assert reviewer.url.split("?")[0] == address
    reviewer.get_by_role("button", name="审核通过").click()
    expect(reviewer.locator(".review-head")).to_contain_text("已审核")

    read_by_leader(leader)
    leader.get_by_role("link", name=WORDS).click()
    expect(leader.get_by_role("heading", level=1)).to_have_text(METRIC)
    expect(leader.locator("blockquote.phrase mark")).to_have_text(WORDS)
    for name in ("陈晓岚", "周明远"):
        expect(leader.locator(".stations")).to_contain_text(name)


def read_by_leader(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="示例局", exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("示例局")


def test_nobody_confirms_what_they_entered_even_with_a_forged_form(page_for: PageFor) -> None:
    page = page_for(CLERK)
    page.goto(f"{OBSERVATION}?state=submitted")
    row = page.locator("#result_list tbody tr a").first
    row.click()
    page.wait_for_load_state()
    page.locator("form[id$=_form]").evaluate(
        """form => {
            const step = document.createElement("input");
            Object.assign(step, {type: "hidden", name: "_step", value: "approve"});
            form.append(step);
            form.submit();
        }"""
    )
    expect(page.locator("h1")).to_contain_text("没有权限")


def test_the_enter_key_in_the_box_of_things_to_prove_looks_and_uploads_nothing(page_for: PageFor) -> None:
    page = page_for(CLERK)
    page.goto("/entry/photos/")
    page.get_by_label("文件", exact=True).set_input_files(
        {"name": "a.txt", "mimeType": "text/plain", "buffer": b"a"}
    )
    page.locator("#photo-q").fill("没有这样的事")
    page.keyboard.press("Enter")
    expect(page.locator("#provable")).to_contain_text("没有找到")
    expect(page.get_by_role("alert").filter(visible=True)).to_have_count(0)
    assert page.evaluate("document.querySelector('input[type=file]').files.length") == 1
