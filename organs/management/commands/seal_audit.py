"""Seals the audit trail: signs the heads of all chains and appends them to a file outside the database."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction

from organs import seals
from organs.audit import record
from organs.models import AuditLink, AuditVerb


class Command(BaseCommand):
    """To be run by a timer, daily at least; the file belongs into the backup, better still onto another machine."""

    help = "封存审计记录：给每条链的末尾签名，追加到数据库之外的文件。"

    def add_arguments(self, parser: CommandParser) -> None:
        """Where the seals are kept."""
        parser.add_argument("--file", type=Path, default=settings.AUDIT_SEAL_FILE, metavar="文件")

    def handle(self, *args: Any, **options: Any) -> None:
        """Append one seal, with its event; raises CommandError without a key or behind a file that was changed."""
        if not settings.AUDIT_SEAL_KEY:
            raise CommandError("没有封存密钥：请设环境变量 AUDIT_SEAL_KEY（不要存进数据库）。")
        with seals.held(options["file"], to_write=True) as file, transaction.atomic():
            connection.check_constraints()  # events of the caller's own transaction join their chains now
            known, wrong = seals.read(file)
            if wrong:
                raise CommandError("\n".join([*wrong, "没有封存，请先查明封存文件。"]))
            seal = seals.append(file, AuditLink.objects.heads(), known[-1] if known else None)
            record(AuditVerb.SEAL, None, by=None, note=f"第{seal.number}次封存，签名 {seal.signature}")
        self.stdout.write(f"第{seal.number}次封存：{len(seal.heads)}条链，已写入 {options['file']}。")
