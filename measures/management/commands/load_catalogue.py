"""Loads what every installation begins with: standard themes, kinds of action and units."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from measures.management.demo_catalogue import load_basics
from measures.management.demo_loader import read
from organs.models import User


class Command(BaseCommand):
    """Repeatable: what is there already is left as it is."""

    help = "载入标准主题、举措类别和计量单位（可重复执行，已有的不动）。"

    def add_arguments(self, parser: CommandParser) -> None:
        """Who is written down as the one who made them."""
        parser.add_argument("--by", required=True, metavar="用户名", help="记在谁的名下，一般是系统管理员。")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make what is missing, in one transaction."""
        user = User.objects.filter(username=options["by"]).first()
        if user is None:
            raise CommandError(f"没有用户“{options['by']}”。")
        with transaction.atomic():
            made = load_basics(read("catalogue"), by=user)
        self.stdout.write(f"已载入{made}项。")
