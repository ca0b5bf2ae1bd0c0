"""Who sees which rows: drafts for their makers, approved figures for those who read them, nothing for outsiders."""

import re
from datetime import timedelta

import pytest
from django.db import models
from django.utils import timezone

from measures.models import (
    Action,
    Activity,
    Campaign,
    Honour,
    Metric,
    Observation,
    Participation,
    Pillar,
    ReviewStep,
    Target,
)
from organs.models import Membership, OrganSuccession, Role, SuccessionKind, User
from tests import make
from tests.conftest import Tree

pytestmark = pytest.mark.django_db
CAST = ("clerk", "reviewer", "leader", "steward", "auditor", "outsider", "other_clerk", "superuser")
MAKERS = {"clerk", "reviewer", "steward", "superuser"}
REVIEWED = (Action, Activity, Observation, Target, Honour)


@pytest.fixture
def cast(request: pytest.FixtureRequest) -> dict[str, User]:
    return {who: request.getfixturevalue(who) for who in CAST}


def see(cast: dict[str, User], row: models.Model) -> set[str]:
    """Those of the cast who find the row."""
    rows = type(row)._default_manager
    return {who for who, user in cast.items() if rows.visible_to(user).filter(pk=row.pk).exists()}


def rows_of(tree: Tree, state: str) -> list[models.Model]:
    """One row of each reviewed model in this state."""
    line = make.make_action(make.make_pillar(tree.bureau, tree.campaign), state=state)
    return [
        line,
        make.make_activity(line, state=state),
        make.make_observation(make.make_metric(), tree.bureau, state=state),
        make.make_target(make.make_metric(), tree.bureau, tree.campaign, "1", state=state),
        make.make_honour(tree.bureau, state=state),
    ]


@pytest.mark.parametrize("state", ["draft", "submitted", "returned"])
def test_what_is_not_approved_is_seen_by_its_makers_only(
    state: str, tree: Tree, cast: dict[str, User]
) -> None:
    for row in rows_of(tree, state):
        assert see(cast, row) == MAKERS, row


def test_what_is_approved_is_seen_by_leaders_too(tree: Tree, cast: dict[str, User]) -> None:
    for row in rows_of(tree, "approved"):
        assert see(cast, row) == MAKERS | {"leader"}, row


def test_headings_and_participation_are_seen_by_who_sees_the_organ(tree: Tree, cast: dict[str, User]) -> None:
    seeing = MAKERS | {"leader"}
    assert see(cast, make.make_pillar(tree.bureau, tree.campaign)) == seeing
    assert see(cast, Participation.objects.get(organ=tree.bureau)) == seeing


def test_a_campaign_is_seen_by_all_that_take_part_and_by_its_owner(tree: Tree, cast: dict[str, User]) -> None:
    assert see(cast, tree.campaign) == set(CAST) - {"auditor", "outsider"}
    elsewhere = make.make_organ()
    assert see(cast, make.make_campaign(elsewhere)) == {"superuser"}
    assert list(
        Campaign.objects.visible_to(make.make_member(Role.LEADER, elsewhere)).values_list("owner", flat=True)
    ) == [elsewhere.pk]


def test_a_metric_of_the_catalogue_is_seen_by_everybody_who_sees_figures(
    tree: Tree, cast: dict[str, User]
) -> None:
    assert see(cast, make.make_metric()) == set(CAST) - {"auditor", "outsider"}
    assert see(cast, make.make_metric(owner=tree.bureau)) == MAKERS | {"leader"}


def test_a_metric_of_an_organ_above_is_seen_by_who_is_to_report_it(tree: Tree, cast: dict[str, User]) -> None:
    countys = make.make_metric(owner=tree.area)
    assert see(cast, countys) == set(CAST) - {"auditor", "outsider"}
    elsewhere = make.make_member(Role.LEADER, make.make_organ())
    assert not Metric.objects.visible_to(elsewhere).filter(pk=countys.pk).exists()


