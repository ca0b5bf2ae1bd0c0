"""What a closed campaign holds: days, honours by their day, units below a participant, and no race with its closing."""

from datetime import date
from threading import Event, Thread

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from measures import ledger, locks
from measures.admin.plan import CampaignAdmin
from measures.locks import Locked
from measures.models import Campaign, Honour
from measures.period import Period
from organs.models import Organ, User
from tests import make
from tests.conftest import Tree
from tests.measures.test_admin_entry import SignIn, page

pytestmark = pytest.mark.django_db


def closed(campaign: Campaign) -> None:
    """Closes the campaign past the door."""
    campaign.closed = True
    campaign.save()


def test_progress_of_a_line_ends_with_its_campaign(tree: Tree, clerk: User) -> None:
    row = make.make_action(make.make_pillar(tree.bureau, tree.campaign))
    closed(tree.campaign)
    row.progress = "又改"
    with pytest.raises(Locked, match="已结束"):
        ledger.change(row, by=clerk)


@pytest.mark.parametrize(
    ("key", "is_closed"),
    [("2021", True), ("2021Q4", True), ("2022", False), ("2020-12", False), ("20201231-20210105", True)],
)
def test_a_closed_campaign_holds_the_figures_that_fall_in_its_days(
    key: str, is_closed: bool, tree: Tree, clerk: User
) -> None:
    closed(tree.campaign)
    assert (
        bool(locks.why_closed(make.draft_observation(make.make_metric(), tree.bureau, "1", key))) is is_closed
    )


def test_who_closes_a_campaign_is_told_what_stays_undone_in_it(
    tree: Tree, steward: User, as_user: SignIn
) -> None:
    pillar = make.make_pillar(tree.bureau, tree.campaign)
    problem = {"line": "problem", "source": "audit", "finding": "账目不清", "found_on": date(2021, 3, 1)}
    make.make_action(pillar, "办完的", closed_on=date(2021, 6, 1), closing_state="approved")
    make.make_action(pillar, "等着销号的", closed_on=date(2021, 6, 1), closing_state="submitted")
    make.make_action(pillar, "问题", **problem)
    waiting = make.make_action(pillar, "待审的", state="submitted")
    make.make_activity(waiting, state="submitted")
    for organ in (tree.bureau, tree.unit):
        make.make_observation(make.make_metric(), organ, "1", "2021", state="submitted")
    make.make_observation(make.make_metric(), tree.bureau, "1", "2022", state="submitted")
    make.make_honour(tree.bureau, year=2021, state="submitted")
    make.make_target(make.make_metric(), tree.bureau, tree.campaign, value="5", state="submitted")
    days = {"first_day": "2021-01-01", "last_day": "2021-12-31"}
    sent = {"name": tree.campaign.name, "owner": tree.area.pk, **days, "closed": "on"}
    sent |= {"participations-TOTAL_FORMS": 0, "participations-INITIAL_FORMS": 0}
    html = as_user(steward).post(page(tree.campaign), sent, follow=True).content.decode()
    told = "还有2条没有销号（其中1条销号待审、1条问题整改），现在算未办结，不再催办"
    told += "；待审的数值2条、举措1条、活动1条、目标1条、荣誉1条，审核员通过不了。要恢复"
    assert told in html


def test_a_closed_campaign_does_not_hold_organs_that_take_no_part(tree: Tree) -> None:
    closed(tree.campaign)
    assert not locks.why_closed(make.draft_honour(make.make_organ()))


def test_a_line_of_an_open_campaign_is_not_held_by_a_closed_one_of_the_same_year(tree: Tree) -> None:
    other = make.make_campaign(tree.area, organs=[tree.bureau])
    closed(tree.campaign)
    assert not locks.why_closed(make.make_action(make.make_pillar(tree.bureau, other)))


def test_a_draft_is_not_moved_into_a_closed_campaign(tree: Tree, clerk: User) -> None:
    row = make.enter(make.draft_observation(make.make_metric(), tree.bureau, "1", "2022"), by=clerk)
    closed(tree.campaign)
    row.period = Period.year(2021)
    with pytest.raises(Locked, match="已结束"):
        ledger.change(row, by=clerk)


@pytest.fixture
def spring(tree: Tree) -> Campaign:
    """A closed campaign of the first half of 2020, beside which none was open."""
    days = {"first_day": date(2020, 1, 1), "last_day": date(2020, 6, 30)}
    return make.make_campaign(tree.area, "上半年创建", [tree.bureau], closed=True, **days)


@pytest.mark.parametrize(
    ("key", "held"),
    [
        ("2020Q2", True),
        ("2020", True),
        ("20191201-20200101", True),
        ("20200630-20200731", True),
        ("2020Q3", False),
        ("2019", False),
    ],
)
def test_figures_on_some_day_of_a_closed_campaign_are_held(
    key: str, held: bool, tree: Tree, spring: Campaign
) -> None:
    row = make.draft_observation(make.make_metric(), tree.bureau, "1", key)
    assert bool(locks.why_closed(row)) is held
    assert not locks.why_closed(make.draft_observation(row.metric, tree.other_bureau, "1", key))


