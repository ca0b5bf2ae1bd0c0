"""Takes a sheet in as the page does: for sheets of so many rows that a request would not last."""

from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from measures.resources.analysis import STATUS_LABELS, Status, hold
from measures.resources.waiting import FORMS, analysed, store
from measures.tables import TableError, find
from measures.workbooks import WorkbookError, read
from organs.models import Organ, User

MOST_SAID = 50


class Command(BaseCommand):
    """Says what would become of the rows; with --confirm it becomes so. Raises CommandError, then nothing was stored."""

    help = "导入一张表格（行数多、网页上导不了的）：先看每一行会怎样，加 --confirm 才存为草稿"

    def add_arguments(self, parser: CommandParser) -> None:
        """Which form, for which organ, in whose name."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--kind", required=True, choices=list(FORMS))
        parser.add_argument("--organ", required=True, help="单位全称；表里没有“单位”一列时都算它的")
        parser.add_argument("--by", required=True, help="填报员的用户名")
        parser.add_argument("--confirm", action="store_true")

    @transaction.atomic
    def handle(
        self, *args: Any, file: Path, kind: str, organ: str, by: str, confirm: bool, **options: Any
    ) -> None:
        """Counts and refusals, then what was stored."""
        user = User.objects.filter(username=by).first()
        if user is None:
            raise CommandError(f"没有用户“{by}”。")
        try:
            home = Organ.objects.named(organ)
        except ValidationError as error:
            raise CommandError(error.message) from error
        try:
            found = find(read(file.read_bytes(), patient=True), FORMS[kind].columns)
        except (WorkbookError, TableError) as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"打不开 {file}。") from error
        if confirm:
            hold(kind)
        analysis = analysed(kind, found, by=user, home=home)
        for status in Status:
            self.stdout.write(f"{STATUS_LABELS[status]}：{len(analysis.of(status))}行")
        if analysis.told_of_others:
            self.stdout.write(analysis.told_of_others)
        sentences = [said for entry in analysis.of(Status.REFUSED) for said in entry.sentences]
        for sentence in sentences[:MOST_SAID]:
            self.stdout.write(sentence)
        if not confirm:
            return
        try:
            new, changed = store(kind, analysis, by=user, note=f"导入“{file.name}”")
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except PermissionDenied as error:
            raise CommandError(f"{user}没有在这里录入的权限。") from error
        self.stdout.write(f"已导入：新增{new}条，修改{changed}条，其中草稿{analysis.drafts}条。")
