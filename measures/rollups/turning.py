"""The turn of the year: what of a campaign can go on in the next one, and what the copies would say."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from django.db.models import Count
from django.utils import timezone

from measures.models import (
    PENDING,
    Action,
    Campaign,
    Metric,
    Nature,
    Participation,
    Pillar,
    ReviewState,
    Target,
)
from measures.period import Period, PeriodKind
from measures.quantity import Quantity
from measures.rollups.load import Figures, load_figures
from measures.rollups.view import View
from organs.models import Organ, OrganVersion, User

_YEAR = re.compile(r"(19|20|21)[0-9]{2}")
_MEASURED = (Nature.STOCK, Nature.CUMULATIVE, Nature.RATIO)


@dataclass(frozen=True)
class Item:
    """Something to tick, named by its token; `why` says why it cannot go on, `note` what becomes of it."""

    token: str
    label: str
    note: str = ""
    ticked: bool = True
    why: str = ""


@dataclass(frozen=True)
class Heading:
    """A heading with the actions under it."""

    item: Item
    row: Pillar
    actions: tuple[tuple[Item, Action], ...]


@dataclass(frozen=True)
class Baseline:
    """Where the new year starts from: a figure, its last day and its period in words; or why there is none."""

    quantity: Quantity | None = None
    day: date | None = None
    words: str = ""
    why: str = ""


@dataclass(frozen=True)
class Aim:
    """A target with the baseline that the next year starts from."""

    item: Item
    row: Target
    baseline: Baseline

    @property
    def old(self) -> str:
        """The old target value as said."""
        return str(self.row.value or "没有")

    @property
    def new(self) -> str:
        """The new baseline as said, or why there is none."""
        found = self.baseline
        return f"{found.quantity}（{found.words}）" if found.quantity else f"不带基线：{found.why}"


@dataclass(frozen=True)
class OrganPart:
    """All of one organ: whether it takes part again, its headings and targets, what is not approved."""

    organ: Organ
    item: Item | None
    headings: tuple[Heading, ...]
    aims: tuple[Aim, ...]
    left: tuple[str, ...] = ()

    @property
    def items(self) -> Iterable[Item]:
        """All that can be ticked."""
        if self.item:
            yield self.item
        for heading in self.headings:
            yield heading.item
            yield from (item for item, _ in heading.actions)
        yield from (aim.item for aim in self.aims)

    @cached_property
    def number(self) -> int:
        """How many actions there are."""
        return sum(len(heading.actions) for heading in self.headings)


@dataclass(frozen=True)
class Chosen:
    """What of one organ goes on with given ticks, and what does not although it was ticked, with the reason."""

    organ: Organ
    takes_part: bool
    pillars: tuple[Pillar, ...]
    actions: tuple[Action, ...]
    aims: tuple[Aim, ...]
    refused: tuple[tuple[str, str], ...]
    left: tuple[str, ...]
    open_problems: int

    @property
    def goes_on(self) -> bool:
        """Whether anything of it does."""
        return bool(self.pillars or self.actions or self.aims)

    @property
    def problems(self) -> int:
        """How many of the actions are problems."""
        return sum(row.is_problem for row in self.actions)

    @property
    def stages(self) -> int:
        """How many stages of its projects do not go on with them."""
        return sum(getattr(row, "stages", 0) for row in self.actions)

    @property
    def number_left(self) -> int:
        """How much stays behind, against the ticks or for want of an approval."""
        return len(self.refused) + len(self.left)


@dataclass(frozen=True)
class Plan:
    """What can go on from a campaign, organs in official order."""

    campaign: Campaign
    begins: date
    parts: tuple[OrganPart, ...]
    by_token: dict[str, Item] = field(default_factory=dict)

    @property
    def ticked(self) -> set[str]:
        """What is proposed."""
        return {token for token, item in self.by_token.items() if item.ticked and not item.why}

    def known(self, tokens: Iterable[str]) -> set[str]:
        """Of these only what can be ticked."""
        return {token for token in tokens if token in self.by_token and not self.by_token[token].why}

    def chosen(self, ticks: Collection[str]) -> list[Chosen]:
        """What goes on, organ by organ; a row goes on only with the organ and the heading that it stands under."""
        taking_part = [part.organ.path for part in self.parts if part.item and part.item.token in ticks]
        return [self._chosen(part, ticks, taking_part) for part in self.parts]

    def _chosen(self, part: OrganPart, ticks: Collection[str], taking_part: list[str]) -> Chosen:
        here = any(part.organ.path.startswith(path) for path in taking_part)
        refused: list[tuple[str, str]] = []
        pillars, actions, aims = [], [], []
        for heading in part.headings:
            under = heading.item.token in ticks
            if under and here:
                pillars.append(heading.row)
            elif under:
                refused.append((heading.item.label, "单位没有勾选参加"))
            for item, row in heading.actions:
                if item.token in ticks and here and under:
                    actions.append(row)
                elif item.token in ticks:
                    refused.append((item.label, "所属支柱没有勾选" if here else "单位没有勾选参加"))
        for aim in part.aims:
            if aim.item.token in ticks and here:
                aims.append(aim)
            elif aim.item.token in ticks:
                refused.append((aim.item.label, "单位没有勾选参加"))
        refused += [(item.label, item.why) for item in part.items if item.why]
        own = part.item is not None and part.item.token in ticks
        staying = [row for heading in part.headings for _, row in heading.actions if row not in actions]
        return Chosen(
            part.organ,
            own,
            tuple(pillars),
            tuple(actions),
            tuple(aims),
            tuple(refused),
            part.left,
            open_problems=sum(row.is_problem and not row.is_closed for row in staying),
        )


def next_name(name: str) -> str:
    """The name with its year raised by one; with 下一届 behind where it names no year."""
    raised = _YEAR.sub(lambda found: str(int(found[0]) + 1), name)
    return raised if raised != name else f"{name[:90]}（下一届）"


def next_day(campaign: Campaign) -> date:
    """The day after the campaign's last."""
    return campaign.last_day + timedelta(days=1)


