"""Forgets what people typed and did not store within a month."""

from typing import Any

from django.core.management.base import BaseCommand

from organs.models import forget_old


class Command(BaseCommand):
    """manage.py forget_kept; to be run daily, beside clearsessions."""

    help = "删除30天前暂存而没有存完的内容。"

    def handle(self, *args: Any, **options: Any) -> None:
        """Forget, and say how much."""
        self.stdout.write(f"已删除{forget_old()}条。")
