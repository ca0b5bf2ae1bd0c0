"""The pages that are looked at one by one: who opens them, and how one gets there."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from tests.browser.conftest import AUDITOR, CLERK, LEADER, REVIEWER, STEWARD

DANFENG = "丹凤卫健局"
OBSERVATION, ACTION = "/admin/measures/observation/", "/admin/measures/action/"
HONOUR = "/admin/measures/honour/"
Steps = Callable[[Page], None]


@dataclass(frozen=True)
class Place:
    """A page by its name; `steps` lead there from the first address; `error` is the number of an error page."""

    name: str
    who: str
    address: str = "/"
    steps: Steps = lambda page: None
    error: str = ""

    def open(self, page: Page) -> None:
        """Bring the page there."""
        page.goto(self.address)
        self.steps(page)
        expect(page.locator(".error-code")).to_have_text([f"错误代号 {self.error}"] if self.error else [])


def click(*selectors: str) -> Steps:
    """One click after the other."""

    def steps(page: Page) -> None:
        for selector in selectors:
            page.locator(selector).first.click()
            page.wait_for_load_state()

    return steps


def deleted_at_once(page: Page) -> None:
    """A draft of the clerk's, deleted on the list: the message leads to the bin and to the page that undoes it."""
    page.goto(f"{HONOUR}add/")
    page.locator("[name=organ]").select_option("示例局")
    for name, words in (("title", LONG_TITLE), ("recipient", "机关第一党支部"), ("year", "2021")):
        page.locator(f"[name={name}]").fill(words)
    page.locator("[name=level]").select_option("县级")
    page.get_by_role("button", name="存草稿").click()
    page.goto(f"{HONOUR}?state=draft&q={LONG_TITLE}")
    page.locator("input.action-select").first.check()
    page.locator("[name=action]").select_option("删除")
    page.get_by_role("button", name="执行").click()
    page.get_by_role("button", name="删除").click()
    page.wait_for_load_state()


def then(*steps: Steps) -> Steps:
    """One after the other."""

    def all_of_them(page: Page) -> None:
        for step in steps:
            step(page)

    return all_of_them


def sheet(page: Page) -> None:
    """A sheet of two people, of whom one is refused."""
    page.locator("#id_text").fill("姓名\t单位\t角色\n赵一\t示例局\t领导\n钱二\t没有这个局\t局长")
    page.locator("button[name=check]").click()
    page.wait_for_load_state()


#: An article of a bureau that is made up, of the kind that offices write.
ARTICLE = """示例局“四个聚焦”推进模范机关创建
示例局紧扣创建目标，坚持党建引领，推动各项工作落地见效。
一、聚焦政治引领，把牢方向
坚持第一议题制度，召开理论学习中心组学习会18次，专题研讨4次。组织党员干部观看警示教育片260余人次。
二、聚焦服务群众，办好实事
开展“健康进万家”义诊36场，服务群众4200余人次。家庭医生签约1260户3985人。群众满意度由88.5%提高到95.2%，惠民政策知晓率达到96%以上。
三、聚焦基层基础，夯实堡垒
创建标准化党支部6个，发展党员9名。投入资金12万元，改造党员活动室3间。
四、聚焦作风建设，提升效能
精简会议21次，窗口平均等候时间由25分钟缩短到9分钟。机关第一党支部被示范县委评为“先进基层党组织”。"""


def article(page: Page, organ: str = "示例局", text: str = ARTICLE) -> None:
    """An article pasted for an organ, beside what it says."""
    page.locator("[name=organ]").select_option(label=organ)
    page.locator("[name=text]").fill(text)
    page.locator("[name=period]").fill("2025年")
    page.locator("button[name=read]").click()
    page.wait_for_load_state()


