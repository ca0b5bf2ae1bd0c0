"""Writes everything of an organ as open formats into a folder."""

from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from measures.wholesale import WholesaleError, export_all
from organs.models import Organ, User


class Command(BaseCommand):
    """Leaves an event; raises CommandError in one sentence."""

    help = "把一个单位（含下级）的全部数据和佐证文件写成通用格式（XLSX、CSV、JSON），可以离开本系统，也可以导入空的系统"

    def add_arguments(self, parser: CommandParser) -> None:
        """Which organ, where to, in whose name."""
        parser.add_argument("organ", help="单位全称")
        parser.add_argument("folder", type=Path, help="空的文件夹")
        parser.add_argument("--by", required=True, help="经办人的用户名")

    def handle(self, *args: Any, organ: str, folder: Path, by: str, **options: Any) -> None:
        """Write, then say how many rows."""
        user = User.objects.filter(username=by).first()
        if user is None:
            raise CommandError(f"没有用户“{by}”。")
        try:
            counts = export_all(Organ.objects.named(organ), folder, by=user)
        except ValidationError as error:
            raise CommandError(error.message) from error
        except WholesaleError as error:
            raise CommandError(str(error)) from error
        self.stdout.write("、".join(f"{name}{count}" for name, count in counts.items()))
        self.stdout.write(f"已写到 {folder}，清单见 contents.csv。")