def test_a_bureaus_leader_reads_its_figures_of_the_countys_metric_and_no_others(
    tree: Tree, as_user: make.SignIn
) -> None:
    countys = make.make_metric("全县统一的", owner=tree.area)
    reported = make.make_observation(countys, tree.bureau, "3131")
    make.make_observation(countys, tree.other_bureau, "76543")
    make.make_target(countys, tree.bureau, tree.campaign, "4040")
    own = as_user(make.make_member(Role.LEADER, tree.bureau, with_below=True))
    series = f"/metrics/{countys.pk}/organs/{tree.bureau.pk}/"
    for address in (f"/metrics/{countys.pk}/?period=2021", f"{series}?period=2021"):
        text = own.get(address).content.decode()
        assert ("3131" in text, "76543" in text, "乙局" in text) == (True, False, False), address
    assert own.get(f"/metrics/{countys.pk}/organs/{tree.other_bureau.pk}/").status_code == 404
    assert own.get(f"/instructions/figures/{countys.pk}/{tree.bureau.pk}/").status_code == 200
    passport = own.get(f"/figures/{countys.pk}/{reported.organ_id}/2021/").content.decode()
    for page in (
        passport,
        *(own.get(a).content.decode() for a in ("/?period=2021", "/targets/?period=2021")),
    ):
        links = set(re.findall(r'href="(/metrics/[^"]*)"', page))
        assert links
        assert {own.get(link.replace("&amp;", "&")).status_code for link in links} == {200}
    assert f"/metrics/{countys.pk}/" in own.get("/search/?q=全县统一").content.decode()


def test_what_is_due_of_the_countys_metric_is_said_to_the_bureaus_leader_as_to_the_countys(
    tree: Tree, as_user: make.SignIn, leader: User
) -> None:
    make.make_metric("全县统一的", owner=tree.area)
    for reader in (leader, make.make_member(Role.LEADER, tree.bureau)):
        text = as_user(reader).get(f"/organs/{tree.bureau.pk}/?period=2021").content.decode()
        assert re.search(r"该报未报.*全县统一的", text, re.DOTALL)


@pytest.mark.parametrize("state", ["draft", "submitted", "returned", "approved"])
def test_a_joint_organ_sees_a_joint_line_and_its_figures_once_they_are_approved(
    state: str, tree: Tree, other_clerk: User
) -> None:
    line, activity, observation, *_ = rows_of(tree, state)
    line.joint_organs.set([tree.other_bureau])
    observation.actions.set([line])
    for row in (line, activity, observation):
        found = type(row)._default_manager.visible_to(other_clerk).filter(pk=row.pk)
        assert found.count() == (1 if state == "approved" else 0), row


def test_a_joint_line_is_found_once_however_many_joint_organs_it_has(tree: Tree, leader: User) -> None:
    line, activity, observation, *_ = rows_of(tree, "approved")
    line.joint_organs.set([tree.other_bureau, tree.other_unit, tree.unit])
    observation.actions.set([line, make.make_action(line.pillar, joint=[tree.other_bureau])])
    for row in (line, activity, observation):
        assert type(row)._default_manager.visible_to(leader).filter(pk=row.pk).count() == 1


def test_who_has_no_role_left_sees_nothing_at_all(tree: Tree, clerk: User) -> None:
    rows_of(tree, "approved")
    Membership.objects.update(last_day=timezone.localdate() - timedelta(days=1))
    late = User.objects.get(pk=clerk.pk)
    for model in (*REVIEWED, Campaign, Metric, Participation, Pillar):
        assert not model._default_manager.visible_to(late).exists()


def test_steps_proof_and_successions_are_seen_with_what_they_belong_to(
    cast: dict[str, User], tree: Tree
) -> None:
    honour = make.make_honour(tree.bureau)
    step = ReviewStep.objects.get(target_id=honour.pk, step="approve")
    link = make.make_link(make.make_evidence(tree.bureau), honour=honour)
    succession = OrganSuccession.objects.create(
        predecessor=tree.bureau, successor=tree.unit, day=timezone.localdate(), kind=SuccessionKind.RENAMED
    )
    for row in (step, link, succession):
        assert see(cast, row) == {*MAKERS, "leader"}, row


def test_accounts_are_seen_by_their_steward_and_themselves(cast: dict[str, User]) -> None:
    assert see(cast, cast["clerk"]) == {"clerk", "steward", "superuser"}
    assert see(cast, cast["outsider"]) == {"outsider", "superuser"}
