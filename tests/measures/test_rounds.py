"""Rounds: a steward asks, organs answer on one page, all or nothing; what is known is not asked again."""

import re
from datetime import date, timedelta
from html import unescape
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from measures import ledger, rounds
from measures.models import Nature, Observation, ReviewState, Round, RoundCell, RoundOrgan, Source
from measures.period import Period
from measures.rollups.rounds import burdens, organ_rows
from measures.workflow import Step, advance
from organs.models import AuditEvent, AuditVerb
from tests import make

pytestmark = pytest.mark.django_db
TOMORROW = timedelta(days=1)


@pytest.fixture
def metrics(db):
    """A flow, a stock and a share."""
    return [
        make.make_metric("发文量", "个"),
        make.make_metric("党员总数", "人", Nature.STOCK),
        make.make_metric("满意率", "%", Nature.RATIO, decimals=1),
    ]


@pytest.fixture
def ask(area, bureau, other_bureau, steward):
    """Makes a round about 2021 of both bureaus, and opens it."""

    def asked(metrics, *, kinds=(), opened=True, skip=True, until=None, organs=None):
        row = Round(owner=area, title="2021年填报", until=until or timezone.localdate() + TOMORROW)
        row.period = Period.year(2021)
        links = {"metrics": metrics, "kinds": kinds, "organs": organs or [bureau, other_bureau]}
        ledger.create(row, by=steward, links=links)
        if opened:
            rounds.open_round(row, skip_known=skip, by=steward)
            row.refresh_from_db()
        return row

    return asked


def address(row, organ):
    """Where an organ answers."""
    return f"/rounds/{row.pk}/organs/{organ.pk}/"


def typed(text, **said):
    """What a page would send: its hidden marks and choices, with figures by metric."""
    sent = {}
    for tag in re.findall(r"<input[^>]*>", text):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name:
            sent[name[1]] = unescape(value[1]) if value else ""
    for name in re.findall(r'<select name="([^"]+)"', text):
        sent[name] = "value"
    for key, value in said.items():
        sent[key] = value
    return sent


def cells(row, organ):
    """The prefixes of what is asked, by the name of the metric or kind."""
    found = RoundCell.objects.filter(round=row, organ=organ, left_out=False)
    return {c.metric.name if c.metric else c.kind.name: f"c{c.pk}" for c in found}


def test_before_it_is_opened_the_page_says_what_is_known_and_asks_only_the_rest(
    ask, metrics, bureau, other_bureau, steward, as_user
):
    make.make_observation(metrics[0], bureau, "12", "2021")
    make.make_observation(metrics[1], bureau, "30", "2021", state="submitted")
    make.make_observation(metrics[1], other_bureau, "30", "2021", state="draft")
    row = ask(metrics, opened=False)
    shown = re.sub(r"<[^>]+>", "", make.page(as_user, steward, f"/rounds/{row.pk}/"))
    assert "共要问6项：已报过2项，已有草稿1项，可按活动计数0项，要动手填的只有3项" in re.sub(
        r"\s+", "", shown
    )
    as_user(steward).post(f"/rounds/{row.pk}/", {"open": "1", "skip": "1"})
    assert set(cells(row, bureau)) == {"满意率"}
    assert len(cells(row, other_bureau)) == 3
    row.refresh_from_db()
    assert row.is_open
    assert AuditEvent.objects.filter(note="发布：问4项，已报的2项不再问", target_id=row.pk).exists()


def test_a_round_of_what_is_all_there_is_not_opened(ask, metrics, bureau, steward):
    make.make_observation(metrics[0], bureau, "12", "2021")
    with pytest.raises(ValidationError, match="都已报过"):
        ask(metrics[:1], organs=[bureau])
    assert not Round.objects.filter(opened_at__isnull=False).exists()


def test_what_goes_on_is_proposed_and_what_flows_is_only_told(ask, metrics, bureau, clerk, as_user):
    make.make_observation(metrics[0], bureau, "12", "2020")
    make.make_observation(metrics[1], bureau, "30余", "2020")
    row = ask(metrics)
    shown = make.page(as_user, clerk, address(row, bureau))
    assert "沿用2020年，请核对" in shown
    assert "上期 2020年：12个" in shown
    keys = cells(row, bureau)
    sent = typed(shown)
    assert sent[f"{keys['党员总数']}-quantity"].startswith("30余")
    assert sent[f"{keys['发文量']}-quantity"] == ""
    sent |= {f"{keys['发文量']}-quantity": "1.2万余", f"{keys['满意率']}-quantity": "95.5", "submit": "1"}
    answer = as_user(clerk).post(address(row, bureau), sent)
    assert answer.status_code == 302, answer.content.decode()
    said = {
        o.metric.name: (o.source, str(o.quantity), o.state)
        for o in Observation.objects.filter(period_days__startswith=date(2021, 1, 1))
    }
    assert said["党员总数"][0] == Source.CARRIED
    assert said["发文量"][0] == Source.REPORTED
    assert {state for _, _, state in said.values()} == {ReviewState.SUBMITTED}


