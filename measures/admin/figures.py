"""Entry pages for metrics, targets and observations."""

from django.contrib import admin, messages
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone

from measures.admin.base import CAMPAIGN_FILTER, ORGAN_FILTER, THEME_FILTER, LedgerAdmin, all_themes
from measures.admin.reviewed import STATE_FILTER, ReviewedAdmin
from measures.counting import outdated, propose, to_count
from measures.forms.rows import MetricForm, ObservationForm, TargetForm
from measures.locks import ClosedCampaigns
from measures.models import Metric, Nature, Observation, Source, Target
from measures.period import Period, PeriodError, PeriodKind
from measures.totals import COVERAGE_LABELS, Coverage, Presence
from organs.admin_site import DropDown, drop_down, me
from organs.forms import GuardedForm, row_number
from organs.models import Organ
from organs.permissions import Right, scope


@admin.register(Metric)
class MetricAdmin(LedgerAdmin):
    """What is measured."""

    form = MetricForm
    rights = (Right.ENTER, Right.CATALOGUE)
    menu_place = 60
    list_display = ("name", "unit", "nature", "rhythm", "theme", "belongs_to", "counts")
    list_filter = (THEME_FILTER, drop_down("nature", "性质", lambda user: Nature.choices))
    search_fields = ("name",)
    sounding = ("name",)
    autocomplete_fields = ("pair", "part_of")
    fieldsets = (
        (None, {"fields": ("name", "unit", "nature", "rhythm", "direction", "theme", "owner")}),
        ("取值", {"fields": ("decimals", "minimum", "maximum", "needs_denominator", "needs_evidence")}),
        ("汇总", {"fields": ("over_time", "over_organs")}),
        ("与其他指标、活动的关系", {"fields": ("pair", "part_of", "parts_overlap", "counts")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With what their names and columns are printed from."""
        return super().get_queryset(request).select_related("unit", "theme", "owner")

    @admin.display(description="所属单位")
    def belongs_to(self, metric: Metric) -> str:
        """Its organ, or all."""
        return metric.owner.label if metric.owner else "各单位通用"


@admin.register(Target)
class TargetAdmin(ReviewedAdmin):
    """What is aimed at."""

    form = TargetForm
    menu_place = 50
    list_display = ("metric", "organ", "campaign", "baseline", "value", "state_words")
    list_select_related = ("organ", "metric__unit", "campaign")
    list_filter = (ORGAN_FILTER, CAMPAIGN_FILTER, STATE_FILTER)
    search_fields = ("metric__name",)
    autocomplete_fields = ("metric",)
    fields = ("organ", "metric", "campaign", "baseline", "baseline_day", "baseline_note", "value", "phrase")

    @admin.display(description="基线")
    def baseline(self, target: Target) -> str:
        """As said."""
        return "—" if target.baseline is None else str(target.baseline)

    @admin.display(description="目标值")
    def value(self, target: Target) -> str:
        """As said."""
        return "—" if target.value is None else str(target.value)


class YearFilter(DropDown):
    """The year in which the period begins."""

    title = "年度"
    parameter_name = "year"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        """Years that occur."""
        years = (
            model_admin.get_queryset(request)
            .order_by()
            .values_list("period_days__startswith__year", flat=True)
        )
        return [(str(year), f"{year}年") for year in sorted(set(years.distinct()), reverse=True)]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Periods that begin in it."""
        if self.value() not in dict(self.lookup_choices):
            return queryset
        return queryset.filter(period_days__startswith__year=self.value())


@admin.register(Observation)
class ObservationAdmin(ReviewedAdmin):
    """Figures, typed as people say them."""

    form = ObservationForm
    menu_place = 40
    list_display = ("metric", "organ", "period", "quantity", "source_words", "state_words", "created_by")
    list_select_related = ("organ", "metric__unit", "created_by")
    list_filter = (
        ORGAN_FILTER,
        YearFilter,
        drop_down("theme", "标准主题", all_themes, lookup="metric__theme"),
        STATE_FILTER,
        drop_down("source", "来源", lambda user: Source.choices),
    )
    search_fields = ("metric__name", "phrase")
    search_help_text = "按指标或原话找"
    date_hierarchy = "created_at"
    autocomplete_fields = ("metric", "actions")
    fieldsets = (
        (None, {"fields": ("organ", "metric", "period", "quantity", "presence", "absence")}),
        ("比率的分子分母", {"fields": ("numerator", "denominator")}),
        (
            "说明、口径与出处",
            {"fields": ("remark", "coverage", "actions", "pillar", "phrase", "period_words")},
        ),
    )

    def save_model(self, request: HttpRequest, obj: Observation, form: GuardedForm, change: bool) -> None:
        """Through the door; what is typed where the program counts is pointed out."""
        super().save_model(request, obj, form, change)
        if obj.metric.counts and obj.source != Source.COUNTED and "quantity" in form.changed_data:
            said = f"“{obj.metric.name}”由活动自动计数；您填的数已保存，但活动再有增减，它不会跟着变。"
            self.message_user(request, said, messages.WARNING)

    @admin.display(description="期间", ordering="period_days")
    def period(self, row: Observation) -> str:
        """In words."""
        return row.period.label

    @admin.display(description="数值", ordering="quantity_amount")
    def quantity(self, row: Observation) -> str:
        """As said; nil and not applicable in words, 含下级 beside it."""
        if row.presence != Presence.VALUE.value:
            return row.said
        wide = Coverage(row.coverage)
        return row.said + (f"（{COVERAGE_LABELS[wide]}）" if wide is not Coverage.OWN else "")

    @admin.display(description="来源", ordering="source")
    def source_words(self, row: Observation) -> str:
        """Where it comes from."""
        return Source(row.source).label

    def get_urls(self) -> list[URLPattern]:
        """With the button that counts activities."""
        count = path("count/", self.admin_site.admin_view(self.count), name="measures_observation_count")
        return [count, *super().get_urls()]

    def count(self, request: HttpRequest) -> HttpResponse:
        """Propose the counted metrics of the user's organs for a period (the last one of each rhythm that is over).

        With `changed` only the figures that their activities have outgrown, each for its own period.
        """
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not scope(me(request), Right.ENTER):
            raise PermissionDenied
        try:
            wanted, periods = _outdated(request) if "changed" in request.POST else _to_count(request)
        except PeriodError as error:
            self.message_user(request, str(error), messages.ERROR)
            return redirect("home")
        made, refused = 0, []
        for organ, metric, period in wanted:
            try:
                with transaction.atomic():
                    made += bool(propose(metric, organ, period, by=me(request)))
            except ValidationError as error:
                refused.append(f"{organ.label}“{metric.name}”（{period.label}）：{' '.join(error.messages)}")
        for why in refused:
            self.message_user(request, why, messages.WARNING)
        named = (
            f"按活动计数（{'、'.join(dict.fromkeys(period.label for period in periods))}）"
            if periods
            else "按活动计数"
        )
        if made:
            said = f"{named}：新拟或更新了{made}条数值，请核对后报审。"
            self.message_user(request, said, messages.SUCCESS)
        else:
            rest = "其余没有" if refused else "没有"
            self.message_user(request, f"{named}：{rest}需要新拟或更新的数值。", messages.SUCCESS)
        return redirect("admin:measures_observation_changelist" if made else "home")


#: An organ and a metric to count for a period, and the periods that a message names.
Wanted = tuple[list[tuple[Organ, Metric, Period]], list[Period]]


def _outdated(request: HttpRequest) -> Wanted:
    return [(row.organ, row.metric, row.period) for row in outdated(me(request))], []


def _to_count(request: HttpRequest) -> Wanted:
    """What the form asks for; raises PeriodError for a period that cannot be read."""
    typed = request.POST.get("period", "").strip()
    given = Period.parse(typed) if typed else None
    metrics = Metric.objects.visible_to(me(request)).exclude(counts="").select_related("unit__base")
    if asked := request.POST.get("metric"):
        if (number := row_number(asked)) is None:
            raise BadRequest
        metrics = metrics.filter(pk=number)
    organs = list(Organ.objects.filter(scope(me(request), Right.ENTER).q("path")))
    periods = {metric.pk: given or last_over(metric) for metric in metrics}
    told = {
        key
        for period in set(periods.values())
        for key in to_count([m for m in metrics if periods[m.pk] == period], organs, period)
    }
    wanted = [(o, m, periods[m.pk]) for o in organs for m in metrics if (o.pk, m.pk) in told]
    if given is None:  # nobody has asked for what a closed campaign holds
        closed = ClosedCampaigns(organs)
        wanted = [one for one in wanted if not closed.why(_figure_of(*one))]
    return wanted, sorted(set(periods.values()), key=lambda period: period.start, reverse=True)


def _figure_of(organ: Organ, metric: Metric, period: Period) -> Observation:
    row = Observation(organ=organ, metric=metric)
    row.period = period
    return row


def last_over(metric: Metric) -> Period:
    """The last period of the metric's rhythm that is over; the year for one without rhythm."""
    kind = PeriodKind(metric.rhythm)
    kind = PeriodKind.YEAR if kind is PeriodKind.SPAN else kind
    return Period.of(kind, timezone.localdate()).previous()
