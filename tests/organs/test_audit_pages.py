"""The auditor's pages and the history of a row: who may read what, filters, CSV, and that nothing can be changed."""

import csv
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from measures.models import Observation
from organs import audit_views
from organs.audit import Difference, differences, record
from organs.audit_views import harmless
from organs.models import AuditEvent, AuditVerb, Organ, Role, User
from tests import make
from tests.conftest import Tree

SignIn = Callable[[User | None], Client]
PASSWORD = "Zhengque-2021-mima"


def write(organ: Organ | None = None, by: User | None = None, *, times: int = 1, **said: Any) -> AuditEvent:
    """Events as the doors leave them."""
    verb, target = said.pop("verb", AuditVerb.CHANGE), said.pop("target", None)
    events = [record(verb, target, by=by, organ=organ, **said) for _ in range(times)]
    return events[-1]


def notes(client: Client, **asked: Any) -> set[str]:
    """The notes of the events that the page lists."""
    html = client.get(reverse("audit"), asked).content.decode()
    return set(re.findall(r"<small>(n-[^<]+)</small>", html))


def exported(client: Client, **asked: Any) -> list[list[str]]:
    response = client.get(reverse("audit_export"), asked)
    assert response.status_code == 200
    text = b"".join(response.streaming_content).decode()
    assert text.startswith("\ufeff时间,人员,")
    return list(csv.reader(StringIO(text.removeprefix("\ufeff"))))[1:]


@pytest.mark.parametrize("name", ["audit", "audit_export", "audit_event"])
@pytest.mark.parametrize(
    ("who", "status"),
    [("auditor", 200), ("superuser", 200)]
    + [(who, 403) for who in ("clerk", "reviewer", "leader", "steward", "outsider")],
)
def test_the_pages_are_the_auditors_alone(
    name: str, who: str, status: int, as_user: SignIn, request: Any, bureau: Organ
) -> None:
    client, event = as_user(request.getfixturevalue(who)), write(bureau)
    address = reverse(name, args=[event.pk] if name == "audit_event" else [])
    assert client.get(address).status_code == status
    assert client.post(address).status_code == 405
    assert AuditEvent.objects.filter(verb=AuditVerb.CHANGE).count() == 1


def test_the_admin_has_no_way_to_an_event() -> None:
    for what in ("changelist", "add", "change", "delete", "history"):
        for model in ("auditevent", "auditlink"):
            with pytest.raises(NoReverseMatch):
                reverse(f"admin:organs_{model}_{what}", args=[] if what in ("changelist", "add") else [1])


def test_an_auditor_reads_only_the_own_organs_and_the_root_also_what_has_none(
    tree: Tree, auditor: User, as_user: SignIn
) -> None:
    narrow = as_user(make.make_member(Role.AUDITOR, tree.bureau))
    for organ, note in ((tree.bureau, "n-own"), (tree.other_bureau, "n-other"), (None, "n-nowhere")):
        event = write(organ, note=note)
    assert notes(as_user(auditor)) == {"n-own", "n-other", "n-nowhere"}
    assert notes(narrow) == {"n-own"}
    assert [row[11] for row in exported(narrow, verb="change")] == ["n-own"]
    address = reverse("audit_event", args=(event.pk,))
    assert as_user(auditor).get(address).status_code == 200
    assert narrow.get(address).status_code == 404


def test_what_happened_in_an_organ_that_was_deleted_is_still_read(
    tree: Tree, steward: User, auditor: User, superuser: User, as_user: SignIn
) -> None:
    write(tree.other_unit, note="n-gone")
    tree.other_unit.delete()
    for user in (auditor, superuser):
        assert notes(as_user(user)) == {"n-gone"}


def at(event: AuditEvent, when: datetime) -> None:
    """Let the event have happened earlier, past the trigger that keeps it."""
    with transaction.get_connection().cursor() as cursor:
        cursor.execute("ALTER TABLE organs_auditevent DISABLE TRIGGER USER")
        cursor.execute("UPDATE organs_auditevent SET at = %s WHERE id = %s", [when, event.pk])
        cursor.execute("ALTER TABLE organs_auditevent ENABLE TRIGGER USER")


