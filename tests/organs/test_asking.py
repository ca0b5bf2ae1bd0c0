"""A question that is built once gives what its queryset gives."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.forms import model_to_dict
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from measures.models import Observation, Pillar
from organs.asking import Question
from organs.models import Membership, Organ, OrganKind, Role, User
from tests import make


def posts() -> Question[Membership]:
    return Question(
        lambda user, day: Membership.objects.filter(user=user).active(day).select_related("organ"),
        -1,
        date.min,
    )


def told(row: Membership) -> dict[str, Any]:
    """All its columns."""
    return model_to_dict(row, [field.name for field in row._meta.concrete_fields]) | {"pk": row.pk}


def test_it_gives_the_rows_of_the_queryset_with_other_values_each_time(
    clerk: User, reviewer: User, other_bureau: Organ
) -> None:
    today = timezone.localdate()
    make.make_membership(clerk, other_bureau, Role.REVIEWER, first_day=today)
    asked = posts()
    for user in (clerk, reviewer):
        for day in (today - timedelta(days=1), today):
            rows = list(Membership.objects.filter(user=user).active(day))
            assert [told(row) for row in asked.rows(user.pk, day)] == [told(row) for row in rows]
    assert len(asked.rows(clerk.pk, today)) == 2


def test_what_is_fetched_beside_is_asked_for_no_more(
    clerk: User, bureau: Organ, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        (held,) = posts().rows(clerk.pk, timezone.localdate())
        assert (held.organ.name, held.organ.path, held.pk is not None) == (bureau.name, bureau.path, True)


def test_a_list_in_it_may_be_as_long_as_any_and_what_is_no_sample_stays(
    bureau: Organ, other_bureau: Organ, unit: Organ, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    asked = Question[Organ](
        lambda kind, keys: (
            Organ.objects.filter(pk__in=keys, kind=kind, depth=2).order_by("name").values_list("name", "kind")
        ),
        "-1",
        [-2],
    )
    all_of_them = [unit.pk, other_bureau.pk, bureau.pk]
    for keys, names in ((all_of_them, ["乙局", "甲局"]), ([bureau.pk], ["甲局"]), ([], []), ([unit.pk], [])):
        with django_assert_num_queries(1):
            assert asked.columns(OrganKind.BUREAU.value, keys) == [(name, "bureau") for name in names]


def test_a_list_that_is_not_looked_through_is_refused() -> None:
    asked = Question[Organ](lambda keys: Organ.objects.filter(pk=keys[0]), [-2])
    with pytest.raises(AssertionError, match="one of several"):
        asked.rows([1])


def test_what_may_be_missing_beside_a_row_is_missing(pillar: Pillar, bureau: Organ) -> None:
    metric = make.make_metric()
    own, told = (make.make_observation(metric, bureau, "5", period=year) for year in ("2020", "2021"))
    Observation.objects.filter(pk=told.pk).update(pillar=pillar)
    asked = Question[Observation](
        lambda organ: Observation.objects.filter(organ=organ).select_related("pillar").order_by("pk"), -1
    )
    found = asked.rows(bureau.pk)
    assert [row.pk for row in found] == [own.pk, told.pk]
    assert [row.pillar and row.pillar.heading for row in found] == [None, pillar.heading]


def test_who_asks_while_it_is_being_built_waits_or_builds_it_too(clerk: User) -> None:
    """Another thread asks in the middle of the first one's building."""
    asked, today = posts(), timezone.localdate()

    class Samples(tuple[object, ...]):
        def index(self, *value: object) -> int:
            if asked._samples is self:
                asked._samples = tuple(self)
                assert len(asked.rows(clerk.pk, today)) == 1
            return super().index(*value)

    asked._samples = Samples(asked._samples)
    assert len(asked.rows(clerk.pk, today)) == 1


def test_an_account_comes_with_the_posts_of_today_in_their_order(
    clerk: User, bureau: Organ, other_bureau: Organ, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    today = timezone.localdate()
    make.make_membership(clerk, other_bureau, Role.REVIEWER, first_day=today)
    make.make_membership(clerk, bureau, Role.AUDITOR, last_day=today - timedelta(days=1))
    make.make_membership(clerk, bureau, Role.AUDITOR)
    with django_assert_num_queries(1):
        user = User.objects.known(clerk.pk)
        assert user is not None
        held = user.current_memberships()
        assert {(post.user.name, post.organ.name) for post in held} == {
            (clerk.name, bureau.name),
            (clerk.name, other_bureau.name),
        }
    rows = list(Membership.objects.filter(user=clerk).active(today))
    assert len(rows) == 3
    assert [told(row) for row in held] == [told(row) for row in rows]
    assert model_to_dict(user) == model_to_dict(clerk)


@pytest.mark.django_db
def test_an_account_without_a_post_holds_none(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    pk = make.make_user("somebody").pk
    with django_assert_num_queries(1):
        user = User.objects.known(pk)
        assert user is not None
        assert (user.name, user.current_memberships()) == ("somebody", [])


@pytest.mark.django_db
def test_nobody_of_this_key_is_nobody() -> None:
    assert User.objects.known(0) is None


def test_an_account_that_was_taken_out_of_use_is_signed_out_at_once(
    clerk: User, as_user: Callable[[User], Client]
) -> None:
    client = as_user(clerk)
    assert client.get("/my/").status_code == 200
    User.objects.filter(pk=clerk.pk).update(is_active=False)
    assert client.get("/my/").status_code == 302
