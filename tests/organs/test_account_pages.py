"""The plain pages for accounts: making, moving, switching off, and who has which right where."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO

import openpyxl
import pytest
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from organs.models import AuditEvent, AuditVerb, Membership, Role, User
from tests import make
from tests.conftest import Tree

SignIn = Callable[[User | None], Client]
NEW, SHEET, LIST = "/accounts/new/", "/accounts/sheet/", "/accounts/"
HEAD = "角色\t姓 名\t备注\t单位\t用户名\t含下级\n"


def shown(response: HttpResponse) -> str:
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def passwords(html: str) -> list[str]:
    return re.findall(r"<code>([a-z0-9-]+)</code>", html)


def typed(**fields: str) -> dict[str, str]:
    return {"name": "钱新人", "username": "", "job": "干事", "organ": "甲局", "role": "clerk", **fields}


def sheet(*lines: str, **more: object) -> dict[str, object]:
    return {"text": HEAD + "\n".join(lines), **more}


def looked_at(client: Client, *lines: str) -> dict[str, object]:
    """What the page sends back that shows these rows, to make their accounts."""
    html = shown(client.post(SHEET, sheet(*lines)))
    return sheet(*lines, make="1", **dict(re.findall(r'name="(form_token|shown)" value="([^"]+)"', html)))


def days(held: Membership) -> tuple[date | None, date | None]:
    held.refresh_from_db()
    return held.first_day, held.last_day


def test_a_new_account_gets_a_name_by_its_sound_and_a_password_that_works_once(
    tree: Tree, steward: User, as_user: SignIn
) -> None:
    response = as_user(steward).post(NEW, typed())
    (password,) = passwords(shown(response))
    made = User.objects.get(username="qianxinren")
    assert (made.name, made.post, made.must_change_password) == ("钱新人", "干事", True)
    assert made.memberships.get().organ == tree.bureau
    client = Client()
    client.post(reverse("login"), {"username": "qianxinren", "password": password})
    assert client.get("/", follow=True).redirect_chain[-1][0] == reverse("password_change")
    stored = [*AuditEvent.objects.values_list("before", "after", "note"), made.password]
    stored += [session.get_decoded() for session in Session.objects.all()]
    assert password not in str(stored)
    assert "no-store" in response.headers["Cache-Control"]
    assert AuditEvent.objects.filter(verb=AuditVerb.CREATE, user_id=steward.pk).count() == 2


def test_the_same_page_sent_again_makes_no_second_account(tree: Tree, steward: User, as_user: SignIn) -> None:
    client = as_user(steward)
    client.post(NEW, typed())
    assert "已有填报员账号（qianxinren）" in shown(client.post(NEW, typed()))
    assert passwords(shown(client.post(NEW, typed(role="reviewer")))) != []
    assert User.objects.filter(username="qianxinren2").exists()


def test_what_may_not_be_given_is_said_beside_its_field(tree: Tree, as_user: SignIn) -> None:
    narrow = as_user(make.make_member(Role.STEWARD, tree.bureau))
    before = User.objects.count()
    for sent, sentence in (
        (typed(role="auditor"), "安全审计员由系统管理员设定"),
        (typed(with_below="on"), "您不管理“甲局”的下级单位"),
        (typed(organ="乙局"), "您管理的单位里没有“乙局”"),
        (typed(username="a b"), "用户名"),
        (typed(name=""), "请填写这一项"),
    ):
        html = shown(narrow.post(NEW, sent))
        assert sentence in html, sentence
        assert 'value="干事"' in html
    assert "此字段不能为空" not in html
    assert User.objects.count() == before


def test_what_is_wrong_with_a_field_is_told_to_those_who_hear_the_page(
    tree: Tree, steward: User, as_user: SignIn
) -> None:
    html = shown(as_user(steward).post(NEW, typed(organ="没有这个局")))
    box = re.search('<input[^>]*name="organ"[^>]*>', html)
    assert box
    told = (re.search('aria-describedby="([^"]*)"', box[0]) or [""])[1].split()
    assert told == ["id_organ_helptext", "id_organ_error"]
    assert [html.count(f'id="{key}"') for key in told] == [1, 1]


def test_an_organ_is_found_by_its_initials_if_they_fit_only_one(
    tree: Tree, steward: User, as_user: SignIn
) -> None:
    client = as_user(steward)
    assert "可能是甲局、甲局所属中心" in shown(client.post(NEW, typed(organ="jj")))
    assert passwords(shown(client.post(NEW, typed(organ="yjsszx"))))
    assert Membership.objects.filter(organ=tree.other_unit).exists()


def test_of_two_organs_of_one_name_the_superior_says_which(
    tree: Tree, steward: User, as_user: SignIn
) -> None:
    client = as_user(steward)
    first, second = (make.make_organ("办公室", under=above) for above in (tree.bureau, tree.other_bureau))
    html = shown(client.post(NEW, typed(organ="办公室")))
    assert "“办公室”可能是甲局/办公室、乙局/办公室，请写全称。" in html
    assert '<option value="乙局/办公室">' in html
    assert passwords(shown(client.post(NEW, typed(organ="乙局／办公室"))))
    assert not Membership.objects.filter(organ=first).exists()
    assert Membership.objects.filter(organ=second).exists()


def test_a_sheet_shows_every_row_before_it_writes_and_writes_all_or_nothing(
    tree: Tree, steward: User, as_user: SignIn
) -> None:
    client, before = as_user(steward), User.objects.count()
    good, bad = "审核员\t孙二\t无\t乙局\t\t是", "局长\t李四\t\t没有这个局\t\t也许"
    html = shown(client.post(SHEET, sheet(good, bad, make="1")))
    for sentence in ("有1行不能建", "没有“没有这个局”", "没有“局长”这种角色", "请写“是”或“否”", "suner"):
        assert sentence in html, sentence
    assert User.objects.count() == before
    assert "1行都可以" in shown(client.post(SHEET, sheet(good)))
    assert User.objects.count() == before
    html = shown(client.post(SHEET, looked_at(client, good, "填报员\t孙二\t\t甲局\t\t")))
    assert len(passwords(html)) == 2
    assert Membership.objects.get(user__username="suner").with_below
    assert User.objects.get(username="suner2").memberships.get().organ == tree.bureau
    assert "已有审核员账号（suner）" in shown(client.post(SHEET, sheet(good, make="1")))


def test_accounts_sent_twice_are_made_once_and_the_steward_learns_where_passwords_come_from(
    tree: Tree, steward: User, as_user: SignIn
) -> None:
    client = as_user(steward)
    sent = looked_at(client, "领导\t孙二\t\t甲局\t\t")
    assert len(passwords(shown(client.post(SHEET, sent)))) == 1
    html = shown(client.post(SHEET, sent))
    assert "已经建好了，没有重复建立" in html
    assert "孙二" in html
    one = {**typed(), **dict(re.findall(r'name="(form_token)" value="([^"]+)"', shown(client.get(NEW))))}
    assert len(passwords(shown(client.post(NEW, one)))) == 1
    assert "已经建好了，没有重复建立" in shown(client.post(NEW, one))
    assert passwords(shown(client.post(SHEET, looked_at(client, "领导\t孙三\t\t甲局\t\t"))))
    assert User.objects.filter(name__startswith="孙").count() == 2


@pytest.mark.parametrize("late", [False, True])
def test_a_name_that_somebody_else_takes_in_the_same_moment_is_a_sentence(
    tree: Tree, steward: User, as_user: SignIn, monkeypatch: pytest.MonkeyPatch, late: bool
) -> None:
    client = as_user(steward)
    sent = looked_at(client, "领导\t孙二\t\t甲局\t\t")

    def takes_it_first(user: User) -> str:
        make.make_user("先到", username=user.username)
        return "abcd-efgh-2345"

    monkeypatch.setattr("organs.accounts.first_password", takes_it_first)
    if late:
        monkeypatch.setattr(User, "full_clean", lambda *given, **more: None)
    for html in (shown(client.post(SHEET, sent)), shown(client.post(NEW, typed()))):
        assert "刚才有人建了同样的账号" in html
    assert 'value="钱新人"' in html
    assert not User.objects.filter(name__in=("孙二", "钱新人", "先到")).exists()


def test_only_rows_that_were_shown_are_made(tree: Tree, steward: User, as_user: SignIn) -> None:
    client = as_user(steward)
    sent = looked_at(client, "领导\t孙二\t\t甲局\t\t")
    other = sheet("领导\t孙二\t\t甲局\t\t", "审核员\t周四\t\t甲局\t\t")
    html = shown(client.post(SHEET, {**sent, **other}))
    assert "还没有建立：和刚才检查的不一样了" in html
    assert "周四" in html
    file = SimpleUploadedFile("名单", "姓名,单位,角色\n吴六,甲局,领导".encode())
    assert "还没有建立" in shown(client.post(SHEET, {**sent, "file": file}))
    assert not User.objects.filter(name__in=("孙二", "周四", "吴六")).exists()


def test_one_person_does_not_stand_in_a_sheet_twice(tree: Tree, steward: User, as_user: SignIn) -> None:
    row = "填报员\t孙二\t\t甲局\t\t"
    assert "和第2行是同一个人、同一个角色" in shown(as_user(steward).post(SHEET, sheet(row, row)))


def test_a_sheet_comes_as_a_file_too_and_nonsense_gets_a_sentence(
    tree: Tree, steward: User, as_user: SignIn
) -> None:
    book = openpyxl.Workbook()
    for row in (("人员名单",), ("姓名", "单位", "角色"), ("孙二", "甲局", "领导")):
        book.active.append(row)
    file = BytesIO()
    book.save(file)
    client = as_user(steward)

    def answer(content: bytes) -> str:
        return shown(client.post(SHEET, {"file": SimpleUploadedFile("名单", content), "text": ""}))

    assert "1行都可以" in answer(file.getvalue())
    assert "1行都可以" in answer("姓名,单位,角色\n孙二,甲局,领导".encode("gb18030"))
    assert "没有找到表头" in answer(b"")
    assert "打不开这个文件" in answer(b"PK" + file.getvalue()[2:200])
    assert "看不懂这个文件" in answer(b"\xff\xd8\x00\xff\x00")
    assert "没有“单位”“角色”这一列" in shown(client.post(SHEET, {"text": "姓名\t电话\n孙二\t1"}))
    assert "一次最多建30个" in shown(client.post(SHEET, sheet(*["填报员\t孙二\t\t甲局\t\t"] * 31)))


def test_another_post_begins_the_day_after_the_old_one_ends(
    tree: Tree, clerk: User, steward: User, as_user: SignIn
) -> None:
    client, old = as_user(steward), clerk.memberships.get()
    address = reverse("account_move", args=(clerk.pk, old.pk))
    sent = {"organ": "乙局", "role": "reviewer", "first_day": "2026年3月1日"}
    assert client.post(address, sent).status_code == 302
    assert days(old) == (None, date(2026, 2, 28))
    new = clerk.memberships.exclude(pk=old.pk).get()
    assert (new.organ, new.role, days(new)) == (tree.other_bureau, "reviewer", (date(2026, 3, 1), None))
    again = reverse("account_move", args=(clerk.pk, new.pk))
    assert "日期要晚于这一天" in shown(client.post(again, {**sent, "organ": "甲局"}))
    assert clerk.memberships.count() == 2


def test_a_role_is_not_given_twice(tree: Tree, clerk: User, steward: User, as_user: SignIn) -> None:
    sent = {"organ": "甲局", "role": "clerk", "first_day": "2026-03-01"}
    assert "已经是甲局 填报员" in shown(
        as_user(steward).post(reverse("account_post", args=(clerk.pk,)), sent)
    )


def test_nobody_sees_to_their_own_account_or_to_one_with_a_role_elsewhere(
    tree: Tree, clerk: User, auditor: User, steward: User, as_user: SignIn
) -> None:
    make.make_membership(clerk, make.make_organ("外县"), Role.STEWARD)
    client = as_user(steward)
    for user in (steward, clerk, auditor):
        held = user.memberships.first()
        assert "重设密码" not in shown(client.get(reverse("account", args=(user.pk,))))
        for name, keys in (
            *(("account_reset", ()), ("account_unlock", ()), ("account_switch", ())),
            *(("account_post", ()), ("account_move", (held.pk,))),
        ):
            assert client.post(reverse(name, args=(user.pk, *keys))).status_code == 403
    assert "外县" not in shown(client.get(reverse("account", args=(clerk.pk,))))


def test_a_new_password_is_to_be_changed_and_the_old_one_no_longer_works(
    clerk: User, steward: User, as_user: SignIn
) -> None:
    clerk.set_password("old-password-77")
    clerk.save()
    (password,) = passwords(shown(as_user(steward).post(reverse("account_reset", args=(clerk.pk,)))))
    clerk.refresh_from_db()
    assert clerk.check_password(password)
    assert clerk.must_change_password
    assert AuditEvent.objects.filter(target_id=clerk.pk, note="重设密码").exists()


def test_an_account_is_switched_off_and_on_again(clerk: User, steward: User, as_user: SignIn) -> None:
    client, mine = as_user(steward), as_user(clerk)
    address = reverse("account_switch", args=(clerk.pk,))
    client.post(address, {"active": "0"})
    assert mine.get("/").status_code == 302
    assert "停用" in shown(client.get(reverse("account", args=(clerk.pk,))))
    client.post(address, {"active": "1"})
    clerk.refresh_from_db()
    assert clerk.is_active
    assert mine.get("/").status_code == 302  # who comes back signs in
    assert as_user(clerk).get("/").status_code == 200
    notes = (
        AuditEvent.objects.filter(target_id=clerk.pk, verb=AuditVerb.CHANGE)
        .order_by("pk")
        .values_list("note", flat=True)
    )
    assert list(notes) == ["停用账号", "启用账号"]


def names(client: Client, **asked: object) -> list[str]:
    return re.findall(r'<th scope="row"><a href="/accounts/\d+/">(.*?)</a>', shown(client.get(LIST, asked)))


def test_the_list_says_who_has_which_right_where(
    tree: Tree,
    clerk: User,
    other_clerk: User,
    steward: User,
    superuser: User,
    outsider: User,
    as_user: SignIn,
) -> None:
    client, today = as_user(steward), timezone.localdate()
    gone = make.make_user("吕已走", is_active=False)
    make.make_membership(gone, tree.bureau, Role.LEADER)
    make.make_membership(other_clerk, tree.unit, Role.REVIEWER, last_day=today - timedelta(days=1))
    make.make_membership(other_clerk, tree.unit, Role.LEADER, first_day=today + timedelta(days=1))
    assert names(client) == ["吴工委", "林填报", "吕已走", "何填报", "何填报", "何填报"]
    assert names(client, organ=tree.bureau.pk) == ["林填报", "吕已走", "何填报", "何填报"]
    assert names(client, role="clerk") == ["林填报", "何填报"]
    assert [names(client, state=s) for s in ("come", "over", "off")] == [["何填报"], ["何填报"], ["吕已走"]]
    assert names(client, q="ltb") == names(client, q="lintian") == names(client, q="clerk")[:1] == ["林填报"]
    assert names(client, organ="x") == []
    assert "陈外人" in names(as_user(superuser))
    make.make_membership(superuser, tree.bureau, Role.CLERK)  # whom a steward does not see
    assert superuser.name not in names(client)


def test_the_list_names_who_is_locked_out_and_finds_them(
    tree: Tree, clerk: User, other_clerk: User, steward: User, as_user: SignIn
) -> None:
    for _ in range(5):
        Client().post(reverse("login"), {"username": clerk.username, "password": "x"})
    client = as_user(steward)
    assert names(client, state="locked") == [clerk.name]
    assert shown(client.get(LIST)).count('<span class="word">已锁定</span>') == 1
    assert f'href="{LIST}?state=locked">登录锁定' in shown(client.get("/my/"))


def test_a_role_begins_in_a_year_that_can_be(tree: Tree, clerk: User, steward: User, as_user: SignIn) -> None:
    address = reverse("account_move", args=(clerk.pk, clerk.memberships.get().pk))
    for day in ("0001-01-01", "9999-12-31"):
        html = shown(as_user(steward).post(address, {"organ": "乙局", "role": "clerk", "first_day": day}))
        assert "年份要在1949到2100之间" in html
        assert f'value="{day}"' in html


def test_the_list_as_a_file_has_the_same_rows_and_leaves_an_event(
    tree: Tree, clerk: User, steward: User, as_user: SignIn
) -> None:
    response = as_user(steward).get(LIST, {"role": "clerk", "export": "rights"})
    page = openpyxl.load_workbook(BytesIO(response.content)).active
    rows = list(page.values)
    assert rows[3][:6] == ("林填报", "clerk", "机关党办干部", "甲局", "填报员", "是")
    assert len(rows) == 4
    assert AuditEvent.objects.get(verb=AuditVerb.EXPORT).note == "账号和任职（角色：填报员，1行）"
    assert not re.search("登录|在线|最近", str(rows))


def test_the_list_costs_the_same_for_few_and_many(
    tree: Tree, steward: User, as_user: SignIn, django_assert_max_num_queries: Callable
) -> None:
    for _ in range(12):
        make.make_member(Role.CLERK, tree.bureau)
    client = as_user(steward)
    with django_assert_max_num_queries(9):  # one of them for the bell
        client.get(LIST)


def test_lists_of_organs_hear_of_the_organs_that_one_meets_alone(
    tree: Tree, other_clerk: User, auditor: User, outsider: User, as_user: SignIn
) -> None:
    heard = {who: as_user(who).get(reverse("sounds")).json() for who in (other_clerk, auditor, outsider)}
    assert heard[other_clerk] == {str(tree.other_bureau.pk): "yj"}
    assert heard[auditor][str(tree.area.pk)] == "sfx"
    assert heard[outsider] == {}
