"""What is kept is never old: after every kind of change each page says what it says when nothing is kept."""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from unittest import mock

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from measures import ledger, pages, rollups
from measures.instructing import instruct, take
from measures.models import (
    Action,
    Activity,
    Campaign,
    Instruction,
    Milestone,
    Observation,
    Participation,
    Pillar,
    Reviewed,
)
from measures.period import SHANGHAI
from measures.progress import Direction
from measures.quantity import Quantity
from measures.workflow import Step, advance
from organs.door import OrganDoor
from organs.models import AuditVerb, Membership, Organ, Role, User
from tests import make
from tests.kept import forget
from tests.signed_in import sign_in

pytestmark = pytest.mark.django_db
#: What differs from answer to answer.
PASSING = re.compile(r'name="csrfmiddlewaretoken" value="\w+"|data-left="\d+"|截至\d+月\d+日\d+:\d+')


class Desk:
    """A bureau with something of everything, and two leaders in front of it: of the county and of the bureau."""

    def __init__(self, bureau: Organ, campaign: Campaign, pillar: Pillar, people: dict[str, User]) -> None:
        self.bureau, self.campaign, self.pillar, self.people = bureau, campaign, pillar, people
        self.metric = make.make_metric("宣讲受众", "人次", direction=Direction.UP.value)
        self.action = make.make_action(pillar, "宣讲", due_day=date(2021, 6, 30))
        self.activity = make.make_activity(self.action)
        self.figure = make.make_observation(self.metric, bureau, "1400余", "2021", actions=[self.action])
        self.target = make.make_target(self.metric, bureau, campaign, value="1500", baseline="900")
        self.honour = make.make_honour(bureau)
        self.project = make.make_action(pillar, "迁建", line="project")
        self.evidence = make.make_evidence(bureau)
        self.held_below = make.make_activity(self._line_below())
        held = make.make_metric("宣讲场次", "次", counts="activities")
        self.counted = make.make_observation(held, bureau, "1", "2021", source="counted")
        self.counted.activities.set([self.held_below])
        self.sign_in()
        self.addresses = (
            *("/?days=7", "/actions/?lack=figure", "/targets/", "/changes/", f"/organs/{bureau.pk}/"),
            *(f"/pillars/{pillar.pk}/", f"/themes/{pillar.theme_id}/", f"/metrics/{self.metric.pk}/"),
            *(f"/metrics/{self.metric.pk}/organs/{bureau.pk}/", "/search/?q=宣讲"),
            *(f"/compare/?organ={bureau.pk}&period=2021&other=2020", "/compare/?as_of=2021-06-30"),
            *("/problems/", f"/actions/{self.project.pk}/"),
            *(f"/figures/{self.metric.pk}/{bureau.pk}/2021/", f"/honours/{self.honour.pk}/"),
            *(f"/actions/{self.action.pk}/", f"/screen/organs/{bureau.pk}/"),
            f"/figures/{held.pk}/{bureau.pk}/2021/",
        )

    def _line_below(self) -> Action:
        """A line of a unit below the bureau."""
        unit = Organ.objects.get(name="甲局所属中心")
        return make.make_action(make.make_pillar(unit, self.campaign, "下级的支柱", self.pillar.theme))

    def sign_in(self) -> None:
        """Both leaders sit down in front of the pages."""
        self.clients = [Client(), Client()]
        for client, who in zip(self.clients, ("leader", "bureau_leader"), strict=True):
            sign_in(client, self.people[who])

    def newest(self) -> Observation:
        """The figure of the year as it counts now."""
        return Observation.objects.current().get(
            metric=self.metric, organ=self.bureau, period_days__startswith=date(2021, 1, 1)
        )

    def pages(self) -> dict[tuple[int, str], str]:
        """What the two read on every page, without what differs from answer to answer."""
        found = {}
        for number, client in enumerate(self.clients):
            for address in self.addresses[:: 1 + 3 * number]:  # of the second some
                text = client.get(address).content.decode()
                found[number, address] = PASSING.sub("", text)
        return found


@pytest.fixture
def desk(bureau, campaign, pillar, leader, clerk, reviewer, steward) -> Desk:
    of_bureau = make.make_member(Role.LEADER, bureau, "本局领导", username="bureau_leader")
    people = {"clerk": clerk, "reviewer": reviewer, "steward": steward}
    return Desk(bureau, campaign, pillar, {**people, "leader": leader, "bureau_leader": of_bureau})


def _said(desk: Desk, words: str) -> Quantity:
    return Quantity.parse(words, desk.metric.unit.spec)


def _approve(desk: Desk, row: Reviewed) -> None:
    make.approve(row, by=desk.people["clerk"], reviewer=desk.people["reviewer"])


def _correct(desk: Desk, row: Reviewed, **changes: object) -> None:
    _approve(desk, make.corrected(row, by=desk.people["clerk"], **changes))


def a_new_figure(desk: Desk) -> None:
    _approve(desk, make.draft_observation(desk.metric, desk.bureau, "300", "2020"))


