"""Who may open and send what: one table (test_permissions.txt) over every address of the site, for the whole cast."""

import json
import logging
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import pytest
from django.conf import settings
from django.contrib import admin
from django.core.handlers.base import BaseHandler
from django.core.signals import request_finished
from django.db import close_old_connections, connection, models, transaction
from django.http import HttpResponseBase
from django.template.backends.django import Template
from django.test import RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse
from django.utils import timezone

from measures.models import Batch, ListOrder, Upload
from organs.models import AuditEvent, AuditVerb, OrganSuccession, Role, SuccessionKind, User
from tests import make
from tests.conftest import Tree, plant
from tests.signed_in import session_of

pytestmark = pytest.mark.django_db
CAST = (
    *("anonymous", "outsider", "other_clerk", "clerk", "second_clerk", "reviewer", "area_reviewer"),
    *("leader", "steward", "auditor", "superuser"),
)
TABLE = Path(__file__).with_suffix(".txt").read_text(encoding="utf-8").splitlines()
#: Address, what comes back to the cast, what comes back when they send something.
ROWS = [line.split() for line in TABLE if line.startswith("/")]
#: Stands in everything of the bureau that is not approved; people who do not see that search for its beginning.
SECRET, ASKED = "玉兰计划书", "玉兰"
BLIND = ("outsider", "other_clerk", "auditor", "leader")
CODES = {200: ".", 302: ">", 403: "x", 404: "-", 405: "m"}
REFUSED = "-xm"
PAGES = admin.site._registry


class Answer(NamedTuple):
    """What somebody gets."""

    letter: str
    text: str


class World:
    """Keys of rows by the names that the table uses, and the people signed in."""

    def __init__(self, rows: dict[str, models.Model]) -> None:
        self.keys = {name: row.pk for name, row in rows.items()}
        self.sessions = {who: session_of(row) for who, row in rows.items() if isinstance(row, User)}
        self.handler = BaseHandler()  # not a Client, which copies the context of each template: half the time
        self.handler.load_middleware()

    def ask(self, who: str, address: str, *, send: bool = False, drawn: bool = True) -> Answer:
        """What the person gets; nothing of it stays. Most of the time goes into drawing, which no right depends on."""
        to = address.format(**self.keys)
        request = RequestFactory().post(to, {"post": "yes"}) if send else RequestFactory().get(to)
        vars(request)["_dont_enforce_csrf_checks"] = True
        if who in self.sessions:
            request.COOKIES[settings.SESSION_COOKIE_NAME] = self.sessions[who]
        undrawn = mock.patch.object(Template, "render", return_value="")
        with transaction.atomic(), nullcontext() if drawn else undrawn:
            response = self.handler.get_response(request)
            answer = Answer(letter(response), "" if response.streaming else response.content.decode())
            response.close()
            transaction.set_rollback(True)
        return answer


def letter(response: HttpResponseBase) -> str:
    """The answer as the table writes it."""
    to_sign_in = response.headers.get("Location", "").startswith((reverse("login"), reverse("admin:login")))
    return "L" if to_sign_in else CODES.get(response.status_code, str(response.status_code))


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """The cast and a row of every kind, made once for all addresses."""
    logging.getLogger("django.request").setLevel(logging.CRITICAL)  # refusals are what is asked for
    with django_db_blocker.unblock(), transaction.atomic():
        tree = plant()
        request_finished.disconnect(close_old_connections)  # it would end the transaction
        yield World({**people(tree), **things(tree)})
        request_finished.connect(close_old_connections)
        transaction.set_rollback(True)


def people(tree: Tree) -> dict[str, Any]:
    """The cast but for those who come without an account."""
    posts = {
        "other_clerk": (Role.CLERK, tree.other_bureau),
        "clerk": (Role.CLERK, tree.bureau),
        "second_clerk": (Role.CLERK, tree.bureau),
        "reviewer": (Role.REVIEWER, tree.bureau),
        "area_reviewer": (Role.REVIEWER, tree.area),
        "leader": (Role.LEADER, tree.area),
        "steward": (Role.STEWARD, tree.area),
        "auditor": (Role.AUDITOR, tree.area),
    }
    cast = {who: make.make_member(*post, with_below=True, username=who) for who, post in posts.items()}
    cast["outsider"] = make.make_user("陈外人", username="outsider")
    cast["superuser"] = User.objects.create_superuser("superuser", "系统管理")
    sheet = {"kind": "activities", "name": "表.csv", "content": "举措,日期,活动名称\n".encode()}
    return {
        **cast,
        "role": cast["clerk"].memberships.get(),
        "order": ListOrder.objects.create(
            by=cast["clerk"], kind="actions", rows=[1], content=b"x", ready_at=timezone.now()
        ),
        "upload": Upload.objects.create(by=cast["clerk"], home=tree.bureau, **sheet),
    }


