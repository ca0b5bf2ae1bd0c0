"""The chains of the audit trail: complete, in order, and nobody waits in a circle for them."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import InternalError, connection, transaction
from django.db.utils import DatabaseError

from organs.audit import record
from organs.chain import digest, joined
from organs.models import AuditEvent, AuditLink, AuditVerb, Organ
from tests import make

REFUSED = (InternalError, DatabaseError)
#: Locks by name in this database: another may stand beside it on the same server.
LOCKS = (
    "FROM pg_locks WHERE locktype = 'advisory'"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


def write(organ: Organ | None = None, times: int = 1, **said: Any) -> None:
    """Events of an organ, committed together."""
    with transaction.atomic():
        for _ in range(times):
            record(AuditVerb.CHANGE, None, by=None, organ=organ, **said)
        connection.check_constraints()


@contextmanager
def at_once(*deeds: Callable[[], None]) -> Iterator[None]:
    """Runs each deed on a connection of its own beside the block."""
    failed: list[BaseException] = []

    def run(deed: Callable[[], None]) -> None:
        try:
            deed()
        except DatabaseError as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    yield
    for thread in threads:
        thread.join(20)
    assert failed == []


def chain_of(organ: Organ | None) -> list[AuditLink]:
    return list(AuditLink.objects.filter(chain=organ.pk if organ else 0).order_by("number"))


def test_each_organ_has_a_chain_of_its_own_without_gaps(bureau: Organ, other_bureau: Organ) -> None:
    for organ in (bureau, other_bureau, bureau, None, bureau):
        write(organ)
    assert [link.number for link in chain_of(bureau)] == [1, 2, 3]
    assert [len(chain_of(organ)) for organ in (other_bureau, None)] == [1, 1]


def test_each_link_holds_the_hash_of_the_one_before(bureau: Organ) -> None:
    write(bureau, 3)
    previous = ""
    for link in chain_of(bureau):
        assert link.digest == digest(link.event)
        assert link.hash == joined(previous, bureau.pk, link.number, link.digest)
        previous = link.hash


def test_what_is_rolled_back_leaves_no_gap(bureau: Organ) -> None:
    with transaction.atomic():
        record(AuditVerb.CHANGE, None, by=None, organ=bureau)
        transaction.set_rollback(True)
    write(bureau, 2)
    assert [link.number for link in chain_of(bureau)] == [1, 2]


@pytest.mark.parametrize("field", [f.attname for f in AuditEvent._meta.concrete_fields])
def test_the_digest_covers_every_field(db: None, field: str) -> None:
    event = record(AuditVerb.CHANGE, None, by=None, before="一", after="二", note="三")
    before = digest(event)
    kept = getattr(event, field)
    setattr(event, field, kept.replace(year=2020) if field == "at" else (kept or 0) + 1
            if isinstance(kept, int | None) else f"{kept}x")  # fmt: skip
    assert digest(event) != before


def test_the_digest_tells_fields_apart(db: None) -> None:
    one, other = AuditEvent(before="甲乙"), AuditEvent(before="甲", after="乙", at=None)
    other.at = one.at
    assert digest(one) != digest(other)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE organs_auditevent SET note = 'x'",
        "DELETE FROM organs_auditevent",
        "UPDATE organs_auditlink SET number = 7",
        "UPDATE organs_auditlink SET hash = ''",
        "DELETE FROM organs_auditlink",
        "INSERT INTO organs_auditlink (event_id, chain, number, digest, hash) VALUES (0, 0, 9, '', '')",
    ],
)
def test_the_database_refuses_to_change_the_trail(bureau: Organ, sql: str) -> None:
    write(bureau)
    with pytest.raises(REFUSED, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize("table", ["organs_auditevent", "organs_auditlink"])
def test_the_trail_is_emptied_in_databases_of_tests_only(db: None, table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname = %s", [f"{table}_no_truncate"]
        )
        (trigger,) = cursor.fetchone()
    assert "BEFORE TRUNCATE" in trigger
    assert r"current_database() !~~ 'test\_%'" in trigger


@pytest.mark.django_db(transaction=True)
def test_writers_of_different_organs_never_wait_for_one_another() -> None:
    one, other = make.make_organ("甲局"), make.make_organ("乙局")
    with transaction.atomic():
        write(one)  # has joined its chain, not committed
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT objid {LOCKS} AND granted")
            assert cursor.fetchall() == [(one.pk,)]
        with at_once(lambda: write(other, 3), lambda: write(None, 3)):
            pass  # both have committed while the lock of the first organ is held
        assert len(chain_of(other)) == len(chain_of(None)) == 3


@pytest.mark.django_db(transaction=True)
def test_no_chain_is_locked_while_people_are_still_at_work() -> None:
    organ = make.make_organ()
    with transaction.atomic():
        record(AuditVerb.CHANGE, None, by=None, organ=organ)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) {LOCKS}")
            assert cursor.fetchone() == (0,)
        with at_once(lambda: write(organ)):
            pass  # the same organ does not wait either


@pytest.mark.django_db(transaction=True)
def test_writers_in_several_organs_and_orders_never_block_each_other() -> None:
    organs = [make.make_organ() for _ in range(3)]
    start = threading.Barrier(4)

    def writer(order: list[Organ]) -> Callable[[], None]:
        def deed() -> None:
            start.wait(10)
            for _ in range(15):
                with transaction.atomic():
                    for organ in order:
                        record(AuditVerb.CHANGE, None, by=None, organ=organ)

        return deed

    with at_once(*(writer(order) for order in (organs, organs[::-1], organs[1:] + organs[:1], organs[:2]))):
        pass
    assert [len(chain_of(organ)) for organ in organs] == [60, 60, 45]
    call_command("verify_audit", stdout=StringIO())


@pytest.mark.django_db(transaction=True)
def test_events_being_written_raise_no_false_alarm(tmp_path: Path) -> None:
    organs = [make.make_organ() for _ in range(2)]
    write(organs[0])

    def deed() -> None:
        for number in range(40):
            write(organs[number % 2], 3)

    with at_once(deed, deed):
        for _ in range(8):
            call_command("seal_audit", file=tmp_path / "seals", stdout=StringIO())
            call_command("verify_audit", file=tmp_path / "seals", stdout=StringIO())
    assert len(chain_of(organs[0])) == 121


@pytest.mark.django_db(transaction=True)
def test_a_foreign_key_that_waits_does_not_hold_a_chain() -> None:
    """The deed whose chain comes last: its row refers to one that somebody in the same organ has locked."""
    organ, user = make.make_organ(), make.make_user()
    locked, referred = threading.Event(), threading.Event()

    def account() -> None:
        with transaction.atomic():
            type(user).objects.select_for_update().get(pk=user.pk)
            locked.set()
            referred.wait(10)
            record(AuditVerb.CHANGE, None, by=None, organ=organ)

    with at_once(account):
        locked.wait(10)
        with transaction.atomic():
            record(AuditVerb.CREATE, None, by=None, organ=organ)
            make.make_membership(user, organ, "clerk")
            referred.set()
    assert [link.number for link in chain_of(organ)] == [1, 2]
