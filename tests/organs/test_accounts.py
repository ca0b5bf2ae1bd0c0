"""Stewards and what is theirs to keep: accounts by their roles, the order of organs by their superior."""

from collections.abc import Callable
from typing import Any

from django.test import Client

from organs.models import AuditEvent, AuditVerb, Membership, Organ, Role, User
from tests import make
from tests.conftest import Tree
from tests.organs.test_admin import PASSWORD, add, page, shown

SignIn = Callable[[User | None], Client]


def new_account(*roles: tuple[Organ, str], **typed: Any) -> dict[str, Any]:
    sent = {"username": "newclerk", "name": "钱新人", "password1": PASSWORD, "password2": PASSWORD}
    for number, (organ, role) in enumerate(roles):
        sent |= {f"memberships-{number}-organ": organ.pk, f"memberships-{number}-role": role}
    return {**sent, "memberships-TOTAL_FORMS": len(roles), "memberships-INITIAL_FORMS": 0, **typed}


def test_an_account_is_made_with_its_password_and_its_role(
    tree: Tree, steward: User, as_user: SignIn
) -> None:
    response = as_user(steward).post(add("user"), new_account((tree.bureau, "clerk")))
    made = User.objects.get(username="newclerk")
    assert response.url == page(made)
    assert made.check_password(PASSWORD)
    event = AuditEvent.objects.get(verb=AuditVerb.CREATE, target_type="organs.user")
    assert PASSWORD not in event.after
    assert made.password not in event.after
    assert Membership.objects.get(user=made).organ == tree.bureau
    assert AuditEvent.objects.filter(target_type="organs.membership", organ_id=tree.bureau.pk).exists()


def test_an_account_without_a_role_is_for_the_superuser_only(
    tree: Tree, steward: User, superuser: User, outsider: User, as_user: SignIn
) -> None:
    client = as_user(steward)
    assert 'name="memberships-0-organ"' in shown(client.get(add("user")))
    html = shown(client.post(add("user"), new_account()))
    assert "请至少留一行任职" in html
    assert 'value="钱新人"' in html
    elsewhere = shown(client.post(add("user"), new_account((make.make_organ("外县"), "clerk"))))
    assert 'value="钱新人"' in elsewhere
    assert not User.objects.filter(username="newclerk").exists()
    assert client.get(page(outsider)).status_code == 404
    assert as_user(superuser).post(add("user"), new_account()).status_code == 302
    assert as_user(superuser).get(page(outsider)).status_code == 200


def test_a_steward_leaves_each_account_its_last_role(
    tree: Tree, clerk: User, steward: User, as_user: SignIn
) -> None:
    client, held = as_user(steward), clerk.memberships.get()
    kept = {"id": held.pk, "user": clerk.pk, "organ": tree.bureau.pk, "role": "clerk", "DELETE": "on"}
    sent = {"username": "clerk", "name": "林填报", "is_active": "on", "memberships-INITIAL_FORMS": 1}
    sent |= {"memberships-TOTAL_FORMS": 1, **{f"memberships-0-{name}": v for name, v in kept.items()}}
    assert "请至少留一行任职" in shown(client.post(page(clerk), sent))
    assert client.post(page(held, "delete"), {"post": "yes"}).status_code == 403
    make.make_membership(clerk, tree.unit, Role.REVIEWER)
    assert client.post(page(held, "delete"), {"post": "yes"}).status_code == 302
    assert clerk.memberships.get().organ == tree.unit


def test_a_weak_password_is_refused_in_chinese(tree: Tree, steward: User, as_user: SignIn) -> None:
    sent = new_account((tree.bureau, "clerk"), password1="123", password2="123")
    html = shown(as_user(steward).post(add("user"), sent))
    assert "密码" in html
    assert 'value="钱新人"' in html
    assert not User.objects.filter(username="newclerk").exists()


def test_an_organ_is_reordered_by_whoever_administers_its_superior(tree: Tree, as_user: SignIn) -> None:
    client = as_user(make.make_member(Role.STEWARD, tree.other_bureau, with_below=True))
    assert 'name="_move"' not in shown(client.get(page(tree.other_bureau)))
    assert client.post(page(tree.other_bureau), {"_move": "up"}).status_code == 403
    assert Organ.objects.get_prev_sibling(tree.other_bureau) == tree.bureau
    assert 'name="_move"' in shown(client.get(page(tree.other_unit)))
