"""Filters of dashboards and lists: what stands in an address, so that a link is a view."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, cast

import django_filters
from django import forms
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet
from django.http import Http404
from django.utils import timezone

from measures.models import (
    BinKind,
    Campaign,
    Discarded,
    Force,
    Instruction,
    Participation,
    ParticipationQuerySet,
    ProblemSource,
    Rule,
    Stage,
)
from measures.period import Period, PeriodError, PeriodKind
from measures.rollups.kept import Kept
from measures.rollups.lists import LACKS, STANDINGS, VERDICTS
from measures.rollups.problems import PROBLEM_STANDINGS
from measures.rollups.reading import Catalogue, catalogue
from measures.rollups.recent import NEWS_LABELS, WINDOWS
from measures.rollups.view import Days, View
from measures.rollups.waiting import KINDS, Waiting
from organs.models import CATALOGUE, Marks, Organ, OrganSuccession, User
from organs.permissions import Right, SignedInRequest, marks, scope

WHOLE = "创建以来"
DAYS = [(n, f"近{n}天") for n in WINDOWS]


class DashboardFilter(django_filters.FilterSet):
    """Part of the organ tree, period and campaign; what is left are the participations that count."""

    organ = django_filters.ChoiceFilter(label="范围", method="below", empty_label="全部单位")
    period = django_filters.ChoiceFilter(label="期间", method="all", empty_label=WHOLE)
    campaign = django_filters.ChoiceFilter(label="活动", empty_label="全部活动")

    class Meta:
        model = Participation
        fields = ("organ", "period", "campaign")

    def __init__(
        self,
        *args: Any,
        organs: Sequence[Organ],
        campaigns: Sequence[Campaign],
        known: Catalogue,
        today: date,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.paths = {str(organ.pk): organ.path for organ in organs}
        first = min((campaign.first_day.year for campaign in campaigns), default=today.year)
        periods = [(str(year), f"{year}年") for year in range(today.year, first - 1, -1)]
        for year in (today.year, today.year - 1):
            quarters = [
                quarter for quarter in Period.year(year).parts(PeriodKind.QUARTER) if quarter.start <= today
            ]
            periods += [(quarter.key, quarter.label) for quarter in reversed(quarters)]
        asked = _period(self.data.get("period", ""))
        if asked and asked.key not in dict(periods):
            periods.append((asked.key, asked.label))
        choices = {
            "organ": [(organ.pk, "　" * (organ.depth - 1) + organ.name) for organ in organs],
            "period": periods,
            "campaign": [(campaign.pk, campaign.name) for campaign in campaigns],
        }
        if "theme" in self.filters:
            choices["theme"] = [(theme.pk, theme.name) for theme in known.themes.values()]
        for name in choices.keys() & self.filters.keys():
            self.filters[name].extra["choices"] = choices[name]

    def below(self, rows: QuerySet[Participation], name: str, pk: str) -> QuerySet[Participation]:
        """Participations of the organ and all below it."""
        return rows.filter(organ__path__startswith=self.paths[pk])

    def all(self, rows: QuerySet[Participation], name: str, value: object) -> QuerySet[Participation]:
        """A choice that narrows other rows than participations."""
        return rows


class OverviewFilter(DashboardFilter):
    """Besides: the last days."""

    days = django_filters.ChoiceFilter(method="all", choices=DAYS, widget=forms.HiddenInput)


class CarryingForm(forms.Form):
    """What is hidden is carried on; only what can be seen counts as chosen here."""

    def has_changed(self) -> bool:
        """Whether something that can be seen is chosen."""
        return any(field.name in self.changed_data for field in self.visible_fields())


class PillarFilter(DashboardFilter):
    """Of one heading: its campaign's days unless a period is chosen; another campaign that was chosen is carried on."""

    period = django_filters.ChoiceFilter(label="期间", method="all", empty_label="本支柱的活动期间")
    campaign = django_filters.ChoiceFilter(widget=forms.HiddenInput)

    class Meta(DashboardFilter.Meta):
        form = CarryingForm


class ActionFilter(DashboardFilter):
    """Besides: a standing, a theme, and what is missing."""

    standing = django_filters.ChoiceFilter(
        label="状态", method="all", empty_label="全部状态", choices=list(STANDINGS.items())
    )
    theme = django_filters.ChoiceFilter(label="主题", method="all", empty_label="全部主题")
    lack = django_filters.ChoiceFilter(
        label="缺什么", method="all", empty_label="不限", choices=list(LACKS.items())
    )


class TargetFilter(DashboardFilter):
    """Besides: how far the target is reached."""

    verdict = django_filters.ChoiceFilter(
        label="达标", method="all", empty_label="全部", choices=list(VERDICTS.items())
    )