@pytest.mark.parametrize(("key", "held"), [("2020Q2", True), ("2020", False)])
def test_an_open_campaign_keeps_open_what_reaches_beyond_the_closed_one(
    key: str, held: bool, tree: Tree, spring: Campaign
) -> None:
    make.make_campaign(tree.area, organs=[tree.bureau], year=2020)
    row = make.draft_observation(make.make_metric(), tree.bureau, "1", key)
    assert bool(locks.why_closed(row)) is held


def test_an_honour_counts_on_its_day_where_one_is_known(tree: Tree, spring: Campaign) -> None:
    make.make_campaign(tree.area, organs=[tree.bureau], year=2020)
    held = {
        day: bool(locks.why_closed(make.draft_honour(tree.bureau, year=2020, day=day)))
        for day in (date(2020, 6, 30), date(2020, 7, 1), None)
    }
    assert list(held.values()) == [True, False, False]


def test_units_below_a_participant_are_held_with_it(tree: Tree, spring: Campaign) -> None:
    held = {
        organ.name: bool(locks.why_closed(make.draft_honour(organ, year=2020)))
        for organ in (tree.bureau, tree.unit, tree.area, tree.other_unit)
    }
    assert [name for name, is_held in held.items() if is_held] == [tree.bureau.name, tree.unit.name]


@pytest.mark.django_db(transaction=True)
def test_a_campaign_is_not_closed_while_something_is_written_into_it(
    tree: Tree, bureau: Organ, clerk: User, steward: User
) -> None:
    written, told = Event(), []

    def close() -> None:
        campaign = Campaign.objects.get()
        campaign.closed = True
        written.wait()
        ledger.change(campaign, by=steward)
        told.append("closed")
        connection.close()

    closing = Thread(target=close)
    closing.start()
    with transaction.atomic():
        make.enter(make.draft_honour(bureau), by=clerk)
        written.set()
        closing.join(timeout=0.5)
        told.append("written")
    closing.join()
    assert told == ["written", "closed"]
    with pytest.raises(ValidationError, match="已结束"):
        make.enter(make.draft_honour(bureau, "另一项"), by=clerk)
    assert Honour.objects.count() == 1


def test_a_campaign_is_closed_together_with_the_last_change_of_who_takes_part(
    tree: Tree, steward: User, as_user: SignIn
) -> None:
    row, sent = tree.campaign.participations.first(), campaign_form(tree.campaign, closed="on")
    html = as_user(steward).post(page(tree.campaign), sent, follow=True).content.decode()
    assert "要恢复，去掉“已结束”再保存" in html
    tree.campaign.refresh_from_db()
    row.refresh_from_db()
    assert (tree.campaign.closed, row.last_day) == (True, date(2021, 6, 30))


def test_a_campaign_of_the_past_is_entered_closed_with_who_took_part(
    tree: Tree, steward: User, as_user: SignIn
) -> None:
    days = {"first_day": "2019-01-01", "last_day": "2019-12-31"}
    sent = campaign_form(tree.campaign, name="前一届", **days, closed="on")
    sent |= {f"participations-0-{name}": "" for name in ("id", "campaign", "last_day")}
    sent["participations-INITIAL_FORMS"] = 0
    html = as_user(steward).post("/admin/measures/campaign/add/", sent, follow=True).content.decode()
    made = Campaign.objects.filter(name="前一届").first()
    assert made is not None, html
    assert (made.closed, made.participations.count()) == (True, 1)


def test_nothing_is_said_of_a_change_that_was_refused_with_all_the_rest(
    tree: Tree, steward: User, as_user: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*rows: object, **by: object) -> None:
        raise ValidationError("这家不行。")

    monkeypatch.setattr("measures.ledger.change", refused)
    client = as_user(steward)
    name = "创建13800138000"
    sent = campaign_form(tree.campaign, name=name)
    monkeypatch.setattr(CampaignAdmin, "store_change", lambda *given: None)
    html = client.post(page(tree.campaign), sent).content.decode()
    assert "这家不行" in html
    assert name in html
    assert "像是有身份证号或手机号" not in html + client.get("/my/").content.decode()


def campaign_form(campaign: Campaign, **more: str) -> dict[str, object]:
    """What the form of a campaign sends; its first participant leaves."""
    sent: dict[str, object] = {
        "name": campaign.name,
        "owner": campaign.owner_id,
        "first_day": "2021-01-01",
        "last_day": "2021-12-31",
        "participations-TOTAL_FORMS": 1,
        "participations-INITIAL_FORMS": 1,
    }
    row = campaign.participations.first()
    values = {"id": row.pk, "campaign": campaign.pk, "organ": row.organ_id, "last_day": "2021-06-30"}
    return {**sent, **{f"participations-0-{name}": value for name, value in values.items()}, **more}
