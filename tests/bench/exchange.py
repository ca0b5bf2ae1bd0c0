"""What sheets cost on the made county, each in a process of its own: one taken in, a long list handed out."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from io import BytesIO
from time import perf_counter
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from openpyxl import Workbook

from measures.models import Action, Activity, Observation
from measures.resources import waiting
from measures.resources.kinds import KINDS
from measures.resources.out import list_file
from measures.tables import find
from measures.workbooks import read
from organs.audit import AT_ONCE
from organs.models import AuditEvent, Membership, Organ, Role, User
from tests.bench.memory import peak

ROWS = 10_000
HEADS = ("举措", "日期", "活动名称", "地点", "应到人数", "实到人次")


@dataclass(frozen=True)
class TakenIn:
    """Seconds: the workbook read twice with its rows and events stored bare; looked at; confirmed. Queries, MB."""

    rows: int
    bare: float
    looked_at: float
    confirmed: float
    queries: int
    memory: float

    @property
    def ratio(self) -> float:
        """The import with every row checked and its event, to reading and storing alone."""
        return (self.looked_at + self.confirmed) / self.bare

    @property
    def queries_per_thousand(self) -> float:
        """Statements for a thousand rows, preview included."""
        return self.queries * 1000 / self.rows


@dataclass(frozen=True)
class HandedOut:
    """Seconds and MB for a list of so many rows as a file of so many bytes."""

    rows: int
    seconds: float
    memory: float
    size: int


@dataclass(frozen=True)
class Exchange:
    """Both."""

    taken_in: TakenIn
    handed_out: HandedOut


def measured() -> Exchange:
    """Take a sheet in, and hand a list out, each in a new process; what was taken in is taken back."""
    found = [
        json.loads(
            subprocess.run([sys.executable, "-m", __name__, what], capture_output=True, check=True).stdout
        )
        for what in WORK
    ]
    return Exchange(TakenIn(**found[0]), HandedOut(**found[1]))


def take_in(rows: int = ROWS) -> TakenIn:
    """A sheet of activities of one bureau, taken in by its clerk after the same has been stored bare."""
    post = Membership.objects.filter(role=Role.CLERK).select_related("user", "organ").earliest("pk")
    content = _workbook(post.organ, rows)
    with transaction.atomic():
        bare = _seconds(lambda: _bare(content, post.user, post.organ))
        transaction.set_rollback(True)
    number = 0

    def count(execute: Callable, *statement: Any) -> Any:
        nonlocal number
        number += 1
        return execute(*statement)

    with transaction.atomic(), connection.execute_wrapper(count):
        upload = waiting.wait(content, name="活动.xlsx", kind="activities", home=post.organ, by=post.user)
        begun = perf_counter()
        token = waiting.looked_at(upload).token
        looked_at = perf_counter() - begun
        confirmed = _seconds(lambda: waiting.take(upload, token))
        stored = Activity.objects.filter(organ=post.organ, title__startswith="专题课").count()
        transaction.set_rollback(True)
    if stored != rows:
        raise SystemExit(f"{stored} rows were stored instead of {rows}")
    return TakenIn(rows, bare, looked_at, confirmed, number, peak())


def hand_out() -> HandedOut:
    """The list of all figures, as the command writes it."""
    user = Membership.objects.filter(role=Role.CLERK).select_related("user").earliest("pk").user
    user.is_superuser = True  # here only: nobody else sees the drafts of a whole county
    figures, sizes = Observation.objects.live().order_by("pk"), []
    with transaction.atomic():
        seconds = _seconds(lambda: sizes.append(len(list_file(KINDS["observations"], figures, by=user))))
        transaction.set_rollback(True)
    return HandedOut(figures.count(), seconds, peak(), sizes[0])


WORK: dict[str, Callable[[], TakenIn | HandedOut]] = {"in": take_in, "out": hand_out}


def _workbook(organ: Organ, rows: int) -> bytes:
    """So many activities under those lines of this year that go by a title of their own."""
    lines = Action.objects.current().filter(organ=organ, pillar__campaign__closed=False)
    titles = [*lines.values_list("title", flat=True)]
    alone = sorted(title for title in titles if titles.count(title) == 1)
    book = Workbook(write_only=True)
    page = book.create_sheet()
    page.append(HEADS)
    for number in range(rows):
        day = _first_day(organ) + timedelta(days=number % 28)
        place = ("会议室", "活动室", "")[number % 3]
        page.append((alone[number % len(alone)], day, f"专题课第{number}次", place, 40, 7 + number % 30))
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _first_day(organ: Organ) -> date:
    row = Action.objects.current().filter(organ=organ, pillar__campaign__closed=False).earliest("pk")
    return row.pillar.campaign.first_day


def _bare(content: bytes, user: User, organ: Organ) -> None:
    """The workbook read twice, its rows and as many events stored, nothing checked."""
    for _ in range(2):
        lines = find(read(content), KINDS["activities"].columns).lines
    action = Action.objects.current().filter(organ=organ).earliest("pk")
    rows = [
        Activity(
            action=action,
            organ=organ,
            day=timezone.localdate(),
            title=line.cells["title"],
            attended=line.number,
            created_by=user,
            hands=[user.pk],
        )
        for line in lines
    ]
    Activity.objects.bulk_create(rows, batch_size=AT_ONCE)
    events = [
        AuditEvent(
            user_id=user.pk,
            user_name=user.name,
            organ_id=organ.pk,
            organ_name=organ.name,
            verb="create",
            target_type="measures.activity",
            target_id=row.pk,
            target_name=row.title,
            after=row.title,
        )
        for row in rows
    ]
    AuditEvent.objects.bulk_create(events, batch_size=AT_ONCE)


def _seconds(work: Callable[[], object]) -> float:
    begun = perf_counter()
    work()
    return perf_counter() - begun


if __name__ == "__main__":
    print(json.dumps(asdict(WORK[sys.argv[1]]())))
