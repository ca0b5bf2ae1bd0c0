"""The start page of staff: what came back, and where the next activity goes, each thing once and only while it stands."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from measures.models import Action, Pillar
from measures.workflow import Step, advance
from organs.models import User
from tests import make

pytestmark = pytest.mark.django_db


def test_the_next_activity_goes_under_lines_that_stand(
    pillar: Pillar, clerk: User, reviewer: User, as_user: Callable[[User], Client]
) -> None:
    kept, retracted, replaced = (make.make_action(pillar, title) for title in ("留下的", "撤销的", "旧题"))
    advance(retracted, Step.RETRACT, by=reviewer, note="不办了")
    new = make.approve(make.corrected(replaced, by=clerk, title="新题"), by=clerk, reviewer=reviewer)
    make.corrected(kept, by=clerk, title="更正稿")
    html = make.page(as_user, clerk, reverse("home"))
    address = reverse("entry_activities")
    assert {row for row in Action.objects.all() if f'{address}?action={row.pk}"' in html} == {kept, new}


def test_a_closing_that_came_back_is_told_of_the_version_that_stands(
    pillar: Pillar, clerk: User, reviewer: User, as_user: Callable[[User], Client]
) -> None:
    lines = [make.make_action(pillar, title) for title in ("撤销的", "旧题")]
    for line in lines:
        advance(line, Step.CLOSE, by=clerk)
        advance(line, Step.RETURN_CLOSING, by=reviewer, note="还差总结")
    html = make.page(as_user, clerk, reverse("home"))
    assert html.count("周审核：还差总结") == 2
    advance(lines[0], Step.RETRACT, by=reviewer, note="不办了")
    new = make.approve(make.corrected(lines[1], by=clerk, title="新题"), by=clerk, reviewer=reviewer)
    html = make.page(as_user, clerk, reverse("home"))
    returned = html[html.index("被退回，等您修改") : html.index("<h2>登记活动")]
    address = "admin:measures_action_change"
    assert [line for line in (*lines, new) if reverse(address, args=(line.pk,)) in returned] == [new]
    assert "周审核：还差总结" not in returned
