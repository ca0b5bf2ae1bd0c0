"""Counts what a task costs beyond the words themselves: clicks and keys, as a person does it in Chromium.

`make strokes` writes them into docs/操作步数.md, which test_strokes.py holds true. A further task is one more line in TASKS.
"""

import os
import re
import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Locator, Page, expect, sync_playwright

from measures.period import SHANGHAI
from tests.browser.conftest import CLERK, OFFICE_PC, REVIEWER, ROOT, STEWARD, own_browser, running, sign_in
from tests.browser.pages import ARTICLE
from tests.files import pdf_file

DOCUMENT = ROOT / "docs" / "操作步数.md"
HEAD = """# 操作步数

除了要写的字本身，每件事点几下、按几个键。从登录后的“我的”页数起，由 `make strokes` 在演示里一步步做出来、写下来，不手改。

| 事情 | 步数 | 不超过 | 怎么做 |
|---|---|---|---|
"""


KEYS = {"↓": "ArrowDown"}


class Hand:
    """A person at a page, whose clicks and keys are counted; what they write is not."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.strokes = 0
        self.told: list[str] = []

    def _did(self, words: str, strokes: int = 1) -> None:
        self.strokes += strokes
        self.told.append(words)

    def click(self, place: Locator, words: str) -> None:
        """One click, and the page that it may lead to, whole: keys are heard by then."""
        self._did(f"点“{words}”")
        place.click()
        self.page.wait_for_load_state()

    def press(self, key: str) -> None:
        """One key."""
        self._did(f"按{key}")
        self.page.keyboard.press(KEYS.get(key, key))

    def write(self, words: str, what: str) -> None:
        """Words, into what has the focus."""
        self.told.append(f"写{what}")
        self.page.keyboard.type(words)

    def choose(self, field: Locator, *files: Path) -> None:
        """Files: a click that opens the browser's own window, and one on the files there."""
        self._did("点“选择文件”，选好", 2)
        field.set_input_files(list(files))


class Task(NamedTuple):
    """What is to be done from the first page on, by whom, in how many strokes at most."""

    name: str
    most: int
    who: str
    do: Callable[[Hand], None]
    before: Callable[[Page], None] = lambda page: None


def yesterday() -> str:
    """A day on which something may have been held."""
    return f"{datetime.now(SHANGHAI).date() - timedelta(days=1)}"


def hold(hand: Hand) -> None:
    """An activity that was held, entered and submitted."""
    page = hand.page
    hand.click(page.get_by_role("link", name="登记活动", exact=True), "登记活动")
    expect(page.get_by_label("第1行日期")).to_be_focused()
    hand.write(yesterday(), "日期")
    hand.press("Tab")
    hand.write("主题党日：重温入党誓词", "名称")
    hand.press("Tab")
    hand.press("Tab")
    hand.write("42", "人次")
    hand.click(page.get_by_role("button", name="保存并报审"), "保存并报审")
    expect(page.locator(".messages")).to_contain_text("已登记并报审1次活动")


def report(hand: Hand) -> None:
    """A figure for a metric, entered and submitted."""
    page = hand.page
    hand.click(page.get_by_role("link", name="填数值", exact=True), "填数值")
    field = page.locator(".entry-grid input[type=text][name$=quantity]").first
    hand.click(field, "指标旁的空格")
    hand.write("100", "数")
    hand.click(page.get_by_role("button", name="保存并报审"), "保存并报审")
    expect(page.locator(".messages")).to_contain_text("已存好并报审")


def prove(hand: Hand) -> None:
    """A file as evidence of the latest activity."""
    page = hand.page
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "签到表.pdf")
        file.write_bytes(pdf_file(f"{datetime.now(SHANGHAI)}"))
        hand.click(page.get_by_role("link", name="传照片和佐证", exact=True), "传照片和佐证")
        hand.choose(page.get_by_label("文件", exact=True), file)
        hand.click(page.locator("#provable input").first, "证明什么")
        hand.click(page.get_by_role("button", name="上传", exact=True).last, "上传")
        expect(page.locator(".messages")).to_contain_text("已上传1份佐证")


def type_activities(page: Page, number: int, button: str) -> None:
    """So many activities in the grid, not counted."""
    page.goto("/entry/activities/?rows=10")
    for place in range(1, number + 1):
        page.get_by_label(f"第{place}行日期").fill(yesterday())
        page.get_by_label(f"第{place}行活动名称").fill(f"走访慰问{number}批之{place}")
    page.get_by_role("button", name=button).last.click()
    expect(page.locator(".messages")).to_contain_text(f"{number}次活动")


