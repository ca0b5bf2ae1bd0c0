"""Django's changepassword, with an audit event."""

from getpass import getuser
from typing import Any

from django.contrib.auth.management.commands import changepassword
from django.db import transaction

from organs.audit import record
from organs.door import organ_of
from organs.models import AuditVerb, User


class Command(changepassword.Command):
    """Asks as Django's does; without a user name it means that of the person at the keyboard."""

    def handle(self, *args: Any, **options: Any) -> str | None:
        """Store the new password and its event in one transaction."""
        with transaction.atomic():
            said = super().handle(*args, **options)
            user = User.objects.get(username=options["username"] or getuser())
            note = "在服务器上用命令重设密码"
            record(AuditVerb.CHANGE, user, by=None, organ=organ_of(user), note=note)
        return said