def test_held_activities_are_counted_and_the_count_stays_one(ask, pillar, bureau, clerk, as_user):
    metric = make.make_metric("党课场次", "场", counts="activities")
    action = make.make_action(pillar)
    action.counted_metrics.add(metric)
    make.make_activity(action)
    make.make_activity(action)
    row = ask([metric])
    shown = make.page(as_user, clerk, address(row, bureau))
    assert "按活动计数（2次活动），请核对" in shown
    as_user(clerk).post(address(row, bureau), typed(shown, submit="1"))
    figure = Observation.objects.get()
    assert (figure.source, str(figure.quantity), figure.activities.count()) == (Source.COUNTED, "2场", 2)


def test_one_wrong_figure_stores_nothing_and_loses_nothing(ask, metrics, bureau, clerk, as_user):
    row = ask(metrics)
    keys, client = cells(row, bureau), as_user(clerk)
    sent = typed(client.get(address(row, bureau)).content.decode(), submit="1")
    sent |= {
        f"{keys['发文量']}-quantity": "56次左右吧",
        f"{keys['党员总数']}-quantity": "30",
        f"{keys['满意率']}-presence": "not_applicable",
    }
    shown = client.post(address(row, bureau), sent).content.decode()
    assert not Observation.objects.exists()
    assert 'value="56次左右吧"' in shown
    assert 'value="30"' in shown
    assert "请写明为什么不适用。" in shown


def test_what_is_left_blank_is_no_error_until_all_is_to_be_said(ask, metrics, bureau, clerk, as_user):
    row = ask(metrics)
    keys, client = cells(row, bureau), as_user(clerk)
    sent = typed(client.get(address(row, bureau)).content.decode())
    wrong = client.post(address(row, bureau), {**sent, f"{keys['满意率']}-presence": "not_applicable"})
    assert re.findall(r'class="error" role="alert">([^<]*)', wrong.content.decode()) == [
        "请写明为什么不适用。"
    ]
    client.post(address(row, bureau), {**sent, f"{keys['发文量']}-quantity": "5"})
    assert [str(o.quantity) for o in Observation.objects.all()] == ["5个"]


def test_what_the_door_refuses_stands_beside_its_figure_and_nothing_is_stored(ask, bureau, clerk, as_user):
    plain, proved = make.make_metric("甲", "个"), make.make_metric("乙", "个", needs_evidence=True)
    row = ask([plain, proved])
    keys, client = cells(row, bureau), as_user(clerk)
    sent = typed(client.get(address(row, bureau)).content.decode(), submit="1")
    sent |= {f"{keys['甲']}-quantity": "1", f"{keys['乙']}-quantity": "2"}
    shown = client.post(address(row, bureau), sent).content.decode()
    assert "佐证" in shown
    assert 'value="2"' in shown
    assert not Observation.objects.exists()
    assert not AuditEvent.objects.filter(target_type="measures.observation").exists()
    sent.pop("submit")
    assert client.post(address(row, bureau), {**sent, "save": "1"}).status_code == 302
    assert set(Observation.objects.values_list("state", flat=True)) == {ReviewState.DRAFT}


def test_nil_and_not_applicable_are_answers(ask, metrics, bureau, clerk, as_user):
    row = ask(metrics[:2])
    keys, client = cells(row, bureau), as_user(clerk)
    sent = typed(client.get(address(row, bureau)).content.decode(), submit="1")
    sent |= {
        f"{keys['发文量']}-presence": "nil",
        f"{keys['党员总数']}-presence": "not_applicable",
        f"{keys['党员总数']}-words": "机构撤并",
    }
    assert client.post(address(row, bureau), sent).status_code == 302
    assert {o.metric.name: (o.presence, o.absence) for o in Observation.objects.all()} == {
        "发文量": ("nil", ""),
        "党员总数": ("not_applicable", "机构撤并"),
    }
    assert [organ.done for organ in organ_rows(row)] == [True, False]


def test_a_page_of_answers_sent_twice_is_stored_once_and_enter_makes_a_draft(
    ask, metrics, bureau, clerk, as_user
):
    row = ask(metrics[:1])
    place, client = address(row, bureau), as_user(clerk)
    text = make.page(as_user, clerk, place)
    assert re.findall(r'<button[^>]* name="(\w+)"', text)[0] == "save"
    prefix = cells(row, bureau)[metrics[0].name]
    answer = {**typed(text), f"{prefix}-quantity": "12", "save": "1"}
    client.post(place, answer)
    assert "没有重复登记" in client.post(place, answer, follow=True).content.decode()
    assert Observation.objects.filter(metric=metrics[0], organ=bureau).count() == 1


