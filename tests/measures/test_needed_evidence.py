"""A metric may demand evidence: without it nothing is submitted and nothing approved."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from measures import ledger
from measures.locks import Locked
from measures.models import EvidenceLink, Metric, Observation, Pillar
from measures.totals import Presence
from measures.workflow import Step, advance
from organs.models import Organ, Role, User
from tests import make

SignIn = Callable[[User | None], Client]
WHY = "须附佐证材料，这一条还没有"


@pytest.fixture
def metric(db: None) -> Metric:
    return make.make_metric("公益岗位", unit="个", needs_evidence=True)


def prove(**what: Observation) -> None:
    row = next(iter(what.values()))
    make.make_link(make.make_evidence(row.organ), **what)


def test_without_evidence_a_figure_is_not_submitted(metric: Metric, bureau: Organ, clerk: User) -> None:
    row = make.make_observation(metric, bureau, state="draft")
    with pytest.raises(Locked, match=WHY):
        advance(row, Step.SUBMIT, by=clerk)
    prove(observation=row)
    advance(row, Step.SUBMIT, by=clerk)
    assert row.state == "submitted"


def test_who_brings_the_proof_of_what_waits_does_not_approve_it(
    metric: Metric, bureau: Organ, clerk: User
) -> None:
    both = make.make_member(Role.CLERK, bureau)
    make.make_membership(both, bureau, Role.REVIEWER)
    row = make.make_observation(metric, bureau, state="submitted")
    ledger.create(EvidenceLink(evidence=make.make_evidence(bureau), observation=row, by=both), by=both)
    with pytest.raises(Locked, match="不能自己审核"):
        advance(row, Step.APPROVE, by=both)


def test_who_brings_the_proof_of_a_line_to_be_closed_does_not_close_it(
    bureau: Organ, pillar: Pillar, clerk: User
) -> None:
    both = make.make_member(Role.CLERK, bureau)
    make.make_membership(both, bureau, Role.REVIEWER)
    line = make.make_action(pillar)
    advance(line, Step.CLOSE, by=clerk)
    ledger.create(EvidenceLink(evidence=make.make_evidence(bureau), action=line, by=both), by=both)
    with pytest.raises(Locked, match="不能自己审核"):
        advance(line, Step.APPROVE_CLOSING, by=both)


def test_evidence_taken_away_meanwhile_stops_the_approval_but_not_the_return(
    metric: Metric, bureau: Organ, reviewer: User
) -> None:
    row = make.make_observation(metric, bureau, state="submitted")
    with pytest.raises(Locked, match=WHY):
        advance(row, Step.APPROVE, by=reviewer)
    advance(row, Step.RETURN, by=reviewer, note="缺佐证")
    assert row.state == "returned"


def test_the_confirmation_of_many_names_the_row_that_lacks_evidence(
    metric: Metric, bureau: Organ, reviewer: User, as_user: SignIn
) -> None:
    row = make.make_observation(metric, bureau, state="submitted")
    sent = {"ask": 1, "row": f"observation-{row.pk} {row.changed_at.isoformat()}"}
    html = as_user(reviewer).post(reverse("review"), sent).content.decode()
    assert WHY in html
    assert 'name="approve"' not in html


def test_another_metric_demands_nothing(bureau: Organ, clerk: User) -> None:
    row = make.make_observation(make.make_metric(), bureau, state="draft")
    advance(row, Step.SUBMIT, by=clerk)
    assert row.state == "submitted"


@pytest.mark.parametrize(
    ("presence", "absence"), [(Presence.NIL, ""), (Presence.NOT_APPLICABLE, "没有此项业务")]
)
def test_what_did_not_happen_has_no_proof(
    presence: Presence, absence: str, metric: Metric, bureau: Organ, clerk: User
) -> None:
    known = {"presence": presence.value, "absence": absence, "state": "draft"}
    row = make.make_observation(metric, bureau, None, **known)
    advance(row, Step.SUBMIT, by=clerk)
    assert row.state == "submitted"


def test_a_correction_stands_on_the_proof_of_what_it_corrects(
    metric: Metric, bureau: Organ, clerk: User
) -> None:
    first = make.make_observation(metric, bureau)
    draft = ledger.correct(first, by=clerk, reason="打错了")
    draft.remark = "核对过"
    ledger.change(draft, by=clerk)
    with pytest.raises(Locked, match=WHY):
        advance(draft, Step.SUBMIT, by=clerk)
    prove(observation=first)
    advance(draft, Step.SUBMIT, by=clerk)
    assert draft.state == "submitted"


def test_proof_of_a_counted_activity_proves_the_count(
    metric: Metric, bureau: Organ, clerk: User, pillar: object
) -> None:
    activity = make.make_activity(make.make_action(pillar))
    row = make.make_observation(metric, bureau, state="draft")
    row.activities.set([activity])
    with pytest.raises(Locked, match=WHY):
        advance(row, Step.SUBMIT, by=clerk)
    prove(activity=activity)
    advance(row, Step.SUBMIT, by=clerk)
    assert row.state == "submitted"


def test_the_page_says_what_is_missing_and_where_to_add_it(
    metric: Metric, bureau: Organ, clerk: User, as_user: SignIn
) -> None:
    row = make.make_observation(metric, bureau, "50", state="draft")
    page = reverse("admin:measures_observation_change", args=(row.pk,))
    html = as_user(clerk).get(page).content.decode()
    assert WHY in html
    assert f"{reverse('admin:measures_evidence_add')}?observation={row.pk}" in html
    sent = {
        "organ": bureau.pk,
        "metric": metric.pk,
        "period": "2021年",
        "presence": "value",
        "quantity": "61",
        "coverage": "own",
        "_step": "submit",
    }
    html = as_user(clerk).post(page, sent).content.decode()
    assert WHY in html
    assert 'value="61' in html
    row.refresh_from_db()
    assert row.state == "draft"


def test_who_edits_the_metric_says_whether_it_needs_evidence(
    bureau: Organ, clerk: User, as_user: SignIn
) -> None:
    own = make.make_metric("办件量", owner=bureau)
    html = as_user(clerk).get(reverse("admin:measures_metric_change", args=(own.pk,))).content.decode()
    assert 'name="needs_evidence"' in html
