"""The passport (溯源卡) of a figure and the page of an honour: who entered, who confirmed, what proves it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.timezone import localtime

from measures import charts
from measures.models import (
    OPEN_STATES,
    Action,
    Activity,
    EvidenceLink,
    Honour,
    Metric,
    Observation,
    Reviewed,
    ReviewStep,
    Source,
    Target,
)
from measures.period import Period
from measures.progress import pooled, round_half_up
from measures.rollups.evidence import said, uses
from measures.rollups.figures import change_words, judged, say, standing_of, tip, trimmed
from measures.rollups.metric import Fact
from measures.totals import OverOrgans
from measures.workflow import MOVES, Step
from organs.models import Organ, User
from organs.permissions import Right, can

STATES = {step.value: "returned" for step in (Step.RETURN, Step.RETURN_CLOSING, Step.RETRACT)}


@dataclass(frozen=True)
class Station:
    """One thing that happened to a row."""

    title: str
    when: str
    who: str
    post: str = ""
    words: str = ""
    state: str = "done"


@dataclass(frozen=True)
class Proof:
    """A piece of evidence as a page shows it."""

    url: str
    caption: str
    kind: str
    note: str
    picture: bool


@dataclass(frozen=True)
class Held:
    """An activity as a page shows it."""

    title: str
    day: str
    place: str
    attended: str
    url: str = ""


@dataclass(frozen=True)
class Phrase:
    """A figure's own phrase, cut so that the figure can be marked."""

    before: str
    marked: str
    after: str


@dataclass(frozen=True)
class Passport:
    """All that the passport of a figure shows; `words` is empty while nothing is approved."""

    metric: str
    organ: str
    period: str
    words: str
    pieces: charts.Pieces | None
    tip: str
    absent: str
    change: str
    standing: str
    standing_label: str
    phrase: Phrase | None
    facts: tuple[Fact, ...]
    stations: tuple[Station, ...]
    proofs: tuple[Proof, ...]
    activities: tuple[Held, ...]
    pending: str


@dataclass(frozen=True)
class HonourPage:
    """All that the page of an honour shows."""

    title: str
    organ: str
    level: str
    review_label: str
    streak: str
    facts: tuple[Fact, ...]
    stations: tuple[Station, ...]
    proofs: tuple[Proof, ...]
    newer: str


def versions(user: User, metric: Metric, organ: Organ, period: Period) -> list[Observation]:
    """The versions of a figure that the user may see, oldest first."""
    rows = Observation.objects.visible_to(user).filter(
        metric=metric, organ=organ, period_days=(period.start, period.end)
    )
    return list(rows.select_related("metric__unit__base", "organ", "pillar", "created_by").order_by("pk"))


def passport(user: User, rows: Sequence[Observation]) -> Passport:
    """The passport of a figure from its versions (at least one), oldest first."""
    shown = next((row for row in reversed(rows) if row.is_current), rows[-1])
    metric, quantity = shown.metric, shown.quantity
    target = (
        Target.objects.current()
        .filter(
            metric=metric,
            organ=shown.organ,
            campaign__first_day__lt=shown.period.end,
            campaign__last_day__gte=shown.period.start,
        )
        .order_by("campaign__first_day")
        .last()
    )
    standing, label = standing_of(judged(quantity, metric, target)) if quantity else ("", "")
    words = say(quantity, metric) if quantity else ""
    pending = next((row for row in reversed(rows) if row.state in OPEN_STATES), None)
    return Passport(
        metric=metric.name,
        organ=shown.organ.name,
        period=shown.period.label,
        words=words,
        pieces=charts.pieces(words) if words else None,
        tip=tip(quantity, metric) if quantity else "",
        absent="" if quantity else shown.get_presence_display(),
        change=change_words(quantity, metric, target) if quantity else "",
        standing=standing,
        standing_label=label,
        phrase=_phrase(shown),
        facts=_facts(user, shown, target),
        stations=stations(rows),
        proofs=proofs(user, "observation", [row.pk for row in rows]),
        activities=_activities(shown),
        pending=f"第{pending.version}版{pending.get_state_display()}，审核通过前以现在的数为准"
        if pending and shown.is_current
        else f"{shown.get_state_display()}，现在没有生效的数"
        if not shown.is_current
        else "",
    )


def _phrase(row: Observation) -> Phrase | None:
    if not row.phrase:
        return None
    words = row.quantity.words if row.quantity else ""
    before, marked, after = row.phrase.partition(words) if words else ("", "", row.phrase)
    return Phrase(before, marked, after) if marked else Phrase(row.phrase, "", "")


def _facts(user: User, row: Observation, target: Target | None) -> tuple[Fact, ...]:
    metric = row.metric
    sees = can(user, Right.VIEW, row.organ)
    metric_url = reverse("metric", args=(metric.pk,)) if sees else ""
    facts = [Fact("指标", metric.name, metric_url)]
    facts.append(Fact("单位", row.organ.name, reverse("organ", args=(row.organ_id,)) if sees else ""))
    facts.append(Fact("期间", _period_words(row)))
    if row.quantity and row.quantity.low != row.quantity.high:
        facts.append(Fact("可能的范围", row.quantity.range_words))
    if target and target.baseline:
        when = target.baseline_note or (f"{target.baseline_day:%Y-%m-%d}" if target.baseline_day else "")
        facts.append(Fact("基线", f"{say(target.baseline, metric)}{f'（{when}）' if when else ''}"))
    if target and target.value:
        facts.append(Fact("目标", say(target.value, metric)))
    if row.numerator is not None and row.denominator:
        share = pooled([(row.numerator, row.denominator)])
        percent = f"{trimmed(round_half_up(share, 2))}%" if share is not None else ""
        facts.append(Fact("算法", f"{trimmed(row.numerator)} ÷ {trimmed(row.denominator)} = {percent}"))
    if row.absence:
        facts.append(Fact("不适用的理由", row.absence))
    if row.remark:
        facts.append(Fact("说明", row.remark))
    facts.append(Fact("来源", row.get_source_display()))
    facts.append(Fact("口径", row.get_coverage_display()))
    facts += [
        Fact("所属举措", action.title, reverse("action", args=(action.pk,)))
        for action in Action.objects.visible_to(user).filter(observations=row)
    ]
    if row.pillar:
        facts.append(Fact("所属支柱", row.pillar.heading))
    above = [organ for organ in Organ.objects.get_ancestors(row.organ) if can(user, Right.VIEW, organ)]
    if above and row.is_current and metric.over_organs != OverOrgans.NONE:
        names = "、".join(organ.label for organ in above)
        facts.append(Fact("计入", f"{names}的合计", metric_url))
    return tuple(facts)


