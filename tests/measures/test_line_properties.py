"""Whatever people do in whatever order: four eyes, approved rows as they were, one event a write, totals as afresh."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from measures import ledger, restoring
from measures.models import (
    CONFIRMED_STATES,
    Action,
    Activity,
    Campaign,
    Discarded,
    Metric,
    Observation,
    Pillar,
    Reviewed,
    ReviewStep,
)
from measures.period import Period
from measures.rollups.load import load_figures
from measures.rollups.view import View
from measures.workflow import LINE, MOVES, Step, advance
from organs.models import AuditEvent, Organ, Role, User
from organs.permissions import Right, can
from organs.verification import Verification
from tests import make
from tests.conftest import Tree

pytestmark = pytest.mark.django_db

QUARTERS = ("2021Q1", "2021Q2", "2021Q3")
KINDS: tuple[type[Reviewed], ...] = (Observation, Action, Activity)
OFTEN = {Step.SUBMIT: 3, Step.APPROVE: 6, Step.APPROVE_CLOSING: 2, "correct": 3}
RIGHTS = {"campaign": Right.CATALOGUE}
Key = tuple[str, int]


@dataclass
class Office:
    """People who do deeds in a bureau through the door, and what is known of them from the deeds alone."""

    tree: Tree
    metric: Metric
    pillar: Pillar
    cast: list[User]
    chance: Random
    typed: dict[Key, set[int]] = field(default_factory=lambda: defaultdict(set))
    closing: dict[Key, set[int]] = field(default_factory=lambda: defaultdict(set))
    approved: dict[Key, dict[str, Any]] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)

    def do(self) -> None:
        """One deed by one person; it succeeds with one event, or is refused with none.

        Drafts that named what goes, or comes back, have one each besides.
        """
        closed = Campaign.objects.get(pk=self.tree.campaign.pk).closed
        name, row = self.choose(closed=closed)
        by = self.somebody(MOVES[name].right if isinstance(name, Step) else RIGHTS.get(name, Right.ENTER))
        events = own_events()
        try:
            self.step(name, by, row) if isinstance(name, Step) else getattr(self, name)(by, row)
        except (ValidationError, PermissionDenied):
            assert own_events() == events, name
        else:
            self.done[name] += 1
            assert own_events() == events + 1, name
            assert AuditEvent.objects.latest("pk").user_id == by.pk
            assert name == "campaign" or not closed, name

    def choose(self, *, closed: bool) -> tuple[str, Any]:
        """A deed and a row: mostly one of those changed last, mostly a deed that its state lets expect."""
        rows: list[Reviewed] = [row for kind in KINDS for row in kind._default_manager.all()]
        rows.sort(key=lambda row: (row.changed_at, row.pk))
        if len(rows) < 3 or (chance := self.chance.random()) < 0.15:
            return "create", None
        if chance < 0.17 or (closed and chance < 0.5):
            return "campaign", None
        if chance < 0.22 and Discarded.objects.exists():
            return "restore", None
        row = self.chance.choice(rows[-4:] if chance < 0.8 else rows)
        fitting = [m.step for m in LINE if getattr(row, m.field, None) in m.before]
        fitting += ["edit", "edit", "delete"] if row.state in ("draft", "returned") else []
        fitting += ["correct", "progress"] if row.is_current else []
        if fitting and self.chance.random() < 0.9:
            return self.chance.choice([deed for deed in fitting for _ in range(OFTEN.get(deed, 1))]), row
        return self.chance.choice([*Step, "edit", "correct", "delete", "progress"]), row

    def somebody(self, right: Right) -> User:
        """Mostly one who has the right; asked anew, as each request does."""
        fitting = [user for user in self.cast if can(user, right, self.tree.bureau)]
        chosen = self.chance.choice(fitting if fitting and self.chance.random() < 0.8 else self.cast)
        return User.objects.get(pk=chosen.pk)

    def step(self, step: Step, by: User, row: Reviewed) -> None:
        """A move along the line; nobody approves what they have had a hand in."""
        advance(row, step, by=by, note="有话要说")
        match step:
            case Step.SUBMIT:
                self.typed[key(row)].add(by.pk)
            case Step.CLOSE:
                self.closing[key(row)].add(by.pk)
            case Step.APPROVE:
                assert by.pk not in self.typed[key(row)]
                self.approved[key(row)] = content(row)
                if isinstance(row, Action) and row.previous_id:
                    self.closing[key(row)] = self.closing[key(row)[0], row.previous_id]
            case Step.APPROVE_CLOSING:
                assert by.pk not in self.closing[key(row)]

    def create(self, by: User, row: Reviewed | None) -> None:
        """A new figure, line or activity."""
        new: Reviewed
        links: ledger.Links = {}
        lines, number = list(Action.objects.order_by("pk")), self.chance.randrange(999)
        if number % 3 == 0 or not lines:
            new = make.draft_action(self.pillar)
        elif number % 3 == 1:
            new = make.draft_activity(self.chance.choice(lines))
        else:
            new = make.draft_observation(self.metric, self.tree.bureau, str(number), QUARTERS[number % 3])
            links = {"actions": [self.chance.choice(lines)]}
        ledger.create(new, by=by, links=links)
        self.typed[key(new)].add(by.pk)

    def edit(self, by: User, row: Any) -> None:
        """Other words than before."""
        setattr(row, "phrase" if isinstance(row, Observation) else "title", f"第{self.done.total()}次改")
        ledger.change(row, by=by)
        self.typed[key(row)].add(by.pk)

    def progress(self, by: User, row: Any) -> None:
        """How far a line has come."""
        if not isinstance(row, Action):
            raise PermissionDenied
        row.progress = f"第{self.done.total()}次更新"
        approved = row.state == "approved"
        ledger.change(row, by=by)
        (self.closing if approved else self.typed)[key(row)].add(by.pk)

    def correct(self, by: User, row: Reviewed) -> None:
        """The next version of a row."""
        self.typed[key(ledger.correct(row, by=by, reason="更正"))].add(by.pk)

    def delete(self, by: User, row: Reviewed) -> None:
        """A row that nobody has approved, into the bin."""
        ledger.delete(row, by=by)

    def restore(self, by: User, row: Reviewed | None) -> None:
        """Something that was deleted; its hands are those that it had."""
        restoring.restore(self.chance.choice(list(Discarded.objects.order_by("pk"))), by=by)

    def campaign(self, by: User, row: Reviewed) -> None:
        """Close the campaign, or open it again."""
        campaign = Campaign.objects.get(pk=self.tree.campaign.pk)
        campaign.closed = not campaign.closed
        ledger.change(campaign, by=by)

    def check_approved(self) -> None:
        """What was approved says what it said then, retracted or superseded or not."""
        rows = [row for kind in KINDS for row in kind._default_manager.filter(state__in=CONFIRMED_STATES)]
        assert {key(row): content(row) for row in rows} == self.approved

    def total(self) -> Decimal | None:
        """The year's total, from the record of steps alone: approved last, and no later version ever approved."""
        last, ever = {}, set()
        for target, step in ReviewStep.objects.filter(target_type__model="observation").values_list(
            "target_id", "step"
        ):
            last[target] = step
            if step == Step.APPROVE:
                ever.add(target)
        amounts, replaced = {}, set()
        for pk, previous, amount in Observation.objects.values_list("pk", "previous", "quantity_amount"):
            if last.get(pk) == Step.APPROVE:
                amounts[pk] = amount
            if pk in ever and previous:
                replaced.add(previous)
        counting = [amount for pk, amount in amounts.items() if pk not in replaced]
        return sum(counting, Decimal(0)) if counting else None


