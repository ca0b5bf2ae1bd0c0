"""A figure is sent back with words, corrected, approved on a telephone, and read by the leader."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import CLERK, LEADER, PHONE, REVIEWER, PageFor
from tests.browser.pages import OBSERVATION
from tests.browser.test_every_page import barriers, english, overhang

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

METRIC, WRONG, RIGHT = "对口支援派出人员", "70人", "7人"
WORDS = "派出名单上只有7人，请核对"


def submit_new(page: Page) -> None:
    """A new figure as the clerk enters it."""
    page.goto(f"{OBSERVATION}add/")
    page.get_by_label("机关单位").select_option("示例局")
    page.locator(".field-metric .select2-selection").click()
    page.locator(".select2-search__field").last.fill(METRIC)
    page.get_by_role("option", name=METRIC).click()
    page.get_by_label("期间:", exact=True).fill("2021年")
    page.get_by_label("数值:", exact=True).fill(WRONG)
    page.get_by_role("button", name="保存并报审").click()
    expect(page.locator(".review-head")).to_contain_text("待审")


def test_a_reviewer_sends_a_figure_back_and_approves_it_on_a_telephone(page_for: PageFor) -> None:
    clerk, reviewer, leader = page_for(CLERK), page_for(REVIEWER), page_for(LEADER)
    submit_new(clerk)

    reviewer.goto("/")
    reviewer.get_by_role("link", name="待审", exact=True).click()
    row = reviewer.locator("article.wait").filter(has_text=f"{METRIC}，2021年")
    expect(row.locator(".effects")).to_contain_text(re.compile(f"未报.*→.*{WRONG}", re.DOTALL))
    assert barriers(reviewer) + sorted(english(reviewer)) + overhang(reviewer) == []
    row.get_by_text("退回…").click()
    row.get_by_role("button", name="退回给填报人").click()
    expect(row.locator(".error")).to_have_text("请写明退回的原因，让填报人知道改什么。")
    expect(row.get_by_label("退回的原因")).to_be_in_viewport()
    row.get_by_label("退回的原因").fill(WORDS)
    row.get_by_role("button", name="退回给填报人").click()
    expect(reviewer.locator(".messages")).to_contain_text("已退回 1 条")
    expect(row).to_have_count(0)

    clerk.goto("/my/")
    line = clerk.locator("li").filter(has_text=WORDS)
    line.get_by_role("link", name=METRIC).click()
    expect(clerk.locator(".locked-note")).to_be_in_viewport()
    expect(clerk.locator(".locked-note")).to_contain_text(WORDS)
    clerk.get_by_label("数值:", exact=True).fill(RIGHT)
    clerk.get_by_role("button", name="保存并报审").click()

    reviewer.set_viewport_size(PHONE)
    reviewer.reload()
    expect(row).to_contain_text(f"上次退回——周明远：{WORDS}")
    expect(row.locator(".effects")).to_contain_text(re.compile(f"未报.*→.*{RIGHT}", re.DOTALL))
    assert overhang(reviewer) == []
    bar = reviewer.locator(".wait-bar")
    expect(bar).to_be_hidden()
    reviewer.get_by_label(re.compile(f"勾选：{METRIC}")).check()
    expect(bar.get_by_role("button")).to_be_in_viewport()
    bar.get_by_role("button").click()
    expect(reviewer.get_by_role("heading", level=1)).to_have_text("通过这1条？")
    assert barriers(reviewer) + sorted(english(reviewer)) + overhang(reviewer) == []
    reviewer.get_by_role("button", name="通过这1条").click()
    expect(reviewer.locator(".messages")).to_contain_text("已通过 1 条。")
    expect(row).to_have_count(0)

    leader.goto("/?period=2021")
    leader.get_by_role("link", name="示例局", exact=True).first.click()
    leader.locator("tr").filter(has_text=METRIC).filter(has_text=RIGHT).get_by_role("link").click()
    expect(leader.get_by_role("heading", level=1)).to_have_text(METRIC)
    expect(leader.locator(".figure-headline")).to_have_text(RIGHT)
    expect(leader.locator(".stations")).to_contain_text("周明远")


def test_the_reviewers_page_works_without_scripts(page_for: PageFor) -> None:
    page = page_for(REVIEWER, scripts=False)
    page.goto("/review/?kind=honour")
    expect(page.locator("article.wait")).not_to_have_count(0)
    page.get_by_role("link", name="勾选本页全部").click()
    page.locator(".wait-bar button").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("通过这")
    page.get_by_role("link", name="返回待审").click()
    expect(page).to_have_url(re.compile(r"/review/\?kind=honour$"))
    expect(page.locator(".tick").first).to_be_checked()
