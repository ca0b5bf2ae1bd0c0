"""The reviewer's page: what waits, who decides, what is told and what is kept."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from measures import ledger
from measures.models import Campaign, Metric, Observation, Reviewed, ReviewStep
from measures.period import Period
from measures.rollups.waiting import KINDS, value_of
from measures.workflow import Step, advance
from organs.models import AuditEvent, AuditVerb, Organ, Role, User
from tests import make
from tests.conftest import Tree
from tests.make import page

pytestmark = pytest.mark.django_db
SignIn = Callable[[User | None], Client]
ADDRESS = "/review/"


def sent(row: Reviewed, kind: str = "") -> str:
    """What the form says of a row as it is stored now."""
    row.refresh_from_db()
    return value_of(KINDS[kind or row._meta.model_name], row)


def key(row: Reviewed) -> str:
    return f"{row._meta.model_name}-{row.pk}"


def told(response: HttpResponse) -> str:
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def state(row: Reviewed) -> str:
    row.refresh_from_db()
    return row.state


@pytest.fixture
def waiting(bureau: Organ, clerk: User) -> Observation:
    return make.submit(make.draft_observation(make.make_metric("学习会", "次"), bureau, "50余"), by=clerk)


def test_everything_in_scope_waits_by_organ_in_official_order(as_user: SignIn, tree: Tree) -> None:
    steward = make.make_member(Role.STEWARD, tree.area, with_below=True)
    for organ in (tree.other_bureau, tree.unit, tree.bureau):
        make.make_honour(organ, f"{organ.name}的荣誉", state="submitted")
    action = make.make_action(make.make_pillar(tree.bureau, tree.campaign), "义诊", state="submitted")
    closing = make.make_action(action.pillar, "做完的事")
    advance(closing, Step.CLOSE, by=make.make_member(Role.CLERK, tree.bureau))
    make.make_target(
        make.make_metric("满意率", "%", "ratio"), tree.bureau, tree.campaign, "95", state="submitted"
    )
    make.make_activity(closing, title="健康讲座", state="submitted")
    make.make_honour(tree.bureau, "还是草稿", approved=False)
    html = page(as_user, steward, ADDRESS)
    own = ["甲局", "义诊", "做完的事", "健康讲座", "满意率的目标", "甲局的荣誉"]
    expected = [*own, "甲局所属中心", "甲局所属中心的荣誉", "乙局", "乙局的荣誉"]
    headings = re.findall(r"<h2[^>]*>(.*?)</h2>|<h3><a[^>]*>(.*?)</a>", html)
    shown = [words for pair in headings for words in pair if words]
    assert shown == expected
    assert "还是草稿" not in html


def test_a_reviewer_sees_only_what_is_theirs_to_review(
    as_user: SignIn, reviewer: User, waiting: Observation, other_bureau: Organ
) -> None:
    make.make_honour(other_bureau, "乙局的荣誉", state="submitted")
    html = page(as_user, reviewer, ADDRESS)
    assert "学习会，2021年" in html
    assert "乙局的荣誉" not in html


@pytest.mark.parametrize("who", ["clerk", "leader", "auditor", "outsider", "other_clerk"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_who_reviews_nothing_is_refused(
    who: str, method: str, as_user: SignIn, waiting: Observation, request: pytest.FixtureRequest
) -> None:
    client = as_user(request.getfixturevalue(who))
    assert getattr(client, method)(ADDRESS, {"approve": sent(waiting)}).status_code == 403
    assert state(waiting) == "submitted"


def test_who_is_not_signed_in_signs_in_first(as_user: SignIn) -> None:
    assert as_user(None).get(ADDRESS).url.startswith("/login/")


def test_a_row_tells_who_entered_it_its_words_and_its_proof(
    as_user: SignIn, reviewer: User, clerk: User, bureau: Organ
) -> None:
    metric = make.make_metric("宣讲", "人次")
    make.make_observation(metric, bureau, "90", "2020")
    row = make.draft_observation(metric, bureau, "1400余", phrase="惠及1400余人次", remark="含线上")
    make.submit(row, by=clerk)
    proof = make.make_link(make.make_evidence(bureau, "签到表"), observation=row).evidence
    html = page(as_user, reviewer, ADDRESS)
    assert "上期（2020年）90人次" in html
    for words in ("惠及1400余人次", "含线上", "可能是1401至1499人次", "林填报（机关党办干部）"):
        assert words in html
    assert f'<a href="/evidence/{proof.pk}/">签到表</a>' in html


def test_a_correction_shows_what_it_changes_field_by_field(
    as_user: SignIn, reviewer: User, clerk: User, bureau: Organ, pillar: Any
) -> None:
    action = make.make_action(pillar, "义诊")
    row = make.make_observation(
        make.make_metric("义诊", "次"), bureau, "100", remark="初稿", actions=[action]
    )
    draft = ledger.correct(row, by=clerk, reason="漏报一次")
    draft.remark = ""
    draft.quantity = make.draft_observation(row.metric, bureau, "101").quantity
    ledger.change(draft, by=clerk, links={"actions": []})
    advance(draft, Step.SUBMIT, by=clerk)
    html = page(as_user, reviewer, ADDRESS)
    assert "更正理由：漏报一次" in html
    changes = re.findall(r"<dt>(\w+)</dt><dd><del>(.*?)</del> → <ins>(.*?)</ins>", html)
    assert changes == [
        ("数值", "100次", "101次"),
        ("说明", "初稿", "未填"),
        ("所属举措", "1项", "0项（去掉义诊）"),
    ]


def test_one_row_is_approved_with_its_button_and_the_list_keeps_its_filter(
    as_user: SignIn, reviewer: User, waiting: Observation, bureau: Organ
) -> None:
    make.make_honour(bureau, state="submitted")
    address = f"{ADDRESS}?organ={bureau.pk}&kind=observation"
    response = as_user(reviewer).post(address, {"approve": sent(waiting)}, follow=True)
    assert response.redirect_chain == [(address, 302)]
    assert "已通过 1 条。" in told(response)
    assert state(waiting) == "approved"
    assert AuditEvent.objects.filter(verb=AuditVerb.APPROVE, user_id=reviewer.pk).count() == 1


def test_many_are_approved_after_a_page_that_lists_exactly_them(
    as_user: SignIn, reviewer: User, clerk: User, bureau: Organ, unit: Organ
) -> None:
    metric = make.make_metric("宣讲", "场")
    rows = [make.submit(make.draft_observation(metric, o, "5"), by=clerk) for o in (bureau, unit)]
    left = make.make_honour(bureau, "不在其中", state="submitted")
    moved = make.make_honour(bureau, "有人动过", state="submitted")
    client, stale = as_user(reviewer), sent(moved)
    type(moved).objects.filter(pk=moved.pk).update(changed_at="2021-01-01T00:00:00Z")
    html = told(client.post(ADDRESS, {"ask": 1, "row": [*map(sent, rows), stale]}))
    assert "通过这2条？" in html
    assert "有人动过" in html
    assert "刚才有人改动过这一条" in html
    assert "不在其中" not in html
    total = re.sub(r"<[^>]+>|\s+", "", html.split("甲局合计")[1])
    assert total.startswith("2021年未报→10场")
    values = re.findall(r'name="approve" value="([^"]+)"', html)
    assert values == [sent(row) for row in rows]
    assert "已通过 2 条。" in told(client.post(ADDRESS, {"approve": values}, follow=True))
    assert [state(row) for row in (*rows, left, moved)] == ["approved", "approved", "submitted", "submitted"]


def test_one_refusal_does_not_undo_the_others_and_is_named(
    as_user: SignIn, reviewer: User, waiting: Observation, bureau: Organ, second_reviewer: User
) -> None:
    honour = make.make_honour(bureau, "已有人办", state="submitted")
    values = [sent(honour), sent(waiting)]
    advance(honour, Step.APPROVE, by=second_reviewer)
    html = told(as_user(reviewer).post(ADDRESS, {"approve": values}, follow=True))
    assert "已通过 1 条。" in html
    assert "“已有人办”：现在的状态是“已审核”" in html
    assert state(waiting) == "approved"


def test_ticking_nothing_is_told(as_user: SignIn, reviewer: User) -> None:
    assert "还没有勾选" in told(as_user(reviewer).post(ADDRESS, {"ask": 1}, follow=True))


def test_a_row_goes_back_with_words_in_one_step(
    as_user: SignIn, reviewer: User, waiting: Observation
) -> None:
    words = {"return": sent(waiting), f"note-{key(waiting)}": "缺签到表，联系13912345678"}
    html = told(as_user(reviewer).post(ADDRESS, words, follow=True))
    assert "已退回 1 条" in html
    assert "像是有身份证号或手机号" in html
    assert state(waiting) == "returned"
    assert ReviewStep.objects.get(step=Step.RETURN).note.startswith("缺签到表")


def test_what_was_typed_and_ticked_stands_there_again_after_a_refusal(
    as_user: SignIn, reviewer: User, waiting: Observation, bureau: Organ
) -> None:
    honour = make.make_honour(bureau, state="submitted")
    typed = {f"note-{key(waiting)}": "", f"note-{key(honour)}": "请附奖牌照片", "row": sent(waiting)}
    client = as_user(reviewer)
    html = told(client.post(ADDRESS, {"return": sent(waiting), **typed}, follow=True))
    assert "请写明退回的原因" in html
    assert "请附奖牌照片</textarea>" in html
    assert html.count(" checked>") == 1
    assert state(waiting) == "submitted"
    html = told(client.post(ADDRESS, {"ask": 1, **typed}))
    assert 'href="/review/"' in html
    assert "请附奖牌照片</textarea>" in page(lambda user: client, reviewer, ADDRESS)


def test_the_second_of_two_reviewers_is_told_and_keeps_the_words(
    as_user: SignIn, reviewer: User, second_reviewer: User, waiting: Observation
) -> None:
    value = sent(waiting)
    as_user(second_reviewer).post(ADDRESS, {"approve": value})
    html = told(
        as_user(reviewer).post(ADDRESS, {"return": value, f"note-{key(waiting)}": "数不对"}, follow=True)
    )
    assert "现在的状态是“已审核”，不能退回。" in html
    assert "您写的是：“数不对”" in html
    assert state(waiting) == "approved"


def test_nobody_approves_what_they_have_not_read(
    as_user: SignIn, reviewer: User, clerk: User, second_reviewer: User, waiting: Observation
) -> None:
    value = sent(waiting)
    advance(waiting, Step.RETURN, by=second_reviewer, note="请核对")
    waiting.remark = "改过"
    ledger.change(waiting, by=clerk)
    advance(waiting, Step.SUBMIT, by=clerk)
    html = told(as_user(reviewer).post(ADDRESS, {"approve": value}, follow=True))
    assert "刚才有人改动过这一条" in html
    assert "上次退回——郭审核：请核对" in html
    assert state(waiting) == "submitted"


def test_own_hands_cannot_be_ticked_and_the_reason_is_said(as_user: SignIn, bureau: Organ) -> None:
    both = make.make_member(Role.CLERK, bureau)
    make.make_membership(both, bureau, Role.REVIEWER)
    row = make.submit(make.draft_honour(bureau, "自己录的"), by=both)
    client = as_user(both)
    html = told(client.get(ADDRESS))
    assert "不能自己审核" in html
    assert 'name="row"' not in html
    assert 'name="approve"' not in html
    assert "不能自己审核" in told(client.post(ADDRESS, {"ask": 1, "row": sent(row)}))
    assert "不能自己审核" in told(client.post(ADDRESS, {"approve": sent(row)}, follow=True))
    assert state(row) == "submitted"


@pytest.mark.parametrize("deed", ["approve", "return"])
def test_a_row_of_somebody_elses_is_as_good_as_gone(
    deed: str, as_user: SignIn, reviewer: User, other_bureau: Organ
) -> None:
    row = make.make_honour(other_bureau, "乙局的荣誉", state="submitted")
    form = {deed: sent(row), f"note-{key(row)}": "不对"}
    html = told(as_user(reviewer).post(ADDRESS, form, follow=True))
    assert "已被撤回或删除，或者不归您审核" in html
    assert "乙局的荣誉" not in html
    assert state(row) == "submitted"
    assert not AuditEvent.objects.filter(target_id=row.pk, target_type="measures.honour").exists()


@pytest.mark.parametrize(
    "value",
    [
        "",
        "observation-1",
        "observation-x 2021-01-01T00:00:00+08:00",
        "unit-1 2021-01-01T00:00:00+08:00",
        "honour-1 2021-01-01T00:00:00",
        "honour-99999999999999999999 2021-01-01T00:00:00+08:00",
    ],
)
@pytest.mark.parametrize("deed", ["approve", "return", "row"])
def test_nonsense_is_a_bad_request(value: str, deed: str, as_user: SignIn, reviewer: User) -> None:
    assert as_user(reviewer).post(ADDRESS, {deed: value}).status_code == 400


def test_closing_is_agreed_to_and_sent_back_here_too(
    as_user: SignIn, reviewer: User, clerk: User, pillar: Any
) -> None:
    rows = [make.make_action(pillar, title) for title in ("办完的", "没办完的")]
    for row in rows:
        advance(row, Step.CLOSE, by=clerk)
    client, back = as_user(reviewer), sent(rows[1], "closing")
    client.post(ADDRESS, {"approve": sent(rows[0], "closing")})
    client.post(ADDRESS, {"return": back, f"note-closing-{rows[1].pk}": "还差一个村"})
    for row in rows:
        row.refresh_from_db()
    assert [row.closing_state for row in rows] == ["approved", "returned"]


def test_a_figure_beside_one_that_counts_is_said_to_be_refused(
    as_user: SignIn, reviewer: User, bureau: Organ
) -> None:
    metric = make.make_metric(rhythm="span")
    make.make_observation(metric, bureau, "100", "2021")
    make.make_observation(metric, bureau, "20", "2021Q1", state="submitted")
    html = page(as_user, reviewer, ADDRESS)
    assert "2021年已有审核过的100个，两个数的期间重叠" in html
    assert 'name="row"' not in html


def test_a_closed_campaign_is_named_before_the_button_is_pressed(
    as_user: SignIn, reviewer: User, waiting: Observation, campaign: Campaign
) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(closed=True)
    html = told(as_user(reviewer).post(ADDRESS, {"ask": 1, "row": sent(waiting)}))
    assert "已结束" in html
    assert 'name="approve"' not in html


def test_an_empty_page_says_what_belongs_there(
    as_user: SignIn, reviewer: User, waiting: Observation, bureau: Organ
) -> None:
    make.make_honour(bureau, "荣誉一", state="submitted")
    assert "荣誉一" not in page(as_user, reviewer, f"{ADDRESS}?kind=observation")
    assert "荣誉一" in page(as_user, reviewer, f"{ADDRESS}?kind=x&organ=0&page=-3")
    waiting.delete()
    Observation.objects.all().delete()
    assert "没有待审的内容" in page(as_user, make.make_member(Role.REVIEWER, make.make_organ()), ADDRESS)


def many(metric: Metric, organ: Organ, number: int) -> None:
    """Waiting figures of one day each, past the door."""
    known = make.make_observation(metric, organ, "5", "20000101-20000101", state="submitted")
    values = {f.attname: getattr(known, f.attname) for f in known._meta.concrete_fields if f.name != "id"}
    rows = [Observation(**values) for _ in range(number)]
    for day, row in enumerate(rows, start=1):
        first = date(2000, 1, 1) + timedelta(days=day)
        row.period = Period.span(first, first + timedelta(days=1))
    Observation.objects.bulk_create(rows)


def test_the_page_costs_the_same_for_10_and_1000_rows(
    as_user: SignIn, steward: User, clerk: User, tree: Tree
) -> None:
    client, metric = as_user(steward), make.make_metric(rhythm="span")
    pillar = make.make_pillar(tree.bureau, tree.campaign)
    closing = make.make_action(pillar)
    advance(closing, Step.CLOSE, by=clerk)
    make.make_action(pillar, state="submitted")
    make.make_activity(closing, state="submitted")
    make.make_target(metric, tree.bureau, tree.campaign, "9", state="submitted")
    make.make_link(make.make_evidence(tree.bureau), honour=make.make_honour(tree.bureau, state="submitted"))
    draft = ledger.correct(make.make_observation(metric, tree.bureau, "3", "1999"), by=clerk, reason="多报")
    draft.remark = "复核后改"
    ledger.change(draft, by=clerk)
    advance(draft, Step.SUBMIT, by=clerk)
    many(metric, tree.bureau, 3)

    def cost() -> int:
        client.get(ADDRESS)
        with CaptureQueriesContext(connection) as spent:
            assert client.get(ADDRESS).status_code == 200
        return len(spent)

    few = cost()
    many(make.make_metric(rhythm="span"), tree.bureau, 30)
    many(metric, tree.other_bureau, 960)
    assert cost() == few <= 40


def test_the_question_before_approving_costs_the_same_for_2_and_20_rows(
    as_user: SignIn, steward: User, tree: Tree
) -> None:
    client, metric = as_user(steward), make.make_metric(needs_evidence=True, rhythm="span")
    rows = [make.make_honour(tree.bureau, state="submitted") for _ in range(20)]
    periods = [f"{year}" for year in range(2001, 2021)]
    rows += [make.make_observation(metric, tree.bureau, "3", p, state="submitted") for p in periods]

    def cost(asked: list[Reviewed]) -> int:
        values = [sent(row) for row in asked]
        with CaptureQueriesContext(connection) as spent:
            html = told(client.post(ADDRESS, {"ask": 1, "row": values}))
        assert html.count("须附佐证材料") == len(asked) / 2
        return len(spent)

    cost(rows)
    assert cost([*rows[:2], *rows[-2:]]) == cost(rows)
