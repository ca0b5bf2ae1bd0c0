"""Fast entry of photos and files: what they prove, which ones, one caption."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from measures.entering import TWICE, store_files, tell_of_files
from measures.forms.entry import PhotoForm, entry_form
from measures.models import Reviewed
from measures.rollups.entry import provable, proved
from organs.forms import PERSONAL_NUMBER
from organs.keeping import marked, stored
from organs.permissions import Right, SignedInRequest, scope

LONGEST = 50
FIELDS = ("organ", "caption", "kind", "document_number", "day")


@require_http_methods(["GET", "HEAD", "POST"])
def photos(request: SignedInRequest) -> HttpResponse:
    """Choose what is proved and the files; a POST stores them together with what they prove."""
    if not scope(request.user, Right.ENTER):
        raise PermissionDenied
    if request.method != "POST":
        return _page(request, request.GET)
    if "find" in request.POST:
        return _page(request, request.POST)
    found = proved(request.user, request.POST.get("proves", ""))
    if found is None:
        said = "请选这些材料证明什么。"  # and, where it is so, that there is no file either
        form = None if request.FILES else _form(request, None, request.POST)
        return _page(request, request.POST, form=form, unchosen=said, again=bool(request.FILES))
    name, row = found
    form = _form(request, row, request.POST, request.FILES)
    if form.is_valid() and _store(request, form, name, row):
        return redirect(f"{reverse('entry_photos')}?proves={name}-{row.pk}")
    return _page(request, request.POST, form=form, again=True)


def _form(request: SignedInRequest, row: Reviewed | None, *sent: Any) -> PhotoForm:
    return entry_form(PhotoForm, request.user, *FIELDS)(*sent, organ=row.organ if row else None)


def _store(request: SignedInRequest, form: PhotoForm, name: str, row: Reviewed) -> bool:
    user = request.user
    try:
        with transaction.atomic():
            if not stored(request, user):
                messages.warning(request, TWICE)
                return True
            files = [form.instance, *form.others()]
            links = store_files(files, {name: row}, by=user)
    except ValidationError as error:
        form.refuse(error)
        return False
    pages = {file.pk: reverse("evidence", args=(file.pk,)) for file in files}
    for level, words in tell_of_files(user, files, form.refused, links, pages):
        messages.add_message(request, level, words)
    if labels := form.personal_numbers():
        messages.warning(request, PERSONAL_NUMBER.format("、".join(labels)))
    return True


def _page(
    request: SignedInRequest,
    asked: Any,
    *,
    form: PhotoForm | None = None,
    unchosen: str = "",
    again: bool = False,
) -> HttpResponse:
    words, chosen = str(asked.get("q", ""))[:LONGEST], str(asked.get("proves", ""))
    if form is None:
        form = _form(request, None)
        form.initial.update({name: asked[name] for name in FIELDS if name != "organ" and name in asked})
    context = {
        "form": form,
        "groups": provable(request.user, words, chosen),
        "words": words,
        "chosen": chosen,
        "unchosen": unchosen,
        "again": again,
        **marked(request),
    }
    return render(request, "measures/entry_photos.html", context)
