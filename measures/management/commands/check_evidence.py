"""Holds the stored files against what the ledger says of them."""

from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandError

from measures import restoring
from measures.forms.contents import digest
from measures.models import Evidence


class Command(BaseCommand):
    """Raises CommandError, which ends with exit code 1, if a file is missing or altered; changes nothing."""

    help = "检查佐证文件：有没有丢失、被改动，有没有不属于任何佐证的文件（只检查，不改动）"

    def handle(self, *args: Any, **options: Any) -> None:
        """One line for each finding, then the numbers."""
        # listed before the rows are read: what is uploaded meanwhile is not taken for nobody's
        nobodys = _files(Path(default_storage.path("evidence")))
        nobodys -= restoring.kept_files()
        count, bad = 0, 0
        for row in Evidence.objects.select_related("organ").order_by("pk").iterator():
            count += 1
            nobodys.discard(Path(row.file.path))
            if finding := _finding(row):
                bad += 1
                self.stdout.write(f"{finding}：佐证{row.pk}“{row}”（{row.organ.label}，{row.name}）")
        for row in Evidence.objects.filter(links=None).select_related("organ").order_by("pk"):
            self.stdout.write(f"没有关联：佐证{row.pk}“{row}”（{row.organ.label}）还没有说明证明什么")
        for path in sorted(nobodys):
            self.stdout.write(f"多余的文件：{path}，不属于任何佐证")
        self.stdout.write(f"共{count}份佐证，丢失或被改动{bad}份，多余的文件{len(nobodys)}个。")
        if bad:
            raise CommandError("有佐证丢失或被改动，请从备份恢复，并查明原因。")


def _files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


def _finding(row: Evidence) -> str:
    """What is wrong with the stored file; empty if nothing is."""
    try:
        with row.file.open("rb") as content:
            same = digest(content) == row.sha256
    except OSError:
        return "文件丢失或读不出"
    return "" if same else "文件被改动"