def test_what_somebody_changed_meanwhile_is_not_overwritten(
    ask, metrics, bureau, clerk, second_clerk, as_user
):
    row = ask(metrics[:1])
    key, client = cells(row, bureau)["发文量"], as_user(clerk)
    sent = typed(client.get(address(row, bureau)).content.decode(), save="1")
    make.enter(make.draft_observation(metrics[0], bureau, "7", "2021"), by=second_clerk)
    shown = client.post(address(row, bureau), {**sent, f"{key}-quantity": "8"}).content.decode()
    assert "刚才有人改动过，现在存的是“7个”" in shown
    assert str(Observation.objects.get().quantity) == "7个"


def test_only_what_another_has_submitted_is_told_as_lost(ask, metrics, bureau, clerk, second_clerk, as_user):
    row = ask(metrics[:2])
    keys, client = cells(row, bureau), as_user(clerk)
    place = address(row, bureau)
    make.enter(make.draft_observation(metrics[0], bureau, "2", "2021"), by=clerk)
    sent = typed(client.get(place).content.decode(), submit="1") | {f"{keys['党员总数']}-quantity": "8"}
    theirs = make.enter(make.draft_observation(metrics[1], bureau, "7", "2021"), by=second_clerk)
    advance(theirs, Step.SUBMIT, by=second_clerk)
    shown = client.post(place, sent, follow=True).content.decode()
    assert "1项已报审" in shown
    assert re.findall("“([^”]+)”刚才已由别人报审，您填的“([^”]+)”", shown) == [("党员总数", "8")]


def test_a_kind_of_action_is_answered_by_an_activity_or_by_words(
    ask, pillar, bureau, other_bureau, clerk, other_clerk, as_user
):
    kind = make.make_kind("党内生活")
    row = ask([], kinds=[kind], skip=False)
    make.make_activity(make.make_action(pillar, kind=kind), state="draft")
    assert [organ.done for organ in organ_rows(row)] == [True, False]
    key, client = cells(row, other_bureau)["党内生活"], as_user(other_clerk)
    assert "请登记活动" in client.post(address(row, other_bureau), {"submit": "1"}).content.decode()
    client.post(address(row, other_bureau), {"submit": "1", f"{key}-absence": "本期未安排"})
    assert [organ.done for organ in organ_rows(row)] == [True, True]


def test_the_sheet_of_a_round_does_the_same(ask, metrics, bureau, clerk, as_user):
    row = ask(metrics[:2])
    client = as_user(clerk)
    answer = client.get(f"{address(row, bureau)}sheet/")
    content = b"".join(answer.streaming_content)
    told = AuditEvent.objects.get(verb=AuditVerb.EXPORT)
    assert (told.organ_id, told.note[-6:]) == (bureau.pk, "填报表，2行")
    book = load_workbook(BytesIO(content))
    page = book.active
    heads = [cell.value for cell in page[1]]
    at = heads.index("数值") + 1
    assert {page.cell(n, heads.index("期间") + 1).value for n in (2, 3)} == {"2021年"}
    page.cell(2, at).value, page.cell(3, at).value = "56", "零报告"
    file = SimpleUploadedFile("填报表.xlsx", saved(book))
    shown = client.post("/sheets/", {"kind": "observations", "home": bureau.pk, "file": file}, follow=True)
    token = re.search(r'name="token" value="([^"]+)"', shown.content.decode())[1]
    client.post(shown.request["PATH_INFO"], {"token": token})
    assert set(Observation.objects.values_list("source", "state")) == {(Source.IMPORTED, ReviewState.DRAFT)}
    sent = typed(client.get(address(row, bureau)).content.decode(), submit="1")
    nil = next(o for o in Observation.objects.all() if o.presence == "nil")
    sent[f"{cells(row, bureau)[nil.metric.name]}-presence"] = "nil"
    assert client.post(address(row, bureau), sent).status_code == 302
    assert [organ.done for organ in organ_rows(row)] == [True, False]


