"""Corrections: a new version beside the old one, and totals that follow whatever people do (trap 13)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Count
from hypothesis import given, settings
from hypothesis import strategies as st

from measures import ledger
from measures.locks import Locked
from measures.models import Metric, Observation, Pillar, ReviewState
from measures.period import Period
from measures.quantity import Quantity
from measures.rollups.load import load_figures
from measures.rollups.view import View
from measures.workflow import Step, advance
from organs.models import AuditEvent, Organ, User
from tests import make
from tests.conftest import Tree

pytestmark = pytest.mark.django_db


@pytest.fixture
def pillar(tree: Tree) -> Pillar:
    return make.make_pillar(tree.bureau, tree.campaign)


def test_a_correction_is_a_new_version_and_the_old_one_counts_until_it_is_approved(
    pillar: Pillar, bureau: Organ, clerk: User
) -> None:
    action = make.make_action(pillar)
    row = make.make_observation(make.make_metric(), bureau, "50余", actions=[action], phrase="共50余人")
    draft = ledger.correct(row, by=clerk, reason=" 漏报一项 ")
    assert (draft.version, draft.previous, draft.reason, draft.state) == (
        2,
        row,
        "漏报一项",
        ReviewState.DRAFT,
    )
    assert (draft.quantity, draft.period, draft.phrase) == (row.quantity, row.period, "共50余人")
    assert (draft.created_by, draft.hands, draft.approved_by, draft.submitted_by) == (
        clerk,
        [clerk.pk],
        None,
        None,
    )
    assert list(draft.actions.all()) == [action]
    assert Observation.objects.current().get() == row
    assert AuditEvent.objects.get().note == " 漏报一项 "


def test_a_correction_wants_its_reason(bureau: Organ, clerk: User) -> None:
    with pytest.raises(ValidationError, match="为什么更正"):
        ledger.correct(make.make_honour(bureau), by=clerk, reason="  ")


def test_one_correction_at_a_time(bureau: Organ, clerk: User) -> None:
    row = make.make_honour(bureau)
    ledger.correct(row, by=clerk, reason="笔误")
    with pytest.raises(ValidationError, match="已经有一份更正在办理"):
        ledger.correct(row, by=clerk, reason="笔误")


def test_only_what_counts_is_corrected(pillar: Pillar, bureau: Organ, clerk: User) -> None:
    for row in (make.make_honour(bureau, approved=False), make.make_action(pillar)):
        with pytest.raises(Locked, match="可以更正"):
            ledger.correct(row, by=clerk, reason="笔误")


def test_only_the_clerk_of_the_organ_corrects(
    bureau: Organ, reviewer: User, other_clerk: User, leader: User
) -> None:
    row = make.make_honour(bureau)
    for user in (reviewer, other_clerk, leader):
        with pytest.raises(PermissionDenied):
            ledger.correct(row, by=user, reason="笔误")


@pytest.mark.parametrize("what", ["metric", "organ", "period"])
def test_a_correction_stays_with_its_metric_its_organ_and_its_period(
    what: str, tree: Tree, clerk: User
) -> None:
    row = make.make_observation(make.make_metric(rhythm="span"), tree.bureau)
    draft = ledger.correct(row, by=clerk, reason="笔误")
    others = {"metric": make.make_metric(), "organ": tree.unit, "period": Period.quarter(2021, 2)}
    setattr(draft, what, others[what])
    with pytest.raises(Locked, match="更正只改内容"):
        ledger.change(draft, by=clerk)


#: Most deeds fall on one series, so that it sees several versions.
SERIES = ((0, "2021Q1"), (0, "2021Q1"), (0, "2021Q2"), (1, "2021Q1"))
DEEDS = ("create", "submit", "approve", "return", "correct", "delete")
OPEN_TO = {
    "draft": ("submit", "submit", "delete"),
    "returned": ("submit", "submit", "delete"),
    "submitted": ("approve", "approve", "return"),
}


@dataclass
class Series:
    """What one organ's figure of one period should be, as told by the deeds alone."""

    counts: int | None = None
    under_way: int | None = None
    state: str = ""

    def may(self) -> tuple[str, ...]:
        """The deeds that are open now."""
        return OPEN_TO.get(self.state) or (("create",) if self.counts is None else ("correct",))

    def follow(self, deed: str, number: int) -> None:
        """What an allowed deed changes."""
        match deed:
            case "create" | "correct":
                self.under_way, self.state = number, "draft"
            case "approve":
                self.counts, self.under_way, self.state = self.under_way, None, ""
            case "delete":
                self.under_way, self.state = None, ""
            case _:
                self.state = {"submit": "submitted", "return": "returned"}[deed]


