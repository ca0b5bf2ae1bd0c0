"""Sheets taken over while something else happens: killed halfway nothing stays, two at once are as one after the other."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import StringIO
from multiprocessing import get_context
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction
from psycopg.conninfo import make_conninfo

from measures.models import Action, Activity, Upload
from measures.resources import waiting
from measures.resources.organ_sheet import ORGANS
from organs.models import AuditEvent, Organ, Role, User
from organs.verification import Verification
from tests import make
from tests.measures.messy import text
from tests.measures.test_at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)
HEADS = ("举措", "日期", "活动名称", "实到人次")
#: A backend that has written rows of an import and waits for its turn to write their events.
HALFWAY = """
    SELECT s.pid FROM pg_stat_activity s JOIN pg_locks l ON l.pid = s.pid AND l.granted
    WHERE s.datname = current_database() AND s.wait_event_type = 'Lock' AND s.query LIKE 'INSERT INTO "organs_auditevent"%%'
    AND l.relation IN ('measures_activity'::regclass, 'organs_organ'::regclass) AND l.mode = 'RowExclusiveLock'
"""


def held(names: Sequence[str]) -> bytes:
    """A sheet of activities of the line 宣讲 on one day."""
    return text(HEADS, *(("宣讲", "2021-03-05", name, "56") for name in names))


def new_organs(number: int) -> bytes:
    """A sheet of so many new organs, each with one below it."""
    pairs = [((f"第{n}中心", ""), (f"第{n}中心一站", f"第{n}中心")) for n in range(number // 2)]
    return text(("单位名称", "上级单位"), *(row for pair in pairs for row in pair))


def brought(content: bytes, organ: Organ, by: User) -> Upload:
    """A sheet that waits."""
    return waiting.wait(content, name="表.csv", kind="activities", home=organ, by=by)


def take(upload: Upload) -> None:
    """Take a sheet over as it stands now."""
    waiting.take(upload, waiting.looked_at(upload).token)


def everything() -> tuple[list[object], ...]:
    """All rows that an import could leave behind."""
    rows = (model.objects.order_by("pk").values_list() for model in (Activity, Action, Organ, AuditEvent))
    return (*map(list, rows), list(Upload.objects.values_list("pk", "name")))


@contextmanager
def events_wait() -> Iterator[None]:
    """Nobody else writes an event inside the block."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE organs_auditevent IN SHARE MODE")
        yield


def until(sql: str, *, found: bool, seconds: float = 20) -> None:
    """Wait until the database answers with a row, or with none."""
    end = time.monotonic() + seconds
    with connection.cursor() as cursor:
        while time.monotonic() < end:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(sql)
            if bool(cursor.fetchall()) is found:
                return
            time.sleep(0.02)
    raise AssertionError(f"still {'no' if found else 'a'} row: {sql}")


def here() -> dict[str, str]:
    """The surroundings of another program that works on the database of this test."""
    name = str(connection.settings_dict["NAME"])
    return {**os.environ, "DATABASE_URL": make_conninfo(os.environ["DATABASE_URL"], dbname=name)}


def _begin(deed: Callable[[], object], go: Event) -> None:
    go.wait()
    deed()


def killed_halfway(deed: Callable[[], object]) -> None:
    """Do it in a process of its own, which is killed when its rows are written and their events are not."""
    connections.close_all()  # the process opens its own
    context = get_context("fork")
    go = context.Event()
    process = context.Process(target=_begin, args=(deed, go))
    process.start()
    with events_wait():
        go.set()
        until(HALFWAY, found=True)
        process.kill()
        process.join()
        assert process.exitcode == -signal.SIGKILL
    until(HALFWAY, found=False)


def command_killed_halfway(*arguments: str) -> None:
    """`manage.py import_sheet` as somebody types it, killed in the same place."""
    with events_wait():
        program = subprocess.Popen([sys.executable, "manage.py", "import_sheet", *arguments], env=here())
        until(HALFWAY, found=True)
        program.kill()
        assert program.wait() == -signal.SIGKILL
    until(HALFWAY, found=False)


