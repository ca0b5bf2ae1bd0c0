"""Handing what is not finished over to a successor: by who leaves, or by the steward for them."""

from typing import cast

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from measures import ledger
from measures.rollups.handover import OpenOrgan, handover, open_rows
from organs.accounts import Pending, pending_parts
from organs.models import User
from organs.permissions import Right, SignedInRequest, scope


class SuccessorForm(forms.Form):
    """Who takes over what is open in one organ."""

    to = forms.TypedChoiceField(label="接手人", coerce=int, error_messages={"required": "请选接手的填报员。"})

    def __init__(self, sent: QueryDict | None, *, organ: OpenOrgan) -> None:
        super().__init__(sent, prefix=str(organ.pk))
        known = list(organ.clerks)
        # one who can is meant; of several, none is meant before somebody says so
        choices = known if len(known) == 1 else [("", "请选择"), *known]
        cast(forms.ChoiceField, self.fields["to"]).choices = choices


@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: SignedInRequest, pk: int) -> HttpResponse:
    """What the person has in hand, organ by organ; a POST gives all of one organ to another clerk."""
    user = get_object_or_404(User.objects.visible_to(request.user), pk=pk)
    if user != request.user and not scope(request.user, Right.ADMINISTER):
        raise PermissionDenied
    desk = handover(user, by=request.user)
    parts = []
    for organ in desk.organs:
        sent = request.POST if request.POST.get("organ") == str(organ.pk) else None
        form = SuccessorForm(sent, organ=organ)
        if sent is not None and form.is_valid():
            _give(request, user, organ, form.cleaned_data["to"])
            return redirect("handover", user.pk)
        parts.append((organ, form))
    if request.method == "POST" and request.POST.get("organ") not in {str(one.pk) for one in desk.organs}:
        messages.warning(request, "这些刚才已经移交或者办完了，没有再移交。")
    context = {"account": user, "parts": parts, "beyond": desk.beyond, "own": user == request.user}
    return render(request, "measures/handover.html", context)


@transaction.atomic
def _give(request: SignedInRequest, user: User, organ: OpenOrgan, to: int) -> None:
    successor = User.objects.get(pk=to)
    rows = [row for row in open_rows(user, by=request.user) if row.organ_id == organ.pk]
    refused = []
    for row in rows:
        try:
            ledger.hand_over(row, to=successor, by=request.user)
        except ValidationError as error:
            refused.append(f"“{row}”：{' '.join(error.messages).rstrip('。')}")
    if done := len(rows) - len(refused):
        messages.success(request, f"{organ.name}的{done}条已移交给{successor.name}。")
    if refused:
        more = f"等{len(refused)}条" if len(refused) > 5 else ""
        messages.warning(request, f"{len(refused)}条没有移交——{'；'.join(refused[:5])}{more}。")


def in_hand(user: User, by: User) -> Pending | None:
    """For the account's page: how much the account has in hand, and the way to hand it over."""
    rows = open_rows(user, by=by)
    if not rows:
        return None
    return Pending(
        f"草稿、待审和退回的共{len(rows)}条。", reverse("handover", args=(user.pk,)), "移交给接手人"
    )


pending_parts.append(in_hand)