def own_events() -> int:
    """How many events there are of rows to which something was done themselves."""
    return AuditEvent.objects.exclude(verb="change", note__regex="”已(删除|恢复)$").count()


def key(row: Reviewed) -> Key:
    """Kind and number."""
    return str(row._meta.model_name), row.pk


def first(action: Action) -> int:
    """The first version of a line: what moves to a corrected version stays under the same line."""
    while action.previous:
        action = action.previous
    return action.pk


def content(row: Reviewed) -> dict[str, Any]:
    """What people typed into the row, and under which line."""
    row = type(row)._default_manager.get(pk=row.pk)
    typed = {f.name: getattr(row, f.attname) for f in row._meta.concrete_fields if f.editable}
    for name in row.OPEN_AFTER_APPROVAL:
        del typed[name]
    if isinstance(row, Activity):
        typed["action"] = first(row.action)
    if isinstance(row, Observation):
        typed["actions"] = {first(action) for action in row.actions.all()}
    return typed


def total(metric: Metric, reader: User, organ: Organ) -> Decimal | None:
    """The year's total as pages compute it."""
    view = View(
        user=reader,
        visible=(organ,),
        top=None,
        organs=(organ,),
        expected=(organ,),
        period=Period.year(2021),
        today=date(2021, 12, 31),
    )
    found = load_figures(view).total(metric)
    return found.quantity.amount if found.quantity else None


@settings(settings.get_profile("database"), max_examples=4)
@given(seed=st.integers(0, 2**32))
def test_the_line_holds_whatever_people_do(
    tree: Tree, pillar: Pillar, clerk: User, reviewer: User, steward: User, leader: User, seed: int
) -> None:
    with transaction.atomic():
        both = [make.make_member(Role.CLERK, tree.bureau) for _ in range(2)]
        for user in both:
            make.make_membership(user, tree.bureau, Role.REVIEWER)
        cast = [*both, clerk, reviewer, steward, leader]
        office = Office(tree, make.make_metric(rhythm="quarter"), pillar, cast, Random(seed))
        for _ in range(6):
            for _ in range(12):
                office.do()
            office.check_approved()
            assert total(office.metric, leader, tree.bureau) == office.total()
        assert office.done.total() > 12
        assert list(Verification([]).faults()) == []
        transaction.set_rollback(True)
