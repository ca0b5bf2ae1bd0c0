"""The first page after signing in, and the drafts that are submitted together."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_safe

from measures import batches, rollups
from measures.filters import chosen
from measures.models import Reviewed
from measures.workflow import Step, advance
from organs.permissions import Right, SignedInRequest, scope


@require_safe
def my(request: SignedInRequest) -> HttpResponse:
    """What the person has to do and has done, whatever their roles are."""
    view = chosen(request)[0] if scope(request.user, Right.VIEW) else None
    return render(request, "measures/my.html", {"page": rollups.my_page(request.user, view)})


@require_http_methods(["GET", "HEAD", "POST"])
@transaction.non_atomic_requests  # each draft is submitted in a transaction of its own
def drafts(request: SignedInRequest) -> HttpResponse:
    """The list of drafts, those that lack nothing ticked; a POST submits what is ticked."""
    if not scope(request.user, Right.ENTER):
        raise PermissionDenied
    if request.method == "POST":
        _submit(request)
        return redirect("home")
    with transaction.atomic():  # no campaign closes meanwhile
        rows, left_out = rollups.my_drafts(request.user)
    ready = [row for row in rows if not row.why]
    context = {"ready": ready, "lacking": [row for row in rows if row.why], "left_out": left_out}
    return render(request, "measures/drafts.html", context)


def _submit(request: SignedInRequest) -> None:
    done: list[Reviewed] = []
    refused = []
    for row, seen in rollups.sent_drafts(request.user, request.POST.getlist("row")):
        try:
            advance(row, Step.SUBMIT, by=request.user, seen=seen)
            done.append(row)
        except ValidationError as error:
            refused.append(f"“{row}”没有报审：{' '.join(error.messages)}")
        except PermissionDenied:
            refused.append(f"“{row}”没有报审：您没有在这里录入的权限。")
    batch = batches.remember(
        [(row, (Step.SUBMIT,)) for row in done], f"报审草稿{len(done)}条", by=request.user
    )
    if batch:
        undo = reverse("bin_undo", args=(batch.pk,))
        said = '已报审{}条，等审核员审核。<a href="{}">撤销这次操作</a>'
        messages.success(request, format_html(said, len(done), undo))
    for why in refused:
        messages.warning(request, why)
    if not done and not refused:
        messages.warning(request, "没有勾选，什么也没有报审。")
