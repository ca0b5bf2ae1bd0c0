"""Forgets what has lain in the bin longer than it keeps things."""

from typing import Any

from django.core.management.base import BaseCommand

from measures import restoring


class Command(BaseCommand):
    """To be run by a timer, once a day; files of evidence go with their entries."""

    help = "清除回收站里超过30天的内容，连同佐证文件（每天定时执行）。"

    def handle(self, *args: Any, **options: Any) -> None:
        """Forget, and say how much."""
        self.stdout.write(f"已清除{restoring.empty()}项。")
