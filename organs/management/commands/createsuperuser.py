"""Django's createsuperuser, with an audit event for the account that it makes."""

from typing import Any

from django.contrib.auth.management.commands import createsuperuser
from django.db import transaction

from organs.audit import canonical, record
from organs.models import AuditVerb, User


class Command(createsuperuser.Command):
    """Asks as Django's does."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the account and its event in one transaction; there may be none if nobody is there to be asked."""
        with transaction.atomic():
            known = list(User.objects.filter(is_superuser=True).values_list("pk", flat=True))
            super().handle(*args, **options)
            for user in User.objects.filter(is_superuser=True).exclude(pk__in=known):
                record(AuditVerb.CREATE, user, by=None, after=canonical(user), note="在服务器上用命令建立")
