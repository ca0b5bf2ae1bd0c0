"""What is being typed is kept for its typist alone, and a form is stored once."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from organs.keeping import MOST_TYPED
from organs.models import AuditEvent, KeptForm, SentForm, User
from organs.models.keeping import MOST_KEPT

pytestmark = pytest.mark.django_db
PAGE = "/entry/activities/"
TYPED = json.dumps({"r0-title": [["主题党日", ""]]})


def keep(client: Client, **sent: Any) -> Any:
    """What the script of a form sends while somebody types."""
    return client.post(reverse("kept"), {"address": PAGE, "fields": TYPED, **sent}).json()


def offered(client: Client, **asked: Any) -> Any:
    """What the script is told when the page is opened."""
    return client.get(reverse("kept"), {"address": PAGE, **asked}).json()


def test_what_is_typed_is_offered_again_to_its_typist_alone(
    clerk: User, second_clerk: User, as_user: Callable[[User], Client]
) -> None:
    client = as_user(clerk)
    assert keep(client)["at"] == f"{timezone.localtime():%H:%M}"
    assert offered(client)["fields"] == TYPED
    assert offered(client, address="/entry/figures/") == {}
    assert offered(as_user(second_clerk)) == {}
    assert not AuditEvent.objects.about(KeptForm.objects.get()).exists()


def test_a_page_keeps_one_form_the_newest(clerk: User, as_user: Callable[[User], Client]) -> None:
    client = as_user(clerk)
    for words in ("一", "二"):
        keep(client, fields=json.dumps({"r0-title": [[words, ""]]}))
    assert "二" in json.loads(offered(client)["fields"])["r0-title"][0]
    for number in range(MOST_KEPT + 3):
        keep(client, address=f"/admin/measures/action/{number}/change/")
    assert KeptForm.objects.filter(user=clerk).count() == MOST_KEPT


def test_what_is_discarded_or_stored_is_not_offered(clerk: User, as_user: Callable[[User], Client]) -> None:
    client, token = as_user(clerk), str(uuid4())
    keep(client)
    keep(client, discard="1")
    assert offered(client) == {}
    SentForm.objects.create(user=clerk, token=token)
    keep(client, form_token=token)  # comes after the form itself, over a slow line
    assert offered(client) == {}


def test_a_form_that_is_shown_again_is_not_offered_its_own_text(
    clerk: User, as_user: Callable[[User], Client]
) -> None:
    client, token = as_user(clerk), str(uuid4())
    keep(client, form_token=token)
    assert offered(client, form_token=token) == {}
    assert offered(client, form_token=str(uuid4()))["fields"] == TYPED


@pytest.mark.parametrize(
    "sent", [{"address": "x"}, {"address": "/" + "a" * 300}, {"fields": "字" * (MOST_TYPED + 1)}]
)
def test_what_is_too_long_or_of_no_page_is_not_kept(
    sent: dict[str, str], clerk: User, as_user: Callable[[User], Client]
) -> None:
    assert keep(as_user(clerk), **sent) == {}
    assert not KeptForm.objects.exists()


def test_what_was_never_stored_is_forgotten_after_a_month(
    clerk: User, as_user: Callable[[User], Client]
) -> None:
    keep(as_user(clerk))
    call_command("forget_kept", verbosity=0)
    assert KeptForm.objects.exists()
    KeptForm.objects.update(at=timezone.now() - timedelta(days=31))
    SentForm.objects.create(user=clerk, token=uuid4(), at=timezone.now() - timedelta(days=31))
    call_command("forget_kept", verbosity=0)
    assert not KeptForm.objects.exists()
    assert not SentForm.objects.exists()