def a_correction(desk: Desk) -> None:
    _correct(desk, desk.figure, quantity=_said(desk, "1600"))


def a_retraction(desk: Desk) -> None:
    advance(desk.newest(), Step.RETRACT, by=desk.people["reviewer"], note="填错单位")


def a_closed_action(desk: Desk) -> None:
    advance(desk.action, Step.CLOSE, by=desk.people["clerk"], closed_on=date(2021, 6, 1))
    advance(desk.action, Step.APPROVE_CLOSING, by=desk.people["reviewer"])


def noted_progress(desk: Desk) -> None:
    desk.action.progress = "已讲到第三场"
    ledger.change(desk.action, by=desk.people["clerk"])


def a_new_action(desk: Desk) -> None:
    make.make_action(desk.pillar, "新举措")


def another_activity(desk: Desk) -> None:
    make.make_activity(desk.action)


def an_untied_figure(desk: Desk) -> None:
    desk.newest().actions.clear()


def another_target(desk: Desk) -> None:
    _correct(desk, desk.target, value=_said(desk, "1000"))


def an_honour_more(desk: Desk) -> None:
    make.make_honour(desk.bureau, title="又一项荣誉")


def proof_of_the_figure(desk: Desk) -> None:
    make.make_link(desk.evidence, observation=desk.figure)


def proof_of_the_honour(desk: Desk) -> None:
    make.make_link(desk.evidence, honour=desk.honour)


def a_joint_organ(desk: Desk) -> None:
    desk.action.joint_organs.add(Organ.objects.exclude(pk=desk.bureau.pk).latest("pk"))


def a_new_heading(desk: Desk) -> None:
    make.make_pillar(desk.bureau, desk.campaign, "又一个支柱", desk.pillar.theme)


def a_heading_beside(desk: Desk) -> None:
    make.make_pillar(Organ.objects.get(name="乙局"), desk.campaign, "旁边的支柱", desk.pillar.theme)


def a_counted_activity_of_the_unit_below(desk: Desk) -> None:
    Activity.objects.filter(pk=desk.held_below.pk).update(title="改了名的活动")


def a_renamed_theme(desk: Desk) -> None:
    theme = desk.pillar.theme
    theme.name = "改过的主题"
    ledger.change(theme, by=desk.people["steward"])


def a_renamed_organ(desk: Desk) -> None:
    desk.bureau.short_name = "改名局"
    OrganDoor().change(desk.bureau, by=desk.people["steward"])


def a_renamed_person(desk: Desk) -> None:
    clerk = desk.people["clerk"]
    clerk.name = clerk.post = "改过的名字"
    OrganDoor().change(clerk, by=desk.people["steward"])


def a_bureau_that_left(desk: Desk) -> None:
    part = Participation.objects.get(organ=desk.bureau, campaign=desk.campaign)
    ledger.delete(part, by=desk.people["steward"])


def another_campaign(desk: Desk) -> None:
    make.make_campaign(desk.campaign.owner, organs=[desk.bureau], year=2022)


def a_unit_that_is_new(desk: Desk) -> None:
    unit = make.make_organ("新单位", under=Organ.objects.get(pk=desk.bureau.pk))
    make.make_participation(desk.campaign, unit)
    make.make_observation(desk.metric, unit, "77", "2021")


def a_leader_of_less(desk: Desk) -> None:
    """The leader of the county is one of a single bureau from now on."""
    Membership.objects.filter(user=desk.people["leader"]).update(organ=desk.bureau, with_below=False)


def a_problem_found(desk: Desk) -> None:
    make.make_problem(desk.pillar, "补齐台账")


def words_of_a_leader(desk: Desk) -> None:
    row = Instruction(organ=desk.bureau, metric=desk.metric, words="请核实")
    instruct(row, by=desk.people["leader"])


def an_answer(desk: Desk) -> None:
    take(Instruction.objects.get(), AuditVerb.ANSWER, by=desk.people["clerk"], words="已核实")


def a_stage_of_a_project(desk: Desk) -> None:
    ledger.create(
        Milestone(action=desk.project, stage="立项", due_day=date(2021, 3, 1)), by=desk.people["clerk"]
    )


def what_no_door_has_seen(desk: Desk) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE measures_observation SET quantity_amount = 7, quantity_range = '[7,7]', quantity_words = '7人次',"
            " quantity_qualifier = 'exact' WHERE id = %s",
            [desk.figure.pk],
        )


WAYS = (
    *(a_new_figure, what_no_door_has_seen, proof_of_the_figure, noted_progress, a_correction),
    *(an_untied_figure, a_new_action, another_activity, another_target, an_honour_more, a_closed_action),
    *(proof_of_the_honour, a_joint_organ),
    *(a_heading_beside, a_counted_activity_of_the_unit_below),
    *(a_new_heading, a_renamed_theme, a_renamed_organ, a_renamed_person, another_campaign),
    *(a_problem_found, words_of_a_leader, an_answer, a_stage_of_a_project),
    *(a_unit_that_is_new, a_bureau_that_left, a_retraction, a_leader_of_less),
)


