"""Writes a list as its page does: for lists of so many rows that a request would not last."""

import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from measures.resources.kinds import KINDS
from measures.resources.out import list_file
from organs.models import Organ, User
from organs.permissions import Right, scope


class Command(BaseCommand):
    """Leaves an event; raises CommandError in one sentence, then no file was written."""

    help = "导出一张列表（行数多、网页上导不了的）：某人能看到的全部，改好可以再导入"

    def add_arguments(self, parser: CommandParser) -> None:
        """Which list, in whose name, of which organ with those below."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--kind", required=True, choices=list(KINDS))
        parser.add_argument("--organ", help="单位全称（含下级）；不写就是能看到的全部")
        parser.add_argument("--by", required=True, help="用户名")

    def handle(self, *args: Any, file: Path, kind: str, organ: str | None, by: str, **options: Any) -> None:
        """Write the file, which nobody else may read, in place of none."""
        user, chosen = User.objects.filter(username=by).first(), KINDS[kind]
        if user is None:
            raise CommandError(f"没有用户“{by}”。")
        rows = chosen.model._default_manager.live().filter(scope(user, Right.VIEW_DRAFTS).q("organ__path"))
        if organ:
            found = Organ.objects.filter(name=organ).first()
            if found is None:
                raise CommandError(f"没有单位“{organ}”。")
            rows = rows.filter(organ__path__startswith=found.path)
        try:
            with transaction.atomic(), open(file, "xb", opener=_private) as to:
                to.write(list_file(chosen, rows.order_by("pk"), by=user))
        except FileExistsError as error:
            raise CommandError(f"{file} 已经有了，不覆盖。") from error
        except OSError as error:
            raise CommandError(f"写不进 {file}。") from error
        self.stdout.write(f"已写到 {file}：{rows.count()}行。")


def _private(name: str, flags: int) -> int:
    """For its owner alone from the beginning."""
    return os.open(name, flags, 0o600)
