"""What is done: ledger lines and the activities held for them."""

from datetime import date, timedelta
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet
from django.utils import timezone

from measures.models.article import Excerpted, excerpt_constraint
from measures.models.metric import Metric
from measures.models.plan import Pillar, Theme
from measures.models.reviewed import (
    CONFIRMED_STATES,
    Reviewed,
    ReviewedQuerySet,
    ReviewState,
    reviewed_constraints,
)
from measures.period import FIRST_YEAR
from organs.models import Organ, User
from organs.permissions import Right, scope


class ActionKind(models.Model):
    """A kind of action (举措类别); an editable list."""

    name = models.CharField("名称", max_length=20, unique=True)
    order = models.PositiveSmallIntegerField("次序", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "举措类别"
        ordering = ("order", "pk")

    def __str__(self) -> str:
        return self.name


class LineKind(models.TextChoices):
    """What a line of the ledger is (台账类型)."""

    ACTION = "action", "举措"
    PROBLEM = "problem", "问题整改"
    PROJECT = "project", "项目"


class ProblemSource(models.TextChoices):
    """Who found a problem (问题来源)."""

    INSPECTION = "inspection", "巡察"
    AUDIT = "audit", "审计"
    DISCIPLINE = "discipline", "纪委监委"
    SELF = "self", "自查"
    SUPERVISION = "supervision", "督导"
    PETITION = "petition", "信访"
    OTHER = "other", "其他"


class JointQuerySet(ReviewedQuerySet):
    """Rows that joint organs (协办) see, too, once they are confirmed."""

    joint_path = "joint_organs__path"

    def visible_to(self, user: User) -> "JointQuerySet":
        """As for every reviewed row, and confirmed rows in which an organ of the user's is a joint organ."""
        seen, confirmed = scope(user, Right.VIEW), Q(state__in=CONFIRMED_STATES)
        joint = self.model._default_manager.filter(seen.q(self.joint_path)).values("pk")
        drafts = scope(user, Right.VIEW_DRAFTS).q("organ__path")
        return self.filter(confirmed & (seen.q("organ__path") | Q(pk__in=joint)) | drafts)


class Action(Reviewed, Excerpted):
    """A concrete action (举措): one ledger line under a pillar."""

    OPEN_AFTER_APPROVAL = frozenset({"progress", "problem", "closed_on"})

    pillar = models.ForeignKey(Pillar, models.PROTECT, related_name="actions", verbose_name="创建支柱")
    title = models.CharField(
        "举措", max_length=100, help_text="一句话写清做什么，如“村（社区）公共卫生委员会全覆盖”。"
    )
    line = models.CharField(
        "台账类型",
        max_length=10,
        choices=LineKind,
        default=LineKind.ACTION,
        help_text="问题整改要填下面的“查出的问题”；项目保存后填各阶段。",
    )
    kind = models.ForeignKey(ActionKind, models.PROTECT, related_name="actions", verbose_name="类别")
    source = models.CharField("问题来源", max_length=15, choices=ProblemSource, blank=True)
    found_on = models.DateField("发现日期", null=True, blank=True)
    finding = models.TextField(
        "问题内容", blank=True, help_text="照反馈意见、审计报告等的原话写；整改措施写在“具体内容”里。"
    )
    document_number = models.CharField("文号", max_length=50, blank=True, help_text="没有就不填。")
    what = models.TextField("具体内容", blank=True)
    leader = models.CharField("责任领导", max_length=50, blank=True, help_text="写职务即可，如“分管副局长”。")
    office = models.CharField("责任科室", max_length=50, blank=True)
    joint_organs = models.ManyToManyField(
        Organ,
        related_name="joint_actions",
        blank=True,
        verbose_name="协办单位",
        help_text="协办单位能看到审核后的本条。",
    )
    start_day = models.DateField("开始日期", null=True, blank=True)
    due_day = models.DateField("完成时限", null=True, blank=True)
    progress = models.TextField("进展", blank=True, help_text="做到哪一步；审核后仍可更新。")
    problem = models.TextField("存在问题", blank=True, help_text="没有就不填。")
    closed_on = models.DateField("完成日期", null=True, blank=True, help_text="申请销号时填写。")
    closing_state = models.CharField(
        "销号状态", max_length=10, choices=ReviewState, blank=True, editable=False
    )
    closing_hands = ArrayField(
        models.BigIntegerField(), default=list, verbose_name="销号经手人", editable=False
    )
    theme = models.ForeignKey(
        Theme,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="标准主题",
        help_text="与所属支柱主题不同时才选。",
    )
    counted_metrics = models.ManyToManyField(
        Metric,
        related_name="counted_actions",
        blank=True,
        verbose_name="自动计入的指标",
        limit_choices_to=~Q(counts=""),
        help_text="本举措下的活动自动计入这些指标。",
    )
    order = models.PositiveSmallIntegerField("次序", default=1, help_text="在支柱下排第几。")

    objects: ClassVar[Any] = JointQuerySet.as_manager()

    class Meta(Reviewed.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "举措"
        ordering = ("pillar__campaign", "organ__path", "pillar__order", "order", "pk")
        constraints = [
            *reviewed_constraints("action"),
            excerpt_constraint("action"),
            models.CheckConstraint(
                name="action_days_in_order",
                condition=Q(start_day__isnull=True)
                | Q(due_day__isnull=True)
                | Q(start_day__lte=F("due_day")),
                violation_error_message="完成时限不能早于开始日期。",
            ),
            models.CheckConstraint(
                name="action_closing_has_day",
                condition=Q(closing_state__in=("", ReviewState.RETURNED)) | Q(closed_on__isnull=False),
                violation_error_message="销号要填完成日期。",
            ),
            models.CheckConstraint(
                name="action_closed_only_when_approved",
                condition=Q(closing_state="") | Q(state__in=CONFIRMED_STATES),
                violation_error_message="举措审核通过后才能销号。",
            ),
            models.CheckConstraint(
                name="action_only_problems_were_found",
                condition=(Q(line=LineKind.PROBLEM, found_on__isnull=False) & ~Q(source="") & ~Q(finding=""))
                | (
                    ~Q(line=LineKind.PROBLEM)
                    & Q(source="", found_on__isnull=True, finding="", document_number="")
                ),
                violation_error_message="问题整改要有来源、发现日期和问题内容，别的类型不填这些。",
            ),
        ]
        indexes = [models.Index(fields=("pillar", "order"), name="action_in_ledger_order")]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store; the organ is that of the pillar."""
        self.organ_id = self.pillar.organ_id
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """Future days are for plans; nothing is found or finished tomorrow. Problems, and they alone, were found."""
        today, wrong = timezone.localdate(), {}
        if self.closed_on and self.closed_on > today:
            wrong["closed_on"] = "完成日期不能在将来。"
        if self.found_on and self.found_on > today:
            wrong["found_on"] = "发现日期不能在将来。"
        for name, words in (("source", "来源"), ("found_on", "发现日期"), ("finding", "问题内容")):
            if self.is_problem and not getattr(self, name):
                wrong[name] = f"问题整改要填{words}。"
        for name in ("source", "found_on", "finding", "document_number"):
            if not self.is_problem and getattr(self, name):
                wrong[name] = "只有“问题整改”才填；是问题的，请把台账类型改成“问题整改”。"
        if wrong:
            raise ValidationError(wrong)

    @property
    def is_problem(self) -> bool:
        """Whether somebody found it (问题整改)."""
        return self.line == LineKind.PROBLEM

    @property
    def is_closed(self) -> bool:
        """Whether the line is closed out (已销号)."""
        return self.closing_state == ReviewState.APPROVED

    @property
    def asked_on(self) -> date | None:
        """The day given as completed, while the closing waits for the reviewer."""
        return self.closed_on if self.closing_state == ReviewState.SUBMITTED else None

    @property
    def over(self) -> bool:
        """Whether its campaign is closed: what was not finished by then is not going to be."""
        return self.pillar.campaign.closed

    @property
    def until(self) -> date | None:
        """The first day on which its organ is no more."""
        return self.organ.active_to

    def held_days(self) -> tuple[date, date]:
        """The days of the campaign."""
        campaign = self.pillar.campaign
        return campaign.first_day, campaign.last_day + timedelta(days=1)


class MilestoneQuerySet(models.QuerySet["Milestone"]):
    """Milestones by who sees their project."""

    def visible_to(self, user: User) -> "MilestoneQuerySet":
        """Those of projects that the user sees."""
        return self.filter(action__in=Action.objects.visible_to(user))


class Milestone(models.Model):
    """A stage of a project (里程碑): when it is due, and when it was done; the project stands at the last one done."""

    #: The usual stages in their order; each office words its own.
    USUAL = ("立项", "可研", "招标", "开工", "主体完工", "竣工验收", "投入使用")

    action = models.ForeignKey(Action, models.PROTECT, related_name="milestones", verbose_name="项目")
    order = models.PositiveSmallIntegerField("次序", default=1)
    stage = models.CharField("阶段", max_length=30)
    due_day = models.DateField("计划完成", null=True, blank=True)
    done_day = models.DateField("实际完成", null=True, blank=True)

    objects = MilestoneQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "项目阶段"
        ordering = ("action", "order", "pk")
        constraints = [
            models.CheckConstraint(
                name="milestone_has_a_day",
                condition=Q(due_day__isnull=False) | Q(done_day__isnull=False),
                violation_error_message="计划完成和实际完成至少填一个。",
            ),
        ]

    def __str__(self) -> str:
        return self.stage

    def clean(self) -> None:
        """Only projects have stages; nothing is done tomorrow, and something is known of each."""
        if self.done_day and self.done_day > timezone.localdate():
            raise ValidationError({"done_day": "实际完成的日期不能在将来。"})
        if not (self.due_day or self.done_day):
            raise ValidationError({"due_day": "计划完成和实际完成至少填一个。"})
        if self.action_id and self.action.line != LineKind.PROJECT:
            raise ValidationError("只有台账类型是“项目”的才有阶段。")


class ActivityQuerySet(JointQuerySet):
    """Activities; joint organs are those of the action."""

    joint_path = "action__joint_organs__path"


class Activity(Reviewed):
    """One held activity (活动) of an action; entered once, whatever it counts for."""

    action = models.ForeignKey(Action, models.PROTECT, related_name="activities", verbose_name="举措")
    also_serves = models.ManyToManyField(
        Action,
        related_name="shared_activities",
        blank=True,
        verbose_name="同时服务的举措",
        help_text="一次活动也算在别的举措里时选；总数只算一次。",
    )
    day = models.DateField("日期", help_text="活动举行的日子，不能是将来。")
    title = models.CharField("活动名称", max_length=100)
    place = models.CharField("地点", max_length=50, blank=True)
    expected = models.PositiveIntegerField("应到人数", null=True, blank=True)
    attended = models.PositiveIntegerField("实到人次", null=True, blank=True)
    note = models.TextField("备注", blank=True)

    objects: ClassVar[Any] = ActivityQuerySet.as_manager()

    class Meta(Reviewed.Meta):
        abstract = False
        verbose_name = verbose_name_plural = "活动"
        ordering = ("-day", "-pk")
        constraints = reviewed_constraints("activity")
        indexes = [models.Index(fields=("organ", "day"), name="activity_by_organ_day")]

    def __str__(self) -> str:
        return f"{self.title}（{self.day:%Y-%m-%d}）"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store; the organ is that of the action."""
        self.organ_id = self.action.organ_id
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """An activity is entered when it has been held, under the line that stands."""
        if self.day and self.day > timezone.localdate():
            raise ValidationError({"day": "活动日期不能在将来；还没举行的写在举措的时限里。"})
        if self.day and self.day.year < FIRST_YEAR:
            raise ValidationError({"day": f"年份要在{FIRST_YEAR}年以后，请核对。"})
        if self.action_id and not self.action.is_head:
            raise ValidationError(
                {"action": "这项举措已更正、已撤销，或是还没通过的更正稿，请选现行的一条。"}
            )

    def held_days(self) -> tuple[date, date] | None:
        """The day it was held on; None of the last day of the calendar, which `clean` refuses."""
        return None if self.day == date.max else (self.day, self.day + timedelta(days=1))


def ended(today: date) -> Q:
    """Whether nothing of an action goes on: its campaign is closed, or its organ was gone before it was due."""
    due = Q(due_day__isnull=True) | Q(due_day__gte=F("organ__active_to"))
    return Q(pillar__campaign__closed=True) | Q(organ__active_to__lte=today) & due


#: The rows that tie activities to the actions that they serve besides their own.
SERVING = Activity.also_serves.through


def also_serving(activities: QuerySet[Activity]) -> QuerySet[Any]:
    """The ties of activities that serve the action of an outer query besides their own; of its organ, as counted."""
    ties = SERVING.objects.filter(action=OuterRef("pk"), activity__in=activities)
    return ties.filter(activity__organ=OuterRef("organ")).exclude(activity__action=OuterRef("pk")).order_by()


def begun(activities: QuerySet[Activity]) -> ExpressionWrapper:
    """Whether one of the activities was held for the action of an outer query, or serves it too."""
    own = activities.filter(action=OuterRef("pk"))
    return ExpressionWrapper(Q(Exists(own)) | Q(Exists(also_serving(activities))), models.BooleanField())
