"""Demonstration data: what the data files say, taken through the same door and review line as everything else."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image, ImageDraw

from measures import counting
from measures.forms import contents
from measures.instructing import instruct, take
from measures.ledger import Links, change, correct, create
from measures.management.demo_catalogue import load_catalogue
from measures.models import (
    Action,
    ActionKind,
    Activity,
    Campaign,
    Evidence,
    EvidenceLink,
    Honour,
    Instruction,
    Metric,
    Milestone,
    Observation,
    Participation,
    Pillar,
    Reviewed,
    Rule,
    Target,
    Theme,
    Unit,
)
from measures.period import Period, PeriodKind
from measures.quantity import Quantity
from measures.totals import Presence
from measures.workflow import Step, advance
from organs.audit import record
from organs.models import AuditEvent, AuditVerb, Organ, User

DATA = Path(__file__).parent / "demo"
LEDGERS = ("ruyuan", "danfeng", "example")
MARK = "载入演示数据："
#: What was loaded, as events say it; those of older demonstrations say the name.
LOADED = {"catalogue": "目录", "ruyuan": "乳源", "danfeng": "丹凤", "example": "示例局"}
_AGO = re.compile("(month|quarter|half|year)-([0-9]+)")
_METRIC_FIELDS = (
    "name",
    "nature",
    "rhythm",
    "over_organs",
    "direction",
    "decimals",
    "counts",
    "needs_denominator",
    "parts_overlap",
)
_ACTION_FIELDS = (
    "title",
    "leader",
    "office",
    "problem",
    "what",
    "line",
    "source",
    "finding",
    "document_number",
)
_RULE_FIELDS = ("name", "number", "force")
_ACTIVITY_FIELDS = ("title", "place", "expected", "attended")
_HONOUR_FIELDS = ("title", "level", "recipient", "issuer", "date_words", "streak_years", "year", "note")

Spec = Mapping[str, Any]


def read(name: str) -> dict[str, Any]:
    """The data file of this name."""
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))


def load_all() -> list[str]:
    """Load the data files that were never loaded and return their names; must run in a transaction.

    The audit trail remembers which were: nobody can rename or delete that, and what people have changed
    since is left as it is.
    """
    events = AuditEvent.objects.filter(target_type="organs.organ", note__startswith=MARK)
    known = {note.removeprefix(MARK) for note in events.values_list("note", flat=True)}
    new = [name for name in ("catalogue", *LEDGERS) if known.isdisjoint((name, LOADED[name]))]
    for name in new:
        spec = read(name)
        organ = load_catalogue(spec) if name == "catalogue" else OrganLedger(spec).load()
        record(AuditVerb.CREATE, organ, by=None, organ=organ, note=f"{MARK}{LOADED[name]}")
    return new


class OrganLedger:
    """One organ's data file on its way into the ledger; days and periods may be relative to today."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.today = timezone.localdate()
        people = {user.username: user for user in User.objects.all()}
        self.clerk, self.reviewer = people[spec["clerk"]], people[spec["reviewer"]]
        self.steward, self.leader = people["steward"], people["leader"]
        self.organs = {organ.name: organ for organ in Organ.objects.all()}
        self.organ = self.organs[spec["organ"]]
        self.campaign = Campaign.objects.filter(owner__depth=1).earliest("pk")
        self.themes = {theme.name: theme for theme in Theme.objects.all()}
        self.kinds = {kind.name: kind for kind in ActionKind.objects.all()}
        self.units = {unit.symbol: unit for unit in Unit.objects.select_related("base")}
        shared = Metric.objects.filter(owner=None).select_related("unit__base")
        self.metrics = {metric.name: metric for metric in shared}
        self.pillars: dict[str, Pillar] = {}
        self.actions: dict[str, Action] = {}

    def load(self) -> Organ:
        """Enter everything and take it along the review line; returns the organ."""
        for spec in self.spec["metrics"]:
            self._metric(spec)
        for order, spec in enumerate(self.spec["pillars"], 1):
            self._pillar(order, spec, self.campaign)
        if "trial" in self.spec:
            self._close_trial(self.spec["trial"])
        for pillar in self.spec["pillars"]:
            for action in pillar["actions"]:
                for activity in action.get("activities", ()):
                    self._activity(self.actions[action["title"]], activity)
        for spec in self.spec.get("counting", ()):
            self._count(spec)
        for spec in self.spec["targets"]:
            self._target(spec)
        for spec in self.spec["honours"]:
            self._honour(spec)
        for spec in self.spec.get("instructions", ()):
            self._instruct(spec)
        rules: dict[str, Rule] = {}
        for spec in self.spec.get("rules", ()):
            old = rules.get(spec.get("replaces", ""))
            rule = Rule(
                organ=self.organ,
                day=self._day(spec["day"]) or self.today,
                replaces=old,
                **_picked(spec, _RULE_FIELDS),
            )
            create(rule, by=self.clerk)
            rules[rule.name] = rule
        return self.organ

    def _metric(self, spec: Spec) -> None:
        shared = spec.get("shared", False)
        metric = Metric(
            **_picked(spec, _METRIC_FIELDS),
            **{name: Decimal(spec[name]) for name in ("minimum", "maximum") if name in spec},
            **{name: self.metrics[spec[name]] for name in ("part_of", "pair") if name in spec},
            unit=self.units[spec["unit"]],
            theme=self.themes[spec["theme"]],
            owner=None if shared else self.organ,
        )
        create(metric, by=self.steward if shared else self.clerk)
        self.metrics[metric.name] = metric

    def _close_trial(self, spec: Spec) -> None:
        """A campaign of the area above with the organ alone, long over and closed: what was left in it is unfinished."""
        days = {name: self._day(spec[name]) for name in ("first_day", "last_day")}
        campaign = Campaign(name=spec["name"], owner=Organ.objects.get_parent(self.organ), **days)
        create(campaign, by=self.steward)
        create(Participation(campaign=campaign, organ=self.organ), by=self.steward)
        for order, pillar in enumerate(spec["pillars"], 1):
            self._pillar(order, pillar, campaign)
        campaign.closed = True
        change(campaign, by=self.steward)

    def _pillar(self, order: int, spec: Spec, campaign: Campaign) -> None:
        pillar = Pillar(
            campaign=campaign,
            organ=self.organ,
            heading=spec["heading"],
            theme=self.themes[spec["theme"]],
            order=order,
        )
        create(pillar, by=self.clerk)
        self.pillars[pillar.heading] = pillar
        for number, action in enumerate(spec["actions"], 1):
            self._action(pillar, number, action)
        for figure in spec.get("figures", ()):
            self._figure(figure, pillar=pillar)

    def _action(self, pillar: Pillar, order: int, spec: Spec) -> None:
        action = Action(
            **_picked(spec, _ACTION_FIELDS),
            progress=spec.get("progress", self.spec["progress"]),
            pillar=pillar,
            kind=self.kinds[spec["kind"]],
            theme=self.themes[spec["theme"]] if "theme" in spec else None,
            start_day=self._day(spec.get("start")),
            due_day=self._day(spec.get("due")),
            found_on=self._day(spec.get("found")),
            order=order,
        )
        links = {
            "joint_organs": [self.organs[name] for name in spec.get("joint", ())],
            "counted_metrics": [self.metrics[name] for name in spec.get("counted", ())],
        }
        self._enter(action, spec, links)
        self.actions[action.title] = action
        for number, stage in enumerate(spec.get("stages", ()), 1):
            days = {"due_day": self._day(stage["due"]), "done_day": self._day(stage.get("done"))}
            create(Milestone(action=action, order=number, stage=stage["stage"], **days), by=self.clerk)
        if "closed" in spec:
            advance(action, Step.CLOSE, by=self.clerk, closed_on=self._day(spec["closed"]))
            if spec["closing"] == "approved":
                advance(action, Step.APPROVE_CLOSING, by=self.reviewer)
        for figure in spec.get("figures", ()):
            self._figure(figure, action=action)

    def _activity(self, action: Action, spec: Spec) -> None:
        activity = Activity(
            **_picked(spec, _ACTIVITY_FIELDS), action=action, day=self._day(spec["day"]) or self.today
        )
        self._enter(activity, spec, {"also_serves": [self.actions[title] for title in spec.get("also", ())]})

    def _figure(self, spec: Spec, action: Action | None = None, pillar: Pillar | None = None) -> None:
        """One figure; said of two names (覆盖率、结算率均达到100%) it makes two observations."""
        for name in spec["metrics"]:
            metric = self.metrics[name]
            part, whole = map(Decimal, spec["share"]) if "share" in spec else (None, None)
            row = Observation(
                metric=metric,
                organ=self.organs[spec.get("organ", self.organ.name)],
                pillar=pillar,
                numerator=part,
                denominator=whole,
                **_picked(spec, ("presence", "absence", "coverage", "phrase")),
            )
            row.period = self._period(spec)
            row.quantity = self._said(spec, metric)
            self._enter(row, spec, {"actions": [action] if action else []})
            self._correct(row, "quantity", spec)

    def _count(self, spec: Spec) -> None:
        """Have the program count the activities that stand, period by period; the newest may be left on its way."""
        metric = self.metrics[spec["metric"]]
        days = Activity.objects.current().filter(organ=self.organ).values_list("day", flat=True)
        kind = PeriodKind(metric.rhythm)
        starts = sorted({Period.of(kind, day).start for day in days})
        found = [
            counting.propose(metric, self.organ, Period.of(kind, start), by=self.clerk) for start in starts
        ]
        rows = [row for row in found if row]
        for row in rows:
            self._review(row, {"review": spec.get("newest", "approved")} if row is rows[-1] else {})

    def _target(self, spec: Spec) -> None:
        metric = self.metrics[spec["metric"]]
        row = Target(
            metric=metric,
            organ=self.organ,
            campaign=self.campaign,
            **_picked(spec, ("baseline_note", "phrase")),
        )
        row.baseline = self._said({"words": spec.get("baseline")}, metric)
        row.value = self._said({"words": spec.get("value")}, metric)
        self._enter(row, spec)
        self._correct(row, "value", spec)

    def _honour(self, spec: Spec) -> None:
        day = self._day(spec.get("day"))
        fields = _picked(spec, _HONOUR_FIELDS) | ({"year": day.year} if day else {})
        row = Honour(
            **fields,
            organ=self.organ,
            day=day,
            valid_until=self._day(spec.get("valid")),
            pillar=self.pillars[spec["pillar"]] if "pillar" in spec else None,
        )
        self._enter(row, spec)

    def _instruct(self, spec: Spec) -> None:
        """What the leader said about an action, and what was answered."""
        row = Instruction(
            organ=self.organ,
            action=self.actions[spec["action"]],
            words=spec["words"],
            due_day=self._day(spec["due"]),
        )
        instruct(row, by=self.leader)
        if "answer" in spec:
            take(row, AuditVerb.ANSWER, by=self.clerk, words=spec["answer"])

    def _enter(self, row: Reviewed, spec: Spec, links: Links | None = None) -> None:
        """A new row, its proof, and its way along the review line."""
        create(row, by=self.clerk, links=links)
        if "evidence" in spec:
            self._prove(row, spec["evidence"])
        self._review(row, spec)

    def _correct(self, row: Observation | Target, said: str, spec: Spec) -> None:
        """The next version, where the file has one: another quantity and why."""
        if "correct" not in spec:
            return
        draft = correct(row, by=self.clerk, reason=spec["correct"]["reason"])
        setattr(draft, said, self._said(spec["correct"], row.metric))
        change(draft, by=self.clerk)
        self._review(draft, spec["correct"])

    def _review(self, row: Reviewed, spec: Spec) -> None:
        """Take the row to the state that the file names: draft, submitted, returned, retracted or, if none, approved."""
        state = spec.get("review", "approved")
        if state != "draft":
            advance(row, Step.SUBMIT, by=self.clerk)
        if state in ("approved", "retracted"):
            advance(row, Step.APPROVE, by=self.reviewer)
        if state in ("returned", "retracted"):
            step = Step.RETURN if state == "returned" else Step.RETRACT
            advance(row, step, by=self.reviewer, note=spec["note"])

    def _prove(self, row: Reviewed, spec: Spec) -> None:
        content, ending = _sheet(spec["kind"], Evidence.objects.count() + 1)
        taken = contents.take(ContentFile(content, name=f"{spec['caption']}.{ending}"))
        evidence = Evidence(
            **_picked(spec, ("caption", "kind", "document_number")),
            **vars(taken),
            organ=row.organ,
            uploaded_by=self.clerk,
        )
        create(evidence, by=self.clerk)
        create(EvidenceLink(evidence=evidence, **{str(row._meta.model_name): row}), by=self.clerk)

    def _day(self, said: int | str | None) -> date | None:
        """A day by its date, or by how many days it lies before or after today."""
        if isinstance(said, str):
            return date.fromisoformat(said)
        return None if said is None else self.today + timedelta(days=said)

    def _period(self, spec: Spec) -> Period:
        """An address of a period (2021), or how many of them ago (month-3)."""
        key = spec.get("period", self.spec["period"])
        since = spec.get("since", self.spec["since"])
        if not (ago := _AGO.fullmatch(key)):
            return replace(Period.from_key(key), words=since)
        period = Period.of(PeriodKind(ago[1]), self.today)
        for _ in range(int(ago[2])):
            period = period.previous()
        return period

    def _said(self, spec: Spec, metric: Metric) -> Quantity | None:
        unit = metric.unit.spec
        if spec.get("presence") == Presence.NIL.value:
            return Quantity.zero(unit.stored_as)
        if not spec.get("words"):
            return None
        alike = tuple(u.spec for u in self.units.values() if u.spec.stored_as == unit.stored_as)
        return Quantity.parse(
            spec["words"], unit, minimum=metric.minimum, maximum=metric.maximum, convertible=alike
        )


def _picked(spec: Spec, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: spec[name] for name in names if name in spec}


def _sheet(kind: str, number: int) -> tuple[bytes, str]:
    """A sheet that plainly is a sample: its content and the ending of its name."""
    image = Image.new("RGB", (480, 640), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((20, 20, 459, 619), outline="#a61b1b", width=3)
    draw.text((110, 80), "SAMPLE", fill="#a61b1b", font_size=64)
    draw.text((110, 170), f"{kind.upper()} {number}", fill="#5b6168", font_size=32)
    for y in range(260, 580, 40):
        draw.line((60, y, 420, y), fill="#e3e0da", width=3)
    ending = "pdf" if kind == "document" else "png"
    buffer = BytesIO()
    image.save(buffer, format=ending)
    return buffer.getvalue(), ending
