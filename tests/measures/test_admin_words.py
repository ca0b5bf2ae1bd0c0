"""What entry pages say to tired people: first what matters, each sentence beside what it is about."""

import pytest
from django.http import HttpResponse
from django.urls import reverse

from measures.models import Observation
from measures.workflow import Step, advance
from organs.models import AuditEvent, AuditVerb, Organ, User
from tests import make
from tests.make import SignIn

FIRST_FIELD = 'class="form-row'


def page(row: Observation) -> str:
    return reverse("admin:measures_observation_change", args=(row.pk,))


def shown(response: HttpResponse) -> str:
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def waiting(bureau: Organ, clerk: User) -> Observation:
    return make.submit(make.draft_observation(make.make_metric(), bureau, "50"), by=clerk)


def test_the_words_of_a_return_stand_above_the_form_as_long_as_it_is_back(
    waiting: Observation, clerk: User, reviewer: User, as_user: SignIn
) -> None:
    advance(waiting, Step.RETURN, by=reviewer, note="名单上只有7个")
    above = shown(as_user(clerk).get(page(waiting))).split(FIRST_FIELD)[0]
    assert "退回：<q>名单上只有7个</q>改好后点“保存并报审”。" in above
    advance(waiting, Step.SUBMIT, by=clerk)
    assert "名单上只有7个" not in shown(as_user(clerk).get(page(waiting))).split(FIRST_FIELD)[0]


def test_what_can_only_be_read_is_not_headed_as_a_change(
    waiting: Observation, clerk: User, reviewer: User, as_user: SignIn
) -> None:
    for user in (clerk, reviewer):
        html = shown(as_user(user).get(page(waiting)))
        assert "<h1>查看数值</h1>" in html
        assert " is-read" in html
    advance(waiting, Step.WITHDRAW, by=clerk)
    html = shown(as_user(clerk).get(page(waiting)))
    assert "<h1>修改数值</h1>" in html
    assert " is-read" not in html


def test_a_missing_reason_is_asked_for_where_it_is_typed(bureau: Organ, clerk: User, as_user: SignIn) -> None:
    row = make.make_observation(make.make_metric(), bureau)
    html = shown(as_user(clerk).post(page(row), {"_correct": "1"}, follow=True))
    label = html[html.index("<span>更正的理由</span>") :].split("</label>")[0]
    assert "请写明为什么更正。" in label
    assert "autofocus" in label
    assert "autofocus" not in shown(as_user(clerk).get(page(row))).split("<span>更正的理由</span>")[1]


def test_the_start_page_leads_each_to_their_work(
    waiting: Observation, reviewer: User, steward: User, as_user: SignIn
) -> None:
    start = reverse("home")
    for_reviewer, for_steward = (shown(as_user(user).get(start)) for user in (reviewer, steward))
    assert ">去审核<" in for_reviewer
    assert ">去审核<" not in for_steward
    assert ">新建账号<" in for_steward
    assert ">新建账号<" not in for_reviewer


def test_the_steward_sets_a_password_and_cannot_take_it_away(
    clerk: User, steward: User, as_user: SignIn
) -> None:
    clerk.set_password("旧的槐树-28-纸鸢")
    clerk.save()
    address = reverse("admin:auth_user_password_change", args=(clerk.pk,))
    html = shown(as_user(steward).get(address))
    assert 'name="usable_password"' not in html
    assert "下次登录时须先改成" in html
    as_user(steward).post(address, {"usable_password": "false"})
    clerk.refresh_from_db()
    assert clerk.has_usable_password()
    assert "两个密码" in shown(
        as_user(steward).post(address, {"password1": "槐树-29-纸鸢", "password2": "另一个"})
    )


def test_an_error_page_leads_everybody_to_a_page_of_their_own(auditor: User, as_user: SignIn) -> None:
    client = as_user(auditor)
    for address, status in (("/", 403), ("/nowhere/", 404)):
        response = client.get(address)
        assert response.status_code == status
        assert f'href="{reverse("home")}">返回首页' in response.content.decode()
    assert client.get(reverse("home"), follow=True).status_code == 200


def test_something_new_is_told_without_a_column_of_nothing(
    waiting: Observation, auditor: User, as_user: SignIn
) -> None:
    events = AuditEvent.objects.filter(target_id=waiting.pk, target_type="measures.observation")
    made, submitted = (events.get(verb=verb) for verb in (AuditVerb.CREATE, AuditVerb.SUBMIT))
    assert "原内容" not in shown(as_user(auditor).get(reverse("audit_event", args=(made.pk,))))
    assert "原内容" in shown(as_user(auditor).get(reverse("audit_event", args=(submitted.pk,))))
