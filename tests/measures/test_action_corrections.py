"""A corrected line: what goes on under it, and what hangs on it, moves to the new version when that is approved."""

from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from measures import ledger, locks
from measures.locks import Locked
from measures.models import Action, Observation, Pillar
from measures.workflow import Step, advance, why_not
from organs.models import AuditEvent, AuditVerb, Organ, User
from tests import make
from tests.conftest import Tree

pytestmark = pytest.mark.django_db


@pytest.fixture
def line(pillar: Pillar) -> Action:
    """An approved ledger line."""
    return make.make_action(pillar, "旧题", progress="刚开始")


def corrected(line: Action, clerk: User, title: str = "新题") -> Action:
    """A draft that gives the line another title."""
    return make.corrected(line, by=clerk, reason="题目写错", title=title)


def test_a_correction_that_says_the_same_is_not_submitted(
    line: Action, bureau: Organ, other_bureau: Organ, clerk: User
) -> None:
    rows = (line, make.make_honour(bureau), make.make_observation(make.make_metric(), bureau))
    for draft in [ledger.correct(row, by=clerk, reason="笔误") for row in rows]:
        with pytest.raises(Locked, match="与原来的一样，没有可更正的"):
            advance(draft, Step.SUBMIT, by=clerk)
        assert draft.state == "draft"
    draft = Action.objects.get(previous=line)
    ledger.change(draft, by=clerk, links={"joint_organs": [other_bureau]})
    advance(draft, Step.SUBMIT, by=clerk)


def test_what_hangs_on_a_line_moves_to_its_corrected_version(
    line: Action, bureau: Organ, clerk: User, reviewer: User
) -> None:
    activity, shared = make.make_activity(line), make.make_activity(make.make_action(line.pillar))
    shared.also_serves.add(line)
    figure = make.make_observation(make.make_metric(), bureau, actions=[line])
    papers = [make.make_evidence(bureau, f"材料{n}") for n in range(2)]
    for paper in papers:
        make.make_link(paper, action=line)
    new = corrected(line, clerk)
    make.make_link(papers[0], action=new)
    line.progress, line.problem = "完成一半", "缺人"
    ledger.change(line, by=clerk)
    make.approve(new, by=clerk, reviewer=reviewer)
    for row in (activity, shared, figure, line):
        row.refresh_from_db()
    assert (activity.action, list(shared.also_serves.all()), list(figure.actions.all())) == (
        new,
        [new],
        [new],
    )
    assert {link.evidence for link in new.proofs.all()} == set(papers)
    assert (new.title, new.progress, new.problem) == ("新题", "完成一半", "缺人")
    assert clerk.pk in new.closing_hands
    assert (line.title, line.state, line.is_current) == ("旧题", "approved", False)
    event = AuditEvent.objects.get(verb=AuditVerb.APPROVE)
    assert event.after.endswith("从上一版转来：活动1项、同时服务的活动1项、数值1项、佐证材料1项")
    assert list(Action.objects.heads().filter(pk__in=[line.pk, new.pk])) == [new]


def test_until_then_everything_goes_on_under_the_old_version(
    line: Action, bureau: Organ, clerk: User
) -> None:
    draft = corrected(line, clerk)
    make.enter(make.draft_activity(line), by=clerk)
    with pytest.raises(ValidationError, match="请选现行的一条"):
        make.enter(make.draft_activity(draft), by=clerk)
    with pytest.raises(ValidationError, match="请选现行的一条"):
        make.enter(make.draft_observation(make.make_metric(), bureau), by=clerk, links={"actions": [draft]})
    draft.progress = "写在更正稿上"
    with pytest.raises(Locked, match="进展请在现行的一版上更新"):
        ledger.change(draft, by=clerk)
    assert list(Action.objects.heads()) == [line]


