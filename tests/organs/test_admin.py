"""Organs, accounts and the audit trail in the admin, and what signing in leaves behind."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from organs.models import AuditEvent, AuditVerb, Organ, Role, User
from tests import make
from tests.conftest import Tree

SignIn = Callable[[User | None], Client]
NO_ROLES = {"memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0}
PASSWORD = "Zhengque-2021-mima"


def page(row: Any, what: str = "change") -> str:
    return reverse(f"admin:organs_{row._meta.model_name}_{what}", args=(row.pk,))


def add(model: str) -> str:
    return reverse(f"admin:organs_{model}_add")


def shown(response: HttpResponse) -> str:
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def last_event(verb: AuditVerb) -> AuditEvent:
    return AuditEvent.objects.filter(verb=verb).latest("pk")


def organ_form(**typed: Any) -> dict[str, Any]:
    return {"name": "丙局", "kind": "bureau", "party_kind": "", **typed}


def test_organs_are_listed_as_a_tree_in_official_order(tree: Tree, steward: User, as_user: SignIn) -> None:
    html = shown(as_user(steward).get(reverse("admin:organs_organ_changelist")))
    order = [
        html.index(f">{'　' * depth}{name}<") for depth, name in enumerate(("示范县", "甲局", "甲局所属中心"))
    ]
    assert order == sorted(order)
    assert html.index("甲局所属中心<") < html.index("　乙局<")


def test_a_new_organ_becomes_the_last_below_its_superior(tree: Tree, steward: User, as_user: SignIn) -> None:
    response = as_user(steward).post(
        add("organ"), organ_form(superior=tree.area.pk, active_from="2021年3月1日")
    )
    assert response.status_code == 302
    made = Organ.objects.get(name="丙局")
    assert Organ.objects.get_parent(made) == tree.area
    assert Organ.objects.get_prev_sibling(made) == tree.other_bureau
    event = last_event(AuditVerb.CREATE)
    assert (event.organ_id, event.user_id, event.target_name) == (made.pk, steward.pk, "丙局")


def test_a_steward_needs_a_superior_organ_and_only_of_the_own_area(
    tree: Tree, steward: User, as_user: SignIn
) -> None:
    elsewhere = make.make_organ("外县")
    client = as_user(steward)
    assert "丙局" in shown(client.post(add("organ"), organ_form()))
    assert "丙局" in shown(client.post(add("organ"), organ_form(superior=elsewhere.pk)))
    assert not Organ.objects.filter(name="丙局").exists()


def test_an_organ_changes_its_place_among_siblings_only(tree: Tree, steward: User, as_user: SignIn) -> None:
    client = as_user(steward)
    html = shown(client.get(page(tree.other_bureau)))
    assert 'name="superior"' not in html
    client.post(page(tree.other_bureau), {"_move": "up"})
    tree.other_bureau.refresh_from_db()
    assert Organ.objects.get_next_sibling(tree.other_bureau) == tree.bureau
    assert last_event(AuditVerb.CHANGE).note == "排到“甲局”之前"
    assert "已经排在最前" in shown(client.post(page(tree.other_bureau), {"_move": "up"}, follow=True))


def test_an_organ_with_units_or_records_is_not_offered_for_deletion(
    tree: Tree, steward: User, as_user: SignIn
) -> None:
    client = as_user(steward)
    make.make_honour(tree.other_unit)
    for used in (tree.bureau, tree.other_unit):
        assert page(used, "delete") not in shown(client.get(page(used)))
        assert client.post(page(used, "delete"), {"post": "yes"}).status_code == 403
    assert page(tree.unit, "delete") in shown(client.get(page(tree.unit)))
    client.post(page(tree.unit, "delete"), {"post": "yes"})
    assert not Organ.objects.filter(pk=tree.unit.pk).exists()
    assert last_event(AuditVerb.DELETE).target_name == "甲局所属中心"


def test_a_wrong_telephone_stays_in_the_form_with_a_sentence(
    tree: Tree, steward: User, as_user: SignIn
) -> None:
    html = shown(as_user(steward).post(page(tree.bureau), organ_form(telephone="打给老王")))
    assert "电话只写数字" in html
    assert 'value="打给老王"' in html


def test_a_succession_is_recorded(tree: Tree, steward: User, as_user: SignIn) -> None:
    sent = {"predecessor": tree.unit.pk, "successor": tree.bureau.pk, "day": "2021.1.1", "kind": "merged"}
    assert as_user(steward).post(add("organsuccession"), sent).status_code == 302
    assert last_event(AuditVerb.CREATE).organ_id == tree.unit.pk


def test_a_new_password_leaves_an_event_without_it(clerk: User, steward: User, as_user: SignIn) -> None:
    address = reverse("admin:auth_user_password_change", args=(clerk.pk,))
    sent = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
    assert as_user(steward).post(address, sent).status_code == 302
    clerk.refresh_from_db()
    assert clerk.check_password(PASSWORD)
    event = last_event(AuditVerb.CHANGE)
    assert (event.note, event.target_id) == ("重设密码", clerk.pk)
    assert "须先改密码：是" in event.after
    assert not {PASSWORD, clerk.password} & set(re.split("[：\n]", event.before + event.after))


def test_only_a_superuser_sees_the_flag_and_other_superusers(
    steward: User, superuser: User, clerk: User, as_user: SignIn
) -> None:
    assert 'name="is_superuser"' not in shown(as_user(steward).get(page(clerk)))
    assert as_user(steward).get(page(superuser)).status_code == 404
    assert 'name="is_superuser"' in shown(as_user(superuser).get(page(clerk)))
    sent = {"username": "clerk", "name": "林填报", "is_active": "on", "is_superuser": "on", **NO_ROLES}
    as_user(steward).post(page(clerk), sent)
    clerk.refresh_from_db()
    assert not clerk.is_superuser


def test_a_steward_cannot_touch_an_account_with_a_role_elsewhere(
    tree: Tree, clerk: User, steward: User, as_user: SignIn
) -> None:
    make.make_membership(clerk, make.make_organ("外县"), Role.STEWARD)
    client = as_user(steward)
    assert client.post(page(clerk), {"username": "clerk", "name": "改名"}).status_code == 403
    address = reverse("admin:auth_user_password_change", args=(clerk.pk,))
    assert client.post(address, {"password1": PASSWORD, "password2": PASSWORD}).status_code == 403


def membership(user: User, organ: Organ, **typed: Any) -> dict[str, Any]:
    return {"user": user.pk, "organ": organ.pk, "role": "reviewer", **typed}


def test_nobody_gives_a_role_to_themselves(tree: Tree, steward: User, as_user: SignIn) -> None:
    html = shown(as_user(steward).post(add("membership"), membership(steward, tree.bureau)))
    assert "不能给自己设角色" in html
    assert "memberships-TOTAL_FORMS" not in shown(as_user(steward).get(page(steward)))
    assert steward.memberships.count() == 1


def test_an_auditor_is_appointed_by_the_superuser_only(
    tree: Tree, clerk: User, steward: User, superuser: User, as_user: SignIn
) -> None:
    sent = membership(clerk, tree.bureau, role="auditor")
    assert "安全审计员由系统管理员设定" in shown(as_user(steward).post(add("membership"), sent))
    assert as_user(superuser).post(add("membership"), sent).status_code == 302


def test_a_role_reaches_no_further_than_the_stewards(tree: Tree, clerk: User, as_user: SignIn) -> None:
    narrow = make.make_member(Role.STEWARD, tree.bureau)
    sent = membership(clerk, tree.bureau, with_below="on")
    assert "您不管理“甲局”的下级单位" in shown(as_user(narrow).post(add("membership"), sent))
    assert as_user(narrow).post(add("membership"), membership(clerk, tree.unit)).status_code == 200
    assert as_user(narrow).post(add("membership"), membership(clerk, tree.bureau)).status_code in (200, 302)


def test_signing_in_and_out_leaves_events_in_the_trail_of_the_persons_organ(
    clerk: User, bureau: Organ
) -> None:
    clerk.set_password(PASSWORD)
    clerk.save()
    client = Client()
    client.post(reverse("login"), {"username": "clerk", "password": PASSWORD})
    client.post(reverse("logout"))
    for verb in (AuditVerb.LOGIN, AuditVerb.LOGOUT):
        event = last_event(verb)
        assert (event.user_id, event.organ_id, event.address) == (clerk.pk, bureau.pk, "127.0.0.1")


def test_a_failed_sign_in_names_a_known_account_and_never_what_was_typed(clerk: User) -> None:
    Client().post(reverse("login"), {"username": "clerk", "password": "wrong"})
    assert last_event(AuditVerb.LOGIN_FAILED).target_id == clerk.pk
    Client().post(reverse("login"), {"username": "my-secret-password", "password": "wrong"})
    event = last_event(AuditVerb.LOGIN_FAILED)
    assert event.target_id is None
    assert "my-secret-password" not in f"{event.target_name}{event.note}{event.user_name}{event.after}"


def test_too_many_wrong_passwords_leave_a_lock_out_event(clerk: User) -> None:
    client = Client()
    for _ in range(settings.AXES_FAILURE_LIMIT):
        client.post(reverse("login"), {"username": "clerk", "password": "wrong"})
    assert last_event(AuditVerb.LOCKED_OUT).target_id == clerk.pk


@pytest.mark.parametrize("name", ["admin:login", "admin:password_change"])
def test_the_admin_has_no_sign_in_page_of_its_own(name: str, clerk: User, as_user: SignIn) -> None:
    assert as_user(clerk).get(reverse(name)).status_code == 302
    followed = as_user(None).get(reverse(name), follow=True)
    assert followed.redirect_chain[-1][0].startswith(reverse("login"))


@pytest.mark.parametrize("role", ["auditor", "clerk"])
def test_a_steward_touches_neither_the_role_nor_the_account_of_an_auditor(
    role: str, tree: Tree, auditor: User, steward: User, as_user: SignIn
) -> None:
    make.make_membership(auditor, tree.bureau, Role.CLERK)
    client, held = as_user(steward), auditor.memberships.get(role=role)
    password = reverse("admin:auth_user_password_change", args=(auditor.pk,))
    account = {"username": "auditor", "name": "冯审计", **NO_ROLES}
    for address, sent in (
        (page(held), membership(auditor, tree.area, role="leader")),
        (page(held, "delete"), {"post": "yes"}),
        (page(auditor), account),
        (password, {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}),
    ):
        assert client.post(address, sent).status_code == 403
    more = membership(auditor, tree.bureau, role="leader")
    assert "安全审计员由系统管理员设定" in shown(client.post(add("membership"), more))
    assert "重设密码" not in shown(client.get(page(auditor)))
    auditor.refresh_from_db()
    assert (auditor.memberships.count(), auditor.is_active) == (2, True)
    assert not auditor.check_password(PASSWORD)


def test_the_superuser_sees_to_an_auditors_account(auditor: User, superuser: User, as_user: SignIn) -> None:
    client, held = as_user(superuser), auditor.memberships.get()
    password = reverse("admin:auth_user_password_change", args=(auditor.pk,))
    sent = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
    assert client.post(password, sent).status_code == 302
    assert client.post(page(held, "delete"), {"post": "yes"}).status_code == 302
    assert not auditor.memberships.exists()


def test_a_list_is_narrowed_down_by_its_own_filters_only(
    clerk: User, superuser: User, as_user: SignIn
) -> None:
    client, rows = as_user(superuser), reverse("admin:organs_user_changelist")
    assert "林填报" in shown(client.get(rows, {"role": "clerk"}))
    assert client.get(rows, {"password__startswith": "md5"}).status_code == 400
    assert client.get(rows, {"memberships__organ__name": "甲局"}).status_code == 400


@pytest.mark.parametrize(
    ("role", "status"),
    [
        *((Role.CLERK, 200), (Role.REVIEWER, 200), (Role.STEWARD, 200)),
        *((Role.LEADER, 403), (Role.AUDITOR, 403)),
    ],
)
def test_the_role_alone_opens_the_entry_pages(tree: Tree, as_user: SignIn, role: Role, status: int) -> None:
    user = make.make_member(role, tree.bureau)
    assert as_user(user).get(reverse("admin:app_list", args=("measures",))).status_code == status


def test_a_role_that_has_ended_opens_nothing(tree: Tree, as_user: SignIn) -> None:
    user = make.make_user()
    make.make_membership(user, tree.bureau, Role.CLERK, last_day=date(2021, 1, 1))
    assert as_user(user).get(reverse("admin:app_list", args=("measures",))).status_code == 403


def test_a_steward_gives_roles_to_accounts_of_the_area_only(tree: Tree, as_user: SignIn) -> None:
    steward = make.make_member(Role.STEWARD, tree.bureau)
    stranger = make.make_member(Role.CLERK, tree.other_bureau, "何外局")
    client = as_user(steward)
    assert "何外局" not in shown(client.get(add("membership"), {"user": stranger.pk}))
    sent = {"user": stranger.pk, "organ": tree.bureau.pk, "role": "clerk"}
    assert "何外局" not in shown(client.post(add("membership"), sent))
    assert not stranger.memberships.filter(organ=tree.bureau).exists()
    asked = {"app_label": "organs", "model_name": "membership", "field_name": "user", "term": "何"}
    assert client.get(reverse("admin:autocomplete"), asked).json()["results"] == []


def test_nothing_is_stored_as_a_copy(tree: Tree, steward: User, as_user: SignIn) -> None:
    before = Organ.objects.count()
    response = as_user(steward).post(page(tree.bureau), organ_form(_saveasnew="1"))
    assert (response.status_code, Organ.objects.count()) == (400, before)
