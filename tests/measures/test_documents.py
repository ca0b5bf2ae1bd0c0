"""The pages of an honour and of an action: the same parts as a passport, and the same limits on what is read."""

import pytest

from measures import ledger
from measures.models import Honour, Pillar
from measures.workflow import Step, advance
from organs.models import Organ, User
from tests import make
from tests.make import SignIn, page

pytestmark = pytest.mark.django_db


@pytest.fixture
def honour(clerk: User, reviewer: User, bureau: Organ) -> Honour:
    return make.approve(make.draft_honour(bureau, "先进集体"), by=clerk, reviewer=reviewer)


def renamed(honour: Honour, by: User) -> Honour:
    """A draft of the next version under another title."""
    draft = ledger.correct(honour, by=by, reason="名称照奖牌写")
    draft.title = "先进基层党组织"
    ledger.change(draft, by=by)
    return draft


def test_an_open_correction_of_an_honour_is_seen_by_staff_only(
    as_user: SignIn, leader: User, clerk: User, honour: Honour
) -> None:
    draft = renamed(honour, clerk)
    there = f"/honours/{honour.pk}/"
    assert "先进基层党组织" not in page(as_user, leader, there)
    assert as_user(leader).get(f"/honours/{draft.pk}/").status_code == 404
    text = page(as_user, clerk, there)
    assert 'class="version review-draft"' in text
    assert "名称</span> <del>先进集体</del> → <ins>先进基层党组织</ins>" in text
    assert "草稿，还不算数" not in text


def test_the_old_address_of_an_honour_leads_to_what_counts_now(
    as_user: SignIn, leader: User, clerk: User, reviewer: User, honour: Honour
) -> None:
    first = renamed(honour, clerk)
    make.approve(first, by=clerk, reviewer=reviewer)
    second = ledger.correct(first, by=clerk, reason="补文号")
    second.note = "〔2021〕3号"
    ledger.change(second, by=clerk)
    make.approve(second, by=clerk, reviewer=reviewer)
    text = page(as_user, leader, f"/honours/{honour.pk}/?period=2021")
    assert f'href="/honours/{second.pk}/?period=2021"' in text
    text = page(as_user, leader, f"/honours/{second.pk}/")
    assert "这一条已被更正" not in text
    for words in ("第3版", "更正为第2版", "补文号", "<del>先进集体</del>", "<ins>〔2021〕3号</ins>"):
        assert words in text, words


def test_an_honour_that_is_not_approved_says_so(as_user: SignIn, clerk: User, bureau: Organ) -> None:
    row = make.make_honour(bureau, approved=False)
    assert "草稿，还不算数" in page(as_user, clerk, f"/honours/{row.pk}/")


def test_leaders_read_only_the_outline_of_an_action(
    as_user: SignIn, leader: User, clerk: User, second_clerk: User, reviewer: User, pillar: Pillar
) -> None:
    action = make.submit(make.draft_action(pillar, "理论学习"), by=clerk)
    advance(action, Step.RETURN, by=reviewer, note="请写明时限")
    make.approve(action, by=clerk, reviewer=reviewer)
    action.progress = "已学两次"
    ledger.change(action, by=second_clerk)
    advance(action, Step.CLOSE, by=clerk)
    advance(action, Step.APPROVE_CLOSING, by=reviewer)
    there = f"/actions/{action.pk}/"
    text = page(as_user, leader, there)
    for words in ("录入", "审核通过", "同意销号", "周审核", "已学两次"):
        assert words in text, words
    for words in ("请写明时限", "苏填报", "申请销号", "改了"):
        assert words not in text, words
    text = page(as_user, clerk, there)
    for words in ("请写明时限", "苏填报", "申请销号", "改了进展"):
        assert words in text, words


def test_an_honour_that_no_longer_counts_says_why(
    as_user: SignIn, leader: User, clerk: User, reviewer: User, honour: Honour
) -> None:
    new = make.approve(renamed(honour, clerk), by=clerk, reviewer=reviewer)
    advance(new, Step.RETRACT, by=reviewer, note="颁错了")
    assert "已撤销，不再算数" in page(as_user, leader, f"/honours/{new.pk}/")
    assert "更正后的一版也已撤销" in page(as_user, leader, f"/honours/{honour.pk}/")


def test_a_change_further_down_a_text_is_told_too(as_user: SignIn, clerk: User, pillar: Pillar) -> None:
    action = make.enter(make.draft_action(pillar, progress="已学两次\n已写心得"), by=clerk)
    action.progress = "已学两次\n已写心得并交流"
    ledger.change(action, by=clerk)
    assert "改了进展" in page(as_user, clerk, f"/actions/{action.pk}/")
