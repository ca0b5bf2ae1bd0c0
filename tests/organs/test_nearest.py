"""The nearest organ that has a reviewer approves; the ones above only where there is none."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db.models import Q
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from organs.models import Membership, Organ, Role, User
from organs.permissions import Right, can, reviewed_by, scope
from organs.scope import Scope
from tests import make
from tests.conftest import Tree

ALL = Scope.of([("", True)])
PATHS = ["0001", "00010001", "000100010001", "00010002", "0002"]


def reviews(user: User) -> list[str]:
    """Names of the organs that the person reviews, asked of the database and of `can` alike."""
    known = User.objects.get(pk=user.pk)
    found = Organ.objects.filter(scope(known, Right.REVIEW).q("path"))
    assert set(found) == {organ for organ in Organ.objects.all() if can(known, Right.REVIEW, organ)}
    return [organ.name for organ in found]


def test_a_steward_reviews_where_a_bureau_has_no_reviewer(tree: Tree, steward: User, reviewer: User) -> None:
    assert reviews(reviewer) == ["甲局", "甲局所属中心"]
    assert reviews(steward) == ["示范县", "乙局", "乙局所属中心"]


def test_a_superuser_reviews_where_there_is_nobody_at_all(
    tree: Tree, reviewer: User, superuser: User
) -> None:
    assert reviews(superuser) == ["示范县", "乙局", "乙局所属中心"]
    make.make_member(Role.STEWARD, tree.area, with_below=True)
    assert reviews(superuser) == []


def test_a_reviewer_without_all_below_leaves_the_units_to_those_above(tree: Tree, steward: User) -> None:
    narrow = make.make_member(Role.REVIEWER, tree.bureau)
    assert reviews(narrow) == ["甲局"]
    assert "甲局所属中心" in reviews(steward)


def test_two_at_the_same_organ_review_both(tree: Tree, reviewer: User) -> None:
    second = make.make_member(Role.STEWARD, tree.bureau, with_below=True)
    assert reviews(second) == reviews(reviewer) == ["甲局", "甲局所属中心"]


def test_a_nearer_role_of_ones_own_takes_nothing_away(tree: Tree, steward: User) -> None:
    make.make_membership(steward, tree.bureau, Role.REVIEWER)
    assert reviews(steward) == ["示范县", "甲局", "甲局所属中心", "乙局", "乙局所属中心"]


@pytest.mark.parametrize("lost", ["ended", "not yet", "left", "other role"])
def test_only_a_reviewer_of_today_stands_in_the_way(
    lost: str, tree: Tree, steward: User, reviewer: User
) -> None:
    role, day = reviewer.memberships.get(), timedelta(days=1)
    match lost:
        case "ended":
            role.last_day = timezone.localdate() - day
        case "not yet":
            role.first_day = timezone.localdate() + day
        case "other role":
            role.role = Role.CLERK
        case "left":
            User.objects.filter(pk=reviewer.pk).update(is_active=False)
    role.save()
    assert "甲局" in reviews(steward)
    assert reviews(reviewer) == []


def test_rights_to_see_go_on_as_before(tree: Tree, steward: User, reviewer: User) -> None:
    assert can(steward, Right.VIEW, tree.bureau)
    assert can(steward, Right.VIEW_DRAFTS, tree.unit)


def test_everybody_is_told_who_reviews(tree: Tree, clerk: User) -> None:
    assert reviewed_by(tree.bureau, told=clerk).startswith("还没有人审核")
    above = make.make_member(Role.STEWARD, tree.area, with_below=True)
    assert reviewed_by(tree.bureau, told=above) == "由示范县的工委管理员审核。"
    own = make.make_member(Role.REVIEWER, tree.bureau)
    assert reviewed_by(tree.bureau, told=own) == "由甲局的审核员审核。"
    assert reviewed_by(tree.unit, told=own) == "由示范县的工委管理员审核。"


@pytest.mark.parametrize(
    ("reach", "path", "inside"),
    [
        (Scope(), "0001", False),
        (ALL, "0001", True),
        (Scope(organs=frozenset({"0001"})), "0001", True),
        (Scope(organs=frozenset({"0001"})), "00010001", False),
        (Scope(subtrees=frozenset({"0001"})), "00010001", True),
        (Scope(subtrees=frozenset({"00010001"})), "0001", False),
        (Scope(subtrees=frozenset({"0001"})), "0002", False),
    ],
)
def test_a_scope_says_of_a_path_and_of_a_query_the_same(
    reach: Scope, path: str, inside: bool, db: None
) -> None:
    Organ.objects.bulk_create([Organ(path=path, depth=len(path) // 4, numchild=0, name="甲")])
    assert (path in reach) is inside
    assert Organ.objects.filter(reach.q("path")).exists() is inside
    assert Organ.objects.filter(reach.q("path") | Q(name="乙")).exists() is inside
    assert Organ.objects.filter(reach.q("path") & Q(name="甲")).exists() is inside


def test_only_an_empty_scope_is_false() -> None:
    assert not Scope()
    assert all([ALL, Scope(organs=frozenset("1")), Scope(subtrees=frozenset("1"))])


POSTS = st.lists(st.tuples(st.sampled_from(["", *PATHS]), st.booleans()), max_size=6)


@pytest.mark.django_db
@settings(settings.get_profile("database"), max_examples=60)
@given(mine=POSTS, others=POSTS)
def test_the_longest_path_decides(mine: list[tuple[str, bool]], others: list[tuple[str, bool]]) -> None:
    def nearest(posts: list[tuple[str, bool]], path: str) -> int:
        reached = (len(p) for p, below in posts if p == path or (below and path.startswith(p)))
        return max(reached, default=-1)

    if not Organ.objects.exists():
        Organ.objects.bulk_create([Organ(path=p, depth=len(p) // 4, numchild=0, name=p) for p in PATHS])
    held = replace(Scope.of(mine), nearer=Scope.of(mine + others))
    expected = {path for path in PATHS if 0 <= nearest(mine, path) >= nearest(others, path)}
    assert {path for path in PATHS if path in held} == expected
    assert {organ.path for organ in Organ.objects.filter(held.q("path"))} == expected


def test_asking_who_reviews_costs_one_query_however_many_there_are(
    tree: Tree, steward: User, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    for _ in range(5):
        make.make_member(Role.REVIEWER, tree.bureau)
    user = User.objects.get(pk=steward.pk)
    with django_assert_num_queries(2):
        assert not can(user, Right.REVIEW, tree.bureau)
        assert reviewed_by(tree.bureau, told=user)
    assert Membership.objects.count() == 6
