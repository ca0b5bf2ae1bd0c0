"""Evidence: whom it proves what to, who sees it, and that nobody takes it away from what was approved."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from measures import ledger
from measures.locks import Locked
from measures.models import Action, Evidence, EvidenceLink, Honour, Reviewed, ReviewState
from measures.models.evidence import private_path
from measures.workflow import Step, advance
from organs.models import Organ, User
from tests import make
from tests.conftest import Tree

pytestmark = pytest.mark.django_db


@pytest.fixture
def proven(tree: Tree) -> dict[str, Reviewed]:
    """One approved row of each kind that evidence proves."""
    action = make.make_action(make.make_pillar(tree.bureau, tree.campaign))
    return {
        "action": action,
        "activity": make.make_activity(action),
        "observation": make.make_observation(make.make_metric(), tree.bureau),
        "honour": make.make_honour(tree.bureau),
    }


@pytest.mark.parametrize("what", ["action", "activity", "observation", "honour"])
def test_evidence_proves_exactly_one_thing_and_proves_it_once(
    what: str, proven: dict[str, Reviewed], bureau: Organ
) -> None:
    evidence = make.make_evidence(bureau)
    make.make_link(evidence, **{what: proven[what]})
    once = EvidenceLink(evidence=evidence, by=evidence.uploaded_by, **{what: proven[what]})
    assert make.refused(once) == f"evidence_link_{what}_once"
    other = "honour" if what != "honour" else "action"
    both = {what: proven[what], other: proven[other]}
    assert (
        make.refused(EvidenceLink(evidence=evidence, by=evidence.uploaded_by, **both))
        == "evidence_link_proves_one_thing"
    )
    nothing = EvidenceLink(evidence=evidence, by=evidence.uploaded_by)
    assert make.refused(nothing) == "evidence_link_proves_one_thing"


@pytest.mark.parametrize("what", ["action", "activity", "observation", "honour"])
def test_a_link_knows_what_it_proves(what: str, proven: dict[str, Reviewed], bureau: Organ) -> None:
    link = make.make_link(make.make_evidence(bureau), **{what: proven[what]})
    assert link.proven == proven[what]
    assert str(link) == f"签到表 → {proven[what]}"


def test_the_path_of_a_file_tells_nothing_and_repeats_never() -> None:
    paths = {private_path(Evidence(caption="签到表"), "签到表.pdf") for _ in range(50)}
    assert len(paths) == 50
    assert all(path.isascii() and "pdf" not in path for path in paths)


def test_drafts_have_proof_that_only_their_makers_and_reviewers_see(
    tree: Tree, clerk: User, reviewer: User, leader: User, other_clerk: User, auditor: User, outsider: User
) -> None:
    honour = make.make_honour(tree.bureau, approved=False)
    make.make_link(make.make_evidence(tree.bureau), honour=honour)
    seen = [
        Evidence.objects.visible_to(u).count()
        for u in (clerk, reviewer, leader, other_clerk, auditor, outsider)
    ]
    assert seen == [1, 1, 0, 0, 0, 0]


@pytest.mark.parametrize("what", ["action", "activity", "observation", "honour"])
def test_proof_of_what_is_approved_is_open_to_those_who_see_it(
    what: str,
    tree: Tree,
    proven: dict[str, Reviewed],
    leader: User,
    other_clerk: User,
    auditor: User,
    outsider: User,
) -> None:
    make.make_link(make.make_evidence(tree.bureau), **{what: proven[what]})
    seen = [Evidence.objects.visible_to(u).count() for u in (leader, other_clerk, auditor, outsider)]
    assert seen == [1, 0, 0, 0]


def test_a_joint_organ_sees_the_action_but_not_its_proof(tree: Tree, other_clerk: User) -> None:
    action = make.make_action(make.make_pillar(tree.bureau, tree.campaign), joint=[tree.other_bureau])
    make.make_link(make.make_evidence(tree.bureau), action=action)
    assert type(action).objects.visible_to(other_clerk).get() == action
    assert not Evidence.objects.visible_to(other_clerk).exists()


def test_evidence_added_after_approval_says_so(
    clerk: User, bureau: Organ, proven: dict[str, Reviewed]
) -> None:
    evidence = make.make_evidence(bureau, by=clerk)
    late = make.enter(EvidenceLink(evidence=evidence, honour=proven["honour"]), by=clerk)
    early = make.enter(
        EvidenceLink(evidence=evidence, honour=make.make_honour(bureau, approved=False)), by=clerk
    )
    assert (late.after_approval, early.after_approval) == (True, False)
    assert late.by == clerk


@pytest.mark.parametrize(("state", "goes"), [("draft", True), ("returned", True), ("approved", False)])
def test_proof_of_what_is_approved_is_not_taken_away(
    clerk: User, bureau: Organ, state: str, goes: bool
) -> None:
    honour = make.make_honour(bureau, state=state)
    link = make.make_link(make.make_evidence(bureau), honour=honour)
    if goes:
        ledger.delete(link, by=clerk)
    else:
        with pytest.raises(Locked, match="佐证不能再撤下"):
            ledger.delete(link, by=clerk)
    assert EvidenceLink.objects.exists() is not goes


def test_proof_is_held_against_what_it_proves_as_it_is_now(clerk: User, bureau: Organ) -> None:
    link = make.make_link(make.make_evidence(bureau), honour=make.make_honour(bureau, state="draft"))
    assert link.proven is not None
    with CaptureQueriesContext(connection) as queries:
        ledger.delete(link, by=clerk)
    held = [q["sql"] for q in queries if "FOR UPDATE" in q["sql"]]
    assert any("measures_honour" in sql for sql in held)


def test_who_read_a_row_before_its_proof_came_or_went_has_not_read_it(
    clerk: User, reviewer: User, bureau: Organ
) -> None:
    row = make.submit(make.draft_honour(bureau), by=clerk)
    for deed in (ledger.create, ledger.delete):
        read = Honour.objects.get()
        deed(
            EvidenceLink.objects.first() or EvidenceLink(evidence=make.make_evidence(bureau), honour=row),
            by=clerk,
        )
        with pytest.raises(Locked, match="看过新内容再办"):
            advance(read, Step.APPROVE, by=reviewer, seen=read.changed_at)
    row.refresh_from_db()
    advance(row, Step.APPROVE, by=reviewer, seen=row.changed_at)


def test_who_read_proof_before_it_was_renamed_has_not_read_it(
    clerk: User, reviewer: User, bureau: Organ
) -> None:
    row = make.submit(make.draft_honour(bureau), by=clerk)
    evidence = make.make_link(make.make_evidence(bureau), honour=row).evidence
    read = Honour.objects.get()
    evidence.caption = "另一份文件"
    ledger.change(evidence, by=clerk)
    with pytest.raises(Locked, match="看过新内容再办"):
        advance(read, Step.APPROVE, by=reviewer, seen=read.changed_at)


def test_proof_of_a_finished_line_is_read_before_it_is_closed(
    clerk: User, proven: dict[str, Reviewed]
) -> None:
    line = proven["action"]
    make.enter(EvidenceLink(evidence=make.make_evidence(line.organ), action=line), by=clerk)
    assert Action.objects.get().changed_at == line.changed_at
    advance(line, Step.CLOSE, by=clerk)
    make.enter(EvidenceLink(evidence=make.make_evidence(line.organ), action=line), by=clerk)
    assert Action.objects.get().changed_at > line.changed_at


def test_a_file_that_proves_something_is_not_deleted(clerk: User, bureau: Organ) -> None:
    evidence = make.make_evidence(bureau)
    link = make.make_link(evidence, honour=make.make_honour(bureau, state="draft"))
    with pytest.raises(Locked, match="还有所佐证的内容与它相关"):
        ledger.delete(evidence, by=clerk)
    make.make_link(evidence, honour=make.make_honour(bureau))
    with pytest.raises(Locked, match="已经审核"):
        ledger.delete(evidence, by=clerk)
    assert EvidenceLink.objects.filter(pk=link.pk).exists()


def test_a_clerk_does_not_hang_proof_on_another_bureaus_row(
    tree: Tree, clerk: User, other_clerk: User
) -> None:
    theirs = make.make_honour(tree.other_bureau, state=ReviewState.DRAFT)
    link = EvidenceLink(evidence=make.make_evidence(tree.bureau), honour=theirs)
    for user in (clerk, other_clerk):
        with pytest.raises(PermissionDenied):
            make.enter(link, by=user)
