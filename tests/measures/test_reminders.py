"""What waits for a person: the bell and the list agree, and mail goes out once, by day, to nobody else."""

from datetime import datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from measures import ledger, rounds
from measures.models import Reminder, Round
from measures.period import Period
from measures.rollups.reminders import bell, waiting_for
from measures.workflow import Step, advance
from organs.models import User
from tests import make

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def busy(area, pillar, bureau, clerk, reviewer, steward):
    """A late line and one due soon, a figure that came back, one that waits, words of a leader, and a round."""
    today = timezone.localdate()
    make.make_action(pillar, "晚了的举措", due_day=today - timedelta(days=2))
    make.make_action(pillar, "临近的举措", due_day=today + timedelta(days=2))
    make.make_action(pillar, "还早的举措", due_day=today + timedelta(days=200))
    make.make_observation(make.make_metric("被退回的数"), bureau, state="returned")
    make.make_observation(make.make_metric("等审核的数"), bureau, state="submitted")
    tomorrow = today + timedelta(days=1)
    make.make_instruction(bureau, "请说明原因" * 20, metric=make.make_metric(), due_day=tomorrow)
    make.make_instruction(bureau, "已经答复的", metric=make.make_metric(), stage="answered")
    row = Round(owner=area, title="年终填报", until=tomorrow)
    row.period = Period.year(2021)
    ledger.create(row, by=steward, links={"metrics": [make.make_metric()], "organs": [bureau]})
    rounds.open_round(row, skip_known=True, by=steward)
    return row


@pytest.fixture
def post_office(settings):
    """A mail server is set."""
    settings.EMAIL_HOST, settings.DEFAULT_FROM_EMAIL = "mail.example", "ledger@example.cn"


@pytest.fixture
def at(monkeypatch):
    """Runs `remind` at an hour of today in Shanghai."""

    def run(hour):
        moment = datetime.combine(timezone.localdate(), datetime.min.time(), SHANGHAI).replace(hour=hour)
        monkeypatch.setattr(timezone, "now", lambda: moment)
        said = StringIO()
        call_command("remind", stdout=said)
        return said.getvalue()

    return run


def test_the_list_tells_what_waits_the_most_pressing_first(busy, clerk, reviewer, leader):
    assert [line.text for line in waiting_for(clerk)] == [
        "甲局·晚了的举措",
        "甲局·被退回的数·2021年",
        "甲局·临近的举措",
        "甲局·年终填报",
        f"甲局·{'请说明原因' * 8}…",
    ]
    assert [(line.text, line.sort) for line in waiting_for(reviewer)] == [("数值1条", "待审")]
    assert waiting_for(leader) == []


def test_the_bell_counts_what_the_list_tells_in_two_queries(busy, clerk, reviewer, steward, leader):
    for person in (clerk, reviewer, steward, leader):
        fresh = User.objects.get(pk=person.pk)
        assert fresh.may_enter == (person != leader)  # what every page asks anyway
        with CaptureQueriesContext(connection) as asked:
            number = bell(fresh)
        assert len(asked) <= 2
        assert number == sum(line.count for line in waiting_for(person))
    assert bell(clerk) == 5


def test_a_person_sees_their_own_things_and_nobody_elses(busy, other_clerk, clerk, as_user):
    assert waiting_for(other_clerk) == []
    shown = make.page(as_user, clerk, "/reminders/")
    assert "年终填报" in shown
    assert "录入人" not in shown
    assert "审核人" not in shown


def test_who_brings_a_sheet_finds_back_to_the_round(busy, clerk, other_clerk, as_user, bureau):
    address = f'href="/rounds/{busy.pk}/organs/{bureau.pk}/">甲局·年终填报</a>'
    assert address in make.page(as_user, clerk, "/sheets/")
    assert "正在填报的轮次" not in make.page(as_user, other_clerk, "/sheets/")


def test_leaders_pages_are_asked_nothing_for_the_bell(busy, leader, as_user):
    assert "待办" not in make.page(as_user, leader, "/")
    assert as_user(leader).get("/reminders/").status_code == 403


def test_mail_goes_out_once_to_who_has_an_address(busy, clerk, reviewer, post_office, at):
    clerk.email = "dangban@example.cn"
    clerk.save()
    assert "已发送1封" in at(9)
    (letter,) = mail.outbox
    assert letter.to == ["dangban@example.cn"]
    assert "晚了的举措" in letter.body
    assert "录入人" not in letter.body
    assert "已发送0封" in at(10)
    busy.refresh_from_db()
    rounds.remind(busy, by=User.objects.get(username="steward"))
    assert "已发送1封" in at(11)
    assert "催报" in mail.outbox[1].body
    assert "晚了的举措" not in mail.outbox[1].body
    assert Reminder.objects.filter(user=clerk).count() == 6


def test_what_could_not_be_sent_is_sent_the_next_time(busy, clerk, post_office, settings, at):
    clerk.email = "dangban@example.cn"
    clerk.save()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    with pytest.raises(CommandError, match="连不上邮件服务器"):
        at(9)
    assert not Reminder.objects.exists()
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert "已发送1封" in at(10)


def test_one_more_that_waits_for_review_is_told_and_the_rest_is_not_told_again(
    bureau, reviewer, post_office, at
):
    reviewer.email = "shenhe@example.cn"
    reviewer.save()
    first = make.make_observation(make.make_metric(), bureau, state="submitted")
    second = make.make_observation(make.make_metric(), bureau, state="submitted")
    assert "已发送1封" in at(9)
    first.delete()
    assert "已发送0封" in at(10)
    make.make_observation(second.metric, bureau, period="2020", state="submitted")
    assert "已发送1封" in at(11)
    assert "数值2条" in mail.outbox[-1].body


def test_nobody_is_disturbed_at_night_nor_without_a_server(busy, clerk, post_office, settings, at):
    clerk.email = "dangban@example.cn"
    clerk.save()
    for hour in (7, 18, 23):
        assert "没有发送" in at(hour)
    settings.EMAIL_HOST = ""
    assert "没有设置邮件服务器" in at(9)
    assert mail.outbox == []
    assert not Reminder.objects.exists()


def test_the_closing_of_a_problem_is_told_to_who_decides_it(
    pillar, clerk, reviewer, steward, post_office, at
):
    reviewer.email, steward.email = "shenhe@example.cn", "gongwei@example.cn"
    reviewer.save()
    steward.save()
    advance(make.make_problem(pillar, "补齐台账"), Step.CLOSE, by=clerk)
    assert [(line.text, bell(person)) for person in (reviewer, steward) for line in waiting_for(person)] == [
        ("举措1条", 1)
    ]
    assert (bell(reviewer), bell(steward)) == (0, 1)
    assert "已发送1封" in at(9)
    assert mail.outbox[0].to == [steward.email]


def test_the_closing_of_a_plain_line_is_told_to_the_organs_reviewer(pillar, clerk, reviewer, steward):
    advance(make.make_action(pillar), Step.CLOSE, by=clerk)
    assert (bell(reviewer), bell(steward)) == (1, 0)