#: As long as the column takes.
LONG_TITLE = "全县机关党建工作先进集体" * 8
NEXT = "a:text-is('办下一届')"
ACCOUNT = ".listing tbody th a"
ORGAN = f".page a:text-is('{DANFENG}')"
LIST_ROW = "#result_list tbody tr a"
PLACES = (
    Place("login", "", "/login/"),
    Place("overview", LEADER),
    Place("organ", LEADER, steps=click(ORGAN)),
    Place("pillar", LEADER, steps=click(ORGAN, "a.pillar-heading")),
    Place("metric", LEADER, steps=click("#figures a:text-is('窗口服务群众')")),
    Place("series", LEADER, steps=click("#figures a:text-is('服务回访满意率')", "tbody th a")),
    Place("theme", LEADER, steps=click("#figures th a", ".facts a[href^='/themes/']")),
    Place("passport", LEADER, steps=click(ORGAN, "a.ledger-figure:has-text('余')")),
    Place("honour", LEADER, steps=click(ORGAN, ".honours a")),
    Place("action", LEADER, steps=click("#late td a, #late th a")),
    Place("comparing", LEADER, steps=click(ORGAN, "a:text-is('对比')")),
    Place("organs side by side", LEADER, "/compare/?organs=3&organs=5&organs=7"),
    Place("two periods", LEADER, "/compare/?organ=3&period=2020&other=2021"),
    Place("a past day", LEADER, "/compare/?as_of=2020-06-30"),
    Place("search", LEADER, "/search/?q=卫生"),
    Place("search without result", LEADER, "/search/?q=查无此事"),
    Place("help", CLERK, "/help/"),
    Place("help found", CLERK, "/help/?q=含下级"),
    Place("help without result", AUDITOR, "/help/?q=查无此事"),
    Place("browsers", "", "/browsers/"),
    Place("actions of all", LEADER, "/actions/?standing=pressing"),
    Place("targets of all", LEADER, "/targets/"),
    Place("changes", LEADER, "/changes/?days=30"),
    Place("problems", LEADER, "/problems/"),
    Place("rules", LEADER, "/rules/"),
    Place("words of leaders", LEADER, "/instructions/"),
    Place("a leader's words", LEADER, "/instructions/", click(".instructions th a")),
    Place("words to answer", CLERK, "/instructions/", click(".instructions th a")),
    Place("giving words", LEADER, "/problems/", click(".problems th a", "a:text-is('写批示')")),
    Place("overview on the wall", LEADER, "/screen/"),
    Place("organ on the wall", LEADER, "/screen/organs/7/"),
    Place("missing", LEADER, "/metrics/999999/", error="404"),
    Place("forbidden", LEADER, "/admin/", error="403"),
    Place("clerk's own organ", CLERK, steps=click(".page a:text-is('示例局')")),
    Place("review", REVIEWER, "/review/"),
    Place("confirmation", REVIEWER, "/review/?kind=honour&all=1", click(".wait-bar button")),
    Place("waiting row", REVIEWER, "/review/", click("article.wait h3 a")),
    Place("reviewer's start", REVIEWER, "/my/"),
    Place("password", CLERK, "/password/"),
    Place("start", CLERK, "/my/"),
    Place("leader's start", LEADER, "/my/"),
    Place("auditor's start", AUDITOR, "/my/"),
    Place("drafts", CLERK, "/my/drafts/"),
    Place("fast activities", CLERK, "/entry/activities/"),
    Place("fast figures", CLERK, "/entry/figures/?period=2026-10"),
    Place("fast photos", CLERK, "/entry/photos/"),
    Place("pasting an article", CLERK, "/articles/new/"),
    Place("an article read", CLERK, "/articles/new/", article),
    Place("observations", CLERK, OBSERVATION),
    Place("new observation", CLERK, f"{OBSERVATION}add/"),
    Place("observation", CLERK, f"{OBSERVATION}?state=draft", click(LIST_ROW)),
    Place("returned observation", CLERK, f"{OBSERVATION}?state=returned", click(LIST_ROW)),
    Place(
        "clerk's passport", CLERK, f"{OBSERVATION}?q=机关月发文量", click(LIST_ROW, "a:text-is('看溯源卡')")
    ),
    Place("approved observation", CLERK, f"{OBSERVATION}?state=approved", click(LIST_ROW)),
    Place("history", CLERK, f"{OBSERVATION}?state=approved", click(LIST_ROW, ".history-link a")),
    Place("honour with a picture", CLERK, f"{HONOUR}?q=优秀窗口", click(LIST_ROW)),
    Place("upload", CLERK, f"{HONOUR}?q=优秀窗口", click(LIST_ROW, "a:text-is('上传佐证')")),
    Place("evidence", CLERK, "/admin/measures/evidence/", click(LIST_ROW)),
    Place("sheets", CLERK, "/sheets/"),
    Place("reminders", CLERK, "/reminders/"),
    Place("rounds", STEWARD, "/rounds/"),
    Place("new round", STEWARD, "/rounds/new/"),
    Place("ordered lists", CLERK, "/sheets/orders/"),
    Place("everything out", STEWARD, "/everything/"),
    Place("actions", CLERK, ACTION),
    Place("new action", CLERK, f"{ACTION}add/"),
    Place("new problem", CLERK, f"{ACTION}add/?line=problem"),
    Place("project form", CLERK, f"{ACTION}?line=project", click(LIST_ROW)),
    Place("new rule", CLERK, "/admin/measures/rule/add/"),
    Place("action form", CLERK, ACTION, click(LIST_ROW)),
    Place("new activity in an action", CLERK, f"{ACTION}?q=主题党日", click(LIST_ROW, ".add-row a")),
    Place("organs", STEWARD, "/admin/organs/organ/"),
    Place("steward's start", STEWARD, "/my/"),
    Place("account", STEWARD, "/admin/organs/user/", click(LIST_ROW)),
    Place("new account", STEWARD, "/admin/organs/user/add/"),
    Place("new password", STEWARD, "/admin/organs/user/?q=clerk", click(LIST_ROW, "a:text-is('重设密码')")),
    Place("accounts", STEWARD, "/accounts/"),
    Place("no account", STEWARD, "/accounts/?q=查无此人"),
    Place("account made plainly", STEWARD, "/accounts/new/"),
    Place("accounts from a sheet", STEWARD, "/accounts/sheet/", sheet),
    Place("one account", STEWARD, "/accounts/?q=clerk", click(ACCOUNT)),
    Place("another post", STEWARD, "/accounts/?q=clerk", click(ACCOUNT, "a:has-text('调岗')")),
    Place("switching off", STEWARD, "/accounts/?q=cxl", click(ACCOUNT, "a:has-text('停用账号')")),
    Place("handing over", STEWARD, "/accounts/?q=cxl", click(ACCOUNT, "a:has-text('移交')")),
    Place("campaign", STEWARD, "/admin/measures/campaign/", click(LIST_ROW)),
    Place("bin", CLERK, steps=then(deleted_at_once, click("a:text-is('回收站')"))),
    Place("undoing", CLERK, steps=then(deleted_at_once, click("a:text-is('撤销这次操作')"))),
    Place("the year turns", STEWARD, "/admin/measures/campaign/", click(LIST_ROW, NEXT, "summary")),
    Place(
        "what would go on",
        STEWARD,
        "/admin/measures/campaign/",
        click(LIST_ROW, NEXT, "button:text-is('下一步：看清单')", "details:has(li) summary"),
    ),
    Place("audit", AUDITOR, "/audit/?person=陈晓岚"),
    Place("audit event", AUDITOR, "/audit/?verb=submit", click(".trail-at a")),
    Place("nothing found", AUDITOR, "/audit/?person=查无此人"),
)
