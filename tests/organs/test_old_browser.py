"""Internet Explorer gets one plain page; everybody else gets what they asked for."""

import re
from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client

from organs.models import User
from tests.test_headers import check

OLD = (
    "Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko",
    "Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; 360SE)",
    "Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.2; Trident/6.0)",
)
NEW = (
    "Mozilla/5.0 (Windows NT 6.1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/86.0.4240.198 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36 Edg/120.0.0.0",
    "Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Gecko/20100101 Firefox/115.0",
    "",
)


@pytest.mark.parametrize("browser", OLD)
@pytest.mark.parametrize("address", ["/", "/login/", "/admin/", "/nowhere/"])
def test_internet_explorer_is_told_what_to_use(browser: str, address: str) -> None:
    client = Client(headers={"user-agent": browser})
    for answer in (client.get(address), client.post(address, {"username": "x"})):
        page = answer.content.decode()
        assert answer.status_code == 200  # an error page would be replaced by the browser's own
        assert all(name in page for name in ("极速模式", "奇安信", "Chrome", "Edge", "Firefox"))
        assert "http://testserver/" in page
        check(answer)


@pytest.mark.parametrize("browser", NEW)
def test_other_browsers_get_what_they_asked_for(db: None, browser: str) -> None:
    assert "用户名" in Client(headers={"user-agent": browser}).get("/login/").content.decode()


def test_the_page_is_plain_and_open_to_all(db: None) -> None:
    page = Client().get("/browsers/").content.decode()
    assert "极速模式" in page
    assert page.lstrip().startswith('<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN">')
    assert not re.search(r"<script|<style|<link|<img|style=|class=|<(?:main|header|section|nav|footer)", page)


def test_it_stands_behind_static_files_and_before_all_that_knows_who_asks() -> None:
    order = [name.rpartition(".")[2] for name in settings.MIDDLEWARE]
    place = order.index("OldBrowserMiddleware")
    assert order.index("WhiteNoiseMiddleware") == place - 1
    assert place < order.index("SessionMiddleware")


def test_every_page_asks_for_the_newer_engine(
    superuser: User, as_user: Callable[[User | None], Client]
) -> None:
    client, nobody = as_user(superuser), Client()
    addresses = [
        "/",
        "/review/",
        "/screen/",
        "/audit/",
        "/password/",
        "/nowhere/",
        "/my/",
        "/admin/organs/user/",
    ]
    pages = [client.get(address) for address in (*addresses, "/admin/organs/user/add/?_popup=1", "/help/")]
    pages += [nobody.get("/login/"), nobody.get("/browsers/"), client.get("/?a=%00")]
    pages.append(Client(enforce_csrf_checks=True).post("/login/"))
    without = [
        p.request["PATH_INFO"]
        for p in pages
        if '<meta name="renderer" content="webkit">' not in p.content.decode()
    ]
    assert without == []
    plain = [p.request["PATH_INFO"] for p in pages if "organs/composing.js" not in p.content.decode()]
    assert plain == ["/browsers/"]  # everywhere else Enter that ends a Chinese word sends nothing
