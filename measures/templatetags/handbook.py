"""Sentences of the handbook on other pages: question marks beside fields, and hints for a first visit."""

from typing import Any, cast

from django import template
from django.contrib.admin import ModelAdmin
from django.contrib.admin.helpers import AdminReadonlyField
from django.db.models import Model
from django.forms import BoundField
from django.http import HttpRequest
from django.template import Context

from measures.handbook import Sentence, sentence
from measures.hints import hint_for

register = template.Library()


@register.inclusion_tag("parts/question.html")
def question(field: BoundField) -> dict[str, Any]:
    """What the form of the field has a question about, as a mark that opens the sentence; else nothing."""
    term = getattr(field.form, "questions", {}).get(field.name)
    return {"sentence": sentence(term) if term else None}


@register.simple_tag(takes_context=True)
def contents(context: Context, field: AdminReadonlyField) -> str:
    """What a field says that is only read: another row as a link only for who may open it."""
    name, row = field.field["name"], field.form.instance
    known = {own.name for own in row._meta.concrete_fields if own.is_relation}
    other = getattr(row, name, None) if name in known else None
    pages = cast(Any, field.model_admin).admin_site._registry
    page = pages.get(type(other)) if other else None
    if other and not (page and _may_open(page, context["request"], other)):
        return str(other)
    return field.contents()


def _may_open(page: ModelAdmin, request: HttpRequest, row: Model) -> bool:
    rows = page.get_queryset(request).filter(pk=row.pk)
    return page.has_view_permission(request, row) and rows.exists()


@register.filter
def asked(form: Any) -> list[Sentence]:
    """All sentences that the fields of a form ask for, each once: below a table, whose heads have no room."""
    known = getattr(form, "questions", {})
    return [sentence(term) for term in dict.fromkeys(t for name, t in known.items() if name in form.fields)]


@register.inclusion_tag("parts/hint.html", takes_context=True)
def hint(context: Context) -> dict[str, Any]:
    """The hint of the page, for those who have not put it away."""
    request = context.get("request")
    if request is None or not (term := hint_for(request)):
        return {}
    return {"sentence": sentence(term), "page": request.get_full_path(), "csrf_token": context["csrf_token"]}