def a_year_on(day: date) -> date:
    """The same day of the next year; 28 February for a leap day."""
    leap = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year + 1, day=28 if leap else day.day)


def moved(action: Action, campaign: Campaign, begins: date) -> tuple[date | None, date | None]:
    """Start and due day in a campaign that begins on a day: as many years later as brings the last of them that lies
    within the old campaign into the new one, no start before that begins; as they are where none lies there, or where
    the line is a problem.
    """
    days = (action.start_day, action.due_day)
    within = [day for day in days if day and campaign.first_day <= day <= campaign.last_day]
    if action.is_problem or not within:
        return days
    years, day = 1, a_year_on(within[-1])
    while day < begins:
        years, day = years + 1, a_year_on(day)
    start, due = (day and _years_on(day, years) for day in days)
    return start and max(start, begins), due


def _years_on(day: date, years: int) -> date:
    for _ in range(years):
        day = a_year_on(day)
    return day


def turning_plan(campaign: Campaign, user: User, begins: date | None = None) -> Plan:
    """What can go on from the campaign into one that begins on a day, by itself the one after its last.

    A constant number of queries.
    """
    begins = begins or next_day(campaign)
    taking_part = list(campaign.participations.select_related("organ").order_by("organ__path", "pk"))
    pillars = list(campaign.pillars.select_related("organ", "campaign", "theme"))
    headings = {pillar.pk: pillar for pillar in pillars}
    beside = ("organ", "kind", "theme")
    actions = Action.objects.current().filter(pillar__campaign=campaign).select_related(*beside)
    targets = Target.objects.current().filter(campaign=campaign).select_related("metric__unit__base", "organ")
    targets = targets.order_by("organ__path", "metric__theme__order", "metric__name", "pk")
    under: dict[int, list[Action]] = defaultdict(list)
    actions = actions.annotate(stages=Count("milestones")).order_by("order", "pk")
    for action in actions.prefetch_related("joint_organs", "counted_metrics"):
        action.pillar = headings[action.pillar_id]
        under[action.pillar_id].append(action)
    aimed: dict[int, list[Target]] = defaultdict(list)
    for target in targets:
        aimed[target.organ_id].append(target)
    organs = {row.organ_id: row.organ for row in taking_part} | {row.organ_id: row.organ for row in pillars}
    organs |= {rows[0].organ_id: rows[0].organ for rows in aimed.values()}
    own: dict[int, list[Pillar]] = defaultdict(list)
    for pillar in pillars:
        own[pillar.organ_id].append(pillar)
    figures = _figures(campaign, user, tuple(sorted(organs.values(), key=lambda organ: organ.path)))
    left, last = _left(campaign), {row.organ_id: row for row in taking_part}
    parts = tuple(
        OrganPart(
            organ=organ,
            item=_participant(last[organ.pk], campaign, begins) if organ.pk in last else None,
            headings=tuple(_heading(row, under[row.pk], campaign, begins) for row in own[organ.pk]),
            aims=tuple(_aim(row, figures, campaign) for row in aimed[organ.pk]),
            left=tuple(left[organ.pk]),
        )
        for organ in figures.view.organs
    )
    return Plan(campaign, begins, parts, {item.token: item for part in parts for item in part.items})


