"""The bench on a very small county: it loads, its pages answer, its totals are right; nothing is timed."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client, override_settings
from pytest_django.plugin import DjangoDbBlocker

from measures.models import Action, Activity, Observation, Pillar
from organs.models import User
from tests.bench.__main__ import ground
from tests.bench.changes import Changes
from tests.bench.county import County, Size
from tests.bench.exchange import ROWS, Exchange, HandedOut, TakenIn, hand_out, take_in
from tests.bench.load import load
from tests.bench.measure import Cost, Row
from tests.bench.middleware import KEPT, QUERIES, around, keeping
from tests.bench.pages import Place, places
from tests.bench.reading import Reading
from tests.bench.report import COUNTY, ONE, Report
from tests.bench.sums import Timed, by_hand, by_rollups, view_of
from tests.make import BACKEND

pytestmark = pytest.mark.django_db
#: What differs from one answer to the next: the token's mask, and how long one stays signed in.
PASSING = re.compile(rb'name="csrfmiddlewaretoken" value="\w+"|data-left="\d+"')
SMALL = Size(bureaus=3, pillars=30, actions=60, activities=120, observations=1500)


@pytest.fixture(scope="module")
def county(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[County]:
    """Loaded once for this file, and taken back after it; what a test changes is taken back before."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield load(SMALL)
        transaction.set_rollback(True)


def test_the_county_is_as_large_as_asked(county: County) -> None:
    rows = [model.objects.count() for model in (Pillar, Action, Activity)]
    assert rows == [SMALL.pillars, SMALL.actions, SMALL.activities]
    assert Observation.objects.current().count() == SMALL.observations
    assert Observation.objects.current().exclude(quantity_qualifier__in=("", "exact")).count() > 50


def test_a_report_says_on_what_it_rests(county: County) -> None:
    words = ground(county, loaded=2, minutes=3, requests=30)
    assert "3个局、30个支柱、60项举措、120次活动、1500个数值" in words
    assert "每页30次、前3次不计，全程3分钟" in words


def test_the_triggers_that_rest_while_it_is_loaded_work_again(county: County) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_trigger WHERE tgenabled = 'D'")
        assert cursor.fetchone() == (0,)


@pytest.mark.parametrize("query", ["", "period={year}", "period={year}Q1", "period={year}-01"])
def test_the_totals_by_hand_are_those_of_the_pages(county: County, query: str) -> None:
    view = view_of(county, query.format(year=county.today.year - 1))
    assert len(by_hand(view)) > 15  # which metrics have figures in one month depends on the day
    assert by_rollups(view) == by_hand(view)


def test_a_change_makes_one_total_one_more(county: County) -> None:
    view = view_of(county)
    before = by_hand(view)
    Changes(county).make(county.bureaus)
    after = by_hand(view)
    changed = [pk for pk in before if before[pk] != after[pk]]
    scales = {metric.pk: metric.unit.scale for _, metric in county.metrics}
    assert [after[pk].amount - before[pk].amount for pk in changed] == [scales[pk] for pk in changed] != []
    assert by_rollups(view) == after


def test_every_page_answers_with_its_rows_and_again_from_kept_ones(county: County) -> None:
    bench = {"MIDDLEWARE": around(settings.MIDDLEWARE), "TEMPLATES": keeping(settings.TEMPLATES)}
    with override_settings(**bench):
        for user in (county.leader, county.leader_of_one):
            client = signed_in(user)
            for place in places(county):
                if place.of > 1 and user == county.leader_of_one:
                    continue
                page = client.get(place.address)
                kept = client.get(place.address, headers={KEPT: "1"})
                assert (page.status_code, kept.headers[KEPT]) == (200, "1"), place
                assert PASSING.sub(b"", kept.content) == PASSING.sub(b"", page.content), place
                assert int(kept.headers[QUERIES]) == 2, place  # session and user
                assert int(page.headers[QUERIES]) >= 2, place


def test_a_sheet_is_taken_in_and_a_list_handed_out_and_nothing_stays(county: County) -> None:
    before = Activity.objects.count()
    taken = take_in(rows=20)
    assert (taken.rows, taken.queries < 60) == (20, True)
    assert hand_out().rows == Observation.objects.live().count() >= SMALL.observations
    assert Activity.objects.count() == before


def test_a_page_that_was_never_drawn_is_not_answered_from_kept_rows(county: County) -> None:
    with override_settings(MIDDLEWARE=around(settings.MIDDLEWARE)):
        answer = signed_in(county.leader).get("/?period=2019", headers={KEPT: "1"})
    assert (answer.status_code, KEPT in answer.headers) == (204, False)


def test_the_report_names_what_does_not_hold() -> None:
    page = Place("总览", "/")
    quick = Cost(
        page,
        COUNTY,
        median=10,
        p95=20,
        kept_median=8,
        kept_p95=10,
        again=1,
        queries=9,
        usual_queries=9,
        size=5000,
    )
    slow = Cost(
        page,
        ONE,
        median=30,
        p95=40,
        kept_median=10,
        kept_p95=20,
        again=9,
        queries=16,
        usual_queries=16,
        size=70_000,
    )
    reading = Reading(
        tenth=0.1,
        whole=1,
        jieba=0.1,
        hostile=9,
        start=1,
        memory=90,
        figures=9,
        outline=1,
        outlined=9,
        outlined_hostile=9,
    )
    sums = [Timed("本年", by_hand=2, all_changed=9, one_changed=3, unchanged=1, equal=True)]
    exchange = Exchange(
        TakenIn(ROWS, bare=2, looked_at=1, confirmed=6, queries=60, memory=90),
        HandedOut(100_000, seconds=60, memory=201, size=7_000_000),
    )
    report = Report(
        "小县。",
        [Row((quick, quick)), Row((replace(quick, who=ONE), slow))],
        900,
        99_000,
        sums,
        reading,
        exchange,
    )
    broken = [words for words, named in report.bars() if named]
    assert [words[:4] for words in broken] == [
        "比值甲中",
        "比值乙不",
        "查询不超",
        "每页压缩",
        "一局领导",
        "一局领导",
        "读数字不",
        "导入不超",
        "导出内存",
    ]
    assert "不符：比值甲中位不超过 2（总览（一局领导））" in str(report)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client