def _period_words(row: Observation) -> str:
    period = row.period
    days = f"{period.start:%Y-%m-%d}至{period.last:%Y-%m-%d}"
    return f"{period.label}（{days}）" + (
        f"，原文“{period.words}”" if period.words not in ("", period.label) else ""
    )


def _activities(row: Observation) -> tuple[Held, ...]:
    if row.source != Source.COUNTED:
        return ()
    return held(row.activities.order_by("day", "pk"))


def held(rows: QuerySet[Activity]) -> tuple[Held, ...]:
    """Activities as rows of a table."""
    return tuple(
        Held(
            title=row.title,
            day=f"{row.day:%Y-%m-%d}",
            place=row.place,
            attended="未记" if row.attended is None else f"{row.attended}人次",
        )
        for row in rows
    )


def stations(rows: Sequence[Reviewed]) -> tuple[Station, ...]:
    """The way of a row through entry and review, over all its versions, in order of time."""
    if not rows:
        return ()
    kind = ContentType.objects.get_for_model(rows[0])
    steps: dict[int, list[ReviewStep]] = defaultdict(list)
    found = ReviewStep.objects.filter(target_type=kind, target_id__in=[row.pk for row in rows])
    for step in found.select_related("by"):
        steps[step.target_id].append(step)
    result = []
    for row in rows:
        figure = getattr(row, "quantity", None)
        value = f"：{figure}" if figure is not None else ""
        title = f"更正为第{row.version}版" if row.version > 1 else "录入"
        reason = f"理由：{row.reason}" if row.reason else ""
        result.append(_station(f"{title}{value}", row.created_at, row.created_by, reason))
        for step in steps[row.pk]:
            result.append(
                _station(
                    MOVES[Step(step.step)].label, step.at, step.by, step.note, STATES.get(step.step, "done")
                )
            )
    return tuple(result)


def _station(title: str, at: datetime, by: User, words: str = "", state: str = "done") -> Station:
    return Station(title, f"{localtime(at):%Y-%m-%d %H:%M}", by.name, by.post, words, state)


def proofs(user: User, what: str, pks: Sequence[int]) -> tuple[Proof, ...]:
    """The evidence of rows of one kind (action, activity, observation, honour) that the user may see."""
    found = EvidenceLink.objects.visible_to(user).filter(**{f"{what}__in": pks}).select_related("evidence")
    links = list(found)
    used = uses(user, [link.evidence for link in links])
    elsewhere = {
        pk: said(use for use in own if not (use.kind == what and use.row_id in pks))
        for pk, own in used.items()
    }
    return tuple(proof(link, also=elsewhere[link.evidence_id]) for link in links)


def proof(link: EvidenceLink, *, also: str = "") -> Proof:
    """A piece of evidence as it stands beside what it proves; `also` says where else the same file is used."""
    evidence = link.evidence
    notes = (
        evidence.document_number,
        f"{evidence.day:%Y-%m-%d}" if evidence.day else "",
        "审核后补充" if link.after_approval else "",
        f"同一文件也用于{also}" if also else "",
    )
    return Proof(
        url=reverse("evidence", args=(evidence.pk,)),
        caption=evidence.caption,
        kind=evidence.get_kind_display(),
        note="，".join(note for note in notes if note),
        picture=evidence.content_type.startswith("image/"),
    )


def honour_page(user: User, honour: Honour) -> HonourPage:
    """The page of an honour; an old version says so and where the one that counts is."""
    newer = Honour.objects.current().filter(previous=honour).first()
    when = f"{honour.day:%Y-%m-%d}" if honour.day else honour.date_words or "未写明"
    facts = [
        Fact("单位", honour.organ.name, reverse("organ", args=(honour.organ_id,))),
        Fact("获得者", honour.recipient),
        Fact("级别", honour.get_level_display()),
        Fact("授予单位", honour.issuer or "未写明"),
        Fact("年度", f"{honour.year}年"),
        Fact("授予日期", when),
    ]
    if honour.streak_years:
        facts.append(Fact("连续", f"连续{honour.streak_years}年"))
    if honour.valid_until:
        facts.append(Fact("有效期至", f"{honour.valid_until:%Y-%m-%d}"))
    if honour.pillar:
        facts.append(Fact("所属支柱", honour.pillar.heading))
    if honour.note:
        facts.append(Fact("备注", honour.note))
    return HonourPage(
        title=honour.title,
        organ=honour.organ.name,
        level=honour.get_level_display(),
        review_label="" if honour.state == "approved" else honour.get_state_display(),
        streak=f"连续{honour.streak_years}年" if honour.streak_years else "",
        facts=tuple(facts),
        stations=stations([honour]),
        proofs=proofs(user, "honour", [honour.pk]),
        newer=reverse("honour", args=(newer.pk,)) if newer else "",
    )
