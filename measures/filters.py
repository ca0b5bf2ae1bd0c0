"""Filters of dashboards and lists: what stands in an address, so that a link is a view."""

from datetime import date
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from measures.models import Campaign, Participation
from measures.period import Period, PeriodError
from measures.rollups.view import View
from organs.models import Organ, User

WHOLE = "创建以来"


def _organs(request: Any) -> QuerySet[Organ]:
    return Organ.objects.visible_to(request.user)


def _campaigns(request: Any) -> QuerySet[Campaign]:
    return Campaign.objects.visible_to(request.user)


class _OrganChoices(django_filters.ModelChoiceFilter):
    """Organs as an indented tree."""

    class field_class(django_filters.fields.ModelChoiceField):
        """Labels show the place in the tree."""

        def label_from_instance(self, organ: Organ) -> str:
            """The organ's name, indented by its depth."""
            return "　" * (organ.depth - 1) + organ.name


class DashboardFilter(django_filters.FilterSet):
    """Part of the organ tree, period and campaign; what is left are the participations that count."""

    organ = _OrganChoices(label="范围", queryset=_organs, method="below", empty_label="全部单位")
    period = django_filters.ChoiceFilter(label="期间", method="during", empty_label=WHOLE)
    campaign = django_filters.ModelChoiceFilter(label="活动", queryset=_campaigns, empty_label="全部活动")

    class Meta:
        model = Participation
        fields = ("organ", "period", "campaign")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        first = min((c.first_day.year for c in _campaigns(self.request)), default=today.year)
        years = [(str(year), f"{year}年") for year in range(today.year, first - 1, -1)]
        self.filters["period"].extra["choices"] = years

    def below(self, rows: QuerySet[Participation], name: str, organ: Organ) -> QuerySet[Participation]:
        """Participations of the organ and all below it."""
        return rows.filter(organ__path__startswith=organ.path)

    def during(self, rows: QuerySet[Participation], name: str, key: str) -> QuerySet[Participation]:
        """Participations in force in the period."""
        return rows.during(period_of(key, (), timezone.localdate()))


def period_of(key: str, campaigns: Any, today: date) -> Period:
    """The period of an address; without one all the days of the campaigns (of this year if there are none)."""
    try:
        return Period.from_key(key)
    except PeriodError:
        first = min((c.first_day for c in campaigns), default=date(today.year, 1, 1))
        last = max((c.last_day for c in campaigns), default=date(today.year, 12, 31))
        return Period.span(first, date(last.year + 1, 1, 1) if last.month == 12 and last.day == 31 else last, WHOLE)


def visible_participations(user: User) -> QuerySet[Participation]:
    """Participations of organs the user sees, in official order."""
    return Participation.objects.visible_to(user).select_related("organ", "campaign").order_by("organ__path")


def chosen(request: HttpRequest, organ: Organ | None = None) -> tuple[View, DashboardFilter]:
    """What a request asks to see, within what its user may see; `organ` narrows it to one organ and those below."""
    user = request.user
    found = DashboardFilter(request.GET, queryset=visible_participations(user), request=request)
    valid = found.form.is_valid()
    data = found.form.cleaned_data if valid else {}
    campaign, top, key = data.get("campaign"), organ or data.get("organ"), data.get("period") or ""
    today = timezone.localdate()
    period = period_of(key, [campaign] if campaign else _campaigns(request), today)
    rows = found.qs if valid else visible_participations(user)
    expected = {row.organ_id: row.organ for row in rows if row.organ.path.startswith(top.path if top else "")}
    visible = Organ.objects.visible_to(user)
    organs = visible.filter(path__startswith=top.path) if top else visible
    kept = (("period", key), ("campaign", str(campaign.pk) if campaign else ""))
    query = tuple((name, value) for name, value in kept if value)
    return View(user, tuple(organs), tuple(expected.values()), period, today, campaign, query), found
