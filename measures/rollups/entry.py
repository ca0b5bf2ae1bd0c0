"""What the fast entry pages offer: last choices, last month's activities, the figures expected, what a photo may prove."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from django.db.models import F, Max, Q
from django.urls import reverse

from measures.models import (
    OPEN_STATES,
    PROVEN,
    Action,
    Activity,
    Campaign,
    Metric,
    Observation,
    Pillar,
    Reviewed,
    ReviewState,
    Target,
)
from measures.models.metric import MetricQuerySet
from measures.period import Period, PeriodKind
from measures.rollups.returned import words_of
from organs.models import Organ, User
from organs.permissions import Right, scope

#: So many actions stand first in the list of choices: those with the latest activities.
LATELY = 8
#: So many rows of each kind are offered to be proved; of a search so many more.
OFFERED, FOUND = 5, 20
#: So many periods of a rhythm are offered, the one that runs included.
PERIODS = {PeriodKind.MONTH: 4, PeriodKind.QUARTER: 3, PeriodKind.HALF: 3, PeriodKind.YEAR: 3}


@dataclass(frozen=True)
class Given:
    """What stands in a row before somebody types: an action, a title that is proposed, a place."""

    action: int | None = None
    title: str = ""
    place: str = ""


@dataclass(frozen=True)
class Asked:
    """A metric that an organ is to report for a period: the figure before it, and the one that is there, if any.

    `draft` may be changed; `locked` may not, which `state` says, and `url` leads there.
    """

    metric: Metric
    last: str
    last_period: str
    draft: Observation | None = None
    locked: str = ""
    state: str = ""
    url: str = ""
    step: str = ""
    returned: str = ""

    @property
    def shape(self) -> str:
        """The class of its standing."""
        return {"已审核": "done", "待审": "submitted"}.get(self.state, "draft")


@dataclass(frozen=True)
class Provable:
    """Something that a file may prove; `key` names it in a form."""

    key: str
    label: str
    note: str


def _actions(user: User) -> Any:
    rows = Action.objects.heads().filter(scope(user, Right.ENTER).q("organ__path"))
    rows = rows.filter(pillar__campaign__closed=False).exclude(closing_state=ReviewState.APPROVED)
    return rows.select_related("organ", "pillar__campaign")


def action_choices(user: User) -> list[tuple[Any, Any]]:
    """Actions under which activities may be entered: those of late first, then all by heading. One query.

    Those of several campaigns say which is theirs: the next one begins with the headings of the last.
    """
    rows = list(_actions(user).annotate(last=Max("activities__day")))
    lately = sorted((row for row in rows if row.last), key=lambda row: row.last, reverse=True)[:LATELY]
    rows.sort(key=lambda row: (row.organ.path, -row.pillar.campaign_id, row.pillar.order, row.order, row.pk))
    several = len({row.organ_id for row in rows}) > 1
    turned = len({row.pillar.campaign_id for row in rows}) > 1
    groups: list[tuple[Any, Any]] = [("", "请选举措")]
    if lately:
        held = [(row.pk, f"{row.title}（{row.pillar.campaign}）" if turned else row.title) for row in lately]
        groups.append(("最近办过活动的", held))
    for pillar, under in groupby(rows, key=lambda row: row.pillar):
        name = f"{pillar.organ.label}：{pillar.heading}" if several else pillar.heading
        named = f"{name}（{pillar.campaign}）" if turned else name
        groups.append((named, [(row.pk, row.title) for row in under]))
    return groups


def given_first(user: User, action: int | None = None) -> Given:
    """What the first row begins with: the action asked for with what was held under it last, else the user's last choices."""
    held = Activity.objects.live().filter(scope(user, Right.ENTER).q("organ__path"))
    if action is not None:
        if not _actions(user).filter(pk=action).exists():
            return Given()
        last = held.filter(action=action).order_by("-day", "-pk").first()
        return Given(action, last.title, last.place) if last else Given(action)
    last = held.filter(created_by=user).order_by("-created_at", "-pk").first()
    if last is None or not _actions(user).filter(pk=last.action_id).exists():
        return Given(place=last.place if last else "")
    return Given(last.action_id, "", last.place)


