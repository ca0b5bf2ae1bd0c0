"""Corrections: a new version beside the old one, with its reason, about the same thing."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from measures import ledger
from measures.locks import Locked
from measures.models import Observation, Pillar, ReviewState
from measures.period import Period
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
    for row in (make.make_honour(bureau, approved=False), make.make_action(pillar, state="retracted")):
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
