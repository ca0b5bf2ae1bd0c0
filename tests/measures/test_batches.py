"""What was done to many rows at once is undone in one go, or not at all."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from measures import batches, ledger
from measures.locks import Locked
from measures.models import Action, Batch, Discarded, Honour, Pillar, ReviewStep
from measures.workflow import Step, advance
from organs.models import AuditEvent, Organ, Role, User
from tests import make

SignIn = Callable[[User | None], Client]


@pytest.fixture
def drafts(bureau: Organ, clerk: User) -> list[Honour]:
    return [make.enter(make.draft_honour(bureau, f"荣誉{n}"), by=clerk) for n in range(3)]


def at_once(client: Client, deed: str, rows: list[Honour]) -> str:
    """Do it to all of them on the list, and read what is said."""
    sent: dict[str, Any] = {"action": deed, "_selected_action": [row.pk for row in rows], "confirmed": "1"}
    response = client.post(reverse("admin:measures_honour_changelist"), sent, follow=True)
    return response.content.decode()


def states() -> list[str]:
    return list(Honour.objects.order_by("pk").values_list("state", flat=True))


@pytest.mark.parametrize(
    ("deed", "before", "after"),
    [
        ("submit", ["draft"] * 3, ["submitted"] * 3),
        ("withdraw", ["submitted"] * 3, ["draft"] * 3),
        ("delete", ["draft"] * 3, []),
    ],
)
def test_what_a_clerk_did_at_once_is_undone_at_once(
    deed: str, before: list[str], after: list[str], drafts: list[Honour], clerk: User, as_user: SignIn
) -> None:
    if deed == "withdraw":
        for row in drafts:
            advance(row, Step.SUBMIT, by=clerk)
    client = as_user(clerk)
    html = at_once(client, deed, drafts)
    assert states() == after
    address = reverse("bin_undo", args=(Batch.objects.get().pk,))
    assert f'<a href="{address}">撤销这次操作</a>' in html
    assert address in client.get("/bin/").content.decode()
    assert "荣誉2" in client.get(address).content.decode()
    assert "3条恢复原样" in client.post(address, follow=True).content.decode()
    assert states() == before
    assert [AuditEvent.objects.about(row).latest("pk").note for row in drafts] == ["撤销成批操作"] * 3
    assert not Discarded.objects.exists()
    assert "已经撤销过" in client.post(address, follow=True).content.decode()
    assert "撤销这次操作" not in client.get("/bin/").content.decode()


def test_nothing_is_undone_once_somebody_has_touched_one_of_them(
    drafts: list[Honour], clerk: User, reviewer: User, as_user: SignIn
) -> None:
    client = as_user(clerk)
    at_once(client, "submit", drafts)
    batch = Batch.objects.get()
    drafts[1].refresh_from_db()
    advance(drafts[1], Step.APPROVE, by=reviewer)
    address = reverse("bin_undo", args=(batch.pk,))
    assert "以审核员的话为准" in client.get(address).content.decode()
    assert "后来有人动过，或者已经不在了：“荣誉1”" in client.post(address, follow=True).content.decode()
    assert states() == ["submitted", "approved", "submitted"]


def test_what_a_reviewer_said_is_not_undone(
    bureau: Organ, drafts: list[Honour], clerk: User, reviewer: User, as_user: SignIn
) -> None:
    for row in drafts:
        advance(row, Step.SUBMIT, by=clerk)
    tokens = {f"seen_{row.pk}": row.changed_at.isoformat() for row in drafts}
    sent = {"action": "approve", "_selected_action": [row.pk for row in drafts], "confirmed": "1", **tokens}
    html = as_user(reviewer).post(reverse("admin:measures_honour_changelist"), sent, follow=True)
    assert states() == ["approved"] * 3
    assert "撤销这次操作" not in html.content.decode()
    assert not Batch.objects.exists()


def test_several_deeds_to_one_row_are_undone_the_last_first(bureau: Organ, clerk: User) -> None:
    row = make.submit(make.draft_honour(bureau), by=clerk)
    batch = batches.remember([(row, ("create", Step.SUBMIT))], "登记荣誉", by=clerk)
    assert batch
    assert batches.undo(batch, by=clerk) == 1
    assert [entry.row_id for entry in Discarded.objects.all()] == [row.pk]
    assert not Honour.objects.exists()


def test_only_who_did_it_undoes_it_and_only_while_the_right_is_there(
    drafts: list[Honour], clerk: User, second_clerk: User, as_user: SignIn
) -> None:
    at_once(as_user(clerk), "submit", drafts)
    batch = Batch.objects.get()
    with pytest.raises(PermissionDenied):
        batches.undo(batch, by=second_clerk)
    assert as_user(second_clerk).post(reverse("bin_undo", args=(batch.pk,))).status_code == 404
    clerk.memberships.update(role=Role.LEADER)
    with pytest.raises(Locked, match="您现在没有办理这一条的权限"):
        batches.undo(batch, by=User.objects.get(pk=clerk.pk))
    assert states() == ["submitted"] * 3


def test_who_has_moved_on_reads_nothing_of_what_they_did_here(
    drafts: list[Honour], clerk: User, other_bureau: Organ, as_user: SignIn
) -> None:
    at_once(as_user(clerk), "submit", drafts)
    address = reverse("bin_undo", args=(Batch.objects.get().pk,))
    clerk.memberships.update(organ=other_bureau)
    assert address not in make.page(as_user, clerk, "/bin/")
    for role in (Role.CLERK, Role.LEADER):
        clerk.memberships.update(role=role)
        assert as_user(clerk).get(address).status_code == 404
        assert as_user(clerk).post(address).status_code == 404
    assert states() == ["submitted"] * 3


def test_what_is_gone_from_the_bin_is_named(drafts: list[Honour], clerk: User, as_user: SignIn) -> None:
    at_once(as_user(clerk), "delete", drafts)
    Discarded.objects.filter(row_id=drafts[0].pk).delete()
    with pytest.raises(Locked, match="“荣誉0”"):
        batches.undo(Batch.objects.get(), by=clerk)
    assert Discarded.objects.count() == 2


def test_after_thirty_days_it_is_said_that_they_are_over(
    drafts: list[Honour], clerk: User, as_user: SignIn
) -> None:
    client = as_user(clerk)
    at_once(client, "delete", drafts)
    long_ago = timezone.now() - timedelta(days=30, minutes=1)
    Discarded.objects.update(at=long_ago)
    Batch.objects.update(at=long_ago)
    address = reverse("bin_undo", args=(Batch.objects.get().pk,))
    for html in (make.page(as_user, clerk, address), client.post(address, follow=True).content.decode()):
        assert "这次操作已过30天，不能再整体撤销，请逐条办理。" in html
        assert "有人动过" not in html
    assert "这次办的" not in html
    assert states() == []


def test_looking_at_many_costs_a_constant_number_of_queries(
    bureau: Organ, clerk: User, django_assert_max_num_queries: Any
) -> None:
    rows = [make.make_honour(bureau, state="draft") for _ in range(30)]
    batch = batches.remember([(row, ("create",)) for row in rows], "登记荣誉", by=clerk)
    ledger.delete(rows[0], by=clerk)
    with django_assert_max_num_queries(3):
        assert len(batches.touched(batch)) == 1


def ask(client: Client, deed: str, rows: list[Action]) -> Batch:
    """Do it to actions of the list, all at once."""
    sent: dict[str, Any] = {"action": deed, "_selected_action": [row.pk for row in rows], "confirmed": "1"}
    client.post(reverse("admin:measures_action_changelist"), sent, follow=True)
    return Batch.objects.latest("pk")


def test_a_request_to_close_that_is_withdrawn_and_stands_again_has_the_day_that_it_had(
    pillar: Pillar, clerk: User, as_user: SignIn
) -> None:
    client, today = as_user(clerk), timezone.localdate()
    asked, said = today - timedelta(days=6), today - timedelta(days=20)
    untyped, typed = make.make_action(pillar), make.make_action(pillar, closed_on=said)
    ask(client, "close", [untyped, typed])
    ReviewStep.objects.update(at=timezone.now() - timedelta(days=6))
    Action.objects.filter(pk=untyped.pk).update(closed_on=asked)
    for _ in range(2):
        batch = ask(client, "withdraw_closing", [untyped, typed])
        assert Action.objects.get(pk=untyped.pk).closed_on is None
        client.post(reverse("bin_undo", args=(batch.pk,)))
        days = {row.pk: row.closed_on for row in Action.objects.filter(closing_state="submitted")}
        assert days == {untyped.pk: asked, typed.pk: said}
    ask(client, "withdraw_closing", [untyped, typed])
    ask(client, "close", [untyped, typed])
    assert Action.objects.get(pk=untyped.pk).closed_on == today, "nobody typed the other day"


def test_drafts_submitted_together_are_taken_back_together(
    drafts: list[Honour], clerk: User, reviewer: User, as_user: SignIn
) -> None:
    client = as_user(clerk)
    listed = re.findall(r'name="row" value="([^"]+)"', client.get("/my/drafts/").content.decode())
    html = client.post("/my/drafts/", {"row": listed}, follow=True).content.decode()
    address = reverse("bin_undo", args=(Batch.objects.get().pk,))
    assert f'已报审3条，等审核员审核。<a href="{address}">撤销这次操作</a>' in html
    assert "3条恢复原样" in client.post(address, follow=True).content.decode()
    assert states() == ["draft"] * 3


def test_the_bin_names_only_what_can_still_be_undone(
    drafts: list[Honour], clerk: User, reviewer: User, as_user: SignIn
) -> None:
    client = as_user(clerk)
    at_once(client, "submit", drafts[:1])
    at_once(client, "submit", drafts[1:])
    last, first = Batch.objects.all()
    assert reverse("bin_undo", args=(last.pk,)) in client.get("/bin/").content.decode()
    drafts[1].refresh_from_db()
    advance(drafts[1], Step.APPROVE, by=reviewer)
    html = client.get("/bin/").content.decode()
    assert reverse("bin_undo", args=(last.pk,)) not in html
    assert reverse("bin_undo", args=(first.pk,)) in html


def test_what_was_made_at_once_stays_once_an_approved_figure_names_one_of_it(
    pillar: Pillar, bureau: Organ, clerk: User, as_user: SignIn
) -> None:
    lines = [make.enter(make.draft_action(pillar, title), by=clerk) for title in ("双报到", "走访慰问")]
    batch = batches.remember([(row, ("create",)) for row in lines], "摘自材料", by=clerk)
    make.make_observation(make.make_metric("慰问户数"), bureau, "9", actions=lines[1:])
    assert batch
    html = as_user(clerk).post(reverse("bin_undo", args=(batch.pk,)), follow=True).content.decode()
    assert "没有撤销。“走访慰问”：数值“甲局·慰问户数·2021年”审核过，“所属举措”里有它" in html
    assert Action.objects.count() == 2
