"""Drafts to be submitted together: each says what it lacks, however many there are."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from measures.ledger import correct as corrected
from measures.models import Action, Nature, Pillar, ReviewState
from measures.rollups import my
from organs.models import Organ, User
from tests import make
from tests.make import SignIn

pytestmark = pytest.mark.django_db


def drafts_of_all_kinds(action: Action, clerk: User, year: int) -> None:
    """A draft of every kind; figures that fall, that do not fit their pair, lack proof, are counted or correct others."""
    organ, campaign = action.organ, action.pillar.campaign
    people = make.make_metric(f"人数{year}", "人", Nature.CUMULATIVE)
    homes = make.make_metric(f"户数{year}", "户", pair=people)
    proven = make.make_metric(f"要佐证的{year}", needs_evidence=True)
    held = make.make_metric(f"场次{year}", "场", counts="activities")
    make.make_observation(people, organ, "65564", str(year - 1))
    before = make.make_observation(proven, organ, "3", str(year - 1))
    row = make.enter(make.draft_observation(people, organ, "3375", str(year)), by=clerk)
    assert row.state == ReviewState.DRAFT
    for metric, said in ((homes, "100"), (proven, "3")):
        make.enter(make.draft_observation(metric, organ, said, str(year)), by=clerk)
    corrected(before, by=clerk, reason="漏报")
    counted = make.make_observation(held, organ, "1", str(year), approved=False, source="counted")
    counted.activities.set([make.make_activity(action, approved=False)])
    corrected(make.make_action(action.pillar, joint=[organ]), by=clerk, reason="改名")
    make.make_honour(organ, approved=False, pillar=action.pillar)
    make.make_target(homes, organ, campaign, "9", approved=False, phrase="待定：沿用")


def test_drafts_say_what_they_lack_from_as_many_queries_for_few_and_many(
    pillar: Pillar, clerk: User, as_user: SignIn
) -> None:
    action = make.make_action(pillar)
    client, spent = as_user(clerk), []
    for year in (2019, 2020, 2021):
        drafts_of_all_kinds(action, clerk, year)
        with CaptureQueriesContext(connection) as asked:
            html = client.get(reverse("drafts")).content.decode()
        spent.append(len(asked))
    for why in ("还少", "须附佐证材料", "与原来的一样", "计入的活动有变动", "还是待定"):
        assert why in html, why
    assert html.count("平均每户33.75人") == 6
    assert spent[1] == spent[2]


def test_drafts_beyond_those_listed_are_counted(
    bureau: Organ, clerk: User, as_user: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(my, "MOST_DRAFTS", 2)
    make.make_honour(bureau, approved=False)
    make.make_observation(make.make_metric(), bureau, approved=False)
    assert "没有列出" not in make.page(as_user, clerk, reverse("drafts"))
    for _ in range(3):
        make.make_honour(bureau, approved=False)
    html = make.page(as_user, clerk, reverse("drafts"))
    assert html.count('name="row"') == 2
    assert "还有3条没有列出，报完这些再列。" in html
