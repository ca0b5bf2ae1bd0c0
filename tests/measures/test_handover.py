"""Handing what is not finished over to a successor."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from measures import ledger
from measures.models import Honour, Pillar
from measures.workflow import Step, advance, why_not
from organs.models import AuditEvent, AuditVerb, Membership, Role, User
from tests import make
from tests.conftest import Tree

SignIn = Callable[[User | None], Client]


def shown(response: HttpResponse) -> str:
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def page(user: User) -> str:
    return reverse("handover", args=(user.pk,))


def sent(organ: object, to: User) -> dict[str, object]:
    return {"organ": organ.pk, f"{organ.pk}-to": to.pk}


def draft(clerk: User, organ: object, title: str = "先进集体") -> Honour:
    row = make.draft_honour(organ, title)
    ledger.create(row, by=clerk)
    return row


def test_what_is_open_goes_to_the_successor_and_the_hands_stay(
    tree: Tree, clerk: User, second_clerk: User, steward: User, as_user: SignIn
) -> None:
    mine, waiting, approved = (draft(clerk, tree.bureau, title) for title in ("草稿奖", "待审奖", "审过奖"))
    below, other = draft(clerk, tree.unit, "下属奖"), draft(second_clerk, tree.bureau, "别人的奖")
    for row in (waiting, approved):
        advance(row, Step.SUBMIT, by=clerk)
    advance(approved, Step.APPROVE, by=make.make_member(Role.REVIEWER, tree.bureau))
    client = as_user(steward)
    html = shown(client.get(page(clerk)))
    assert "移交这2条" in html
    assert [title for title in ("审过奖", "别人的奖") if title in html] == []
    assert "已移交给苏填报" in shown(client.post(page(clerk), sent(tree.bureau, second_clerk), follow=True))
    kept = Honour.objects.kept_by(second_clerk)
    assert set(kept) == {mine, waiting, other}
    assert set(Honour.objects.kept_by(clerk)) == {below, approved}
    assert kept.get(pk=mine.pk).hands == [clerk.pk]
    event = AuditEvent.objects.filter(verb=AuditVerb.CHANGE, target_id=mine.pk).latest("pk")
    assert (event.user_id, event.organ_id, event.note) == (steward.pk, tree.bureau.pk, "移交给苏填报")
    assert "经办人：苏填报" in event.after


def test_who_entered_a_row_that_was_handed_over_does_not_approve_it(
    tree: Tree, clerk: User, second_clerk: User
) -> None:
    row = draft(clerk, tree.bureau)
    ledger.hand_over(row, to=second_clerk, by=clerk)
    row = Honour.objects.get(pk=row.pk)
    advance(row, Step.SUBMIT, by=second_clerk)
    assert {clerk.pk, second_clerk.pk} == set(row.hands)
    make.make_membership(clerk, tree.bureau, Role.REVIEWER)
    assert "不能自己审核" in why_not(row, Step.APPROVE, by=clerk)


def test_only_who_keeps_a_row_or_the_steward_hands_it_over_and_only_to_a_clerk_there(
    tree: Tree, clerk: User, second_clerk: User, other_clerk: User, reviewer: User, steward: User
) -> None:
    row = draft(clerk, tree.bureau)
    for by in (second_clerk, other_clerk, reviewer):
        with pytest.raises(PermissionDenied):
            ledger.hand_over(row, to=second_clerk, by=by)
    for to in (other_clerk, reviewer):
        with pytest.raises(ValidationError, match="不能接手"):
            ledger.hand_over(row, to=to, by=steward)
    assert set(Honour.objects.kept_by(clerk)) == {row}


def test_who_leaves_hands_over_their_own_rows_and_sees_nobody_elses(
    tree: Tree, clerk: User, second_clerk: User, other_clerk: User, as_user: SignIn
) -> None:
    row = draft(clerk, tree.bureau)
    assert as_user(second_clerk).get(page(clerk)).status_code == 404
    client = as_user(clerk)
    assert "请选接手的填报员" in shown(client.post(page(clerk), {"organ": tree.bureau.pk}))
    assert client.post(page(clerk), sent(tree.bureau, other_clerk)).status_code == 200
    assert set(Honour.objects.kept_by(clerk)) == {row}
    assert client.post(page(clerk), sent(tree.bureau, second_clerk)).status_code == 302
    assert set(Honour.objects.kept_by(second_clerk)) == {row}
    assert "没有要移交的" in shown(client.get(page(clerk)))


def test_who_has_only_what_waits_finds_the_way_to_hand_it_over_too(
    tree: Tree, clerk: User, as_user: SignIn
) -> None:
    advance(draft(clerk, tree.bureau), Step.SUBMIT, by=clerk)
    assert f'href="{page(clerk)}"' in shown(as_user(clerk).get(reverse("home")))


def test_a_closing_that_waits_or_came_back_is_handed_over_too(
    tree: Tree, pillar: Pillar, clerk: User, second_clerk: User, as_user: SignIn
) -> None:
    line = make.make_action(pillar, "一项举措", approved=False)
    line.created_by = clerk
    line.save()
    advance(line, Step.SUBMIT, by=clerk)
    advance(line, Step.APPROVE, by=make.make_member(Role.REVIEWER, tree.bureau))
    assert "没有要移交的" in shown(as_user(clerk).get(page(clerk)))
    advance(line, Step.CLOSE, by=clerk)
    assert "销号待审" in shown(as_user(clerk).get(page(clerk)))


def test_who_is_no_clerk_there_any_more_is_told_what_is_left_and_whom_to_ask(
    tree: Tree, clerk: User, steward: User, as_user: SignIn
) -> None:
    make.make_membership(clerk, tree.other_bureau, Role.CLERK)
    draft(clerk, tree.bureau, "甲局奖")
    draft(clerk, tree.other_bureau, "乙局奖")
    Membership.objects.filter(user=clerk, organ=tree.bureau).update(
        last_day=timezone.localdate() - timedelta(days=1)
    )
    told = f"{tree.bureau.name}1条。您现在不是那里的填报员，不能自己移交，请工委管理员代您移交"
    html = shown(as_user(clerk).get(page(clerk)))
    assert told in html
    assert "乙局奖" in html
    assert "甲局奖" not in html
    Membership.objects.filter(user=clerk).update(last_day=timezone.localdate() - timedelta(days=1))
    html = shown(as_user(clerk).get(page(clerk)))
    assert told.replace("1条。", f"1条、{tree.other_bureau.name}1条。") in html
    assert "没有要移交的" not in html
    assert "甲局奖" in shown(as_user(steward).get(page(clerk)))


def test_the_page_of_an_account_tells_what_is_open(
    tree: Tree, clerk: User, steward: User, as_user: SignIn
) -> None:
    client, told = as_user(steward), "草稿、待审和退回的共1条"
    assert told not in shown(client.get(reverse("account", args=(clerk.pk,))))
    draft(clerk, tree.bureau)
    for name in ("account", "account_switch"):
        html = shown(client.get(reverse(name, args=(clerk.pk,))))
        assert told in html
        assert page(clerk) in html
    assert "没有别的填报员" in shown(client.get(page(clerk)))


def test_the_page_costs_the_same_for_few_and_many_rows(
    tree: Tree, clerk: User, second_clerk: User, as_user: SignIn, django_assert_max_num_queries: Callable
) -> None:
    for number in range(6):
        draft(clerk, (tree.bureau, tree.unit)[number % 2], f"第{number}奖")
    client = as_user(clerk)
    with django_assert_max_num_queries(16):
        client.get(page(clerk))
