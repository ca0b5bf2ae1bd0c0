"""What leaders came for: the figures of two real bureaus, each one click away from where it comes from."""

from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import LEADER, PageFor

pytestmark = pytest.mark.browser

RUYUAN, DANFENG = "乳源卫健局", "丹凤卫健局"
PEOPLE = {RUYUAN: ("何雨晴", "沈致和"), DANFENG: ("苏文慧", "梁思齐")}


def open_organ(page: Page, short_name: str) -> None:
    page.goto("/")
    page.get_by_role("link", name=short_name, exact=True).first.click()


@pytest.mark.parametrize(
    ("organ", "metric", "words", "phrase"),
    [
        (RUYUAN, "组建公共卫生委员会的村（社区）", "116个", "全县116个村（社区）"),
        (RUYUAN, "公共卫生委员会全覆盖在韶关市各县的位次", "首个", "韶关市首个"),
        (DANFENG, "贫困人口家庭医生慢病签约户数", "19425户", "19425户65564人"),
        (DANFENG, "贫困人口家庭医生慢病签约人数", "65564人", "19425户65564人"),
        (DANFENG, "局党组理论学习中心组学习会", "56次", "学习会56次"),
        (DANFENG, "宣讲受众", "1400余人次", "受众1400余人次"),
        (DANFENG, "贫困人口健康扶贫政策知晓率", "95%以上", "知晓率达到95%以上"),
        (DANFENG, "党员缴纳特殊党费总额", "22299元", "特殊党费22299元"),
    ],
)
def test_leader_reads_a_figure_and_opens_its_passport(
    page_for: PageFor, organ: str, metric: str, words: str, phrase: str
) -> None:
    page = page_for(LEADER)
    open_organ(page, organ)
    cell = page.get_by_role("listitem").filter(has_text=metric)
    expect(cell).to_contain_text(words)
    cell.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(metric)
    shows_where_it_comes_from(page, organ, words, phrase)


def shows_where_it_comes_from(page: Page, organ: str, words: str, phrase: str) -> None:
    clerk, reviewer = PEOPLE[organ]
    expect(page.locator(".figure-headline")).to_contain_text(words)
    expect(page.locator("blockquote.phrase")).to_have_text(phrase)
    expect(page.locator("blockquote.phrase mark")).to_have_text(words)
    expect(station(page, "录入")).to_contain_text(clerk)
    expect(station(page, "审核通过")).to_contain_text(reviewer)


def station(page: Page, title: str) -> Locator:
    return page.locator(".station", has=page.locator(".station-title b", has_text=title))


def test_leader_reads_before_and_after_and_opens_the_passport(page_for: PageFor) -> None:
    page = page_for(LEADER)
    open_organ(page, DANFENG)
    card = page.locator("a.before-after", has_text="因病致贫率")
    expect(card.locator(".ba-before")).to_have_text("38.9%")
    expect(card.locator(".ba-after")).to_have_text("25.6%")
    expect(card).to_contain_text("下降13.3个百分点")
    card.click()
    shows_where_it_comes_from(page, DANFENG, "25.6%", "由38.9%降低到现在的25.6%")


def test_leader_opens_an_honour_won_three_years_running(page_for: PageFor) -> None:
    page = page_for(LEADER)
    open_organ(page, DANFENG)
    honour = page.locator(".honours li").filter(has_text="连续3年")
    honour.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("全县年度综合目标考核“优秀单位”")
    expect(page.locator(".figure-headline")).to_have_text("连续3年")
    for name in PEOPLE[DANFENG]:
        expect(page.locator(".stations")).to_contain_text(name)


def test_overview_is_filtered_by_year_without_a_script(page_for: PageFor) -> None:
    page = page_for(LEADER, scripts=False)
    page.goto("/")
    figures = page.locator("#figures")
    expect(figures).to_contain_text("22299元")
    page.get_by_label("期间").select_option("2021年")
    page.get_by_role("button", name="查看").click()
    expect(page.locator(".top .period")).to_have_text("2021年")
    expect(page.get_by_label("期间").locator("option:checked")).to_have_text("2021年")
    expect(figures).to_contain_text("组建公共卫生委员会的村（社区）")
    expect(figures).not_to_contain_text("22299元")


def test_leader_takes_a_table_along(page_for: PageFor, tmp_path: Path) -> None:
    page = page_for(LEADER)
    page.goto("/actions/")
    first = page.locator("tbody tr").first.locator("td, th").first.inner_text()
    with page.expect_download() as download:
        page.get_by_role("link", name="导出表格").first.click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    title, _, head, row, *_ = openpyxl.load_workbook(file).active.values
    assert (title[0], head[0], row[0]) == ("举措清单", "举措", first)