def last_months(user: User, action: int | None, today: date, most: int) -> tuple[str, list[Given]]:
    """Activities of the organ in the month before this one, or the latest month with any, each deed once; and its name.

    The organ is that of the action, or the one for which the user has entered last.
    """
    held = Activity.objects.live().filter(scope(user, Right.ENTER).q("organ__path"))
    first = today.replace(day=1)
    before = held.filter(day__lt=first, action__in=_actions(user))
    own = Action.objects.filter(pk=action).values_list("organ_id", flat=True).first() if action else None
    if own is None:
        own = held.filter(created_by=user).order_by("-created_at").values_list("organ_id", flat=True).first()
    if own is not None:
        before = before.filter(organ=own)
    latest = before.order_by("-day").first()
    if latest is None:
        return "", []
    month = Period.of(PeriodKind.MONTH, latest.day)
    rows = before.filter(day__gte=month.start, day__lt=month.end).order_by("day", "pk")
    found = dict.fromkeys(Given(row.action_id, row.title, row.place) for row in rows)
    return month.label, list(found)[:most]


def entered_organs(user: User) -> list[Organ]:
    """The organs for which the user enters, in official order."""
    return list(Organ.objects.filter(scope(user, Right.ENTER).q("path")))


def last_figure(user: User) -> Observation | None:
    """The figure that the user entered last."""
    rows = Observation.objects.filter(scope(user, Right.ENTER).q("organ__path"), created_by=user)
    return rows.select_related("organ").order_by("-created_at", "-pk").first()


def _metrics(user: User, organ: Organ) -> MetricQuerySet:
    """Metrics that the organ is to report: its own and of those above it, told before, aimed at, or of its themes."""
    above = [organ.path[:end] for end in range(Organ.steplen, len(organ.path) + 1, Organ.steplen)]
    told = Observation.objects.live().filter(organ=organ).values("metric")
    aimed = Target.objects.live().filter(organ=organ).values("metric")
    themes = Pillar.objects.filter(organ=organ).values("theme")
    wanted = Q(owner__path__in=above) | Q(owner=None) & (
        Q(pk__in=told) | Q(pk__in=aimed) | Q(theme__in=themes)
    )
    rows = Metric.objects.visible_to(user).filter(wanted)
    return rows.select_related("unit__base", "theme", "owner").order_by(
        F("theme__order").asc(nulls_last=True), "name", "pk"
    )


def periods(user: User, organ: Organ, today: date) -> list[Period]:
    """Periods to choose from: of each rhythm of the organ's metrics the latest, and the years of open campaigns."""
    rhythms = {PeriodKind(rhythm) for rhythm in _metrics(user, organ).values_list("rhythm", flat=True)}
    found: list[Period] = []
    for kind, number in PERIODS.items():
        if kind not in rhythms and not (kind is PeriodKind.YEAR and PeriodKind.SPAN in rhythms):
            continue
        period = Period.of(kind, today)
        for _ in range(number):
            found.append(period)
            period = period.previous()
        if kind is PeriodKind.YEAR:
            running = Campaign.objects.filter(participations__organ=organ, closed=False)
            years = {day.year for pair in running.values_list("first_day", "last_day") for day in pair}
            found += [Period.year(y) for y in sorted(years, reverse=True) if y <= today.year]
    return list(dict.fromkeys(found))