def test_the_trail_is_filtered(tree: Tree, clerk: User, auditor: User, as_user: SignIn) -> None:
    write(tree.bureau, clerk, note="n-clerk")
    write(tree.unit, verb=AuditVerb.LOGIN_FAILED, target=clerk, note="n-failed")
    write(tree.other_bureau, verb=AuditVerb.DELETE, note="n-other")
    old = write(tree.bureau, note="n-old")
    at(old, datetime(2021, 3, 5, 15, 59, 59, tzinfo=UTC))
    today, client = f"{timezone.localdate()}", as_user(auditor)
    assert notes(client, person="林填") == {"n-clerk", "n-failed"}
    assert notes(client, person="CLERK", verb="change") == {"n-clerk"}
    assert notes(client, organ=tree.bureau.pk) == {"n-clerk", "n-failed", "n-old"}
    assert notes(client, organ=tree.unit.pk) == {"n-failed"}
    assert notes(client, verb="delete") == {"n-other"}
    assert notes(client, since=today, verb="change") == {"n-clerk"}
    assert notes(client, since="2021年3月5日", until="2021.3.5") == {"n-old"}
    assert notes(client, until="2021-03-04") == notes(client, since="2021-03-06", until="2021-03-07") == set()
    assert notes(client, target=f"organs.user-{clerk.pk}") == {"n-failed"}
    assert [row[11] for row in exported(client, verb="delete")] == ["n-other"]


@pytest.mark.parametrize(
    "asked",
    [
        {"since": "前几天"},
        {"verb": "x"},
        {"organ": "0"},
        {"target": "x"},
        {"before": "x"},
        {"before": "9" * 18},
    ],
)
def test_nonsense_in_the_address_is_no_error_and_never_shows_more(
    asked: dict[str, str], bureau: Organ, auditor: User, as_user: SignIn
) -> None:
    write(bureau, note="n-some")
    client = as_user(auditor)
    assert client.get(reverse("audit"), asked).status_code == 200
    assert notes(client, **asked) == ({"n-some"} if "before" in asked else set())
    assert client.get(reverse("audit_export"), asked).status_code in (200, 302)


def test_the_last_of_all_days_is_a_day(bureau: Organ, auditor: User, as_user: SignIn) -> None:
    write(bureau, note="n-some")
    assert notes(as_user(auditor), since="0001-01-01", until="9999-12-31") == {"n-some"}


def test_a_wrong_day_is_told_beside_its_field_and_nothing_is_exported(auditor: User, as_user: SignIn) -> None:
    client = as_user(auditor)
    text = client.get(reverse("audit"), {"since": "前几天"}).content.decode()
    assert "看不懂“前几天”" in text
    assert 'type="text" name="since" value="前几天"' in text
    refused = client.get(reverse("audit_export"), {"since": "前几天"}, follow=True)
    assert "看不懂“前几天”" in refused.content.decode()
    assert not AuditEvent.objects.filter(verb=AuditVerb.EXPORT).exists()


def test_pages_follow_each_other_without_losing_or_doubling_an_event(
    bureau: Organ, auditor: User, as_user: SignIn
) -> None:
    for number in range(120):
        write(bureau, note=f"n-{number}")
    client, seen, address = as_user(auditor), [], "?organ=" + str(bureau.pk)
    while address:
        html = client.get(reverse("audit") + address).content.decode()
        seen += re.findall(r"<small>n-([0-9]+)</small>", html)
        older = re.search(r'href="(\?[^"]+)">更早的记录', html)
        address = older[1].replace("&amp;", "&") if older else ""
    assert seen == [str(number) for number in range(119, -1, -1)]


def test_the_pages_cost_the_same_for_few_and_many_events(
    bureau: Organ, clerk: User, auditor: User, as_user: SignIn
) -> None:
    client, costs = as_user(auditor), []
    asked = {"person": "林", "organ": bureau.pk, "verb": "change", "since": "2021-01-01"}
    for times in (10, 990):
        write(bureau, clerk, times=times)
        with CaptureQueriesContext(connection) as page:
            client.get(reverse("audit"), asked)
        with CaptureQueriesContext(connection) as file:
            lines = exported(client, **asked)
        costs.append((len(page), len(file)))
    assert len(lines) == 1000
    assert costs[0] == costs[1]
    assert costs[0][0] <= 8


def test_an_event_tells_what_changed(tree: Tree, clerk: User, auditor: User, as_user: SignIn) -> None:
    event = write(
        tree.bureau, clerk, target=clerk, before="姓名：林填报\n职务：干事", after="姓名：林填报\n职务：主任"
    )
    html = as_user(auditor).get(reverse("audit_event", args=(event.pk,))).content.decode()
    assert "<del>干事</del>" in html
    assert "<ins>主任</ins>" in html
    assert "林填报（填报员）" in html
    assert f"?target=organs.user-{clerk.pk}" in html


