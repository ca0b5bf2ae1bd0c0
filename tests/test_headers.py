"""Headers of every answer: pages, errors, files, redirects, what stands in front of them and what breaks."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.http import HttpResponseBase
from django.test import Client
from django.urls import URLResolver, get_resolver

from measures.views import dashboard
from organs.models import Organ, User
from tests import make

POLICY = {
    "default-src 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    *(
        f"{kind} 'self'"
        for kind in ("script-src", "style-src", "img-src", "font-src", "connect-src", "form-action")
    ),
}
SAID = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
SignIn = Callable[[User | None], Client]


def addresses(resolver: URLResolver, before: str = "/") -> Iterator[str]:
    """Every address of the site, with 1 for numbers and names."""
    for found in resolver.url_patterns:
        address = before + re.sub(r"\(\?P<\w+>[^)]*\)|<[^>]+>", "1", str(found.pattern)).strip("^$")
        if isinstance(found, URLResolver):
            yield from addresses(found, address)
        else:
            yield address


def check(response: HttpResponseBase, where: str = "") -> None:
    """All headers stand in the answer."""
    assert set(response["Content-Security-Policy"].split("; ")) == POLICY, where
    assert {name: response.get(name) for name in SAID} == SAID, where
    assert "geolocation=()" in response["Permissions-Policy"], where
    assert "no-store" in response["Cache-Control"], where


def test_every_address_answers_with_every_header(superuser: User, bureau: Organ, as_user: SignIn) -> None:
    every = sorted(set(addresses(get_resolver())))
    assert len(every) > 60
    for who, ask in ((None, "post"), (superuser, "get")):
        client = as_user(who)
        for address in every:
            check(getattr(client, ask)(address), f"{ask} {address}")


def test_errors_carry_them_too(leader: User, as_user: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    client = as_user(leader)
    strict = Client(enforce_csrf_checks=True)
    found = [
        client.get("/metrics/999999/"),
        client.get("/nowhere/"),
        client.get("/admin/"),
        client.get("/?a=%00"),
        client.post("/"),
        strict.post("/login/"),
        client.get("/", headers={"host": "elsewhere.invalid"}),
    ]
    assert [answer.status_code for answer in found] == [404, 404, 403, 400, 405, 403, 400]

    def broken(*args: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(dashboard.rollups, "overview", broken)
    client.raise_request_exception = False
    found.append(client.get("/"))
    assert found[-1].status_code == 500
    for answer in found:
        check(answer)


def test_a_file_of_evidence_carries_them_and_a_stricter_policy(
    clerk: User, bureau: Organ, as_user: SignIn
) -> None:
    proof = make.make_evidence(bureau)
    answer = as_user(clerk).get(f"/evidence/{proof.pk}/")
    assert answer.status_code == 200
    policy = answer["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert {name: answer.get(name) for name in SAID} == SAID


def test_the_way_to_https_carries_them(settings: Any, client: Client) -> None:
    settings.SECURE_SSL_REDIRECT = True
    answer = client.get("/")
    assert answer.status_code == 301
    check(answer)
