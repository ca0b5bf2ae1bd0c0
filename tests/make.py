"""Rows for tests, each made with one plain call; `approve` and `submit` take the door that people take."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from hashlib import sha256
from itertools import count
from typing import Any, TypeVar

import pytest
from django.core.files.base import ContentFile
from django.db import IntegrityError, models, transaction
from django.test import Client
from django.utils import timezone

from measures import ledger
from measures.models import (
    CONFIRMED_STATES,
    Action,
    ActionKind,
    Activity,
    Article,
    Campaign,
    Evidence,
    EvidenceLink,
    Honour,
    HonourLevel,
    Instruction,
    LineKind,
    Metric,
    Nature,
    Observation,
    Participation,
    Pillar,
    ProblemSource,
    Reviewed,
    ReviewState,
    ReviewStep,
    Round,
    RoundCell,
    RoundOrgan,
    Rule,
    Target,
    Theme,
    Unit,
)
from measures.period import Period
from measures.quantity import Quantity
from measures.totals import Presence
from measures.workflow import Step, advance
from organs.models import Membership, Organ, OrganKind, Role, User
from tests.files import pdf_file
from tests.somebody import somebody
from tests.units import UNITS

BACKEND = "organs.signin.AccountBackend"
YEAR = Period.year(2021)
_number = count(1)

SignIn = Callable[[User | None], Client]
Row = TypeVar("Row", bound=Reviewed)
AnyRow = TypeVar("AnyRow", bound=models.Model)


def make_organ(
    name: str = "", under: Organ | None = None, kind: str = OrganKind.BUREAU, **fields: Any
) -> Organ:
    """An organ, at the root or under another."""
    fields = {"name": name or f"第{next(_number)}局", "kind": kind, **fields}
    return Organ.objects.add_child(under, fields) if under else Organ.objects.add_root(fields)


def make_user(name: str = "", **fields: Any) -> User:
    """A person without any membership."""
    username = fields.pop("username", f"user{next(_number)}")
    return User.objects.create_user(username, name or f"人员{next(_number)}", **fields)


def make_membership(
    user: User, organ: Organ, role: Role, *, with_below: bool = False, **days: Any
) -> Membership:
    """A role of a person on an organ; an instance that asked before is to ask anew."""
    for asked in ("_current_memberships", "_holders", "_scopes"):
        user.__dict__.pop(asked, None)
    return Membership.objects.create(user=user, organ=organ, role=role, with_below=with_below, **days)


def make_member(role: Role, organ: Organ, name: str = "", *, with_below: bool = False, **fields: Any) -> User:
    """A person with one role on one organ."""
    user = make_user(name, **fields)
    make_membership(user, organ, role, with_below=with_below)
    return user


def make_theme(name: str = "政治建设", **fields: Any) -> Theme:
    """The theme of this name, made on first use."""
    return Theme.objects.get_or_create(name=name, defaults={"short_name": name[:2], **fields})[0]


def make_campaign(
    owner: Organ, name: str = "", organs: Iterable[Organ] = (), year: int = 2021, **fields: Any
) -> Campaign:
    """A campaign of one calendar year in which the organs take part."""
    days = {"first_day": date(year, 1, 1), "last_day": date(year, 12, 31)}
    campaign = Campaign.objects.create(
        **{"name": name or f"模范机关创建（第{next(_number)}届）", "owner": owner, **days, **fields}
    )
    Participation.objects.bulk_create(Participation(campaign=campaign, organ=organ) for organ in organs)
    return campaign


def make_participation(campaign: Campaign, organ: Organ, **days: Any) -> Participation:
    """An organ takes part in a campaign."""
    return Participation.objects.create(campaign=campaign, organ=organ, **days)


def make_pillar(
    organ: Organ, campaign: Campaign, heading: str = "", theme: Theme | None = None, **fields: Any
) -> Pillar:
    """An organ's heading in a campaign."""
    order = fields.pop("order", Pillar.objects.filter(organ=organ, campaign=campaign).count() + 1)
    heading = heading or f"着力第{order}项建设抓创建"
    return Pillar.objects.create(
        organ=organ, campaign=campaign, heading=heading, theme=theme or make_theme(), order=order, **fields
    )


def make_kind(name: str = "学习教育") -> ActionKind:
    """The kind of action of this name, made on first use."""
    return ActionKind.objects.get_or_create(name=name)[0]


def make_unit(symbol: str = "个") -> Unit:
    """The unit of this symbol as the demonstration has it, made on first use."""
    dimension, whole, scale, base = UNITS[symbol]
    defaults = {
        "dimension": dimension,
        "whole": whole,
        "scale": scale,
        "base": make_unit(base) if base else None,
    }
    return Unit.objects.get_or_create(symbol=symbol, defaults=defaults)[0]


def make_metric(name: str = "", unit: str = "个", nature: str = Nature.FLOW, **fields: Any) -> Metric:
    """A metric; over_time and over_organs follow from its nature, the rhythm is a year."""
    metric = Metric(name=name or f"指标{next(_number)}", unit=make_unit(unit), nature=nature, **fields)
    metric.save()
    metric.refresh_from_db()
    return metric


