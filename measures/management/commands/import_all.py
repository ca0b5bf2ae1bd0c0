"""Takes a whole export into an empty system."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from measures.wholesale import WholesaleError, import_all


class Command(BaseCommand):
    """Raises CommandError in one sentence, and then nothing was stored."""

    help = "把 export_all 写出的整套数据导入空的系统（刚执行过 migrate）；账号都没有密码，由系统管理员重设"

    def add_arguments(self, parser: CommandParser) -> None:
        """Where from."""
        parser.add_argument("folder", type=Path)

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        """Take in, then say how many rows."""
        try:
            loaded = import_all(folder)
        except WholesaleError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"已导入{loaded}条。")
