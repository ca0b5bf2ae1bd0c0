"""Entry pages for campaigns, themes and each organ's own headings."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse

from measures.admin.base import (
    CAMPAIGN_FILTER,
    ORGAN_FILTER,
    THEME_FILTER,
    CatalogueAdmin,
    LedgerAdmin,
    LedgerInline,
)
from measures.forms.rows import LedgerForm, PillarForm, RuleForm
from measures.locks import ClosedCampaigns, beside
from measures.models import (
    Action,
    ActionKind,
    Campaign,
    Force,
    LineKind,
    Participation,
    Pillar,
    Reviewed,
    ReviewState,
    Rule,
    Theme,
    Unit,
)
from measures.rollups.reminders import REVIEWED
from measures.turning import turned_into
from organs.admin_site import drop_down
from organs.permissions import Right


class ParticipationInline(LedgerInline):
    """Who takes part."""

    model = Participation
    rights = (Right.CATALOGUE,)
    fields = ("organ", "first_day", "last_day")


def _is_to_close(row: Campaign) -> bool:
    return row.closed and Campaign.objects.filter(pk=row.pk, closed=False).exists()


def _unfinished(campaign: Campaign) -> str:
    """A sentence on what closing left undone; empty if all is done."""
    lines = Action.objects.filter(pillar__campaign=campaign)
    waits = Q(closing_state=ReviewState.SUBMITTED)
    open_lines = Q(pk__in=lines.current()) & ~Q(closing_state=ReviewState.APPROVED)
    found = lines.aggregate(
        open=Count("pk", open_lines),
        closing=Count("pk", open_lines & waits),
        problems=Count("pk", open_lines & Q(line=LineKind.PROBLEM)),
    )
    among = [
        f"{found[name]}条{words}"
        for name, words in (("closing", "销号待审"), ("problems", "问题整改"))
        if found[name]
    ]
    said = []
    if found["open"]:
        said.append(
            f"还有{found['open']}条没有销号{'（其中' + '、'.join(among) + '）' if among else ''}，现在算未办结，不再催办"
        )
    if waiting := _locked_in(campaign):
        kinds = "、".join(f"{kind}{number}条" for kind, number in waiting.items())
        said.append(f"待审的{kinds}，审核员通过不了")
    return f"{'；'.join(said)}。" if said else ""


def _locked_in(campaign: Campaign) -> Counter[str]:
    """What waits for a reviewer and falls in the campaign, now closed, by kind; a constant number of queries."""
    rows: list[Reviewed] = []
    for model in REVIEWED:
        inside = model._default_manager.filter(organ__path__startswith=campaign.owner.path)
        beside_it = (*beside(model), "pillar__campaign") if model is Action else beside(model)
        rows += inside.filter(state=ReviewState.SUBMITTED).select_related(*beside_it)
    closed = ClosedCampaigns({row.organ for row in rows})
    return Counter(str(row._meta.verbose_name) for row in rows if f"“{campaign.name}”" in closed.why(row))


@admin.register(Campaign)
class CampaignAdmin(CatalogueAdmin):
    """Campaigns with who takes part."""

    form = LedgerForm
    change_form_template = "admin/campaign_form.html"
    menu_place = 80
    list_display = ("name", "owner", "first_day", "last_day", "taking_part", "closed")
    list_select_related = ("owner",)
    search_fields = ("name",)
    date_hierarchy = "first_day"
    fields = ("name", "owner", "first_day", "last_day", "closed")
    inlines = (ParticipationInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With the number of organs that take part."""
        return super().get_queryset(request).annotate(organs=Count("participations__organ", distinct=True))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Through the door; a new one is open until those who took part stand in it."""
        closed = obj.closed
        obj.closed = closed and change
        super().save_model(request, obj, form, change)
        obj.closed = closed

    def store_change(self, request: HttpRequest, row: Any, links: dict[str, Any]) -> None:
        """Through the door; closing waits for who takes part, which it locks, too."""
        if not _is_to_close(row):
            super().store_change(request, row, links)

    def save_related(self, request: HttpRequest, form: Any, formsets: Sequence[Any], change: bool) -> None:
        """Who takes part; then says what closing locks and how it is undone."""
        super().save_related(request, form, formsets, change)
        row = form.instance
        if _is_to_close(row):
            super().store_change(request, row, form.links())
            said = f"“{row.name}”已结束：其中的内容（没有审核完的也一样）不能再改。{_unfinished(row)}"
            self.message_user(request, f"{said}要恢复，去掉“已结束”再保存。", messages.WARNING)

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """The form, with the way to the next campaign and to the one that it was made from."""
        row = kwargs.get("obj")
        if row and self.has_change_permission(request, row):
            context["turns"] = True
            context["made_by"] = turned_into(row)
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description="参加单位")
    def taking_part(self, campaign: Any) -> str:
        """How many organs take part."""
        return f"{campaign.organs}家"


@admin.register(Theme)
class ThemeAdmin(CatalogueAdmin):
    """Standard themes."""

    form = LedgerForm
    menu_place = 82
    list_display = ("name", "short_name", "order")
    search_fields = ("name",)


@admin.register(ActionKind)
class ActionKindAdmin(CatalogueAdmin):
    """Kinds of actions."""

    form = LedgerForm
    menu_place = 84
    list_display = ("name", "order")
    search_fields = ("name",)


@admin.register(Unit)
class UnitAdmin(CatalogueAdmin):
    """Units of measurement."""

    form = LedgerForm
    menu_place = 86
    list_display = ("symbol", "dimension", "scale_words", "whole")
    list_select_related = ("base",)
    search_fields = ("symbol", "dimension")

    @admin.display(description="换算")
    def scale_words(self, unit: Unit) -> str:
        """Of how many base units it consists."""
        return f"1{unit.symbol}＝{unit.spec.scale:f}{unit.base}" if unit.base else "基本单位"


@admin.register(Pillar)
class PillarAdmin(LedgerAdmin):
    """Headings in ledger order."""

    form = PillarForm
    menu_place = 10
    list_display = ("heading", "order", "organ", "campaign", "theme")
    list_select_related = ("organ", "campaign", "theme")
    list_filter = (ORGAN_FILTER, CAMPAIGN_FILTER, THEME_FILTER)
    search_fields = ("heading",)
    search_help_text = "按标题里的字找"


@admin.register(Rule)
class RuleAdmin(LedgerAdmin):
    """The register of rules (制度)."""

    form = RuleForm
    menu_place = 60
    list_display = ("name", "number", "day", "organ", "force")
    list_select_related = ("organ",)
    list_filter = (ORGAN_FILTER, drop_down("force", "效力", lambda user: Force.choices))
    search_fields = ("name", "number")
    search_help_text = "按名称或文号找"
    date_hierarchy = "day"
