"""What an article says of its figures together: 户 and 人 of one statement are a pair."""

import re
from typing import Any

import pytest
from django.urls import reverse

from measures.models import Metric, Observation
from organs.models import AuditEvent, Organ, User
from tests import make
from tests.make import SignIn
from tests.measures.pasted import PASTE, kept, lay_ground, sent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ground")]
SIGNED = "甲局2021年小结\n全年家庭医生签约1942户6556人。"


@pytest.fixture
def ground(tree: Any) -> None:
    lay_ground()


def test_households_and_persons_of_one_statement_become_a_pair(
    bureau: Organ, clerk: User, reviewer: User, as_user: SignIn
) -> None:
    make.make_unit("户")
    make.make_unit("人")
    html = kept(as_user(clerk), bureau, SIGNED)
    assert "条草稿，核对后报审" in html
    households = Metric.objects.get(unit__symbol="户")
    assert households.pair == Metric.objects.get(unit__symbol="人")
    assert households.pair.pair is None
    event = AuditEvent.objects.get(target_type="measures.metric", target_id=str(households.pk))
    assert f"户人配对：{households.pair}" in event.after
    as_user(clerk).post(re.findall(r'href="([^"]+)">撤销这次操作', html)[0])
    assert not Metric.objects.exists()
    assert not Observation.objects.exists()


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("甲局2021年小结\n全年家庭医生签约1942户。全年培训村医6556人。", {}),
        (SIGNED, {"6556人": {"unit": "人次", "said": "6556人次"}}),
        (SIGNED, {"6556人": {"do": "no"}}),
        (SIGNED, {"1942户": {"unit": "个", "said": "1942个"}}),
    ],
)
def test_what_is_said_apart_or_in_other_units_is_no_pair(
    text: str, change: dict[str, dict[str, str]], bureau: Organ, clerk: User, as_user: SignIn
) -> None:
    make.make_unit("户")
    make.make_unit("人")
    html = as_user(clerk).post(reverse(PASTE), sent(bureau, text, read="1")).content.decode()
    keys = dict(re.findall(r'href="#t-([^"]+)">([^<]*)</a> <b>', html))
    told = {
        f"{key}-{name}": value for key, said in keys.items() for name, value in change.get(said, {}).items()
    }
    assert bool(told) == bool(change)
    assert "条草稿，核对后报审" in kept(as_user(clerk), bureau, text, **told)
    assert set(Metric.objects.values_list("pair", flat=True)) == {None}


@pytest.mark.parametrize("known", ["户", "人"])
def test_who_joins_one_of_a_pair_is_offered_the_other_first(
    known: str, bureau: Organ, clerk: User, as_user: SignIn
) -> None:
    make.make_unit("户")
    persons = make.make_metric("服务覆盖" if known == "户" else "家庭医生签约人数", "人")
    households = make.make_metric("服务到家" if known == "人" else "家庭医生签约户数", "户", pair=persons)
    make.make_metric("签约单位人数" if known == "户" else "签约单位户数", "人" if known == "户" else "户")
    html = as_user(clerk).post(reverse(PASTE), sent(bureau, SIGNED, read="1")).content.decode()
    advice = dict(re.findall(r'data-key="([^"]+)" data-advice="([^"]+)"', html))
    keys = {said: key for key, said in re.findall(r'href="#t-([^"]+)">([^<]*)</a> <b>', html)}
    assert advice[keys["1942户"]] == f"j{households.pk}"
    assert advice[keys["6556人"]] == f"j{persons.pk}"
    other = keys["6556人" if known == "户" else "1942户"]
    first = re.findall(rf'name="{other}-do" value="([^"]+)"', html)[0]
    assert first == f"j{(persons if known == '户' else households).pk}"
    assert "是一对" in html
    kept(as_user(clerk), bureau, SIGNED)
    assert set(Observation.objects.values_list("metric", flat=True)) == {persons.pk, households.pk}


def test_a_name_that_is_known_goes_before_the_pair(bureau: Organ, clerk: User, as_user: SignIn) -> None:
    make.make_unit("户")
    own = make.make_metric("家庭医生签约人数", "人")
    make.make_metric("家庭医生签约户数", "户", pair=make.make_metric("服务覆盖", "人"))
    html = as_user(clerk).post(reverse(PASTE), sent(bureau, SIGNED, read="1")).content.decode()
    assert f'data-advice="j{own.pk}"' in html
