"""What each role reaches: rights, organs, days."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from organs.models import ENTERING, SEEING, AuditEvent, AuditVerb, Membership, Organ, Role, User
from organs.permissions import ROLE_RIGHTS, Right, can, roles_with, scope
from organs.scope import Scope
from tests import make
from tests.conftest import Tree

ALL = Scope.of([("", True)])
CAST = ("clerk", "reviewer", "leader", "steward", "auditor", "outsider", "superuser")

#: Who holds which right on the first bureau.
TABLE = {
    Right.VIEW: {"clerk", "reviewer", "leader", "steward", "superuser"},
    Right.VIEW_DRAFTS: {"clerk", "reviewer", "steward", "superuser"},
    Right.ENTER: {"clerk", "superuser"},
    Right.SUBMIT: {"clerk", "superuser"},
    Right.REVIEW: {"reviewer"},
    Right.INSTRUCT: {"leader", "superuser"},
    Right.CATALOGUE: {"steward", "superuser"},
    Right.ADMINISTER: {"steward", "superuser"},
    Right.AUDIT: {"auditor", "superuser"},
}


@pytest.mark.django_db
@pytest.mark.parametrize("right", list(Right))
def test_each_right_is_held_by_exactly_these(
    right: Right, bureau: Organ, request: pytest.FixtureRequest
) -> None:
    assert {who for who in CAST if can(request.getfixturevalue(who), right, bureau)} == TABLE[right]


def test_every_right_is_held_by_some_role_and_every_role_has_rights() -> None:
    assert all(roles_with(right) for right in Right)
    assert set(ROLE_RIGHTS) == set(Role)


def test_nobody_reviews_by_the_same_role_that_enters() -> None:
    assert not set(roles_with(Right.ENTER)) & set(roles_with(Right.REVIEW))


def test_what_roles_open_agrees_with_their_rights() -> None:
    assert set(SEEING) == set(roles_with(Right.VIEW))
    assert set(ENTERING) == {
        role for role, rights in ROLE_RIGHTS.items() if rights - {Right.VIEW, Right.INSTRUCT, Right.AUDIT}
    }


def test_an_auditor_sees_no_figure() -> None:
    assert ROLE_RIGHTS[Role.AUDITOR] == {Right.AUDIT}


@pytest.mark.django_db
def test_a_membership_on_one_organ_ends_at_its_edge(tree: Tree) -> None:
    clerk = make.make_member(Role.CLERK, tree.bureau)
    assert [can(clerk, Right.ENTER, o) for o in (tree.bureau, tree.unit, tree.other_bureau, tree.area)] == [
        True,
        False,
        False,
        False,
    ]


def test_a_membership_with_all_below_goes_down_but_neither_up_nor_aside(tree: Tree, clerk: User) -> None:
    assert [can(clerk, Right.ENTER, o) for o in (tree.bureau, tree.unit, tree.other_unit, tree.area)] == [
        True,
        True,
        False,
        False,
    ]


def test_two_memberships_add_up_without_mixing_their_rights(tree: Tree) -> None:
    user = make.make_member(Role.CLERK, tree.bureau)
    make.make_membership(user, tree.other_bureau, Role.REVIEWER)
    assert can(user, Right.ENTER, tree.bureau)
    assert can(user, Right.REVIEW, tree.other_bureau)
    assert not can(user, Right.ENTER, tree.other_bureau)
    assert not can(user, Right.REVIEW, tree.bureau)


@pytest.mark.parametrize(
    ("first", "last", "holds"),
    [
        (None, None, True),
        (0, 0, True),
        (0, None, True),
        (None, 0, True),
        (-9, -1, False),
        (1, None, False),
        (None, -1, False),
    ],
)
def test_a_membership_holds_from_its_first_day_to_its_last(
    bureau: Organ, first: int | None, last: int | None, holds: bool
) -> None:
    days = [None if d is None else timezone.localdate() + timedelta(days=d) for d in (first, last)]
    user = make.make_user()
    make.make_membership(user, bureau, Role.CLERK, first_day=days[0], last_day=days[1])
    assert can(user, Right.ENTER, bureau) is holds


def test_memberships_of_a_past_day_can_be_asked_for(bureau: Organ, clerk: User) -> None:
    Membership.objects.update(last_day=date(2020, 12, 31))
    assert Membership.objects.active(date(2020, 12, 31)).exists()
    assert not Membership.objects.active(date(2021, 1, 1)).exists()


def test_a_person_who_left_holds_nothing(bureau: Organ, clerk: User, superuser: User) -> None:
    for user in (clerk, superuser):
        user.is_active = False
        assert not can(user, Right.VIEW, bureau)


def test_somebody_not_signed_in_holds_nothing(bureau: Organ) -> None:
    assert not scope(AnonymousUser(), Right.VIEW)


def test_memberships_are_fetched_once_for_a_request(
    tree: Tree, clerk: User, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    with django_assert_num_queries(2):  # the user's own, and those of all reviewers
        for right in Right:
            can(clerk, right, tree.bureau)
            scope(clerk, right).q("path")


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("leader", ["示范县", "甲局", "甲局所属中心", "乙局", "乙局所属中心"]),
        ("clerk", ["甲局", "甲局所属中心"]),
        ("other_clerk", ["乙局"]),
        ("auditor", []),
        ("outsider", []),
    ],
)
def test_organs_are_visible_to_those_who_see_their_figures(
    tree: Tree, who: str, sees: list[str], request: pytest.FixtureRequest
) -> None:
    user = request.getfixturevalue(who)
    assert [organ.name for organ in Organ.objects.visible_to(user)] == sees


def test_memberships_are_visible_to_the_steward_and_to_their_holder(
    clerk: User, other_clerk: User, steward: User, leader: User
) -> None:
    assert Membership.objects.visible_to(steward).count() == 4
    assert Membership.objects.visible_to(clerk).get().user == clerk
    assert Membership.objects.visible_to(leader).get().user == leader


def test_audit_events_are_visible_to_auditors_of_their_organ_only(
    tree: Tree, auditor: User, steward: User, clerk: User
) -> None:
    event = AuditEvent.objects.create(verb=AuditVerb.CHANGE, organ_id=tree.unit.pk)
    nowhere = AuditEvent.objects.create(verb=AuditVerb.LOGIN_FAILED)
    bureau_auditor = make.make_member(Role.AUDITOR, tree.other_bureau, with_below=True)
    assert set(AuditEvent.objects.visible_to(auditor)) == {event, nowhere}
    assert not any(AuditEvent.objects.visible_to(u) for u in (steward, clerk, bureau_auditor))
