"""Rounds while two do something at once: one answer is stored, and none after the end."""

import pytest

from measures import rounds
from measures.models import Observation, Round, RoundOrgan
from measures.rounds import Answer, AnswersRefusedError
from organs.verification import Verification
from tests import make
from tests.measures.test_at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def asked(area, bureau):
    """What one round asks of the bureau."""
    made = make.make_round(area, bureau, make.make_metric("受众", "人次"))
    return RoundOrgan.objects.select_related("organ", "round").get(round=made)


def answer(asked, said, by, told):
    """Submit a new figure, and note what became of it."""
    cell = asked.round.cells.get()
    row = make.draft_observation(cell.metric, asked.organ, said)
    given = Answer(cell.pk, row, counted=False, changed=True, seen=None)
    try:
        told.append(rounds.answer(asked, [given], [], by=by, submit=True))
    except AnswersRefusedError:
        told.append("refused")


def test_two_clerks_who_answer_at_once_give_one_answer(asked, clerk, second_clerk):
    told = []
    at_once(
        lambda: answer(asked, "100", clerk, told),
        lambda: answer(asked, "120", second_clerk, told),
    )
    assert sorted(map(str, told)) == ["1", "refused"]
    assert Observation.objects.get().state == "submitted"
    assert list(Verification([]).faults()) == []


def test_an_answer_comes_before_the_end_or_not_at_all(asked, clerk, steward):
    told = []
    refused = at_once(
        lambda: answer(asked, "100", clerk, told), lambda: rounds.close_round(asked.round, by=steward)
    )
    closed = Round.objects.get().closed_at
    assert closed
    if told:
        assert refused == ["", ""]
        assert Observation.objects.get().submitted_at <= closed
    else:
        assert "不能再填" in refused[1]
        assert not Observation.objects.exists()