def submit_drafts(hand: Hand) -> None:
    """The drafts of the week."""
    page = hand.page
    hand.click(page.get_by_role("link", name="报审草稿"), "报审草稿…")
    hand.click(page.get_by_role("button", name="报审勾选的各条"), "报审勾选的各条")
    expect(page.locator(".messages")).to_contain_text("条，等审核员审核")


def approve(hand: Hand) -> None:
    """Ten activities that wait."""
    page = hand.page
    hand.click(page.locator(".my-part").get_by_role("link", name="活动", exact=True), "活动")
    hand.click(page.get_by_role("link", name="勾选本页全部"), "勾选本页全部")
    hand.click(page.locator(".wait-bar button"), "通过勾选的各条…")
    hand.click(page.get_by_role("button", name="通过这"), "通过这…条")
    expect(page.locator(".messages")).to_contain_text(re.compile("已通过 [0-9]{2} 条"))


def paste(hand: Hand) -> None:
    """An article that was written elsewhere: what it says chosen one by one, kept as drafts and submitted."""
    page = hand.page
    hand.click(page.get_by_role("link", name="贴材料", exact=True), "贴材料")
    page.locator("[name=organ]").select_option(label="示例局")
    hand.click(page.get_by_label("材料全文"), "材料全文")
    hand.told.append("粘贴")
    hand.strokes += 1
    page.get_by_label("材料全文").fill(ARTICLE)
    hand.click(page.get_by_label("期间"), "期间")
    hand.write("2025年", "期间")
    hand.click(page.get_by_role("button", name="读出来看看"), "读出来看看")
    proposals = page.locator(".proposal[data-advice]").count()
    for _ in range(proposals):
        page.keyboard.press("Enter")
    hand.strokes += proposals
    hand.told.append(f"{proposals}条各按一次回车")
    expect(page.locator("#article-count")).to_have_text("都选定了")
    hand.click(page.get_by_role("button", name="选定的存为草稿"), "选定的存为草稿")
    expect(page.locator(".messages")).to_contain_text("条草稿，核对后报审")
    hand.click(page.get_by_role("button", name="全部报审"), "全部报审")
    expect(page.locator(".messages")).to_contain_text("条，等审核员审核")


def open_account(hand: Hand, name: str = "欧阳新") -> None:
    """An account with its role; the one-time password stands on the page that follows."""
    page = hand.page
    hand.click(page.get_by_role("link", name="新建账号", exact=True), "新建账号")
    expect(page.get_by_label("姓名")).to_be_focused()
    for words, what in (
        (name, "姓名"),
        ("", ""),
        ("机关党办干部", "职务"),
        ("dfwjj", "单位的拼音首字母"),
    ):
        if what:
            hand.write(words, what)
        hand.press("Tab")
    hand.press("↓")
    hand.click(page.get_by_role("button", name="建立账号"), "建立账号")
    expect(page.locator(".first-passwords tbody tr")).to_contain_text("丹凤县卫生健康局 审核员")


TASKS = (
    Task("登记一次活动并报审", 12, CLERK, hold),
    Task("填一个指标的数并报审", 10, CLERK, report),
    Task("传一份佐证", 6, CLERK, prove),
    Task("报审一周的草稿", 4, CLERK, submit_drafts, lambda page: type_activities(page, 5, "存草稿")),
    Task("贴一篇小结，选定各条并报审", 45, CLERK, paste),
    Task("审核通过十条", 4, REVIEWER, approve),
    Task("新建一个账号", 12, STEWARD, open_account),
)


def counted(task: Task, page: Page) -> Hand:
    """Do the task from the first page on."""
    task.before(page)
    page.goto("/my/")
    hand = Hand(page)
    task.do(hand)
    return hand


def line(task: Task, hand: Hand) -> str:
    """A row of the document."""
    return f"| {task.name} | {hand.strokes} | {task.most} | {'，'.join(hand.told)} |\n"


def main() -> None:
    """Count every task in a demonstration of its own and write the document."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running(os.environ["DATABASE_URL"], Path(folder)) as site,
        sync_playwright() as programs,
        programs.chromium.launch(**own_browser()) as browser,
    ):
        pages: dict[str, Page] = {}
        for who in (CLERK, *{task.who for task in TASKS} - {CLERK}):
            pages[who] = browser.new_context(base_url=site.url, **OFFICE_PC).new_page()
            sign_in(pages[who], who, site.passwords[who])
        type_activities(pages[CLERK], 10, "保存并报审")
        lines = [line(task, counted(task, pages[task.who])) for task in TASKS]
        DOCUMENT.write_text(HEAD + "".join(lines))
    print(DOCUMENT.read_text())


if __name__ == "__main__":
    main()
