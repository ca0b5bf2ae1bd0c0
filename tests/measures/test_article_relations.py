"""What an article says of its figures together: 户 and 人 of one statement are a pair, 其中 is a part of its whole."""

import re
from dataclasses import replace
from typing import Any

import pytest
from django.urls import reverse

from measures.articles.relating import layers, relate
from measures.figures import read
from measures.models import Metric, Nature, Observation
from organs.models import AuditEvent, Organ, User
from tests import make
from tests.make import SignIn
from tests.measures.pasted import PASTE, kept, lay_ground, sent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ground")]
SIGNED = "甲局2021年小结\n全年家庭医生签约1942户6556人。"


@pytest.fixture
def ground(tree: Any) -> None:
    lay_ground()


def keys_of(html: str) -> dict[str, str]:
    """By the words of each proposal its key."""
    return {said: key for key, said in re.findall(r'href="#t-([^"]+)">([^<]*)</a> <b>', html)}


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
    keys = keys_of(html)
    told = {f"{keys[said]}-{name}": value for said, new in change.items() for name, value in new.items()}
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
    keys = keys_of(html)
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


TRAINED = "甲局2021年小结\n全年培训村医120人，其中党员45人、女性村医30人。"


def parts() -> dict[str, str]:
    """The names of parts with those of their wholes."""
    return dict(Metric.objects.exclude(part_of=None).values_list("name", "part_of__name"))


def test_what_is_said_to_be_within_a_figure_becomes_a_part_of_it(
    bureau: Organ, clerk: User, as_user: SignIn
) -> None:
    make.make_unit("人")
    client = as_user(clerk)
    html = client.post(reverse(PASTE), sent(bureau, TRAINED, read="1")).content.decode()
    assert html.count("记成它的其中项") == 2
    html = kept(client, bureau, TRAINED)
    whole = Metric.objects.get(observations__quantity_words="120人")
    found = Metric.objects.filter(observations__quantity_words__in=["45人", "30人"])
    assert [metric.part_of for metric in found] == [whole, whole]
    assert whole.part_of is None
    client.post(re.findall(r'href="([^"]+)">撤销这次操作', html)[0])
    assert not Metric.objects.exists()


def test_a_part_of_a_known_metric_adds_up_as_that_does(bureau: Organ, clerk: User, as_user: SignIn) -> None:
    whole = make.make_metric("培训村医", "人", nature=Nature.STOCK)
    kept(as_user(clerk), bureau, TRAINED)
    whole.refresh_from_db()
    found = Metric.objects.filter(part_of=whole)
    assert {(m.nature, m.over_time, m.over_organs) for m in found} == {
        (Nature.STOCK, whole.over_time, whole.over_organs)
    }
    assert found.count() == 2
    assert whole.part_of is None


def test_a_known_metric_is_not_made_a_part(bureau: Organ, clerk: User, as_user: SignIn) -> None:
    make.make_unit("人")
    html = as_user(clerk).post(reverse(PASTE), sent(bureau, TRAINED, read="1")).content.decode()
    known = make.make_metric("党员村医", "人")
    kept(as_user(clerk), bureau, TRAINED, **{f"{keys_of(html)['45人']}-do": f"j{known.pk}"})
    assert Observation.objects.get(quantity_words="45人").metric == known
    assert "党员村医" not in parts()
    assert len(parts()) == 1


@pytest.mark.parametrize(
    ("text", "change"),
    [
        (TRAINED, {"120人": {"do": "no"}}),
        (TRAINED, {"120人": {"unit": "人次", "said": "120人次"}}),
        ("甲局2021年小结\n全年培训村医120人，其中集中授课12场。", {}),
        ("甲局2021年小结\n群众满意度达到96%，其中农村居民满意度达到95%。", {}),
    ],
)
def test_what_cannot_be_a_part_is_none(
    text: str, change: dict[str, dict[str, str]], bureau: Organ, clerk: User, as_user: SignIn
) -> None:
    make.make_unit("人")
    keys = keys_of(as_user(clerk).post(reverse(PASTE), sent(bureau, text, read="1")).content.decode())
    told = {f"{keys[said]}-{name}": value for said, new in change.items() for name, value in new.items()}
    assert "条草稿，核对后报审" in kept(as_user(clerk), bureau, text, **told)
    assert parts() == {}


def test_parts_of_a_pair_are_a_pair_of_parts(bureau: Organ, clerk: User, as_user: SignIn) -> None:
    for unit in ("户", "人"):
        make.make_unit(unit)
    kept(as_user(clerk), bureau, "甲局2021年小结\n家庭医生签约1942户6556人，其中低保家庭145户430人。")
    by_words = {row.quantity_words: row.metric for row in Observation.objects.select_related("metric")}
    assert by_words["1942户"].pair == by_words["6556人"]
    assert by_words["145户"].pair == by_words["430人"]
    assert by_words["145户"].part_of == by_words["1942户"]
    assert by_words["430人"].part_of == by_words["6556人"]


def test_of_two_metrics_that_a_text_calls_parts_of_each_other_one_is_a_part() -> None:
    whole, part = read("培训120人，其中党员45人。")
    again = replace(whole, start=90), replace(part, start=95, part_of=90)
    unit = make.make_unit("人")
    trained, members = (Metric(name=name, unit=unit, nature=Nature.FLOW) for name in ("培训", "党员"))
    relate(
        {
            whole.start: (whole, trained),
            part.start: (part, members),
            90: (again[0], members),
            95: (again[1], trained),
        }
    )
    assert members.part_of is trained
    assert trained.part_of is None
    assert list(layers([members, trained])) == [[trained], [members]]
