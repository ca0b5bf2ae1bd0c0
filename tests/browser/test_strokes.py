"""How many clicks and keys the ordinary tasks cost, and that docs/操作步数.md says so."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import CLERK, PageFor
from tests.browser.strokes import DOCUMENT, HEAD, TASKS, Task, counted, line, type_activities

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_the_document_names_the_tasks_and_no_others() -> None:
    rows = DOCUMENT.read_text().removeprefix(HEAD).splitlines()
    assert [row.split(" | ")[0].removeprefix("| ") for row in rows] == [task.name for task in TASKS]


def test_ten_activities_are_typed_in_one_grid(page_for: PageFor) -> None:
    page = page_for(CLERK)
    type_activities(page, 10, "保存并报审")
    expect(page.locator(".messages")).to_contain_text("10次活动")


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_a_task_costs_as_few_strokes_as_the_document_says(page_for: PageFor, task: Task) -> None:
    hand = counted(task, page_for(task.who))
    assert hand.strokes <= task.most
    assert line(task, hand) in DOCUMENT.read_text()