def asked_figures(user: User, organ: Organ, period: Period) -> tuple[Asked, ...]:
    """What the organ is to report for the period, in the order of themes; a constant number of queries."""
    rhythms = (period.kind.value, PeriodKind.SPAN.value)
    metrics = list(_metrics(user, organ).filter(rhythm__in=rhythms))
    days = (period.start, period.end)
    own = Observation.objects.live().filter(organ=organ, metric__in=metrics)
    there = {}
    for row in (
        own.filter(period_days__overlap=days).select_related("metric__unit__base", "organ").order_by("pk")
    ):
        if row.state in OPEN_STATES and (row.period.start, row.period.end) == days:
            there[row.metric_id] = row  # what is on its way stands before what it corrects
        elif row.is_current:
            there.setdefault(row.metric_id, row)
    earlier = own.filter(period_days__fully_lt=days).order_by("metric_id", "-period_days", "-version")
    before = {
        row.metric_id: row for row in earlier.distinct("metric_id").select_related("metric__unit__base")
    }
    words = words_of(there.values())
    return tuple(_asked(metric, there.get(metric.pk), before.get(metric.pk), words) for metric in metrics)


def _asked(
    metric: Metric, row: Observation | None, before: Observation | None, words: Mapping[int, str]
) -> Asked:
    last, label = (before.said, before.period.label) if before else ("", "")
    if row is None:
        return Asked(metric, last, label)
    url = reverse("admin:measures_observation_change", args=(row.pk,))
    if row.state in (ReviewState.DRAFT, ReviewState.RETURNED):
        said = words.get(row.pk, "")
        return Asked(metric, last, label, draft=row, state=row.get_state_display(), url=url, returned=said)
    step = "更正" if row.state == ReviewState.APPROVED else "打开"
    when = "" if row.period.kind == PeriodKind(metric.rhythm) else f"（{row.period.label}）"
    return Asked(
        metric, last, label, locked=f"{row.said}{when}", state=row.get_state_display(), url=url, step=step
    )


def provable(user: User, words: str, chosen: str) -> list[tuple[str, list[Provable]]]:
    """What files may prove, by kind, the latest first; those that hold the words, and always what is chosen."""
    picked = proved(user, chosen)
    groups = [("已选的", [_provable(*picked)])] if picked else []
    for name in _SEARCHED:
        model = PROVEN[name]
        rows: Any = model.objects.filter(scope(user, Right.ENTER).q("organ__path"))
        rows = rows.heads() if model is Action else rows.live()
        for word in words.split():
            hit = Q(pk__in=[])
            for field in _SEARCHED[name]:
                hit |= Q(**{f"{field}__icontains": word})
            rows = rows.filter(hit)
        if picked and picked[0] == name:
            rows = rows.exclude(pk=picked[1].pk)
        rows = rows.select_related(*_TOLD[name]).order_by(*_LATEST.get(name, ("-changed_at", "-pk")))
        found = [_provable(name, row) for row in rows[: FOUND if words else OFFERED]]
        if found:
            groups.append((str(model._meta.verbose_name), found))
    return groups


#: By kind, in the order of the page: where words are looked for.
_SEARCHED = {
    "activity": ("title", "place", "action__title"),
    "observation": ("metric__name", "phrase"),
    "action": ("title",),
    "honour": ("title",),
}
_TOLD = {
    "activity": ("organ", "action"),
    "action": ("organ", "pillar"),
    "observation": ("organ", "metric__unit__base"),
    "honour": ("organ",),
}
_LATEST = {"activity": ("-day", "-pk")}


def proved(user: User, key: str) -> tuple[str, Reviewed] | None:
    """The kind and row that a key names, of organs for which the user enters; None for anything else."""
    name, _, number = key.partition("-")
    if name not in PROVEN or not (number.isascii() and number.isdecimal() and len(number) < 19):
        return None
    rows: Any = PROVEN[name].objects.live().filter(scope(user, Right.ENTER).q("organ__path"))
    row = rows.select_related(*_TOLD[name]).filter(pk=int(number)).first()
    return (name, row) if row else None


def _provable(name: str, row: Any) -> Provable:
    match name:
        case "activity":
            label, note = f"{row.title}，{row.day:%Y-%m-%d}", row.action.title
        case "observation":
            label, note = f"{row.metric.name}：{row.said}", row.period.label
        case "action":
            label, note = row.title, row.pillar.heading
        case _:
            label, note = row.title, f"{row.year}年"
    return Provable(f"{name}-{row.pk}", label, f"{note} · {row.organ.label} · {row.get_state_display()}")