class ChangeFilter(DashboardFilter):
    """Besides: the last days, and a kind of change."""

    days = django_filters.ChoiceFilter(label="近期", method="all", empty_label=None, choices=DAYS)
    kind = django_filters.ChoiceFilter(
        label="变化", method="all", empty_label="全部变化", choices=list(NEWS_LABELS.items())
    )


class ProblemFilter(DashboardFilter):
    """Besides: who found the problem, and where it stands."""

    source = django_filters.ChoiceFilter(
        label="来源", method="all", empty_label="全部来源", choices=ProblemSource.choices
    )
    standing = django_filters.ChoiceFilter(
        label="状态", method="all", empty_label="全部状态", choices=list(PROBLEM_STANDINGS.items())
    )


class BelowFilter(django_filters.FilterSet):
    """Rows of organs, narrowed to a part of the tree."""

    organ = django_filters.ChoiceFilter(label="单位", method="below", empty_label="全部单位")

    def __init__(self, *args: Any, organs: Iterable[Organ], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        seen = list(organs)
        self.paths = {str(organ.pk): organ.path for organ in seen}
        choices = [(organ.pk, "　" * (organ.depth - 1) + organ.name) for organ in seen]
        self.filters["organ"].extra["choices"] = choices

    def below(self, rows: QuerySet, name: str, pk: str) -> QuerySet:
        """Rows of the organ and all below it."""
        return rows.filter(organ__path__startswith=self.paths[pk])


class InstructionFilter(BelowFilter):
    """Words of leaders, by whose turn it is."""

    stage = django_filters.ChoiceFilter(label="状态", choices=Stage.choices, empty_label="全部状态")

    class Meta:
        model = Instruction
        fields = ("organ", "stage")


class RuleFilter(BelowFilter):
    """Rules, by whether they hold."""

    force = django_filters.ChoiceFilter(label="效力", choices=Force.choices, empty_label="全部")

    class Meta:
        model = Rule
        fields = ("organ", "force")


def days_of(found: DashboardFilter) -> int:
    """The last days that are asked for; the longest time if none are."""
    return int(found.form.cleaned_data.get("days") or WINDOWS[-1])


def _period(key: str) -> Period | None:
    """The period of an address; None if it names none."""
    try:
        return Period.from_key(key)
    except PeriodError:
        return None


def whole_period(campaigns: Sequence[Campaign], today: date) -> Period:
    """All the days of the campaigns; of this year if there are none."""
    first = min((campaign.first_day for campaign in campaigns), default=date(today.year, 1, 1))
    last = max((campaign.last_day for campaign in campaigns), default=date(today.year, 12, 31))
    return Period.span(first, last + timedelta(days=1), WHOLE)


def chosen(
    request: SignedInRequest,
    organ_pk: int | None = None,
    *,
    at: Period | None = None,
    by: type[DashboardFilter] = DashboardFilter,
) -> tuple[View, DashboardFilter]:
    """What a request asks to see, within what its user may see, from one query if it was asked before, else four.

    `organ_pk` narrows it to one organ and those below; raises Http404 if the user may not see that organ.
    With `at` it is that period over all campaigns, and what the address chose is only carried on.
    """
    user, stand_at, today = request.user, marks(request), timezone.localdate()
    rests_on = (scope(user, Right.VIEW), stand_at[CATALOGUE], today)
    key = (*rests_on, by, organ_pk, at, request.GET.urlencode())
    kept = _asked.get(key)
    if kept is None:
        kept = _choose(request, today, organ_pk, at, by)
        _asked.put(key, kept)
    view, found = kept
    return replace(view, user=user, marks=stand_at), found


def _choose(
    request: SignedInRequest,
    today: date,
    organ_pk: int | None,
    at: Period | None,
    by: type[DashboardFilter],
) -> tuple[View, DashboardFilter]:
    user, stand_at = request.user, marks(request)
    seen = seen_by(user, stand_at[CATALOGUE])
    found = by(
        request.GET,
        queryset=Participation.objects.visible_to(user).order_by("organ__path"),
        organs=seen.organs,
        campaigns=seen.campaigns,
        known=catalogue(stand_at[CATALOGUE]),
        today=today,
    )
    if organ_pk is not None:
        del found.form.fields["organ"]
    found.form.is_valid()
    data = found.form.cleaned_data  # without the choices that are none
    asked = str(organ_pk) if organ_pk is not None else data.get("organ", "")
    top = next((organ for organ in seen.organs if str(organ.pk) == asked), None)
    if organ_pk is not None and top is None:
        raise Http404
    campaign = next((c for c in seen.campaigns if str(c.pk) == data.get("campaign")), None)
    period = _period(data.get("period") or "")
    key, path = period.key if period else "", top.path if top else ""
    kept = (("period", key), ("campaign", str(campaign.pk) if campaign else ""))
    if at:
        period, campaign = at, None
    counted = Participation.objects.visible_to(user) if at else found.qs
    days = seen.taking_part(counted, ("" if at else path, campaign and campaign.pk))
    period = period or whole_period([campaign] if campaign else seen.campaigns, today)
    organs = tuple(organ for organ in seen.organs if organ.path.startswith(path))
    query = tuple((name, value) for name, value in kept if value)
    view = View(
        user,
        seen.organs,
        top,
        organs,
        (),
        period,
        today,
        campaign,
        query,
        marks=stand_at,
        successors=seen.successors,
        taking_part=days,
    )
    if campaign and organ_pk is None:
        roots = tuple(organ.path for organ in organs if view.takes_part(organ, period))
        organs = tuple(organ for organ in organs if organ.path.startswith(roots))
    expected = tuple(organ for organ in organs if view.expects(organ, period))
    return replace(view, organs=organs, expected=expected), found


@dataclass(frozen=True)
class Seen:
    """What one may see of the tree and of the campaigns, kept until one of them changes."""

    organs: tuple[Organ, ...]
    campaigns: tuple[Campaign, ...]
    successors: Mapping[int, tuple[int, ...]]
    #: The keys of the organs, and of those above: what these told with the units below it (含下级), nobody else owes.
    keys: frozenset[int]
    known: dict[object, Days] = field(default_factory=dict)

    def taking_part(self, rows: QuerySet[Participation], key: object) -> Days:
        """The days of the participations that a choice leaves over, by organ; one query for each choice."""
        if key not in self.known:
            self.known[key] = cast(ParticipationQuerySet, rows).days()
        return self.known[key]


_kept: Kept[Seen] = Kept(200)
_asked: Kept[tuple[View, DashboardFilter]] = Kept(200)


def seen_by(user: User, marks: Marks) -> Seen:
    """What somebody may see, when the catalogue stands at these marks; three queries if nothing of it is kept."""
    seen = scope(user, Right.VIEW)
    key = (seen, marks)
    found = _kept.get(key)
    if found is None:
        followed = OrganSuccession.objects.filter(predecessor=OuterRef("pk")).values("successor")
        near = Organ.objects.filter(seen.q("path") | Q(path__in=seen.above(Organ.steplen)))
        near = near.annotate(followed_by=ArraySubquery(followed))
        organs = tuple(organ for organ in near if organ.path in seen)
        successors = {organ.pk: tuple(organ.followed_by) for organ in organs if organ.followed_by}
        keys = frozenset(organ.pk for organ in near)
        found = Seen(organs, tuple(Campaign.objects.visible_to(user)), successors, keys)
        _kept.put(key, found)
    return found


class WaitingFilter(forms.Form):
    """What of the waiting rows is shown: one organ, one kind; what is none of the choices narrows nothing."""

    organ = forms.ChoiceField(label="单位", required=False)
    kind = forms.ChoiceField(label="类别", required=False)

    def __init__(self, data: Any, *, rows: Sequence[Waiting], organs: Sequence[Organ]) -> None:
        super().__init__(data)
        self.rows = rows
        by_organ, by_kind = (Counter(row.organ for row in rows), Counter(row.kind.name for row in rows))
        named = [(str(o.pk), f"{o.label}（{by_organ[o.pk]}）") for o in organs if by_organ[o.pk]]
        kinds = [(k.name, f"{k.label}（{by_kind[k.name]}）") for k in KINDS.values() if by_kind[k.name]]
        cast(forms.ChoiceField, self.fields["organ"]).choices = [("", "全部单位"), *named]
        cast(forms.ChoiceField, self.fields["kind"]).choices = [("", "全部类别"), *kinds]

    @property
    def found(self) -> list[Waiting]:
        """The rows that are asked for."""
        asked = self.cleaned_data if self.is_valid() else getattr(self, "cleaned_data", {})
        organ, kind = asked.get("organ"), asked.get("kind")
        return [
            row
            for row in self.rows
            if (not organ or str(row.organ) == organ) and (not kind or row.kind.name == kind)
        ]


class BinFilter(forms.Form):
    """What of the bin is shown: one kind; what is none of the choices narrows nothing."""

    kind = forms.ChoiceField(label="类别", required=False)

    def __init__(self, data: Any, *, rows: QuerySet[Discarded]) -> None:
        super().__init__(data)
        self.rows = rows
        kinds = Counter(rows.order_by().values_list("kind", flat=True))
        self.total = kinds.total()
        named = [
            (kind.value, f"{kind.label}（{kinds[kind.value]}）") for kind in BinKind if kinds[kind.value]
        ]
        cast(forms.ChoiceField, self.fields["kind"]).choices = [("", "全部类别"), *named]

    @property
    def found(self) -> QuerySet[Discarded]:
        """The rows that are asked for."""
        kind = self.cleaned_data["kind"] if self.is_valid() else ""
        return self.rows.filter(kind=kind) if kind else self.rows