def test_after_every_change_pages_say_what_they_say_when_nothing_is_kept(desk: Desk) -> None:
    before = desk.pages()
    assert desk.pages() == before, "what is kept is what was shown"
    for change in WAYS:
        change(desk)
        after = desk.pages()
        forget()
        fresh = desk.pages()
        assert after == fresh, change.__name__
        assert after != before, f"{change.__name__} is to be seen somewhere"
        before = fresh


def test_what_changes_while_a_page_is_read_is_told_by_the_next_one(desk: Desk) -> None:
    """A figure had changed; before each query of the page that reads it anew, others change, too."""
    client = desk.clients[0]
    for address in (f"/figures/{desk.metric.pk}/{desk.bureau.pk}/2021/", f"/pillars/{desk.pillar.pk}/"):
        client.get(address)  # what is asked for once in a process
        queries = 0
        while (queries := queries + 1) == _changed_meanwhile(desk, address, queries):
            pass
        assert queries > 4, "there was something to read"


def test_a_figure_that_a_correction_ties_to_an_action_is_told_there_once_it_is_approved(desk: Desk) -> None:
    """The action's page was read while the correction waited: until then the action had nothing to do with this metric."""
    row = make.make_observation(make.make_metric("整改事项", "项"), desk.bureau, "7654321", "2021")
    draft = make.corrected(row, by=desk.people["clerk"])
    draft.actions.set([desk.action])
    client, address = desk.clients[0], f"/actions/{desk.action.pk}/"
    assert "7654321" not in client.get(address).content.decode()
    _approve(desk, draft)
    assert "7654321" in client.get(address).content.decode()


def _changed_meanwhile(desk: Desk, address: str, before: int) -> int:
    """Change figures before the query of this number, and hold what the page says then against a fresh one.

    Gives the number of the last query before which that was done; what was changed is as it was again.
    """
    client, seen = desk.clients[0], 0

    def change_figures(execute: Callable, sql: str, *more: object) -> object:
        nonlocal seen
        if seen < before and "SAVEPOINT" not in sql and (seen := seen + 1) == before:
            what_no_door_has_seen(desk)
            make.make_observation(desk.metric, desk.bureau, "31", "2019", actions=[desk.action])
        return execute(sql, *more)

    with transaction.atomic():
        forget()
        client.get(address)
        make.make_observation(desk.metric, desk.bureau, "40", "2020", actions=[desk.action])
        with connection.execute_wrapper(change_figures):
            client.get(address)
        kept = PASSING.sub("", client.get(address).content.decode())
        forget()
        assert PASSING.sub("", client.get(address).content.decode()) == kept, f"before query {before}"
        transaction.set_rollback(True)
    forget()
    return seen


@pytest.fixture
def clock(desk: Desk) -> Iterator[Callable[[datetime], None]]:
    """Sets the time of day that the pages go by; who was signed in until then signs in again."""
    with mock.patch.object(timezone, "now", wraps=timezone.now) as now:

        def strike(moment: datetime) -> None:
            now.return_value = moment
            desk.sign_in()

        yield strike


def test_what_is_late_changes_at_midnight(desk: Desk, clock: Callable[[datetime], None]) -> None:
    due = timezone.localdate() + timedelta(days=3)
    make.make_action(desk.pillar, "限期办结", due_day=due)
    midnight = datetime.combine(due + timedelta(days=1), time(), SHANGHAI)
    clock(midnight - timedelta(minutes=1))
    before = desk.pages()
    assert "今天到期" in before[0, "/?days=7"]
    clock(midnight + timedelta(minutes=1))
    after = desk.pages()
    for number in (0, 1):
        assert "逾期1天" in after[number, "/?days=7"]
    forget()
    assert after == desk.pages()


def test_what_an_organ_above_told_for_those_below_is_never_old_to_who_does_not_see_that_organ(
    desk: Desk, area: Organ
) -> None:
    metric = make.make_metric("上级代报的指标")
    row = make.make_observation(metric, area, "9", "2021", coverage="below")
    client, address = desk.clients[1], f"/organs/{desk.bureau.pk}/?period=2021"
    assert metric.name not in client.get(address).content.decode(), "the area told of it for the bureau, too"
    advance(row, Step.RETRACT, by=desk.people["steward"], note="填错")
    assert metric.name in client.get(address).content.decode(), "now the bureau is to report it"


def test_a_page_of_another_state_of_the_program_is_drawn_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, leader: User, as_user: make.SignIn
) -> None:
    page = tmp_path / "templates" / "page.html"
    page.parent.mkdir()
    page.write_text("旧")
    before = pages.stamp(tmp_path)
    assert pages.stamp(tmp_path) == before
    page.write_text("新的")
    assert pages.stamp(tmp_path) != before
    client = as_user(leader)
    client.get("/")
    with mock.patch("measures.views.dashboard.rollups.overview", wraps=rollups.overview) as reckoned:
        client.get("/")
        assert reckoned.call_count == 0
        monkeypatch.setattr(pages, "PROGRAM", before)
        client.get("/")
    assert reckoned.call_count == 1
