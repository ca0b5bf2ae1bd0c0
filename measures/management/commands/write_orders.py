"""Writes the long lists that people have ordered."""

from typing import Any

from django.core.management.base import BaseCommand

from measures.resources import orders


class Command(BaseCommand):
    """To be run by a timer, every few minutes; several at once do not write the same."""

    help = "写好各人在网页上要的大列表，并清除7天以前的（每几分钟定时执行）。"

    def handle(self, *args: Any, **options: Any) -> None:
        """Write all that wait, and say how many."""
        number = 0
        while orders.write_next():
            number += 1
        self.stdout.write(f"已备好{number}张，清除{orders.forget()}张。")
