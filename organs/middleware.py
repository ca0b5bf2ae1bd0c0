"""What every request passes before a view sees it."""

import re
from codecs import lookup
from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from organs import sessions
from organs.sessions import typed

#: What a page of ours never asks the browser for; choosing a photo in a form needs none of it.
PERMISSIONS = ", ".join(
    f"{feature}=()"
    for feature in (
        *(
            "accelerometer",
            "autoplay",
            "camera",
            "display-capture",
            "geolocation",
            "gyroscope",
            "magnetometer",
        ),
        *("microphone", "midi", "payment", "publickey-credentials-get", "usb"),
    )
)
#: What Internet Explorer and the 兼容模式 of others call themselves.
OLD_BROWSER = re.compile(r"MSIE |Trident/")
#: Pages that are open to somebody who still has the first password.
WITH_FIRST_PASSWORD = frozenset({"password_change", "logout", "stay"})
SIGNED_OUT = "您已退出登录，请重新登录。"


class HeadersMiddleware:
    """Headers that every answer carries beside those of Django and django-csp.

    Without a word of its own an answer is not kept by the browser: on a shared computer the button "back" shows
    nothing after signing out. Static files say that they may be kept.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Cache-Control", "no-store, private")
        return response


class OldBrowserMiddleware:
    """Answers Internet Explorer, and whatever borrows its engine, with one plain page that says what to use.

    It stands behind the static files and before all else: nothing that follows is made for such a browser.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if OLD_BROWSER.search(request.headers.get("User-Agent", "")):
            return render(request, "old_browser.html", {"site": request.build_absolute_uri("/")})
        return self.get_response(request)


class PlainTextMiddleware:
    """Refuses text that is not UTF-8 or holds a NUL: no browser sends the one, no database column takes the other.

    A character set of the sender's choice could make halves of characters, or be none at all.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if lookup(request.encoding or "utf-8").name != "utf-8":
            request.encoding = "utf-8"  # so that the page that says so can look at what was sent
            raise SuspiciousOperation("a request in another character set")
        request.COOKIES = {name: value for name, value in request.COOKIES.items() if "\x00" not in value}
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: object) -> None:
        """Look through what was asked and what was sent; raises SuspiciousOperation, which answers 400."""
        for sent in (request.GET, request.POST):
            for name, values in sent.lists():
                if "\x00" in name or any("\x00" in str(value) for value in values):
                    raise SuspiciousOperation("a NUL in the request")


class SignedInMiddleware(LoginRequiredMiddleware):
    """Lets a view be reached by those who are signed in, in time, and with a password of their own."""

    def process_view(
        self, request: HttpRequest, view_func: Callable, view_args: tuple, view_kwargs: dict
    ) -> HttpResponseBase | None:
        """The answer instead of the view's, or None to go on."""
        guarded = getattr(view_func, "login_required", True)
        if not request.user.is_authenticated:
            if guarded and (_by_script(request) or request.method not in ("GET", "HEAD")):
                return _to_sign_in(request, SIGNED_OUT)
            return super().process_view(request, view_func, view_args, view_kwargs)
        if why := sessions.ended(request.session):
            logout(request)
            return _to_sign_in(request, why.words, why=why) if guarded else None
        sessions.touch(request)
        view = request.resolver_match.view_name if request.resolver_match else ""
        if guarded and request.user.must_change_password and view not in WITH_FIRST_PASSWORD:
            return _elsewhere(request, reverse("password_change"))
        return None


def _by_script(request: HttpRequest) -> bool:
    """Whether htmx or another script asks, which names itself by a header."""
    return "HX-Request" in request.headers or request.headers.get("X-Requested-With") == "XMLHttpRequest"


def _elsewhere(request: HttpRequest, address: str) -> HttpResponse:
    """To another page; a script would put that page into its own, so it is told where to go instead."""
    if _by_script(request):
        return HttpResponse(status=403, headers={"HX-Redirect": address})
    return redirect(address)


def _sign_in(request: HttpRequest, **why: str) -> str:
    """The address of the sign-in page, which leads back to the page on which the person is."""
    page = request.get_full_path()
    if request.method not in ("GET", "HEAD") or _by_script(request):
        page = _without_host(request.headers.get("Referer", ""))
    return f"{reverse('login')}?{urlencode({'next': page, **why})}"


def _without_host(address: str) -> str:
    """The path and what follows it; empty for what is no address."""
    try:
        return urlsplit(address)._replace(scheme="", netloc="").geturl()
    except ValueError:
        return ""


def _to_sign_in(request: HttpRequest, words: str, **why: str) -> HttpResponse:
    """To the sign-in page; what somebody has just sent is shown to them to be copied."""
    address = _sign_in(request, **why)
    if (texts := typed(request)) and not _by_script(request):
        context = {"words": words, "typed": texts, "sign_in": address}
        return render(request, "signed_out.html", context, status=403)
    return _elsewhere(request, address)
