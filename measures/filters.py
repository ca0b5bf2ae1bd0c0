"""Filters of dashboards and lists: what stands in an address, so that a link is a view."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone

from measures.models import Campaign, Participation
from measures.period import Period, PeriodError
from measures.rollups.view import View
from organs.models import Organ
from organs.permissions import SignedInRequest

WHOLE = "创建以来"


class DashboardFilter(django_filters.FilterSet):
    """Part of the organ tree, period and campaign; what is left are the participations that count."""

    organ = django_filters.ChoiceFilter(label="范围", method="below", empty_label="全部单位")
    period = django_filters.ChoiceFilter(label="期间", method="during", empty_label=WHOLE)
    campaign = django_filters.ChoiceFilter(label="活动", empty_label="全部活动")

    class Meta:
        model = Participation
        fields = ("organ", "period", "campaign")

    def __init__(
        self, *args: Any, organs: Sequence[Organ], campaigns: Sequence[Campaign], today: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.paths = {str(organ.pk): organ.path for organ in organs}
        first = min((campaign.first_day.year for campaign in campaigns), default=today.year)
        choices = {
            "organ": [(organ.pk, "　" * (organ.depth - 1) + organ.name) for organ in organs],
            "period": [(str(year), f"{year}年") for year in range(today.year, first - 1, -1)],
            "campaign": [(campaign.pk, campaign.name) for campaign in campaigns],
        }
        for name, found in choices.items():
            self.filters[name].extra["choices"] = found

    def below(self, rows: QuerySet[Participation], name: str, pk: str) -> QuerySet[Participation]:
        """Participations of the organ and all below it."""
        return rows.filter(organ__path__startswith=self.paths[pk])

    def during(self, rows: QuerySet[Participation], name: str, key: str) -> QuerySet[Participation]:
        """Participations in force in the period."""
        return rows.filter(pk__in=Participation.objects.during(Period.from_key(key)))


def period_of(key: str, campaigns: Sequence[Campaign], today: date) -> Period:
    """The period of an address; without one all the days of the campaigns (of this year if there are none)."""
    try:
        return Period.from_key(key)
    except PeriodError:
        first = min((campaign.first_day for campaign in campaigns), default=date(today.year, 1, 1))
        last = max((campaign.last_day for campaign in campaigns), default=date(today.year, 12, 31))
        return Period.span(first, last + timedelta(days=1), WHOLE)


def chosen(request: SignedInRequest, organ_pk: int | None = None) -> tuple[View, DashboardFilter]:
    """What a request asks to see, within what its user may see, from three queries.

    `organ_pk` narrows it to one organ and those below; raises Http404 if the user may not see that organ.
    """
    user, today = request.user, timezone.localdate()
    visible = list(Organ.objects.visible_to(user))
    campaigns = list(Campaign.objects.visible_to(user))
    rows = Participation.objects.visible_to(user).select_related("organ").order_by("organ__path")
    found = DashboardFilter(
        request.GET, queryset=rows, request=request, organs=visible, campaigns=campaigns, today=today
    )
    if organ_pk is not None:
        del found.form.fields["organ"]
    data = found.form.cleaned_data if found.form.is_valid() else {}
    asked = str(organ_pk) if organ_pk is not None else data.get("organ", "")
    top = next((organ for organ in visible if str(organ.pk) == asked), None)
    if organ_pk is not None and top is None:
        raise Http404
    campaign = next((c for c in campaigns if str(c.pk) == data.get("campaign")), None)
    key, path = data.get("period") or "", top.path if top else ""
    expected = {
        row.organ_id: row.organ for row in (found.qs if data else rows) if row.organ.path.startswith(path)
    }
    kept = (("period", key), ("campaign", str(campaign.pk) if campaign else ""))
    view = View(
        user=user,
        visible=tuple(visible),
        organs=tuple(organ for organ in visible if organ.path.startswith(path)),
        expected=tuple(expected.values()),
        period=period_of(key, [campaign] if campaign else campaigns, today),
        today=today,
        campaign=campaign,
        query=tuple((name, value) for name, value in kept if value),
    )
    return view, found
