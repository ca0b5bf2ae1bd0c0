"""What the bench puts around the product: how many queries a page takes, and pages drawn from rows kept in memory."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template.backends import django as templates

from measures import again
from measures.pages import filled

#: Asks for a page drawn from kept rows; the answer carries it too, unless this process has none of that page yet.
KEPT = "X-Bench-Kept"
QUERIES = "X-Bench-Queries"

_kept: dict[tuple[int, str], tuple["Template", dict[str, Any]]] = {}


class Template(templates.Template):
    """A template that keeps what the last full page of an address was drawn from."""

    def render(self, context: dict[str, Any] | None = None, request: HttpRequest | None = None) -> str:
        """The page."""
        drawn = super().render(context, request)
        if request is not None and context and context.get("page"):
            _kept[_key(request)] = self, context
        return drawn


class Templates(templates.DjangoTemplates):
    """Django's templates, the ones of pages keeping what they are drawn from."""

    def get_template(self, template_name: str) -> Template:
        """The template of that name."""
        return Template(self.engine.get_template(template_name), self)


class CountingMiddleware:
    """Counts the queries of a request, those of session and user included."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        number = 0

        def count(execute: Callable, *statement: Any) -> Any:
            nonlocal number
            number += 1
            return execute(*statement)

        with connection.execute_wrapper(count):
            response = self.get_response(request)
        response.headers[QUERIES] = str(number)
        return response


class KeepingMiddleware:
    """Answers, where asked to, by the same template with the same rows as the last full page of the address."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: object) -> HttpResponse | None:
        """The page, once the middleware before this one has loaded session and user."""
        if KEPT not in request.headers:
            return None
        if (found := _kept.get(_key(request))) is None:
            return HttpResponse(status=204)
        template, context = found
        return HttpResponse(filled(template.render(context, request), request), headers={KEPT: "1"})


class AgainMiddleware(again.AgainMiddleware):
    """The product's, but for those that ask for the page drawn from kept rows."""

    def process_view(self, request: HttpRequest, view: Callable, *named: object) -> None:
        """What the product's reads beforehand."""
        if KEPT not in request.headers:
            super().process_view(request, view, *named)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request) if KEPT in request.headers else super().__call__(request)


def around(middleware: Sequence[str]) -> list[str]:
    """The product's middleware with the bench's around it."""
    ours = [
        f"{__name__}.AgainMiddleware" if name.endswith(".AgainMiddleware") else name for name in middleware
    ]
    return [f"{__name__}.CountingMiddleware", *ours, f"{__name__}.KeepingMiddleware"]


def keeping(engines: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The product's template engines, made to keep what pages are drawn from."""
    return [{**engine, "BACKEND": f"{__name__}.Templates", "NAME": "django"} for engine in engines]


def _key(request: HttpRequest) -> tuple[int, str]:
    return request.user.pk, request.get_full_path()