def draft_action(pillar: Pillar, title: str = "", **fields: Any) -> Action:
    """A ledger line, not stored."""
    return Action(pillar=pillar, title=title or f"举措{next(_number)}", **{"kind": make_kind(), **fields})


def make_action(
    pillar: Pillar,
    title: str = "",
    *,
    approved: bool = True,
    state: str = "",
    joint: Iterable[Organ] = (),
    **fields: Any,
) -> Action:
    """A ledger line under a pillar, with its joint organs."""
    row = store(draft_action(pillar, title, **fields), approved=approved, state=state)
    if joint:
        row.joint_organs.set(joint)
    return row


def make_problem(pillar: Pillar, title: str = "", **fields: Any) -> Action:
    """A problem that an inspection found (问题整改), approved unless said otherwise."""
    found = {"source": ProblemSource.INSPECTION, "found_on": date(2021, 3, 1), "finding": "台账记录不全"}
    return make_action(pillar, title, line=LineKind.PROBLEM, **{**found, **fields})


def make_article(organ: Organ, text: str = "举办健康讲座12场。") -> Article:
    """An article that was kept."""
    told = {"title": text[:60], "full_text": text, "sha256": sha256(text.encode()).hexdigest()}
    return Article.objects.create(organ=organ, by=somebody("录入人"), **told)


def make_instruction(
    organ: Organ, words: str = "请抓紧办", by: User | None = None, **about: Any
) -> Instruction:
    """A leader's words on an action or a metric of an organ."""
    return Instruction.objects.create(organ=organ, words=words, by=by or somebody("批示人"), **about)


def make_rule(organ: Organ, name: str = "机关党委议事规则", **fields: Any) -> Rule:
    """A rule of an organ."""
    return Rule.objects.create(organ=organ, name=name, **{"day": date(2021, 2, 1), **fields})


def draft_activity(action: Action, day: date = date(2021, 6, 1), title: str = "", **fields: Any) -> Activity:
    """A held activity, not stored."""
    return Activity(action=action, day=day, title=title or f"活动{next(_number)}", **fields)


def make_activity(
    action: Action,
    day: date = date(2021, 6, 1),
    title: str = "",
    *,
    approved: bool = True,
    state: str = "",
    **fields: Any,
) -> Activity:
    """A held activity of an action."""
    return store(draft_activity(action, day, title, **fields), approved=approved, state=state)


def draft_observation(
    metric: Metric, organ: Organ, said: str | None = "100", period: Period | str = YEAR, **fields: Any
) -> Observation:
    """An observation as a clerk would type it (50余), not stored; None for one without a figure."""
    row = Observation(metric=metric, organ=organ, **fields)
    row.period = Period.from_key(period) if isinstance(period, str) else period
    if row.presence == Presence.NIL.value:
        row.quantity = Quantity.zero(metric.unit.spec.stored_as)
    elif said is not None:
        bounds = {"minimum": metric.minimum, "maximum": metric.maximum}
        row.quantity = Quantity.parse(said, metric.unit.spec, **bounds)
    return row


def make_observation(
    metric: Metric,
    organ: Organ,
    said: str | None = "100",
    period: Period | str = YEAR,
    *,
    approved: bool = True,
    state: str = "",
    actions: Iterable[Action] = (),
    **fields: Any,
) -> Observation:
    """An observation as a clerk would type it, tied to its actions."""
    row = store(draft_observation(metric, organ, said, period, **fields), approved=approved, state=state)
    if actions:
        row.actions.set(actions)
    return row


def draft_target(
    metric: Metric, organ: Organ, campaign: Campaign, value: str = "", baseline: str = "", **fields: Any
) -> Target:
    """What an organ aims at and starts from, as typed, not stored."""
    row = Target(metric=metric, organ=organ, campaign=campaign, **fields)
    row.value = Quantity.parse(value, metric.unit.spec) if value else None
    row.baseline = Quantity.parse(baseline, metric.unit.spec) if baseline else None
    return row


def make_target(
    metric: Metric,
    organ: Organ,
    campaign: Campaign,
    value: str = "",
    baseline: str = "",
    *,
    approved: bool = True,
    state: str = "",
    **fields: Any,
) -> Target:
    """What an organ aims at and starts from in a campaign."""
    row = draft_target(metric, organ, campaign, value, baseline, **fields)
    return store(row, approved=approved, state=state)


def draft_honour(organ: Organ, title: str = "先进基层党组织", **fields: Any) -> Honour:
    """An honour, not stored."""
    known = {"level": HonourLevel.COUNTY, "recipient": organ.name, "year": 2021}
    return Honour(organ=organ, title=title, **{**known, **fields})


def make_honour(
    organ: Organ, title: str = "先进基层党组织", *, approved: bool = True, state: str = "", **fields: Any
) -> Honour:
    """An honour of an organ."""
    return store(draft_honour(organ, title, **fields), approved=approved, state=state)


