"""The bin: what was deleted comes back as it was, or is forgotten with its files after 30 days."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import connection
from django.forms import model_to_dict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from measures import ledger, restoring
from measures.locks import Locked
from measures.models import (
    Action,
    Activity,
    BinKind,
    Discarded,
    Evidence,
    EvidenceLink,
    Honour,
    Pillar,
)
from organs.models import AuditEvent, Organ, Role, User
from tests import make
from tests.conftest import Tree

SignIn = Callable[[User | None], Client]
BIN = "/bin/"


def stored(row: Any) -> dict[str, Any]:
    """All columns of the row as stored, and the keys of its links."""
    now = type(row)._default_manager.get(pk=row.pk)
    columns = {f.attname: getattr(now, f.attname) for f in now._meta.concrete_fields}
    links = {f.name: sorted(o.pk for o in getattr(now, f.name).all()) for f in now._meta.many_to_many}
    return columns | links | {"form": sorted(model_to_dict(now))}


def rows_of_each_kind(tree: Tree, clerk: User) -> list[Any]:
    """A draft of each kind, with links, hands and uncertain figures."""
    pillar = make.make_pillar(tree.bureau, tree.campaign)
    standing = make.make_action(pillar)
    metric = make.make_metric(unit="人次", counts="attendance")
    line = make.enter(
        make.draft_action(pillar, due_day=date(2021, 11, 30)),
        by=clerk,
        links={"joint_organs": [tree.other_bureau], "counted_metrics": [metric]},
    )
    held = make.enter(make.draft_activity(standing), by=clerk, links={"also_serves": [line]})
    figure = make.draft_observation(metric, tree.bureau, "1400余")
    make.enter(figure, by=clerk, links={"actions": [line], "activities": [held]})
    target = make.enter(make.draft_target(metric, tree.bureau, tree.campaign, "95以上"), by=clerk)
    honour = make.make_honour(tree.bureau, state="returned")
    link = make.make_link(make.make_evidence(tree.bureau), honour=honour)
    return [line, held, figure, target, honour, link, make.make_pillar(tree.bureau, tree.campaign)]


@pytest.mark.parametrize("number", range(7))
def test_what_is_restored_is_what_was_deleted(number: int, tree: Tree, clerk: User) -> None:
    rows = rows_of_each_kind(tree, clerk)
    row = rows[number]
    if isinstance(row, Honour):
        EvidenceLink.objects.all().delete()
    before = [stored(one) for one in rows if type(one)._default_manager.filter(pk=one.pk).exists()]
    steps = list(AuditEvent.objects.about(row).values_list("verb", flat=True))
    entry = ledger.delete(row, by=clerk)
    assert entry is not None
    assert not type(row)._default_manager.filter(pk=row.pk).exists()
    restoring.restore(entry, by=clerk)
    after = [stored(one) for one in rows if type(one)._default_manager.filter(pk=one.pk).exists()]
    assert after == before
    assert not Discarded.objects.exists()
    now = list(AuditEvent.objects.about(row).values_list("verb", flat=True))
    assert sorted(now) == sorted([*steps, "delete", "restore"])


def test_evidence_comes_back_with_its_file_and_what_it_proves(bureau: Organ, clerk: User) -> None:
    evidence = make.make_evidence(bureau)
    kept, gone = (make.make_honour(bureau, state="draft") for _ in range(2))
    links = [make.make_link(evidence, honour=honour) for honour in (kept, gone)]
    entry = ledger.delete(evidence, by=clerk, along=links)
    ledger.delete(gone, by=clerk)
    assert not Evidence.objects.exists()
    row, left = restoring.restore(entry, by=clerk)
    assert left == 1
    assert [link.proven for link in EvidenceLink.objects.all()] == [kept]
    assert row.file.read().startswith(b"%PDF")


def test_what_it_needs_must_be_there_again(pillar: Pillar, clerk: User) -> None:
    line = make.enter(make.draft_action(pillar), by=clerk)
    first = ledger.delete(line, by=clerk)
    under = ledger.delete(pillar, by=clerk)
    with pytest.raises(Locked, match="创建支柱已经不在了"):
        restoring.restore(first, by=clerk)
    restoring.restore(under, by=clerk)
    restoring.restore(first, by=clerk)
    assert Action.objects.get().pillar == pillar
    gone = ledger.delete(Action.objects.get(), by=clerk)
    ledger.delete(pillar, by=clerk)
    Discarded.objects.filter(kind=BinKind.PILLAR).delete()
    with pytest.raises(Locked, match="回收站里也没有，不能恢复"):
        restoring.restore(gone, by=clerk)


def test_a_place_that_is_taken_stays_taken(tree: Tree, clerk: User, bureau: Organ) -> None:
    metric = make.make_metric()
    entry = ledger.delete(make.enter(make.draft_observation(metric, bureau, "5"), by=clerk), by=clerk)
    make.enter(make.draft_observation(metric, bureau, "6"), by=clerk)
    with pytest.raises(Exception, match="已有一份在办理"):
        restoring.restore(entry, by=clerk)
    assert Discarded.objects.filter(pk=entry.pk).exists()


def test_an_activity_follows_its_line_to_the_version_that_stands(
    pillar: Pillar, clerk: User, reviewer: User
) -> None:
    line = make.make_action(pillar)
    entry = ledger.delete(make.enter(make.draft_activity(line), by=clerk), by=clerk)
    new = make.corrected(line, by=clerk, title="改过的举措")
    make.approve(new, by=clerk, reviewer=reviewer)
    restoring.restore(entry, by=clerk)
    assert Activity.objects.get().action == new


def test_a_stale_correction_and_what_lies_in_a_closed_campaign_do_not_come_back(
    tree: Tree, bureau: Organ, clerk: User, reviewer: User, steward: User
) -> None:
    figure = make.make_observation(make.make_metric(), bureau)
    stale = ledger.delete(ledger.correct(figure, by=clerk, reason="漏报"), by=clerk)
    new = ledger.correct(figure, by=clerk, reason="漏报")
    new.remark = "漏报"
    ledger.change(new, by=clerk)
    make.approve(new, by=clerk, reviewer=reviewer)
    with pytest.raises(Locked, match="已经不再生效"):
        restoring.restore(stale, by=clerk)
    draft = ledger.delete(make.enter(make.draft_honour(bureau), by=clerk), by=clerk)
    tree.campaign.closed = True
    ledger.change(tree.campaign, by=steward)
    with pytest.raises(Locked, match="已结束"):
        restoring.restore(draft, by=clerk)


def test_others_neither_see_nor_restore(
    bureau: Organ, clerk: User, other_clerk: User, reviewer: User, as_user: SignIn
) -> None:
    entry = ledger.delete(make.enter(make.draft_honour(bureau, "玉兰计划"), by=clerk), by=clerk)
    assert "玉兰计划" in make.page(as_user, clerk, BIN)
    assert "玉兰计划" not in make.page(as_user, other_clerk, BIN)
    as_user(other_clerk).post(BIN, {"restore": entry.pk})
    assert as_user(reviewer).get(BIN).status_code == 403
    with pytest.raises(PermissionDenied):
        restoring.restore(entry, by=other_clerk)
    assert not Honour.objects.exists()


def test_a_clerk_deletes_and_restores_on_the_pages(bureau: Organ, clerk: User, as_user: SignIn) -> None:
    honour = make.enter(make.draft_honour(bureau, "文明单位"), by=clerk)
    client = as_user(clerk)
    address = reverse("admin:measures_honour_delete", args=(honour.pk,))
    html = client.post(address, {"post": "yes"}, follow=True).content.decode()
    assert '已移到<a href="/bin/">回收站</a>，30天内可以恢复' in html
    entry = Discarded.objects.get()
    assert "文明单位" in client.get(f"{BIN}?kind=honour").content.decode()
    assert "回收站里没有这一类" not in client.get(f"{BIN}?kind=nonsense").content.decode()
    html = client.post(BIN, {"restore": entry.pk}, follow=True).content.decode()
    assert "已恢复荣誉" in html
    assert Honour.objects.get() == honour
    assert restoring.GONE in client.post(BIN, {"restore": entry.pk}, follow=True).content.decode()
    assert restoring.GONE in client.post(BIN, {"restore": "x"}, follow=True).content.decode()


def test_after_thirty_days_it_is_forgotten_with_its_file(
    bureau: Organ, clerk: User, as_user: SignIn, django_capture_on_commit_callbacks: Any
) -> None:
    evidence, fresh = make.make_evidence(bureau, "旧照片"), make.make_evidence(bureau, "新照片")
    for row in (evidence, fresh):
        ledger.delete(row, by=clerk)
    old = Discarded.objects.filter(name="旧照片")
    old.update(at=timezone.now() - timedelta(days=30, minutes=1))
    assert "旧照片" not in make.page(as_user, clerk, BIN)
    with django_capture_on_commit_callbacks(execute=True):
        call_command("empty_bin")
    assert [entry.name for entry in Discarded.objects.all()] == ["新照片"]
    folder = Path(settings.MEDIA_ROOT)
    assert [(folder / str(row.file)).exists() for row in (evidence, fresh)] == [False, True]
    event = AuditEvent.objects.get(verb="forget")
    assert (event.organ_id, event.before) == (bureau.pk, f"佐证材料：旧照片（{evidence.pk}）")
    call_command("empty_bin")
    assert AuditEvent.objects.filter(verb="forget").count() == 1


def test_what_can_never_be_restored_is_told_in_place_of_the_button(
    pillar: Pillar, bureau: Organ, clerk: User, as_user: SignIn
) -> None:
    metric = make.make_metric("慰问户数", owner=bureau)
    figure = ledger.delete(make.enter(make.draft_observation(metric, bureau, "9"), by=clerk), by=clerk)
    action = make.enter(make.draft_action(pillar), by=clerk)
    held = ledger.delete(make.enter(make.draft_activity(action), by=clerk), by=clerk)
    line = ledger.delete(action, by=clerk)
    metric.delete()
    html = make.page(as_user, clerk, "/bin/")
    assert "它的成效指标已经不在了，不能恢复。" in html
    offered = {entry.pk for entry in (figure, held, line) if f'name="restore" value="{entry.pk}"' in html}
    assert offered == {held.pk, line.pk}


def changes(row: Any) -> list[AuditEvent]:
    """What the trail tells of changes of the row."""
    return list(AuditEvent.objects.about(row).filter(verb="change").order_by("pk"))


@pytest.mark.parametrize("state", ["submitted", "approved", "retracted"])
def test_a_draft_that_something_read_names_is_not_deleted(
    state: str, pillar: Pillar, bureau: Organ, clerk: User
) -> None:
    line = make.enter(make.draft_action(pillar), by=clerk)
    figure = make.make_observation(make.make_metric("慰问户数"), bureau, "9", state=state, actions=[line])
    words = (
        "报审，“所属举措”里有它，不能删除；请先撤回" if state == "submitted" else "不要的请报审，审核后再撤销"
    )
    with pytest.raises(Locked, match=f"数值“{figure}”.+{words}"):
        ledger.delete(line, by=clerk)
    assert list(figure.actions.all()) == [line]
    assert not Discarded.objects.exists()


def test_a_draft_that_an_approved_activity_serves_or_a_figure_counts_is_not_deleted(
    pillar: Pillar, bureau: Organ, clerk: User
) -> None:
    line = make.enter(make.draft_action(pillar), by=clerk)
    held = make.make_activity(make.make_action(pillar), title="义诊")
    held.also_serves.set([line])
    with pytest.raises(Locked, match=r"活动“义诊.+审核过，“同时服务的举措”里有它"):
        ledger.delete(line, by=clerk)
    draft = make.make_activity(make.make_action(pillar), state="draft")
    counts = make.make_observation(make.make_metric(), bureau, "1", state="submitted")
    counts.activities.set([draft])
    with pytest.raises(Locked, match="“计入的活动”里有它"):
        ledger.delete(draft, by=clerk)


def test_what_keeps_a_draft_is_not_named_to_who_may_not_see_it(tree: Tree, clerk: User) -> None:
    """The bureau's clerk sees the unit's drafts, and chose one; the unit's clerk does not see those of the bureau."""
    of_unit = make.make_member(Role.CLERK, tree.unit)
    line = make.enter(make.draft_action(make.make_pillar(tree.unit, tree.campaign)), by=of_unit)
    held = make.draft_activity(make.make_action(make.make_pillar(tree.bureau, tree.campaign)), title="义诊")
    make.enter(held, by=clerk, links={"also_serves": [line]})
    make.submit(held, by=clerk)
    with pytest.raises(Locked, match=r"^\['甲局有活动已经报审，“同时服务的举措”里有它，不能删除；请先撤回"):
        ledger.delete(line, by=of_unit)
    with pytest.raises(Locked, match="活动“义诊"):
        ledger.delete(line, by=clerk)


