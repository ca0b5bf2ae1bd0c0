"""What a round asks of an organ that is dissolved: it stays to be seen, but nobody is late, reminded or newly asked."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from measures import rounds
from measures.models import Metric, Round, RoundCell, RoundOrgan
from measures.rollups.reminders import waiting_for
from measures.rollups.rounds import organ_rows
from organs.models import AuditEvent, Organ, User
from tests import make
from tests.make import SignIn

pytestmark = pytest.mark.django_db


@pytest.fixture
def metric(db: None) -> Metric:
    return make.make_metric("发文量", "个")


def dissolved(organ: Organ, days: int) -> None:
    """So many days ago."""
    organ.active_to = timezone.localdate() - timedelta(days=days)
    organ.save()


def ended(area: Organ, bureau: Organ, metric: Metric) -> Round:
    """Open, and to be answered by the day before yesterday."""
    return make.make_round(area, bureau, metric, until=timezone.localdate() - timedelta(days=2))


def test_who_was_gone_before_the_last_day_is_neither_late_nor_reminded(
    area: Organ, bureau: Organ, metric: Metric, clerk: User, steward: User, as_user: SignIn
) -> None:
    asked = ended(area, bureau, metric)
    assert [line.sort for line in waiting_for(clerk)] == ["填报"]
    dissolved(bureau, 5)
    (row,) = organ_rows(asked)
    assert row.standing == ("unfinished", "◇ 未报齐")
    assert waiting_for(clerk) == []
    assert rounds.remind(asked, by=steward) == 0
    html = make.page(as_user, steward, f"/rounds/{asked.pk}/")
    assert "已撤并" in html
    assert [word for word in ("逾期", "没有报齐的", "延期…") if word in html] == []
    for place in ("/rounds/", f"/rounds/{asked.pk}/organs/{bureau.pk}/"):
        assert "（已撤并）" in make.page(as_user, clerk, place)


def test_who_was_late_before_it_was_gone_stays_late_and_is_not_reminded(
    area: Organ, bureau: Organ, metric: Metric, steward: User
) -> None:
    asked = ended(area, bureau, metric)
    dissolved(bureau, 1)
    (row,) = organ_rows(asked)
    assert row.standing[1] == "◆ 逾期未报"
    assert rounds.remind(asked, by=steward) == 0


def test_who_will_be_gone_later_is_asked_and_late_as_ever(
    area: Organ, bureau: Organ, metric: Metric, clerk: User, steward: User
) -> None:
    asked = ended(area, bureau, metric)
    dissolved(bureau, -1)
    (row,) = organ_rows(asked)
    assert row.standing[1] == "◆ 逾期未报"
    assert len(waiting_for(clerk)) == 1
    assert rounds.remind(asked, by=steward) == 1


def test_a_draft_round_leaves_out_who_is_gone_and_says_so(
    area: Organ, bureau: Organ, other_bureau: Organ, metric: Metric, steward: User, as_user: SignIn
) -> None:
    draft = make.make_round(area, bureau, metric, opened=False)
    RoundOrgan.objects.create(round=draft, organ=other_bureau)
    dissolved(bureau, 0)
    place = f"/rounds/{draft.pk}/"
    html = make.page(as_user, steward, place)
    assert "甲局已撤并，发布时不问。" in html
    assert "共要问<b>1</b>项" in html
    as_user(steward).post(place, {"open": "1"})
    assert [cell.organ for cell in RoundCell.objects.filter(round=draft)] == [other_bureau]
    assert [row.organ for row in draft.asked_organs.all()] == [other_bureau]
    assert AuditEvent.objects.filter(note="发布：问1项，已撤并的甲局没有问").exists()


def test_a_round_that_asks_only_who_is_gone_is_not_opened(
    area: Organ, bureau: Organ, metric: Metric, steward: User
) -> None:
    draft = make.make_round(area, bureau, metric, opened=False)
    dissolved(bureau, 0)
    with pytest.raises(ValidationError, match="甲局已撤并，没有单位可问"):
        rounds.open_round(draft, skip_known=True, by=steward)


def test_a_new_round_offers_who_is_still_there_and_not_who_is_gone(
    bureau: Organ, other_bureau: Organ, steward: User, as_user: SignIn
) -> None:
    dissolved(bureau, -30)
    dissolved(other_bureau, 0)
    html = make.page(as_user, steward, "/rounds/new/")
    assert f'name="organs" value="{bureau.pk}"' in html
    assert f'name="organs" value="{other_bureau.pk}"' not in html