def _figures(campaign: Campaign, user: User, organs: tuple[Organ, ...]) -> Figures:
    days = Period.span(campaign.first_day, campaign.last_day + timedelta(days=1))
    view = View(user, organs, None, organs, organs, days, timezone.localdate(), campaign)
    return load_figures(replace(view, marks=OrganVersion.objects.marks()))


def _participant(row: Participation, campaign: Campaign, begins: date) -> Item:
    closed, left = row.organ.active_to, row.last_day and row.last_day < campaign.last_day
    why = f"单位已于{closed}撤并" if closed and closed <= begins else ""
    note = f"{row.last_day}起不再参加" if left else ""
    return Item(f"o{row.organ_id}", "参加新活动", note, ticked=not left, why=why)


def _heading(row: Pillar, actions: list[Action], campaign: Campaign, begins: date) -> Heading:
    items = tuple((_action(action, campaign, begins), action) for action in actions)
    return Heading(Item(f"p{row.pk}", row.heading, row.theme.short_name), row, items)


def _action(row: Any, campaign: Campaign, begins: date) -> Item:
    start, due = moved(row, campaign, begins)
    days = [
        f"{name}{old}" + (f" → {new}" if new != old else "")
        for name, old, new in (("开始", row.start_day, start), ("时限", row.due_day, due))
        if old
    ]
    problem = f"问题整改，{'' if row.is_closed else '没有销号，'}不带就留在上一届" if row.is_problem else ""
    stages = f"{row.stages}个项目阶段不带，请在草稿里另填" if row.stages else ""
    said = "，".join(filter(None, ("已销号" if row.is_closed else "", problem, *days, stages)))
    return Item(f"a{row.pk}", row.title, said, ticked=not (row.is_closed or row.is_problem))


def _aim(row: Target, figures: Figures, campaign: Campaign) -> Aim:
    found = _baseline(row.metric, row.organ, figures, campaign)
    why = "" if row.value or found.quantity else "没有目标值，也没有可作基线的数"
    return Aim(Item(f"t{row.pk}", row.metric.name, why=why), row, found)


def _baseline(metric: Metric, organ: Organ, figures: Figures, campaign: Campaign) -> Baseline:
    """The figure that the next year starts from, as totals have it."""
    if metric.nature in _MEASURED:
        days, years = figures.view.period, 0
    elif metric.nature != Nature.FLOW:
        return Baseline(why="位次不作基线")
    elif metric.rhythm != PeriodKind.YEAR.value:
        return Baseline(why="不是按年填报的流量，没有全年数")
    else:
        first, last = campaign.first_day.year, campaign.last_day.year
        days, years = Period.span(date(first, 1, 1), date(last + 1, 1, 1)), last - first + 1
    figure = figures.own(metric, organ, days)
    if figure is None or figure.quantity is None:
        return Baseline(why="没有审核过的数")
    if years and len(figure.used) < years:
        return Baseline(why="有的年份没有审核过的数")
    rows = [figures.row(key, organ) for key in figure.used]
    words = rows[0].period.label if len(rows) == 1 else days.label
    return Baseline(figure.quantity, figure.as_of, words)


def _left(campaign: Campaign) -> dict[int, list[str]]:
    """By organ, what is on its way still and does not go on."""
    said: dict[int, list[str]] = defaultdict(list)
    for rows, name in (
        (Action.objects.filter(pillar__campaign=campaign), "举措"),
        (Target.objects.filter(campaign=campaign), "目标"),
    ):
        waiting = rows.open().filter(previous=None).order_by("pk")
        for organ, title, state in waiting.values_list(
            "organ", "title" if name == "举措" else "metric__name", "state"
        ):
            said[organ].append(f"{name}“{title}”（{ReviewState(state).label}）")
    return said


def pending(value: Quantity | None) -> str:
    """What a copied target says of its value."""
    return f"{PENDING}沿用上一届的目标值" if value else ""
