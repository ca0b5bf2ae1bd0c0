"""Articles in (材料): pasted, looked at beside what they say, then kept with the drafts made of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_safe

from measures.articles.choosing import Chooser
from measures.articles.forms import ChoiceForm, bound
from measures.articles.keeping import Kept, alone, keep
from measures.articles.pasting import PasteForm
from measures.articles.reading import Reading, made, pieces, read_article
from measures.entering import TWICE
from measures.locks import Locked
from measures.models import Article, digest
from organs.forms import PERSONAL_NUMBER, has_personal_number
from organs.keeping import marked, stored, was_stored
from organs.permissions import Right, SignedInRequest, can, scope


@dataclass(frozen=True)
class Line:
    """A proposal as it is shown: with its form, or with what was made of it before."""

    proposal: Any
    form: ChoiceForm | None


@require_http_methods(["GET", "HEAD", "POST"])
def article_new(request: SignedInRequest) -> HttpResponse:
    """Where an article is pasted; sent, it stands beside its proposals, and the last button stores what was chosen."""
    if not scope(request.user, Right.ENTER):
        raise PermissionDenied
    form = PasteForm(request.POST or None, request.FILES or None, by=request.user)
    if request.method != "POST" or "back" in request.POST or not form.is_valid():
        return _paste(request, form)
    data = form.cleaned_data
    if "keep" in request.POST:
        if was_stored(request, request.user):
            return _twice(request, data)
        alone(data["organ"])
    reading = read_article(request.user, data, _split(request.POST))
    fresh = "read" in request.POST
    forms = bound(reading.proposals, None if fresh else request.POST, confident="confident" in request.POST)
    if "keep" in request.POST and (kept := _kept(request, reading, forms)):
        return redirect("article", kept.article.pk)
    return _shown(request, reading, forms, form)


def _paste(request: SignedInRequest, form: PasteForm) -> HttpResponse:
    if "back" in request.POST:
        form = PasteForm(initial=request.POST.dict(), by=request.user)
    seen = Article.objects.filter(scope(request.user, Right.ENTER).q("organ__path"))
    context = {
        "form": form,
        "articles": seen.select_related("organ", "by").defer("full_text")[:10],
        **marked(request),
    }
    return render(request, "measures/article_new.html", context)


def _twice(request: SignedInRequest, data: Mapping[str, Any]) -> HttpResponse:
    messages.warning(request, TWICE)
    article = Article.objects.filter(organ=data["organ"], by=request.user).first()
    return redirect("article", article.pk) if article else redirect("article_new")


def _split(sent: Mapping[str, str]) -> dict[str, int]:
    """Into how many parts each figure was cut so far; the button of one cuts it once more."""
    parts = {
        name.removesuffix("-parts"): min(int(value), 9)
        for name, value in sent.items()
        if name.endswith("-parts") and value.isascii() and value.isdecimal() and len(value) < 3
    }
    if key := sent.get("split"):
        parts[key] = min(max(parts.get(key, 1), 1) + 1, 9)
    return parts


def _kept(request: SignedInRequest, reading: Reading, forms: Sequence[ChoiceForm]) -> Kept | None:
    """What was stored; None where something is wrong, which then stands in its form or above the page."""
    chosen = Chooser(reading.around, reading.proposals).take(forms)
    if wrong := sum(bool(form.errors) for form in forms):
        messages.error(request, f"没有保存：有{wrong}条要改，改好再存。选的、写的都还在。")
        return None
    if not chosen.something:
        messages.warning(request, "还没有选定要存的：逐条选，或者点“采用有把握的”。")
        return None
    data = reading.data
    try:
        with transaction.atomic():  # what is refused was not stored, and may be sent once more
            if not stored(request, request.user, request.path, _choices_at(request, reading)):
                return None
            text, given = reading.text, data["given"]
            kept = keep(chosen, data["organ"], data["title"], text, given=given, by=request.user)
    except Locked as error:
        messages.error(request, f"没有保存：{' '.join(error.messages)}")
        return None
    except ValidationError as error:
        messages.error(request, f"没有保存：{' '.join(error.messages)}选的、写的都还在。")
        return None
    words = format_html("已存{}条草稿，核对后报审。", chosen.count)
    if kept.batch:
        undo = reverse("bin_undo", args=(kept.batch.pk,))
        words = format_html('{}<a href="{}">撤销这次操作</a>', words, undo)
    messages.success(request, words)
    if chosen.undecided:
        messages.info(request, f"有{chosen.undecided}条没有选定，没有存；再贴同一篇可以接着选。")
    if chosen.personal:
        messages.warning(request, PERSONAL_NUMBER.format("选定的内容"))
    return kept


def _choices_at(request: SignedInRequest, reading: Reading) -> str:
    """The address under which choices are kept: of this text for this organ, so that no other text is offered them."""
    organ, given = reading.data["organ"], reading.data["given"]
    return f"{request.path}?{organ.pk}-{digest(given)[:16]}"


def _shown(
    request: SignedInRequest, reading: Reading, forms: Sequence[ChoiceForm], form: PasteForm
) -> HttpResponse:
    by_key = {one.proposal.key: one for one in forms}
    lines = [Line(each, by_key.get(each.key)) for each in reading.proposals]
    context = {
        "reading": reading,
        "form": form,
        "pieces": pieces(reading.text, reading.proposals),
        "lines": lines,
        "wrong": sum(bool(one.errors) for one in forms if one.is_bound and "keep" in request.POST),
        "checked": "keep" in request.POST,
        "at": request.POST.get("split", ""),
        "sure": sum(one.proposal.sure for one in forms),
        "open": len(forms),
        "personal": has_personal_number(reading.text),
        "metrics": reading.around.metrics,
        "units": sorted(reading.around.units),
        "headings": dict.fromkeys(
            [
                *(row.heading for row in reading.around.pillars),
                *(each.title for each in reading.proposals if each.kind == "heading"),
            ]
        ),
        **marked(request, _choices_at(request, reading)),
    }
    return render(request, "measures/article_read.html", context)


@require_safe
def article(request: SignedInRequest, pk: int) -> HttpResponse:
    """An article that was kept, and what was made of it, each beside its words."""
    rows = Article.objects.visible_to(request.user).select_related("organ", "by")
    found: Article = get_object_or_404(rows, pk=pk)
    groups = made(found, request.user)
    context = {
        "article": found,
        "groups": groups,
        "pieces": pieces(found.full_text, [line for group in groups for line in group.lines]),
        "drafts": [line.value for group in groups for line in group.lines if line.value],
        "may_enter": can(request.user, Right.ENTER, found.organ),
    }
    return render(request, "measures/article.html", context)
