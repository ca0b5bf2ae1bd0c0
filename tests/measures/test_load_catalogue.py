"""A new installation begins with themes, kinds and units."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from measures.models import ActionKind, Theme, Unit
from organs.models import AuditEvent, User


def test_the_catalogue_is_loaded_once_and_kept_as_it_was_changed(superuser: User) -> None:
    call_command("load_catalogue", by=superuser.username, stdout=StringIO())
    assert ActionKind.objects.count() == 13
    assert Unit.objects.get(symbol="万元").base == Unit.objects.get(symbol="元")
    Theme.objects.filter(name="政治建设").update(short_name="政")
    before = AuditEvent.objects.count()
    said = StringIO()
    call_command("load_catalogue", by=superuser.username, stdout=said)
    assert "已载入0项" in said.getvalue()
    assert Theme.objects.get(name="政治建设").short_name == "政"
    assert AuditEvent.objects.count() == before > 20


def test_who_loads_it_must_be_somebody(db: None) -> None:
    with pytest.raises(CommandError, match="没有用户“谁”"):
        call_command("load_catalogue", by="谁")