def test_a_returned_closing_goes_over_as_it_stands(line: Action, clerk: User, reviewer: User) -> None:
    advance(line, Step.CLOSE, by=clerk)
    advance(line, Step.RETURN_CLOSING, by=reviewer, note="还差两个村")
    new = make.approve(corrected(line, clerk), by=clerk, reviewer=reviewer)
    assert (new.closing_state, new.closed_on) == ("returned", line.closed_on)


def test_closing_and_correcting_wait_for_each_other(line: Action, clerk: User, reviewer: User) -> None:
    draft = corrected(line, clerk)
    with pytest.raises(Locked, match="正在更正，请先把更正办完"):
        advance(line, Step.CLOSE, by=clerk)
    ledger.delete(draft, by=clerk)
    advance(line, Step.CLOSE, by=clerk)
    with pytest.raises(Locked, match="已经申请销号"):
        ledger.correct(line, by=clerk, reason="题目写错")
    advance(line, Step.APPROVE_CLOSING, by=reviewer)
    with pytest.raises(Locked, match="已经销号"):
        ledger.correct(line, by=clerk, reason="题目写错")


def test_a_superseded_line_is_history(line: Action, clerk: User, reviewer: User) -> None:
    make.approve(corrected(line, clerk), by=clerk, reviewer=reviewer)
    line.refresh_from_db()
    assert "已被更正" in locks.why_locked(line)
    assert "已被更正" in why_not(line, Step.CLOSE, by=clerk)
    line.progress = "又有进展"
    with pytest.raises(Locked, match="已被更正"):
        ledger.change(line, by=clerk)


@pytest.mark.parametrize("where", ["organ", "campaign", "same place"])
def test_a_correction_moves_a_line_to_another_heading_of_its_organ_only(
    where: str, tree: Tree, line: Action, clerk: User
) -> None:
    draft = corrected(line, clerk)
    draft.pillar = {
        "organ": make.make_pillar(tree.unit, tree.campaign),
        "campaign": make.make_pillar(tree.bureau, make.make_campaign(tree.area, organs=[tree.bureau])),
        "same place": make.make_pillar(tree.bureau, tree.campaign, "另一个标题"),
    }[where]
    if where == "same place":
        ledger.change(draft, by=clerk)
    else:
        with pytest.raises(Locked, match="更正只改内容"):
            ledger.change(draft, by=clerk)


def test_the_address_of_an_old_version_leads_to_the_line_that_stands(
    line: Action, clerk: User, reviewer: User, leader: User, as_user: Callable[[User | None], Client]
) -> None:
    rows = [line]
    for title in ("二版", "三版"):
        draft = corrected(Action.objects.get(pk=rows[-1].pk), clerk, title)
        rows.append(make.approve(draft, by=clerk, reviewer=reviewer))
    response = as_user(leader).get(reverse("action", args=(line.pk,), query={"period": "2021"}), follow=True)
    assert response.redirect_chain[-1][0] == reverse("action", args=(rows[-1].pk,), query={"period": "2021"})
    html = response.content.decode()
    assert "三版" in html
    assert html.index("更正为第2版") < html.index("更正为第3版")


def test_a_corrected_line_stands_once_in_the_ledger(
    line: Action, bureau: Organ, clerk: User, reviewer: User, as_user: Callable[[User | None], Client]
) -> None:
    draft = corrected(line, clerk)
    address = reverse("organ", args=(bureau.pk,))
    html = make.page(as_user, clerk, address)
    assert "旧题" in html
    assert "新题" not in html
    make.approve(draft, by=clerk, reviewer=reviewer)
    html = make.page(as_user, clerk, address)
    assert "新题" in html
    assert "旧题" not in html


def test_a_figure_under_correction_keeps_its_line(
    line: Action, bureau: Organ, clerk: User, reviewer: User
) -> None:
    figure = make.make_observation(make.make_metric(), bureau, actions=[line])
    draft = ledger.correct(figure, by=clerk, reason="漏报")
    new = make.approve(corrected(line, clerk), by=clerk, reviewer=reviewer)
    assert list(Observation.objects.get(pk=draft.pk).actions.all()) == [new]