def things(tree: Tree) -> dict[str, Any]:
    """Rows of the first bureau, and of the catalogue; what is not approved bears the secret."""
    pillar = make.make_pillar(tree.bureau, tree.campaign)
    metric, own = make.make_metric(), make.make_metric(owner=tree.bureau)
    line, drafted = make.make_action(pillar), make.make_action(pillar, SECRET, state="draft")
    honour = make.make_honour(tree.bureau)
    draft = make.make_honour(tree.bureau, SECRET, state="draft")
    proof, draft_proof = make.make_evidence(tree.bureau), make.make_evidence(tree.bureau, SECRET)
    make.make_link(proof, honour=honour)
    make.make_link(draft_proof, honour=draft)
    days = {"day": date(2021, 1, 1), "kind": SuccessionKind.RENAMED}
    return {
        "area": tree.area,
        "bureau": tree.bureau,
        "unit": tree.unit,
        "campaign": tree.campaign,
        "pillar": pillar,
        "theme": pillar.theme,
        "kind": line.kind,
        "measure": metric.unit,
        "metric": metric,
        "own_metric": own,
        "line": line,
        "draft_line": drafted,
        "activity": make.make_activity(line),
        "draft_activity": make.make_activity(line, title=SECRET, state="draft"),
        "figure": make.make_observation(metric, tree.bureau),
        "draft_figure": make.make_observation(own, tree.bureau, state="draft", phrase=SECRET),
        "waiting_figure": make.make_observation(own, tree.bureau, period="2020", state="submitted"),
        "target": make.make_target(metric, tree.bureau, tree.campaign, "1"),
        "draft_target": make.make_target(own, tree.bureau, tree.campaign, "1", state="draft"),
        "honour": honour,
        "draft_honour": draft,
        "proof": proof,
        "draft_proof": draft_proof,
        "article": make.make_article(tree.bureau, SECRET),
        "batch": Batch.objects.create(by=User.objects.get(username="clerk"), words="报审"),
        "words": make.make_instruction(tree.bureau, metric=metric),
        "rule": make.make_rule(tree.bureau),
        "round": make.make_round(tree.area, tree.bureau, make.make_metric(), title=SECRET),
        "draft_round": make.make_round(tree.area, tree.bureau, metric, opened=False, title=SECRET),
        "event": AuditEvent.objects.create(verb=AuditVerb.CHANGE, organ_id=tree.bureau.pk),
        "succession": OrganSuccession.objects.create(predecessor=tree.unit, successor=tree.bureau, **days),
    }


def routes(patterns: list[Any], start: str = "") -> Iterator[str]:
    """Every route of the URL configuration in full."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, f"{start}{pattern.pattern}")
        elif isinstance(pattern, URLPattern):
            yield f"{start}{pattern.pattern}".replace("^", "")


def writes() -> int:
    """Rows written so far in this transaction, what was rolled back included; sessions apart."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_xact_user_tables"
            " WHERE relname <> 'django_session'"
        )
        return cursor.fetchone()[0]


def test_every_address_stands_in_the_table(world: World) -> None:
    named = {resolve(address.format(**world.keys)).route.replace("^", "") for address, *_ in ROWS}
    assert sorted(set(routes(get_resolver().url_patterns)) - named) == []


@pytest.mark.parametrize(("address", "shown", "sent"), ROWS, ids=[address for address, *_ in ROWS])
def test_everybody_gets_what_the_table_says(address: str, shown: str, sent: str, world: World) -> None:
    gets = {who: world.ask(who, address, drawn=who in BLIND) for who in CAST}
    assert "".join(answer.letter for answer in gets.values()) == shown
    assert [who for who in BLIND if SECRET in gets[who].text] == []
    refused = [who for who, code in zip(CAST, sent, strict=True) if code in REFUSED or who == "anonymous"]
    before = writes()
    got = {who: world.ask(who, address, send=True, drawn=False).letter for who in refused}
    assert writes() == before, f"one of {refused} was refused, yet something was written"
    got |= {who: world.ask(who, address, send=True, drawn=False).letter for who in CAST if who not in got}
    assert "".join(got[who] for who in CAST) == sent


def lists() -> list[str]:
    """The addresses of all lists."""
    return [reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist") for model in PAGES]


def choices() -> list[str]:
    """The addresses that offer choices as one types, by field."""
    forms = [*PAGES.values(), *(inline for page in PAGES.values() for inline in page.inlines)]
    asking = ((form.model._meta, field) for form in forms for field in form.autocomplete_fields)
    return [
        f"{reverse('admin:autocomplete')}?app_label={meta.app_label}&model_name={meta.model_name}"
        f"&field_name={field}&term={ASKED}"
        for meta, field in asking
    ]


@pytest.mark.parametrize("who", BLIND)
def test_searching_tells_nothing_of_what_one_may_not_see(who: str, world: World) -> None:
    found = {address: world.ask(who, f"{address}?q={ASKED}").text for address in lists()}
    assert [address for address, text in found.items() if SECRET in text] == []


def test_choices_offer_nothing_that_one_may_not_see(world: World) -> None:
    offered = {(who, a): world.ask(who, a) for who in (*BLIND, "reviewer", "clerk") for a in choices()}
    finds = {who for (who, _), answer in offered.items() if json.dumps(SECRET)[1:-1] in answer.text}
    assert finds == {"clerk"}
    refused = {who for who, _ in offered} - {
        who for (who, _), answer in offered.items() if answer.letter == "."
    }
    assert refused == {"outsider", "leader", "auditor", "reviewer"}


def test_who_sees_drafts_finds_them(world: World) -> None:
    """So that the tests above look for something that is there."""
    found = [address for address in lists() if SECRET in world.ask("reviewer", f"{address}?q={ASKED}").text]
    assert len(found) == 4
