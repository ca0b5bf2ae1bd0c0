"""The page of one heading of an organ."""

from typing import cast

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe
from django_filters.fields import ChoiceField

from measures import rollups
from measures.filters import chosen
from measures.models import Pillar
from organs.permissions import SignedInRequest


@require_safe
def pillar(request: SignedInRequest, pk: int) -> HttpResponse:
    """One heading: its actions, figures and honours, in the days of its campaign."""
    rows = Pillar.objects.visible_to(request.user).select_related("organ", "campaign", "theme")
    shown = get_object_or_404(rows, pk=pk)
    view, found = chosen(request, shown.organ_id)
    fields = found.form.fields
    del fields["campaign"]
    cast(ChoiceField, fields["period"]).empty_label = "活动全程"
    page = rollups.pillar_page(view, shown, request.GET.get("page", ""))
    return render(
        request,
        "measures/pillar.html",
        {"view": view, "pillar": shown, "form": found.form, "page": page},
    )