@pytest.mark.parametrize("kind", ["activities", "organs"])
def test_a_sheet_whose_process_is_killed_leaves_nothing_behind(
    kind: str, area: Organ, bureau: Organ, clerk: User, steward: User, pillar: object, tmp_path: Path
) -> None:
    make.make_action(pillar, "宣讲")
    if kind == ORGANS.name:
        model, organ, by, content = Organ, area, steward, new_organs(40)
    else:
        model, organ, by, content = Activity, bureau, clerk, held([f"第{n}场" for n in range(300)])
    count = model.objects.count()
    upload = waiting.wait(content, name="表.csv", kind=kind, home=organ, by=by)
    path = tmp_path / "表.csv"
    path.write_bytes(content)
    before = everything()
    killed_halfway(lambda: take(upload))
    assert everything() == before
    command_killed_halfway(
        str(path), f"--kind={kind}", f"--organ={organ}", f"--by={by.username}", "--confirm"
    )
    assert everything() == before
    take(upload)  # nothing is locked, the sheet still waits
    assert model.objects.count() == count + content.count(b"\n") - 1
    assert list(Verification([]).faults()) == []


def test_the_same_organs_twice_at_once_are_taken_over_once(area: Organ, steward: User) -> None:
    second = make.make_member(Role.STEWARD, area, with_below=True)
    content, count = new_organs(12), Organ.objects.count()
    uploads = [
        waiting.wait(content, name="表.csv", kind="organs", home=area, by=by) for by in (steward, second)
    ]
    tokens = [waiting.looked_at(upload).token for upload in uploads]
    done: list[object] = []

    def deed(upload: Upload, token: str) -> None:
        done.append(waiting.take(upload, token)[1])

    at_once(*[lambda pair=pair: deed(*pair) for pair in zip(uploads, tokens, strict=True)])
    assert sorted(done, key=str) == [(12, 0), None]
    assert Organ.objects.count() == count + 12
    assert Organ.objects.find_problems() == ([], [], [], [], [])
    assert list(Verification([]).faults()) == []


def test_two_sheets_at_once_are_as_one_after_the_other(
    bureau: Organ, clerk: User, second_clerk: User, pillar: object
) -> None:
    make.make_action(pillar, "宣讲")
    ours, theirs = [f"第{n}场" for n in range(60)], [f"第{n}场" for n in range(40, 100)]
    uploads = [brought(held(ours), bureau, clerk), brought(held(theirs), bureau, second_clerk)]
    tokens = [waiting.looked_at(upload).token for upload in uploads]
    events = AuditEvent.objects.count()
    done: list[object] = []

    def deed(upload: Upload, token: str) -> None:
        done.append(waiting.take(upload, token)[1])

    at_once(*[lambda pair=pair: deed(*pair) for pair in zip(uploads, tokens, strict=True)])
    # Who came second is shown that 20 of their rows are there by now, and has stored nothing yet.
    assert sorted(done, key=str) == [(60, 0), None]
    assert Activity.objects.count() == 60
    take(Upload.objects.get())
    assert sorted(Activity.objects.values_list("title", flat=True)) == sorted({*ours, *theirs})
    assert AuditEvent.objects.count() == events + 100
    assert list(Verification([]).faults()) == []


def test_the_same_sheet_twice_at_once_is_taken_over_once(
    bureau: Organ, clerk: User, pillar: object, tmp_path: Path
) -> None:
    make.make_action(pillar, "宣讲")
    content = held([f"第{n}场" for n in range(60)])
    path, upload = tmp_path / "表.csv", brought(content, bureau, clerk)
    path.write_bytes(content)
    token = waiting.looked_at(upload).token
    answers: list[str] = []

    def confirm() -> None:
        try:
            answers.append(str(waiting.take(upload, token)[1]))
        except Upload.DoesNotExist:
            answers.append("gone")

    at_once(confirm, confirm)
    assert sorted(answers) == ["(60, 0)", "gone"]
    asked = {"kind": "activities", "organ": bureau.name, "by": clerk.username, "confirm": True}
    Activity.objects.all().delete()
    at_once(*[lambda: call_command("import_sheet", str(path), stdout=StringIO(), **asked)] * 2)
    assert Activity.objects.count() == 60