def test_a_metric_that_an_approved_action_counts_into_is_not_deleted(
    pillar: Pillar, bureau: Organ, clerk: User
) -> None:
    metric = make.make_metric(unit="人次", counts="attendance", owner=bureau)
    make.make_action(pillar, "义诊").counted_metrics.set([metric])
    with pytest.raises(Locked, match="举措“义诊”审核过，“自动计入的指标”里有它，不能删除。"):
        ledger.delete(metric, by=clerk)


def test_drafts_that_name_what_is_deleted_and_restored_have_it_in_their_history(
    tree: Tree, clerk: User
) -> None:
    line, held, figure, *_ = rows_of_each_kind(tree, clerk)
    entry = ledger.delete(line, by=clerk)
    for row, link in ((held, "同时服务的举措"), (figure, "所属举措")):
        (event,) = changes(row)
        assert (f"{link}：{line}" in event.before, link in event.after) == (True, False)
        assert (event.note, event.organ_id) == (f"“{line}”已删除", tree.bureau.pk)
    assert entry
    restoring.restore(entry, by=clerk)
    for row in (held, figure):
        gone, back = changes(row)
        assert (back.before, back.after, back.note) == (gone.after, gone.before, f"“{line}”已恢复")


def test_on_the_list_it_is_said_beforehand_what_keeps_a_draft_with_one_query_for_all(
    pillar: Pillar, bureau: Organ, clerk: User, as_user: SignIn
) -> None:
    lines = [make.make_action(pillar, f"草案{n}", state="draft") for n in range(10)]
    make.make_observation(make.make_metric("慰问户数"), bureau, "9", actions=lines[3:4])
    client, address = as_user(clerk), reverse("admin:measures_action_changelist")
    sent: dict[str, Any] = {"action": "delete", "_selected_action": [row.pk for row in lines]}
    with CaptureQueriesContext(connection) as caught:
        html = client.post(address, sent).content.decode()
    assert "其中9条可以删除" in html
    assert "慰问户数·2021年”审核过，“所属举措”里有它" in html
    assert sum('"measures_observation_actions"."action_id" IN' in query["sql"] for query in caught) == 1