def saved(book):
    """The bytes of a spreadsheet."""
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def test_a_steward_reminds_once_a_day_prolongs_one_with_a_reason_and_closes(
    ask, metrics, bureau, other_bureau, clerk, steward, as_user
):
    row, client = ask(metrics[:1]), as_user(steward)
    make.submit(make.draft_observation(metrics[0], bureau, "5", "2021"), by=clerk)
    assert "2</b>家中<b>1</b>家已报齐" in client.get(f"/rounds/{row.pk}/").content.decode()
    for _ in range(2):
        client.post(f"/rounds/{row.pk}/", {"remind": "1"})
    assert RoundOrgan.objects.filter(reminded_at__isnull=False).get().organ == other_bureau
    assert AuditEvent.objects.filter(note="催报").count() == 1
    later = timezone.localdate() + timedelta(days=9)
    to = f"{address(row, other_bureau)}prolong/"
    assert "请写明为什么延期。" in client.post(to, {"until": str(later)}).content.decode()
    client.post(to, {"until": str(later), "reason": "人员轮换"})
    assert [organ.last_day for organ in organ_rows(row)] == [row.until, later]
    client.post(f"/rounds/{row.pk}/", {"close": "1"})
    refused = as_user(clerk).post(address(row, bureau), {"save": "1"}).content.decode()
    assert "这一轮已结束，不能再填" in refused


def test_the_burden_falls_when_what_is_known_is_not_asked_again(
    ask, metrics, bureau, clerk, steward, as_user
):
    first = ask(metrics[:2], organs=[bureau])
    keys, client = cells(first, bureau), as_user(clerk)
    sent = typed(client.get(address(first, bureau)).content.decode(), submit="1")
    client.post(
        address(first, bureau),
        {**sent, f"{keys['发文量']}-quantity": "1", f"{keys['党员总数']}-quantity": "2"},
    )
    ask(metrics, organs=[bureau])
    told = [(b.asked, b.known, b.typed, b.left_out) for b in burdens(steward)]
    assert told == [(1, 0, 0, 2), (2, 0, 2, 0)]
    shown = make.page(as_user, steward, "/rounds/")
    assert "clerk" not in shown
    assert "林填报" not in shown


def test_a_round_in_the_wrong_rhythm_or_of_nothing_is_refused_and_kept(
    area, bureau, metrics, steward, as_user
):
    sent = {"owner": area.pk, "title": "一季度", "period": "2021年一季度", "until": "2031-01-01"}
    shown = as_user(steward).post("/rounds/new/", {**sent, "metrics": [metrics[0].pk]}).content.decode()
    assert "2021年第一季度里填不了：发文量" in shown
    assert "请至少选一个单位。" in shown
    assert 'value="一季度"' in shown
    answer = as_user(steward).post(
        "/rounds/new/", {**sent, "period": "2021年", "metrics": [metrics[0].pk], "organs": [bureau.pk]}
    )
    made = Round.objects.get()
    assert answer.headers["Location"] == f"/rounds/{made.pk}/"
    assert list(made.organs.all()) == [bureau]


def test_who_has_none_of_the_metrics_is_not_asked(area, bureau, other_bureau, steward, as_user):
    own, theirs = (make.make_metric("发文量", owner=organ) for organ in (bureau, other_bureau))
    sent = {"owner": area.pk, "title": "一年", "period": "2021年", "until": "2031-01-01"}
    sent |= {"metrics": [own.pk], "organs": [bureau.pk, other_bureau.pk]}
    shown = as_user(steward).post("/rounds/new/", sent).content.decode()
    assert f"{other_bureau.label}没有所选的这些指标" in shown
    assert f"发文量（个） · {bureau.label}" in shown
    one = {**sent, "metrics": [own.pk, theirs.pk], "organs": [bureau.pk]}
    shown = as_user(steward).post("/rounds/new/", one).content.decode()
    assert f"所选单位都没有这些指标：发文量（个） · {other_bureau.label}。" in shown
    assert not Round.objects.exists()
    as_user(steward).post("/rounds/new/", {**sent, "kinds": [make.make_kind().pk]})
    assert set(Round.objects.get().organs.all()) == {bureau, other_bureau}


def test_the_page_costs_the_same_for_2_and_20_organs(ask, metrics, area, steward, clerk, bureau, as_user):
    few = ask(metrics[:1])
    many = ask(
        metrics + [make.make_metric() for _ in range(7)],
        organs=[bureau, *(make.make_organ(under=area) for _ in range(20))],
    )
    counts = []
    for row in (few, many):
        for who, to in ((steward, f"/rounds/{row.pk}/"), (clerk, address(row, bureau))):
            client = as_user(who)
            client.get(to)
            with CaptureQueriesContext(connection) as asked:
                client.get(to)
            counts.append(len(asked))
    assert counts[:2] == counts[2:]


def test_only_those_asked_see_a_round_and_drafts_of_it_are_the_stewards(
    ask, metrics, bureau, other_bureau, clerk, other_clerk, leader, as_user
):
    row = ask(metrics, opened=False)
    assert as_user(clerk).get(address(row, bureau)).status_code == 404
    opened = ask(metrics)
    assert as_user(clerk).get(address(opened, bureau)).status_code == 200
    assert as_user(clerk).get(address(opened, other_bureau)).status_code == 404
    assert as_user(leader).get("/rounds/").status_code == 403
