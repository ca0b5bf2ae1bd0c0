"""The lines of a ledger (台账): actions as fetched, and the rows that pages show of them."""

from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count as SqlCount
from django.db.models import Max, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce, Greatest, NullIf

from measures.models import Action, Activity, LineKind, ReviewState, also_serving, begun
from measures.progress import Standing, action_standing, dissolved
from measures.rollups.digest import Asked
from measures.rollups.figures import FigureRow
from measures.rollups.stages import NEXT_STAGE, late_stage
from measures.rollups.standing import Count
from measures.rollups.view import View


@dataclass(frozen=True)
class ActionRow:
    """One line of the ledger; `no_figure` is what stands in the place of figures, nothing for a problem."""

    url: str
    title: str
    kind: str
    responsible: str
    joint: str
    due: str
    due_note: str
    progress: str
    held: str
    problem: str
    figures: tuple[FigureRow, ...]
    no_figure: str
    standing: str
    standing_label: str
    review: str
    review_label: str


@dataclass(frozen=True)
class PillarRow:
    """A heading in the organ's own words, its first actions, and figures that belong to no action.

    `campaign` is named where another campaign begins; `rest` tells of the actions that only its own page shows.
    """

    anchor: str
    url: str
    heading: str
    campaign: str
    theme: str
    note: str
    counts: tuple[Count, ...]
    actions: tuple[ActionRow, ...]
    figures: tuple[FigureRow, ...]
    rest: str


#: What marks lines that are no plain actions.
MARKS: dict[str, str] = {LineKind.PROBLEM: "整改", LineKind.PROJECT: "项目"}
#: The columns of an action, as `Line` takes them; what `beside` adds comes after.
COLUMNS = (
    *("pk", "pillar_id", "title", "kind__name", "leader", "office", "start_day", "due_day"),
    *("closed_on", "closing_state", "progress", "problem", "state", "line", "pillar__campaign__closed"),
    "organ__active_to",
)


class Line(NamedTuple):
    """An action as far as a ledger tells of it, with what stands beside it."""

    pk: int
    pillar_id: int
    title: str
    kind: str
    leader: str
    office: str
    start_day: date | None
    due_day: date | None
    closed_on: date | None
    closing_state: str
    progress: str
    problem: str
    state: str
    line: str
    over: bool  # whether its campaign is closed
    until: date | None  # the first day on which its organ is no more
    joint: list[str]
    number: int | None  # of its own activities in the period
    served: int | None  # of those of others in the period that serve it too
    last: date | None  # the newest of all these
    started: bool  # one was held, whenever
    stage: str | None  # of a project the first that is to be done
    stage_due: date | None

    @property
    def marked(self) -> str:
        """The kind, after what the line is where it is no plain action: 整改 · 学习教育."""
        return f"{MARKS[self.line]} · {self.kind}" if self.line in MARKS else self.kind

    @property
    def is_problem(self) -> bool:
        """Whether somebody found it (问题整改)."""
        return self.line == LineKind.PROBLEM

    @property
    def is_closed(self) -> bool:
        """Whether it is closed out (已销号)."""
        return self.closing_state == ReviewState.APPROVED

    @property
    def asked_on(self) -> date | None:
        """The day given as completed, while the closing waits for the reviewer."""
        return self.closed_on if self.closing_state == ReviewState.SUBMITTED else None

    def goes_on(self, today: date) -> bool:
        """Whether it is to be finished still."""
        return not (self.is_closed or self.over or dissolved(self.due_day, self.until, today))

    @property
    def responsible(self) -> str:
        """The leader and the office."""
        return "，".join(part for part in (self.leader, self.office) if part)

    @property
    def held(self) -> str:
        """活动7次，另有1次同时服务，最近2026-10-15; empty where none was held."""
        if not self.last:
            return ""
        served = f"{'另有' if self.number else '活动'}{self.served}次同时服务" if self.served else ""
        own = f"活动{self.number}次" if self.number else ""
        return f"{'，'.join(part for part in (own, served) if part)}，最近{self.last:%Y-%m-%d}"

    @property
    def counts(self) -> bool:
        """Whether it was approved."""
        return self.state == ReviewState.APPROVED

    def standing(self, today: date) -> Standing:
        """Where it stands; progress that was noted or an activity that was held means it has started."""
        return action_standing(
            start=self.start_day,
            due=self.due_day,
            closed_on=self.closed_on if self.is_closed else None,
            started=self.started or bool(self.progress),
            today=today,
            over=self.over,
            asked_on=self.asked_on,
            until=self.until,
        )


def beside(view: View) -> tuple[Any, ...]:
    """Joint organs of an action, its activities in the period and others that serve it, the last of these, whether there ever
    was one, its next stage."""
    held = Asked(view.period, as_of=view.as_of).counting(Activity.objects.all()).order_by()
    inside = held.filter(day__gte=view.period.start, day__lt=view.period.end)
    own = inside.filter(action=OuterRef("pk")).values("action")
    served = also_serving(inside).values("action")
    label = Coalesce(NullIf("organ__short_name", Value("")), "organ__name")
    joint = Action.joint_organs.through.objects.filter(action=OuterRef("pk")).order_by("organ__path")
    return (
        ArraySubquery(joint.values_list(label)),
        Subquery(own.annotate(number=SqlCount("pk")).values("number")),
        Subquery(served.annotate(number=SqlCount("pk")).values("number")),
        Greatest(
            Subquery(own.annotate(last=Max("day")).values("last")),
            Subquery(served.annotate(last=Max("activity__day")).values("last")),
        ),
        begun(held),
        *NEXT_STAGE,
    )


def due_note(action: Line, stands: Standing, today: date) -> str:
    """How late it or a stage of it is, how many days are left when they are few, or when it was finished."""
    if stands is Standing.DONE:
        return f"{action.closed_on:%Y-%m-%d}完成"
    stage = late_stage(action.stage, action.stage_due, today) if action.goes_on(today) else ""
    left = ""
    if stands in (Standing.LATE, Standing.SOON) and action.due_day:
        days = (action.due_day - today).days
        left = f"已过{-days}天" if days < 0 else f"还有{days}天" if days else "今天到期"
    asked = f"{action.asked_on:%Y-%m-%d}完成，销号待审" if action.asked_on else ""
    return "，".join(part for part in (left, stage, asked) if part)