@dataclass
class Office:
    """People who do deeds on the figures of a metric, through the door and along the line."""

    metric: Metric
    clerk: User
    reviewer: User
    told: dict[tuple[int, str], Series] = field(default_factory=dict)

    def do(self, chance: int, organ: Organ, key: str, number: int) -> None:
        """One deed, most often an open one; what is not open is refused with a sentence and changes nothing."""
        series = self.told.setdefault((organ.pk, key), Series())
        deed = DEEDS[chance % 6] if chance % 5 == 4 else series.may()[chance % len(series.may())]
        try:
            with transaction.atomic():
                self._really(deed, organ, key, number)
        except (ValidationError, Observation.DoesNotExist):
            assert deed not in series.may()
        else:
            assert deed in series.may()
            series.follow(deed, number)

    def _really(self, deed: str, organ: Organ, key: str, number: int) -> None:
        period = Period.from_key(key)
        rows = Observation.objects.filter(organ=organ, period_days=(period.start, period.end))
        steps: dict[str, Callable[[], object]] = {
            "submit": lambda: advance(rows.latest("pk"), Step.SUBMIT, by=self.clerk),
            "approve": lambda: advance(rows.latest("pk"), Step.APPROVE, by=self.reviewer),
            "return": lambda: advance(rows.latest("pk"), Step.RETURN, by=self.reviewer, note="请核对"),
            "delete": lambda: ledger.delete(rows.latest("pk"), by=self.clerk),
            "create": lambda: make.enter(
                make.draft_observation(self.metric, organ, str(number), key), by=self.clerk
            ),
            "correct": lambda: self._correct(rows.current().get(), number),
        }
        if deed == "create" and rows.current().exists():
            # a second first version may be drafted, but never approved beside the one that counts
            make.approve(
                make.draft_observation(self.metric, organ, "1", key), by=self.clerk, reviewer=self.reviewer
            )
        steps[deed]()

    def _correct(self, row: Observation, number: int) -> None:
        draft = ledger.correct(row, by=self.clerk, reason="更正")
        draft.quantity = Quantity.exact(number, "个")
        ledger.change(draft, by=self.clerk)


@settings(settings.get_profile("database"), max_examples=8)
@given(
    deeds=st.lists(
        st.tuples(st.integers(0, 99), st.sampled_from(SERIES), st.integers(0, 999)),
        min_size=18,
        max_size=26,
    )
)
def test_after_any_deeds_the_totals_are_those_computed_afresh(
    tree: Tree, superuser: User, deeds: list[tuple[int, tuple[int, str], int]]
) -> None:
    organs = (tree.bureau, tree.other_bureau)
    with transaction.atomic():
        office = Office(make.make_metric(rhythm="quarter"), superuser, make.make_user(is_superuser=True))
        for chance, (organ, key), number in deeds:
            office.do(chance, organs[organ], key, number)
            double = Observation.objects.current().values("organ", "period_days").annotate(n=Count("pk"))
            assert not double.filter(n__gt=1).exists()
        view = View(
            user=superuser,
            visible=organs,
            top=None,
            organs=organs,
            expected=organs,
            period=Period.year(2021),
            today=date(2021, 12, 31),
        )
        found = load_figures(view).total(office.metric)
        counting = [series.counts for series in office.told.values() if series.counts is not None]
        assert (found.quantity.amount if found.quantity else None) == (
            Decimal(sum(counting)) if counting else None
        )
        assert found.reported == len({organ for (organ, _), s in office.told.items() if s.counts is not None})
        transaction.set_rollback(True)
