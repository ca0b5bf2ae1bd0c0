"""Fast entry: several activities, the figures of a period, photos; nothing typed is lost, nothing is stored twice."""

import re
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from measures import ledger
from measures.models import Action, Activity, EvidenceLink, Observation, Pillar, ReviewState
from measures.period import Period, PeriodKind
from measures.workflow import Step, advance
from organs.models import AuditEvent, Organ, User
from tests import make
from tests.files import pdf_file
from tests.make import SignIn

pytestmark = pytest.mark.django_db
ACTIVITIES, FIGURES, PHOTOS = "entry_activities", "entry_figures", "entry_photos"


@pytest.fixture
def action(pillar: Pillar) -> Action:
    """A line under which activities are held."""
    return make.make_action(pillar, "每月开展主题党日")


def grid(*rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The grid as it is sent: rows with their fields, a token, a button."""
    sent = {f"r{place}-{name}": value for place, row in enumerate(rows) for name, value in row.items()}
    return {"rows": len(rows), "form_token": str(uuid4()), **sent, **more}


def held(action: Action, title: str, day: str = "2021-06-01", **more: Any) -> dict[str, Any]:
    return {"action": action.pk, "day": day, "title": title, **more}


def untouched(action: Action, title: str = "", place: str = "会议室") -> dict[str, Any]:
    """What was given in a row."""
    return {"given_action": action.pk, "given_title": title, "given_place": place}


def test_several_activities_are_stored_and_submitted_in_one_click(
    action: Action, clerk: User, as_user: SignIn
) -> None:
    sent = grid(
        held(action, "学党章"),
        {**untouched(action), "action": action.pk, "place": "会议室"},
        held(action, "重温誓词"),
        submit="1",
    )
    response = as_user(clerk).post(reverse(ACTIVITIES), sent, follow=True)
    assert "已登记并报审2次活动" in response.content.decode()
    assert set(Activity.objects.values_list("title", "state", "created_by")) == {
        ("学党章", "submitted", clerk.pk),
        ("重温誓词", "submitted", clerk.pk),
    }
    assert AuditEvent.objects.filter(target_type="measures.activity").count() == 4


def test_one_wrong_row_stores_none_and_keeps_what_was_typed(
    action: Action, clerk: User, as_user: SignIn
) -> None:
    sent = grid(held(action, "学党章"), held(action, "", "前几天", attended="几十"), save="1")
    html = as_user(clerk).post(reverse(ACTIVITIES), sent).content.decode()
    assert not Activity.objects.exists()
    for kept in ("学党章", "前几天", "几十"):
        assert f'value="{kept}"' in html
    rows = html.split("<tr")
    assert "看不懂“前几天”" in rows[-1]
    assert "error" not in rows[-2]


def test_what_the_door_refuses_stands_in_its_row(action: Action, clerk: User, as_user: SignIn) -> None:
    campaign = action.pillar.campaign
    other = make.make_campaign(campaign.owner, "上届", organs=(action.organ,), year=2020, closed=True)
    sent = grid(held(action, "学党章"), held(action, "去年的", "2020-06-01"), save="1")
    html = as_user(clerk).post(reverse(ACTIVITIES), sent).content.decode()
    assert not Activity.objects.exists()
    assert f"“{other.name}”已结束" in html.split("<tr")[-1]


def test_a_form_sent_twice_is_stored_once(action: Action, clerk: User, as_user: SignIn) -> None:
    client, sent = as_user(clerk), grid(held(action, "学党章"), save="1")
    for said in ("已存为草稿1次活动", "没有重复登记"):
        assert said in client.post(reverse(ACTIVITIES), sent, follow=True).content.decode()
    assert Activity.objects.count() == 1


def test_a_new_row_of_the_entry_pages_sent_twice_is_stored_once(
    bureau: Organ, clerk: User, as_user: SignIn
) -> None:
    client, address = as_user(clerk), reverse("admin:measures_honour_add")
    token = re.search(r'name="form_token" value="([^"]+)"', client.get(address).content.decode())
    assert token
    sent = {"organ": bureau.pk, "title": "文明单位", "level": "4county", "recipient": "甲局", "year": "2021"}
    sent["form_token"] = token[1]
    client.post(address, sent)
    assert "没有重复登记" in client.post(address, sent, follow=True).content.decode()
    assert bureau.honour_set.count() == 1


def test_last_months_activities_come_as_rows_without_a_day(
    action: Action, clerk: User, as_user: SignIn
) -> None:
    for day, title in ((5, "学党章"), (6, "学党章"), (7, "重温誓词")):
        make.make_activity(action, date(2021, 5, day), title, place="会议室")
    make.make_activity(action, date(2021, 4, 1), "四月的")
    client = as_user(clerk)
    html = client.post(
        reverse(ACTIVITIES), grid(held(action, "已经写的"), {"action": action.pk}, copy="1")
    ).content.decode()
    assert "照2021年5月的活动列了2行" in html
    titles = re.findall(r'name="r\d+-title" value="([^"]*)"', html)
    assert titles == ["已经写的", "学党章", "重温誓词"]
    row = held(action, "学党章", "", place="会议室", **untouched(action, "学党章"))
    other = held(action, "重温誓词", place="会议室", **untouched(action, "重温誓词"))
    client.post(reverse(ACTIVITIES), grid(row, other))
    assert list(Activity.objects.filter(state="draft").values_list("title", flat=True)) == ["重温誓词"]


@pytest.mark.parametrize("name", ["action", "place", "title"])
def test_a_row_in_which_one_thing_was_changed_is_not_passed_over(
    name: str, action: Action, pillar: Pillar, clerk: User, as_user: SignIn
) -> None:
    other = make.make_action(pillar, "别的举措")
    changed = {"action": other.pk, "place": "大礼堂", "title": "重温誓词"}[name]
    row = {**held(action, "学党章", "", place="会议室"), **untouched(action, "学党章"), name: changed}
    html = as_user(clerk).post(reverse(ACTIVITIES), grid(held(action, "走访"), row)).content.decode()
    assert "有1行要改" in html
    assert str(changed) in html.split("<tr")[-1]
    assert not Activity.objects.exists()


def test_a_row_that_was_emptied_is_no_activity(action: Action, clerk: User, as_user: SignIn) -> None:
    row = {**held(action, "", ""), **untouched(action, "学党章")}
    as_user(clerk).post(reverse(ACTIVITIES), grid(held(action, "走访"), row))
    assert Activity.objects.get().title == "走访"


def test_the_first_row_begins_with_the_last_choices(
    action: Action, pillar: Pillar, clerk: User, as_user: SignIn
) -> None:
    client, other = as_user(clerk), make.make_action(pillar, "走访慰问")
    client.post(reverse(ACTIVITIES), grid(held(other, "看望老党员", place="某村")))
    html = client.get(reverse(ACTIVITIES)).content.decode()
    assert f'<option value="{other.pk}" selected' in html
    assert 'name="r0-place" value="某村"' in html
    html = client.get(f"{reverse(ACTIVITIES)}?action={action.pk}").content.decode()
    assert f'<option value="{action.pk}" selected' in html


def test_nobody_enters_under_an_action_of_another_organ(
    action: Action, other_clerk: User, as_user: SignIn
) -> None:
    html = as_user(other_clerk).post(reverse(ACTIVITIES), grid(held(action, "外人"))).content.decode()
    assert not Activity.objects.exists()
    assert action.title not in html


def figures(organ: Organ, period: str, **sent: Any) -> tuple[str, dict[str, Any]]:
    """The address of a choice, and what is typed there by metric."""
    typed = {name.replace("__", "-"): value for name, value in sent.items()}
    return f"{reverse(FIGURES)}?organ={organ.pk}&period={period}", {"form_token": str(uuid4()), **typed}


def test_one_line_for_each_metric_expected_in_its_rhythm(
    bureau: Organ, pillar: Pillar, clerk: User, as_user: SignIn
) -> None:
    own, themed = make.make_metric("自己的", owner=bureau), make.make_metric("主题的", theme=pillar.theme)
    told, locked = make.make_metric("报过的"), make.make_metric("审过的", owner=bureau)
    make.make_metric("别处的")
    make.make_metric("每月的", owner=bureau, rhythm="month")
    make.make_observation(told, bureau, "12", "2020")
    make.make_observation(locked, bureau, "50余")
    html = as_user(clerk).get(figures(bureau, "2021")[0]).content.decode()
    assert {
        name for name in ("自己的", "主题的", "报过的", "审过的", "别处的", "每月的") if name in html
    } == {*("自己的", "主题的", "报过的", "审过的")}
    assert [f'name="m{m.pk}-quantity"' in html for m in (own, themed, told, locked)] == [
        True,
        True,
        True,
        False,
    ]
    assert re.search(r"报过的.*?12个.*?2020年", html, re.S)
    assert re.search(r"审过的.*?50余个.*?>更正<", html, re.S)


def test_figures_are_stored_and_submitted_and_drafts_opened_in_place(
    bureau: Organ, clerk: User, as_user: SignIn
) -> None:
    first, second, third = (make.make_metric(name, owner=bureau) for name in ("甲数", "乙数", "丙数"))
    client = as_user(clerk)
    address, sent = figures(
        bureau, "2021", **{f"m{first.pk}__quantity": "１，２００余", f"m{first.pk}__presence": "value"}
    )
    sent |= {f"m{second.pk}-presence": "nil", f"m{third.pk}-presence": "value"}
    assert "已存为草稿2个数值" in client.post(address, sent, follow=True).content.decode()
    row = Observation.objects.get(metric=first)
    assert (row.said, row.period, row.state) == ("1200余个", Period.year(2021), ReviewState.DRAFT)
    html = client.get(address).content.decode()
    assert 'value="1200余个"' in html or 'value="1200余"' in html
    sent = {
        "form_token": str(uuid4()),
        "submit": "1",
        f"m{first.pk}-quantity": "1300",
        f"m{first.pk}-presence": "value",
    }
    sent |= {
        f"m{first.pk}-seen": row.changed_at.isoformat(),
        f"m{second.pk}-presence": "nil",
        f"m{second.pk}-quantity": "0",
    }
    sent[f"m{third.pk}-presence"] = "value"
    assert "已存好并报审2个数值" in client.post(address, sent, follow=True).content.decode()
    assert set(Observation.objects.values_list("quantity_amount", "state")) == {
        (1300, "submitted"),
        (0, "submitted"),
    }


def test_a_bad_figure_is_told_beside_it_and_nothing_is_stored(
    bureau: Organ, clerk: User, as_user: SignIn
) -> None:
    good, bad = make.make_metric("好的", owner=bureau), make.make_metric("坏的", owner=bureau)
    address, sent = figures(bureau, "2021")
    sent |= {f"m{good.pk}-quantity": "3", f"m{good.pk}-presence": "value"}
    sent |= {f"m{bad.pk}-quantity": "三成左右吧", f"m{bad.pk}-presence": "value"}
    html = as_user(clerk).post(address, sent).content.decode()
    assert not Observation.objects.exists()
    assert 'value="三成左右吧"' in html
    assert re.search(r"坏的.*?entry-bad|entry-bad.*?坏的", html, re.S)
    assert "左右吧" in html.split('class="error"')[1][:200]


def test_who_types_over_what_another_has_stored_is_told(
    bureau: Organ, clerk: User, second_clerk: User, as_user: SignIn
) -> None:
    metric = make.make_metric(owner=bureau)
    row = make.make_observation(metric, bureau, "5", approved=False)
    address, sent = figures(bureau, "2021", **{f"m{metric.pk}__seen": row.changed_at.isoformat()})
    theirs = {
        **sent,
        f"m{metric.pk}-quantity": "6",
        f"m{metric.pk}-presence": "value",
        "form_token": str(uuid4()),
    }
    as_user(second_clerk).post(address, theirs)
    html = (
        as_user(clerk)
        .post(address, {**theirs, f"m{metric.pk}-quantity": "7", "form_token": str(uuid4())})
        .content.decode()
    )
    assert "刚才有人改动过这一条" in html
    assert "现在存的是“6个”" in html
    assert 'value="7"' in html
    row.refresh_from_db()
    read = {"quantity": "6个", "presence": "value", "seen": row.changed_at.isoformat()}
    sent |= {f"m{metric.pk}-{name}": value for name, value in read.items()}
    row.phrase = "累计6个"
    ledger.change(row, by=second_clerk)
    assert "刚才有人改动过这一条" in as_user(clerk).post(address, sent | {"submit": "1"}).content.decode()
    row.refresh_from_db()
    assert (row.quantity_amount, row.state) == (6, ReviewState.DRAFT)


def test_a_photo_proves_what_was_chosen(action: Action, bureau: Organ, clerk: User, as_user: SignIn) -> None:
    activity = make.make_activity(action, title="学党章", approved=False)
    client = as_user(clerk)
    assert f'value="activity-{activity.pk}"' in client.get(f"{reverse(PHOTOS)}?q=党章").content.decode()
    assert f'value="activity-{activity.pk}"' not in client.get(f"{reverse(PHOTOS)}?q=没有的").content.decode()
    files = [SimpleUploadedFile(f"{n}.pdf", pdf_file(n)) for n in ("一", "二")]
    sent = {
        "caption": "签到表",
        "file": files,
        "form_token": str(uuid4()),
        "proves": f"activity-{activity.pk}",
    }
    html = client.post(reverse(PHOTOS), sent, follow=True).content.decode()
    assert "已上传2份佐证" in html
    links = EvidenceLink.objects.select_related("evidence")
    assert {(link.activity_id, link.evidence.caption, link.evidence.organ_id) for link in links} == {
        (activity.pk, "签到表（1）", bureau.pk),
        (activity.pk, "签到表（2）", bureau.pk),
    }


def test_a_file_for_nothing_or_for_another_organ_is_not_taken(
    action: Action, other_clerk: User, as_user: SignIn
) -> None:
    client = as_user(other_clerk)
    for proves in ("", f"action-{action.pk}", "action-x", "user-1"):
        sent = {"caption": "签到表", "file": SimpleUploadedFile("a.pdf", pdf_file("x")), "proves": proves}
        html = client.post(reverse(PHOTOS), sent).content.decode()
        assert "请选这些材料证明什么。" in html
        assert 'value="签到表"' in html
    assert not EvidenceLink.objects.exists()


def test_who_sends_nothing_is_told_at_once_all_that_is_missing(
    action: Action, clerk: User, as_user: SignIn
) -> None:
    html = as_user(clerk).post(reverse(PHOTOS), {"caption": "签到表"}).content.decode()
    assert 'value="签到表"' in html
    assert re.findall(r'role="alert">(.*?)<', html) == ["请选择文件。", "请选这些材料证明什么。"]


def test_drafts_that_lack_nothing_are_submitted_together(
    action: Action, bureau: Organ, clerk: User, as_user: SignIn
) -> None:
    ready = make.make_activity(action, title="填齐的", approved=False)
    asks = make.make_metric(needs_evidence=True)
    lacking = make.make_observation(asks, bureau, approved=False)
    client = as_user(clerk)
    html = client.get(reverse("drafts")).content.decode()
    values = re.findall(r'name="row" value="([^"]+)"', html)
    assert [value.split()[0] for value in values] == [f"activity-{ready.pk}"]
    assert "须附佐证" in html or "佐证" in html.split("还没填齐的")[1]
    html = client.post(reverse("drafts"), {"row": values}, follow=True).content.decode()
    assert "已报审1条" in html
    ready.refresh_from_db()
    lacking.refresh_from_db()
    assert (ready.state, lacking.state) == (ReviewState.SUBMITTED, ReviewState.DRAFT)


def test_a_draft_changed_since_the_list_was_shown_is_not_submitted(
    action: Action, clerk: User, as_user: SignIn
) -> None:
    row = make.make_activity(action, title="改过的", approved=False)
    value = f"activity-{row.pk} {row.changed_at.isoformat()}"
    Activity.objects.filter(pk=row.pk).update(changed_at=timezone.now())
    html = (
        as_user(clerk)
        .post(reverse("drafts"), {"row": [value, "activity-x 1", "closing-1"]}, follow=True)
        .content.decode()
    )
    assert "没有报审：刚才有人改动过" in html
    row.refresh_from_db()
    assert row.state == ReviewState.DRAFT


def test_my_page_names_what_is_due_and_the_next_step(pillar: Pillar, clerk: User, as_user: SignIn) -> None:
    today = timezone.localdate()
    late = make.make_action(pillar, "拖了的", due_day=date(2021, 3, 1))
    make.make_action(pillar, "还早的", due_day=today.replace(year=today.year + 1, day=1))
    closed = make.make_action(pillar, "申请销号的", due_day=date(2021, 3, 1))
    advance(closed, Step.CLOSE, by=clerk)
    html = make.page(as_user, clerk, reverse("home"))
    due = html[html.index("逾期和一周内到期") : html.index("<h2>登记活动")]
    assert late.title in due
    assert not any(title in due for title in ("还早的", closed.title))
    assert "有举措逾期" in html


def test_every_role_finds_its_part_on_the_first_page(
    clerk: User, reviewer: User, leader: User, steward: User, auditor: User, outsider: User, as_user: SignIn
) -> None:
    parts = ("还没报审的草稿", "等您审核", "账号和单位", "近7天的变化", "查审计记录")
    pages = {
        user: make.page(as_user, user, reverse("home"))
        for user in (clerk, reviewer, leader, steward, auditor)
    }
    seen = {user.username: {part for part in parts if part in html} for user, html in pages.items()}
    assert seen == {
        "clerk": {"还没报审的草稿"},
        "reviewer": {"等您审核"},
        "leader": {"近7天的变化"},
        "steward": {"等您审核", "账号和单位"},
        "auditor": {"查审计记录"},
    }
    assert "您还没有角色" in make.page(as_user, outsider, reverse("home"))


def test_where_nothing_is_left_to_fill_in_the_next_period_that_is_over_opens(
    bureau: Organ, clerk: User, as_user: SignIn
) -> None:
    metric = make.make_metric("月发文量", "个", rhythm="month")
    last = Period.of(PeriodKind.MONTH, timezone.localdate()).previous()
    row = make.enter(make.draft_observation(metric, bureau, "3", last.previous()), by=clerk)
    client = as_user(clerk)

    def opened(**asked: Any) -> str:
        page = client.get(reverse(FIGURES), asked).content.decode()
        found = re.search(r'<option value="([^"]+)" selected>[^<]*月', page)
        return found[1] if found else ""

    assert opened() == last.previous().key
    advance(row, Step.SUBMIT, by=clerk)
    assert opened() == last.key
    assert opened(organ=bureau.pk, period=last.previous().key) == last.previous().key, "that was asked for"
