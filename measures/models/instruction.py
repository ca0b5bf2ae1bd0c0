"""Words of leaders (批示) on an action or a figure: a to-do of the organ until they are answered and settled."""

from django.db import models
from django.db.models import Case, F, Q, When
from django.utils import timezone

from measures.models.action import Action
from measures.models.metric import Metric
from organs.models import AuditVerb, Organ, User
from organs.permissions import Right, scope

MOST_WORDS = 500


class Stage(models.TextChoices):
    """Whose turn it is (批示状态)."""

    OPEN = "open", "待答复"
    ANSWERED = "answered", "已答复"
    SETTLED = "settled", "已办结"


class InstructionQuerySet(models.QuerySet["Instruction"]):
    """Words of leaders by who may read them."""

    def visible_to(self, user: User) -> "InstructionQuerySet":
        """Those to organs whose approved figures the user sees; a joint organ does not read them."""
        return self.filter(scope(user, Right.VIEW).q("organ__path"))

    def most_pressing_first(self) -> "InstructionQuerySet":
        """Those to be answered, those answered, those settled; what is due first before the others."""
        turn = Case(When(stage=Stage.OPEN, then=0), When(stage=Stage.ANSWERED, then=1), default=2)
        return self.order_by(turn, F("due_day").asc(nulls_last=True), "-at", "-pk")


class Instruction(models.Model):
    """What a leader asks of an organ (批示) about an action, or about its figure of a metric, whatever its versions."""

    organ = models.ForeignKey(Organ, models.PROTECT, related_name="+", verbose_name="机关单位")
    action = models.ForeignKey(
        Action, models.PROTECT, related_name="instructions", null=True, blank=True, verbose_name="举措"
    )
    metric = models.ForeignKey(
        Metric, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="指标"
    )
    words = models.TextField("批示内容", max_length=MOST_WORDS)
    due_day = models.DateField("答复时限", null=True, blank=True, help_text="不急的可以不填。")
    stage = models.CharField("状态", max_length=10, choices=Stage, default=Stage.OPEN, editable=False)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="批示人", editable=False)
    at = models.DateTimeField("批示时间", default=timezone.now, editable=False)
    changed_at = models.DateTimeField("最近改动时间", default=timezone.now, editable=False)

    objects = InstructionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "批示"
        ordering = ("-at", "-pk")
        constraints = [
            models.CheckConstraint(
                name="instruction_about_one_thing",
                condition=Q(action__isnull=False, metric__isnull=True)
                | Q(action__isnull=True, metric__isnull=False),
            ),
            models.CheckConstraint(name="instruction_says_something", condition=~Q(words="")),
        ]
        indexes = [models.Index(fields=("organ", "stage"), name="instruction_by_organ")]

    def __str__(self) -> str:
        return f"对“{self.action or self.metric}”的批示"


class TurnQuerySet(models.QuerySet["Turn"]):
    """Turns by who may read the words that they answer."""

    def visible_to(self, user: User) -> "TurnQuerySet":
        """Those of what the user may read."""
        return self.filter(instruction__in=Instruction.objects.visible_to(user))


class Turn(models.Model):
    """What was said to the words of a leader afterwards (答复、再次批示、办结): who, when, which words; never changed."""

    VERBS = (AuditVerb.ANSWER, AuditVerb.ASK_AGAIN, AuditVerb.SETTLE)

    instruction = models.ForeignKey(Instruction, models.PROTECT, related_name="turns", verbose_name="批示")
    verb = models.CharField("办理", max_length=20, choices=[(verb.value, verb.label) for verb in VERBS])
    words = models.TextField("内容", max_length=MOST_WORDS, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="经办人")
    at = models.DateTimeField("时间", default=timezone.now)

    objects = TurnQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "批示办理"
        ordering = ("at", "pk")
        constraints = [
            models.CheckConstraint(
                name="turn_says_something",
                condition=Q(verb=AuditVerb.SETTLE) | ~Q(words=""),
                violation_error_message="请写明内容。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.by} {AuditVerb(self.verb).label}"
