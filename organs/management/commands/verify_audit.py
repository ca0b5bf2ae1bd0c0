"""Verifies the audit trail: finds events that were edited, deleted, reordered, inserted or cut off, and says where."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from organs import seals
from organs.verification import Verification


class Command(BaseCommand):
    """May run at any time, also while events are being written."""

    help = "核验审计记录：被改动、删除、调换、插入、截去的记录逐条指出，有不符时退出码为1。"

    def add_arguments(self, parser: CommandParser) -> None:
        """Where the seals are kept."""
        parser.add_argument("--file", type=Path, default=settings.AUDIT_SEAL_FILE, metavar="文件")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read everything and print what is wrong; raises CommandError (exit code 1) if anything is."""
        try:
            with seals.held(options["file"]) as file:  # nothing is sealed meanwhile
                known, wrong = seals.read(file)
                self._verify(known, wrong)
        except FileNotFoundError:
            self._verify([], [])

    def _verify(self, known: list[seals.Seal], wrong: list[str]) -> None:
        verification, found = Verification(known), len(wrong)
        for fault in wrong:
            self.stdout.write(fault)
        for fault in verification.faults():
            self.stdout.write(fault)
            found += 1
        read = f"核验了{len(verification.ends)}条链、{verification.events}条记录、{len(known)}次封存"
        if found:
            raise CommandError(f"{read}，发现{found}处不符。")
        self.stdout.write(f"{read}，没有发现不符。")
        if not known:
            self.stdout.write("还没有封存过，末尾被删除的记录查不出来；请定期执行 seal_audit。")
