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
    Place("actions of all", LEADER, "/actions/?standing=pressing"),
    Place("targets of all", LEADER, "/targets/"),
    Place("changes", LEADER, "/changes/?days=30"),
    Place("overview on the wall", LEADER, "/screen/"),
    Place("organ on the wall", LEADER, "/screen/organs/7/"),
    Place("missing", LEADER, "/metrics/999999/", error="404"),
    Place("forbidden", LEADER, "/admin/", error="403"),
    Place("clerk's own organ", CLERK, steps=click(".page a:text-is('示例局')")),
    Place("review", REVIEWER, "/review/"),
    Place("confirmation", REVIEWER, "/review/?kind=honour&all=1", click(".wait-bar button")),
    Place("waiting row", REVIEWER, "/review/", click("article.wait h3 a")),
    Place("reviewer's start", REVIEWER, "/admin/"),
    Place("password", CLERK, "/password/"),
    Place("start", CLERK, "/admin/"),
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
    Place("actions", CLERK, ACTION),
    Place("new action", CLERK, f"{ACTION}add/"),
    Place("action form", CLERK, ACTION, click(LIST_ROW)),
    Place("new activity in an action", CLERK, f"{ACTION}?q=主题党日", click(LIST_ROW, ".add-row a")),
    Place("organs", STEWARD, "/admin/organs/organ/"),
    Place("steward's start", STEWARD, "/admin/"),
    Place("account", STEWARD, "/admin/organs/user/", click(LIST_ROW)),
    Place("new account", STEWARD, "/admin/organs/user/add/"),
    Place("new password", STEWARD, "/admin/organs/user/?q=clerk", click(LIST_ROW, "a:text-is('重设密码')")),
    Place("campaign", STEWARD, "/admin/measures/campaign/", click(LIST_ROW)),
    Place("audit", AUDITOR, "/audit/?person=陈晓岚"),
    Place("audit event", AUDITOR, "/audit/?verb=submit", click(".trail-at a")),
    Place("nothing found", AUDITOR, "/audit/?person=查无此人"),
)
