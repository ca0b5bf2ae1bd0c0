"""Sentences of the handbook on other pages: question marks beside fields, and hints for a first visit."""

from typing import Any

from django import template
from django.forms import BoundField
from django.template import Context

from measures.handbook import Sentence, sentence
from measures.hints import hint_for

register = template.Library()


@register.inclusion_tag("parts/question.html")
def question(field: BoundField) -> dict[str, Any]:
    """What the form of the field has a question about, as a mark that opens the sentence; else nothing."""
    term = getattr(field.form, "questions", {}).get(field.name)
    return {"sentence": sentence(term) if term else None}


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
