"""Organs in official order, and what the database refuses of organs, memberships and the audit trail."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import Error, IntegrityError, models, transaction

from organs.models import (
    AuditEvent,
    Membership,
    Organ,
    OrganKind,
    OrganSuccession,
    Role,
    SuccessionKind,
    User,
)
from tests import make
from tests.conftest import Tree

DAY = date(2021, 5, 1)
pytestmark = pytest.mark.django_db


def refused(row: models.Model) -> str:
    """The name of the constraint that the database itself refuses the row by."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        models.Model.save(row)
    return caught.value.__cause__.diag.constraint_name


def test_organs_stand_in_the_order_of_the_tree_and_not_of_their_names(area: Organ) -> None:
    for name in ("丙", "甲", "乙"):
        make.make_organ(name, under=area)
    names = list(Organ.objects.get_children(area).filter(name__in="甲乙丙").values_list("name", flat=True))
    assert names == ["丙", "甲", "乙"]


def test_an_organ_without_short_name_is_called_by_its_full_one() -> None:
    assert Organ(name="示范县卫生健康局").label == "示范县卫生健康局"
    assert Organ(name="示范县卫生健康局", short_name="卫健局").label == "卫健局"


def test_an_organ_is_not_closed_before_it_begins(bureau: Organ) -> None:
    bureau.active_from, bureau.active_to = DAY, DAY
    assert refused(bureau) == "organ_days_in_order"


def test_an_organ_does_not_follow_itself(bureau: Organ) -> None:
    row = OrganSuccession(predecessor=bureau, successor=bureau, day=DAY, kind=SuccessionKind.RENAMED)
    assert refused(row) == "succession_of_two_organs"


def test_a_succession_is_told_once(tree: Tree) -> None:
    known = {"predecessor": tree.bureau, "successor": tree.other_bureau}
    row = OrganSuccession.objects.create(**known, day=DAY, kind=SuccessionKind.MERGED)
    assert str(row) == "甲局并入乙局"
    assert (
        refused(OrganSuccession(**known, day=date(2022, 1, 1), kind=SuccessionKind.SPLIT))
        == "succession_once"
    )


def test_successions_do_not_lead_back_to_where_they_began(tree: Tree) -> None:
    first, second, third = tree.bureau, tree.other_bureau, tree.unit
    merged = {"day": DAY, "kind": SuccessionKind.MERGED}
    OrganSuccession.objects.create(predecessor=first, successor=second, **merged)
    OrganSuccession.objects.create(predecessor=second, successor=third, **merged)
    for organ in (second, third):
        with pytest.raises(ValidationError, match=f"{first.name}已经由{organ.name}承接"):
            OrganSuccession(predecessor=organ, successor=first, **merged).full_clean()
    OrganSuccession(predecessor=first, successor=third, **merged).full_clean()
    back = {"day": date(2024, 5, 1), "kind": SuccessionKind.MERGED}
    OrganSuccession(predecessor=third, successor=first, **back).full_clean()


def test_a_membership_does_not_end_before_it_begins(bureau: Organ, clerk: User) -> None:
    days = {"first_day": DAY, "last_day": date(2021, 4, 30)}
    row = Membership(user=clerk, organ=bureau, role=Role.CLERK, **days)
    assert refused(row) == "membership_days_in_order"


def test_two_people_do_not_share_a_user_name(clerk: User) -> None:
    assert "username" in refused(User(username="clerk", name="另一人"))


def test_an_organ_with_members_is_not_deleted(bureau: Organ, clerk: User) -> None:
    with pytest.raises(models.ProtectedError):
        Organ.objects.filter(pk=bureau.pk).delete()


@pytest.mark.parametrize("deed", ["update organs_auditevent set note = 'x'", "delete from organs_auditevent"])
def test_the_database_refuses_to_touch_an_audit_event(deed: str) -> None:
    AuditEvent.objects.create(verb="login")
    with (
        pytest.raises(Error, match="append-only"),
        transaction.atomic(),
        transaction.get_connection().cursor() as cursor,
    ):
        cursor.execute(deed)
    assert AuditEvent.objects.get().note == ""


def test_a_new_account_keeps_its_password_hashed() -> None:
    user = User.objects.create_user("某人", "某人", "correct horse")
    assert user.check_password("correct horse")
    assert "horse" not in user.password


def test_an_account_without_password_lets_nobody_in() -> None:
    assert not make.make_user().has_usable_password()


def test_a_passport_names_person_and_post(clerk: User, outsider: User) -> None:
    assert clerk.title == "林填报（机关党办干部）"
    assert outsider.title == "陈外人"
    assert (outsider.get_short_name(), str(outsider)) == ("陈外人",) * 2


def test_rows_name_themselves_in_words(bureau: Organ, clerk: User) -> None:
    assert str(clerk.memberships.get()) == "甲局 填报员"
    assert str(AuditEvent(user_name="林填报", verb="submit", target_name="数值")) == "林填报 报审 数值"


def test_kinds_of_organ_are_said_in_chinese(area: Organ) -> None:
    assert area.get_kind_display() == OrganKind.AREA.label == "地区或工委"
