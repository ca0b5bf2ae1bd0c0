"""An activity that serves another action too (同时服务) is an activity of that action on every page, and is summed once."""

import re
from datetime import date

import pytest

from measures.models import Action, Activity, RoundCell
from measures.rollups import compare_days
from tests import make
from tests.make import page
from tests.measures.test_compare import row, words
from tests.measures.test_compare_days import seen
from tests.measures.test_lists import titles

pytestmark = pytest.mark.django_db


@pytest.fixture
def served(pillar) -> Action:
    """An action of which nothing is known but that it was made."""
    return make.make_action(pillar, "双报到", kind=make.make_kind("为民服务"))


@pytest.fixture
def shared(pillar, served) -> Activity:
    """An activity of another action of the bureau that serves it too."""
    activity = make.make_activity(make.make_action(pillar, "主题党日"), date(2021, 6, 1), "进社区义诊")
    activity.also_serves.set([served])
    return activity


def standings(text: str) -> list[str]:
    """Where the rows of the admin's list stand."""
    return [words(cell).strip() for cell in re.findall(r'<td class="field-standing">(.*?)</td>', text)]


def test_an_action_that_an_activity_serves_too_has_begun_everywhere(
    as_user, leader, clerk, bureau, pillar, served, shared
) -> None:
    assert titles(page(as_user, leader, "/actions/?standing=under_way&period=2021")) == [
        "双报到",
        "主题党日",
    ]
    assert "推进中" in page(as_user, leader, f"/actions/{served.pk}/")
    assert "推进中" in row(page(as_user, leader, f"/organs/{bureau.pk}/?period=2021"), "双报到")[-1]
    assert page(as_user, leader, "/search/?q=双报到").count("推进中") == 1
    assert standings(page(as_user, clerk, "/admin/measures/action/?q=双报到")) == ["推进中"]


def test_its_page_lists_the_activity_with_the_action_that_it_belongs_to(
    as_user, leader, served, shared
) -> None:
    text = page(as_user, leader, f"/actions/{served.pk}/")
    assert "“主题党日”的活动，同时服务本举措" in text
    assert f'href="/actions/{shared.action_id}/#activity-{shared.pk}">进社区义诊</a>' in text
    assert "同时服务" not in page(as_user, leader, f"/actions/{shared.action_id}/")


def test_the_page_of_its_heading_lists_the_activity(as_user, leader, area, bureau, served, shared) -> None:
    other = make.make_pillar(bureau, served.pillar.campaign, "着力作风建设抓创建")
    Action.objects.filter(pk=served.pk).update(pillar=other)
    assert "进社区义诊" in page(as_user, leader, f"/pillars/{other.pk}/")


def test_an_activity_that_is_said_to_serve_its_own_action_is_told_once(
    as_user, leader, bureau, served, shared
) -> None:
    shared.also_serves.add(shared.action)
    text = page(as_user, leader, f"/organs/{bureau.pk}/?period=2021")
    assert "活动1次，最近2021-06-01" in text
    assert "另有" not in text


def test_the_name_of_a_draft_whose_activity_serves_it_is_not_told(as_user, leader, pillar, served) -> None:
    draft = make.make_action(pillar, "草案", state="draft")
    make.make_activity(draft, title="义诊").also_serves.set([served])
    text = page(as_user, leader, f"/actions/{served.pk}/")
    assert ("同时服务本举措" in text, "草案" in text) == (True, False)


def test_what_only_such_activities_are_known_of_has_a_process_and_no_outcome(
    as_user, leader, bureau, served, shared
) -> None:
    address = f"/actions/?lack=outcome&period=2021&organ={bureau.pk}"
    assert titles(page(as_user, leader, address)) == ["双报到", "主题党日"]
    make.make_activity(served, date(2021, 3, 1))
    text = page(as_user, leader, f"/organs/{bureau.pk}/?period=2021")
    assert "活动1次，另有1次同时服务，最近2021-06-01" in text


def test_it_is_summed_once(leader, bureau, served, shared) -> None:
    found = compare_days(seen(leader, (bureau,)), date(2020, 1, 1))
    assert {line.label: line.after for line in found.numbers}["活动"] == "1次"


def test_it_answers_what_a_round_asks_of_the_kind_of_either(area, bureau, pillar, served, shared) -> None:
    asked = make.make_round(area, bureau, make.make_metric())
    cells = [
        RoundCell.objects.create(round=asked, organ=bureau, kind=make.make_kind(name))
        for name in ("为民服务", "学习教育", "党内生活")
    ]
    unanswered = RoundCell.objects.filter(kind__isnull=False).unanswered()
    assert [cell.kind.name for cell in unanswered] == ["党内生活"]
    assert len(cells) == 3


def test_what_is_approved_or_untied_later_is_told_at_once(as_user, leader, clerk, pillar, served) -> None:
    address = "/actions/?standing=not_started&period=2021"
    assert titles(page(as_user, leader, address)) == ["双报到"]
    activity = make.make_activity(make.make_action(pillar, "主题党日"), title="义诊", state="submitted")
    activity.also_serves.set([served])
    assert titles(page(as_user, leader, address)) == ["双报到", "主题党日"]
    make.make_activity(activity.action).also_serves.set([served])
    assert titles(page(as_user, leader, address)) == []
    Activity.also_serves.through.objects.all().delete()
    assert titles(page(as_user, leader, address)) == ["双报到"]


def test_an_activity_that_does_not_count_starts_no_action_in_the_entry_pages_either(
    as_user, clerk, pillar
) -> None:
    line = make.make_action(pillar, "双报到")
    make.make_activity(line, state="draft")
    make.make_activity(line, state="retracted")
    assert standings(page(as_user, clerk, "/admin/measures/action/")) == ["未开始"]