def make_evidence(organ: Organ, caption: str = "签到表", by: User | None = None, **fields: Any) -> Evidence:
    """A small file given as proof."""
    content = pdf_file(str(next(_number)))
    digest = sha256(content).hexdigest()
    known = {"content_type": "application/pdf", "size": len(content), "sha256": digest, "name": "a.pdf"}
    known["upload_sha256"] = digest
    row = Evidence(organ=organ, caption=caption, uploaded_by=by or somebody("录入人"), **{**known, **fields})
    row.file.save("a.pdf", ContentFile(content), save=True)
    return row


def make_link(evidence: Evidence, **proven: Reviewed) -> EvidenceLink:
    """Ties evidence to one thing: make_link(evidence, honour=honour)."""
    return EvidenceLink.objects.create(evidence=evidence, by=evidence.uploaded_by, **proven)


def make_round(owner: Organ, organ: Organ, metric: Metric, *, opened: bool = True, **fields: Any) -> Round:
    """A round about 2021 that asks one organ about one metric, past the door."""
    row = Round(owner=owner, **{"title": "年终填报", "until": date(2100, 1, 1), **fields})
    row.period, row.opened_at = YEAR, timezone.now() if opened else None
    row.save()
    row.metrics.add(metric)
    RoundOrgan.objects.create(round=row, organ=organ)
    if opened:
        RoundCell.objects.create(round=row, organ=organ, metric=metric)
    return row


def store(row: Row, *, approved: bool = True, state: str = "") -> Row:
    """Store past the door, in any state, moved by two persons who hold no role: quick, for what a test starts from."""
    state = state or (ReviewState.APPROVED if approved else ReviewState.DRAFT)
    maker, checker, now = somebody("录入人"), somebody("审核人"), timezone.now()
    row.created_by, row.hands, row.state = maker, [maker.pk], state
    if state != ReviewState.DRAFT:
        row.submitted_by, row.submitted_at = maker, now
    if state in CONFIRMED_STATES:
        row.approved_by, row.approved_at = checker, now
    if state == ReviewState.RETRACTED:
        row.retracted_by, row.retracted_at = checker, now
    row.save()
    moves = [(Step.SUBMIT, ReviewState.DRAFT, ReviewState.SUBMITTED, maker)]
    if state == ReviewState.RETURNED:
        moves.append((Step.RETURN, ReviewState.SUBMITTED, ReviewState.RETURNED, checker))
    if state in CONFIRMED_STATES:
        moves.append((Step.APPROVE, ReviewState.SUBMITTED, ReviewState.APPROVED, checker))
    if state == ReviewState.RETRACTED:
        moves.append((Step.RETRACT, ReviewState.APPROVED, ReviewState.RETRACTED, checker))
    if state != ReviewState.DRAFT:
        ReviewStep.objects.bulk_create(
            ReviewStep(
                target=row,
                step=step,
                before=before,
                after=after,
                by=by,
                note="请补充" if step in (Step.RETURN, Step.RETRACT) else "",
            )
            for step, before, after, by in moves
        )
    return row


def store_many(rows: Iterable[Row], at: datetime | None = None) -> None:
    """Store rows of one kind, approved now or at a moment, in one go, without review steps: for tests of hundreds."""
    maker, checker, at, many = somebody("录入人"), somebody("审核人"), at or timezone.now(), list(rows)
    for row in many:
        row.created_by, row.hands, row.state = maker, [maker.pk], ReviewState.APPROVED
        row.submitted_by, row.submitted_at = maker, at
        row.approved_by, row.approved_at = checker, at
    type(many[0])._default_manager.bulk_create(many)


def enter(row: AnyRow, *, by: User, links: ledger.Links | None = None) -> AnyRow:
    """Take a new row through the door."""
    ledger.create(row, by=by, links=links)
    return row


def submit(row: Row, *, by: User) -> Row:
    """Enter the row if it is new, and submit it."""
    if row.pk is None:
        enter(row, by=by)
    advance(row, Step.SUBMIT, by=by)
    return row


def approve(row: Row, *, by: User, reviewer: User) -> Row:
    """Enter the row if it is new, submit it, and have a second person approve it."""
    submit(row, by=by)
    advance(row, Step.APPROVE, by=reviewer)
    return row


def corrected(row: Row, *, by: User, reason: str = "漏报", **changes: Any) -> Row:
    """A correction of an approved row, with what is to be right in it."""
    draft = ledger.correct(row, by=by, reason=reason)
    for name, value in changes.items():
        setattr(draft, name, value)
    ledger.change(draft, by=by)
    return draft


def refused(row: models.Model) -> str:
    """The name of the constraint that the database itself refuses the row by, past all checks of Python."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        models.Model.save(row)
    return caught.value.__cause__.diag.constraint_name


def page(as_user: SignIn, user: User, address: str) -> str:
    """The page that a person reads at an address."""
    response = as_user(user).get(address)
    assert response.status_code == 200, address
    return response.content.decode()