def test_an_export_leaves_an_event_that_says_what_was_asked(
    tree: Tree, auditor: User, as_user: SignIn
) -> None:
    exported(as_user(auditor), verb="login", organ=tree.bureau.pk)
    assert len(exported(as_user(auditor), verb="export")) == 1  # not the one that it leaves itself
    event = AuditEvent.objects.filter(verb=AuditVerb.EXPORT).earliest("pk")
    assert (event.user_id, event.organ_id, event.address) == (auditor.pk, tree.bureau.pk, "127.0.0.1")
    assert "动作：login" in event.note


def test_too_much_at_once_is_refused_with_a_sentence(
    bureau: Organ, auditor: User, as_user: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_views, "MOST_LINES", 3)
    write(bureau, times=4)
    response = as_user(auditor).get(reverse("audit_export"))
    assert response.status_code == 400
    assert "一次最多导出3条" in response.content.decode()


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＠"])
def test_no_cell_is_a_formula(start: str, bureau: Organ, auditor: User, as_user: SignIn) -> None:
    write(bureau, note=f"{start}HYPERLINK(1)")
    assert exported(as_user(auditor))[0][11] == f"'{start}HYPERLINK(1)"
    assert harmless("2021-01-01") == "2021-01-01"


def test_an_auditor_is_led_to_the_trail_and_finds_no_way_that_is_closed(auditor: User) -> None:
    auditor.set_password(PASSWORD)
    auditor.save()
    client = Client()
    sent = {"username": "auditor", "password": PASSWORD}
    response = client.post(reverse("login"), sent, follow=True)
    html = response.content.decode()
    ways = {way for way in re.findall(r'href="(/[^"]*)"', html) if not way.startswith("/static/")}
    assert reverse("audit") in ways
    assert {way: client.get(way, follow=True).status_code for way in ways} == dict.fromkeys(ways, 200)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("", "甲：1", [("甲", "", "1")]),
        ("甲：1", "", [("甲", "1", "")]),
        ("甲：1\n乙：2", "甲：1\n丙：3", [("甲", "1", "1"), ("丙", "", "3"), ("乙", "2", "")]),
        ("甲：1\n　　乙：2", "甲：1", [("甲", "1\n乙：2", "1")]),
        ("没有字段", "甲：10：30", [("甲", "", "10：30"), ("", "没有字段", "")]),
        ("甲：1\n甲：2", "甲：1\n甲：3", [("甲", "1\n2", "1\n3")]),
    ],
)
def test_two_texts_are_compared_field_by_field(
    before: str, after: str, told: Iterable[tuple[str, str, str]]
) -> None:
    found = differences(before, after)
    assert found == [Difference(*line) for line in told]
    assert [line.changed for line in found] == [line.before != line.after for line in found]


def test_the_history_of_a_row_tells_its_changes_to_those_who_see_its_drafts(
    tree: Tree, clerk: User, reviewer: User, steward: User, leader: User, other_clerk: User, as_user: SignIn
) -> None:
    row = make.approve(
        make.draft_observation(make.make_metric(), tree.bureau, "50余"), by=clerk, reviewer=reviewer
    )
    address = reverse("admin:measures_observation_history", args=(row.pk,))
    for user in (clerk, reviewer, steward):
        html = as_user(user).get(address).content.decode()
        assert html.index("<strong>审核通过</strong>") < html.index("<strong>新增</strong>")
        assert "<del>待审</del>" in html
        assert "林填报（填报员）" in html
        assert address in as_user(user).get(address.replace("history", "change")).content.decode()
    assert as_user(leader).get(address).status_code == 403
    assert as_user(other_clerk).get(address).status_code == 404
    make.make_membership(other_clerk, tree.bureau, Role.LEADER)
    assert Observation.objects.visible_to(other_clerk).filter(pk=row.pk).exists()
    assert as_user(other_clerk).get(address).status_code == 403
    assert address not in as_user(other_clerk).get(address.replace("history", "change")).content.decode()


def test_the_history_of_an_account_does_not_tell_when_somebody_was_there(
    clerk: User, steward: User, as_user: SignIn
) -> None:
    write(None, clerk, verb=AuditVerb.LOGIN, target=clerk, note="n-login")
    write(None, steward, target=clerk, note="n-change")
    html = as_user(steward).get(reverse("admin:organs_user_history", args=(clerk.pk,))).content.decode()
    assert "n-change" in html
    assert "n-login" not in html


def test_a_closed_admin_suggests_nothing_to_auditors(auditor: User, as_user: SignIn) -> None:
    asked = {"app_label": "measures", "model_name": "activity", "field_name": "action", "term": ""}
    assert as_user(auditor).get(reverse("admin:autocomplete"), asked).status_code == 403
