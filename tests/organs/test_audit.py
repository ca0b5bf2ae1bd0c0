"""What the audit trail writes down, and in what words."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import transaction
from django.http import HttpResponse
from django.test import Client, RequestFactory

from measures.models import Action, Observation, Target
from organs.audit import AddressMiddleware, canonical, record
from organs.models import AuditEvent, AuditVerb, Membership, Organ, Role, User
from tests import make
from tests.conftest import Tree


def test_an_event_holds_who_what_and_where_after_all_of_it_is_gone(bureau: Organ, clerk: User) -> None:
    event = record(AuditVerb.CHANGE, clerk, by=clerk, organ=bureau, before="旧", after="新", note="改错")
    event.refresh_from_db()
    assert (event.user_name, event.organ_name, event.organ_id) == ("林填报", "甲局", bureau.pk)
    assert (event.target_type, event.target_id, event.target_name) == ("organs.user", clerk.pk, "林填报")
    assert (event.before, event.after, event.note) == ("旧", "新", "改错")


def test_an_event_holds_the_roles_that_were_held_on_its_organ(
    tree: Tree, clerk: User, steward: User, leader: User, superuser: User
) -> None:
    make.make_membership(clerk, tree.bureau, Role.REVIEWER)
    make.make_membership(clerk, tree.other_bureau, Role.LEADER)
    make.make_membership(clerk, tree.bureau, Role.STEWARD, last_day=date(2021, 1, 1))
    narrow = make.make_member(Role.CLERK, tree.bureau)

    def roles(by: User | None, organ: Organ | None) -> str:
        return record(AuditVerb.CHANGE, None, by=by, organ=organ).roles

    assert roles(clerk, tree.bureau) == "填报员、审核员"
    assert roles(clerk, tree.unit) == "填报员"
    assert roles(clerk, tree.other_unit) == roles(narrow, tree.unit) == roles(None, tree.bureau) == ""
    assert roles(clerk, None) == "填报员、审核员、领导"
    assert roles(steward, tree.unit) == "工委管理员"
    assert roles(superuser, tree.bureau) == "系统管理员"


def test_an_event_of_nobody_and_nothing_can_be_written(db: None) -> None:
    event = record(AuditVerb.LOGIN_FAILED, None, by=None, note="admin")
    assert (event.user_id, event.user_name, event.target_name, event.organ_id) == (None, "", "", None)


@pytest.mark.django_db(transaction=True)
def test_an_event_outside_a_transaction_is_refused() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        record(AuditVerb.LOGIN, None, by=None)


def test_an_event_goes_when_its_deed_is_rolled_back(db: None) -> None:
    with transaction.atomic():
        record(AuditVerb.LOGIN, None, by=None)
        transaction.set_rollback(True)
    assert not AuditEvent.objects.exists()


def test_an_event_tells_where_its_request_came_from_and_the_next_one_does_not(db: None) -> None:
    def answer(_request: object) -> HttpResponse:
        record(AuditVerb.LOGIN, None, by=None)
        return HttpResponse()

    AddressMiddleware(answer)(RequestFactory().get("/", REMOTE_ADDR="10.0.0.7"))
    answer(None)
    assert list(AuditEvent.objects.order_by("pk").values_list("address", flat=True)) == ["10.0.0.7", ""]


def test_a_long_name_is_cut_and_not_refused(db: None) -> None:
    assert len(record(AuditVerb.CHANGE, Organ(name="局" * 400), by=None).target_name) == 300


def test_a_password_is_never_written_down(db: None) -> None:
    user = User.objects.create_user("某人", "某人", "correct horse")
    assert user.password not in canonical(user)
    assert "某人" in canonical(user)


def test_a_row_is_told_field_by_field_in_chinese(bureau: Organ, clerk: User) -> None:
    told = canonical(Membership(user=clerk, organ=bureau, role=Role.CLERK, first_day=date(2021, 3, 5)))
    assert told.splitlines() == [
        f"用户：林填报（{clerk.pk}）",
        f"机关单位：甲局（{bureau.pk}）",
        "角色：填报员",
        "含下级：否",
        "起始日：2021-03-05",
    ]


def test_a_line_of_a_text_never_passes_for_a_field(db: None) -> None:
    lines = canonical(AuditEvent(note="改错字\r\n动作：审核通过\u2028用户：周审核")).splitlines()
    assert lines[-3:] == ["说明：改错字", "　　动作：审核通过", "　　用户：周审核"]


def test_times_are_told_in_shanghai(db: None) -> None:
    user = User(username="a", date_joined=datetime(2021, 3, 5, 6, 2, tzinfo=UTC))
    assert "建立时间：2021-03-05 14:02" in canonical(user)


def test_a_switch_is_told_as_yes_or_no(db: None) -> None:
    assert "启用：是" in canonical(User(username="a"))
    assert "启用：否" in canonical(User(username="a", is_active=False))


@pytest.mark.parametrize(
    ("said", "symbol", "amount", "span"),
    [
        ("56", "次", "56", "56"),
        ("50余", "人", "50", "51至59"),
        ("1.2万余", "元", "12000", "超过12000、不足13000"),
        ("100以上", "元", "100", "不少于100"),
        ("超100", "元", "100", "超过100"),
        ("100以内", "元", "100", "0至100"),
        ("近100", "元", "100", "不少于90、不足100"),
        ("38.9", "%", "38.9", "38.9"),
        ("0", "个", "0", "0"),
    ],
)
def test_a_quantity_is_told_as_a_person_reads_it(
    tree: Tree, said: str, symbol: str, amount: str, span: str
) -> None:
    row = make.make_observation(make.make_metric(unit=symbol), tree.bureau, said)
    row.refresh_from_db()
    lines = canonical(row).splitlines()
    assert f"数值：{amount}" in lines
    assert f"数值的范围：{span}" in lines
    assert "期间起止：2021-01-01至2021-12-31" in lines


def test_lists_of_keys_are_not_told(tree: Tree) -> None:
    row = make.make_observation(make.make_metric(), tree.bureau)
    assert "经手人" not in canonical(row)
    assert "经手人" not in canonical(make.make_action(make.make_pillar(tree.bureau, tree.campaign)))


def test_what_is_missing_is_not_told_but_zero_is(db: None) -> None:
    told = canonical(Observation(quantity_amount=Decimal("0.000000")))
    assert "数值：0" in told
    assert "分母" not in told
    assert "基线" not in canonical(Target())


def test_the_same_row_is_told_the_same_fresh_and_from_the_database(tree: Tree) -> None:
    row: Action | Observation = make.make_observation(make.make_metric(unit="%"), tree.bureau, "95以上")
    fresh = canonical(row)
    assert canonical(Observation.objects.get(pk=row.pk)) == fresh


def test_changing_ones_own_password_is_an_event(as_user: Callable[[User], Client], clerk: User) -> None:
    clerk.set_password("old-Password-27")
    clerk.save()
    typed = {
        "old_password": "old-Password-27",
        "new_password1": "new-Pass-8316",
        "new_password2": "new-Pass-8316",
    }
    as_user(clerk).post("/password/", typed)
    event = AuditEvent.objects.get(note="本人修改密码")
    assert (event.user_id, event.target_id) == (clerk.pk, clerk.pk)
    assert "Pass" not in f"{event.before}{event.after}{event.note}"


def test_accounts_made_and_passwords_set_on_the_server_leave_events(
    tree: Tree, clerk: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    call_command("createsuperuser", username="root", name="系统管理", interactive=False, stdout=StringIO())
    event = AuditEvent.objects.get(verb=AuditVerb.CREATE)
    assert (event.target_name, event.user_id) == ("系统管理", None)
    assert "用户名：root" in event.after
    monkeypatch.setattr("getpass.getpass", lambda prompt: "Zhengque-2021-mima")
    call_command("changepassword", "clerk", stdout=StringIO())
    event = AuditEvent.objects.get(verb=AuditVerb.CHANGE)
    assert (event.target_id, event.organ_id) == (clerk.pk, tree.bureau.pk)
    assert "mima" not in f"{event.before}{event.after}{event.note}"


def test_an_auditor_keeps_the_right_events_when_siblings_change_places(tree: Tree, clerk: User) -> None:
    auditor = make.make_member(Role.AUDITOR, tree.bureau)
    make.enter(make.draft_honour(tree.bureau), by=clerk)
    Organ.objects.move(tree.bureau, tree.other_bureau, "right")
    again = User.objects.get(pk=auditor.pk)
    assert AuditEvent.objects.visible_to(again).filter(target_type="measures.honour").count() == 1
    moved_here = make.make_member(Role.AUDITOR, Organ.objects.get(pk=tree.other_bureau.pk))
    assert not AuditEvent.objects.visible_to(moved_here).exists()
