"""What figures and actions are read by stays as it is once they have been submitted."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from measures import ledger
from measures.locks import Locked
from measures.models import Metric, Pillar
from organs.models import Organ, User
from tests import make
from tests.conftest import Tree

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("field", ["unit", "nature", "over_time", "over_organs", "rhythm"])
def test_the_meaning_of_a_metric_is_frozen_once_it_has_figures(
    field: str, bureau: Organ, steward: User
) -> None:
    values: dict[str, Any] = {
        "unit": make.make_unit("户"),
        "nature": "stock",
        "over_time": "none",
        "over_organs": "none",
        "rhythm": "month",
    }
    free, used = make.make_metric(), make.make_metric()
    make.make_observation(used, bureau, approved=False)
    for metric in (free, used):
        setattr(metric, field, values[field])
    ledger.change(free, by=steward)
    with pytest.raises(Locked, match=str(Metric._meta.get_field(field).verbose_name)):
        ledger.change(used, by=steward)


def test_a_target_freezes_the_meaning_of_its_metric_too(tree: Tree, steward: User) -> None:
    metric = make.make_metric()
    make.make_target(metric, tree.bureau, tree.campaign, "9", approved=False)
    metric.unit = make.make_unit("户")
    with pytest.raises(Locked, match="已有数值或目标，计量单位不能再改"):
        ledger.change(metric, by=steward)


@pytest.mark.parametrize("field", ["symbol", "scale", "base", "dimension", "whole"])
@pytest.mark.parametrize("used", ["itself", "based on it", "target", "nothing"])
def test_a_unit_in_which_figures_are_stored_stays_as_it_is(
    field: str, used: str, tree: Tree, steward: User
) -> None:
    metric = make.make_metric(unit="万元")
    if used == "target":
        make.make_target(metric, tree.bureau, tree.campaign, "9", approved=False)
    elif used != "nothing":
        make.make_observation(metric, tree.bureau, "9", approved=False)
    unit = make.make_unit("元" if used == "based on it" else "万元")
    other = make.make_unit("%")
    changes = {"symbol": "圆", "scale": 1000, "base": other, "dimension": other.dimension, "whole": True}
    setattr(unit, field, changes[field])
    if used == "nothing":
        if field in ("base", "dimension"):  # they go together
            unit.base, unit.dimension = other, other.dimension
        ledger.change(unit, by=steward)
    else:
        with pytest.raises(Locked, match=r"已有数值或目标，.*计量单位"):
            ledger.change(unit, by=steward)


SETTLED = ("submitted", "approved", "retracted")
READ_BY: dict[str, Any] = {
    "name": "新名称",
    "decimals": 2,
    "direction": "down",
    "counts": "activities",
    "parts_overlap": True,
}


@pytest.mark.parametrize("state", ["draft", "returned", *SETTLED])
def test_what_a_metric_is_read_by_is_frozen_once_its_figures_were_submitted(
    state: str, tree: Tree, clerk: User, steward: User
) -> None:
    values = READ_BY | {"theme": make.make_theme("思想建设"), "part_of": make.make_metric()}
    own, common = make.make_metric(owner=tree.bureau), make.make_metric()
    for row, user in ((own, clerk), (common, steward)):
        make.make_observation(row, tree.unit, state=state)
        for field, value in (values if row == common else {**values, "owner": tree.unit}).items():
            metric = Metric.objects.get(pk=row.pk)
            setattr(metric, field, value)
            if state not in SETTLED:
                ledger.change(metric, by=user)
                continue
            with pytest.raises(Locked, match="不能再改；意思变了请另建一个成效指标") as caught:
                ledger.change(metric, by=user)
            assert list(caught.value.error_dict) == [field]


@pytest.mark.parametrize("field", ["maximum", "pair"])
def test_what_only_new_entries_are_asked_for_stays_open(field: str, bureau: Organ, steward: User) -> None:
    metric = make.make_metric()
    make.make_observation(metric, bureau)
    new = {"maximum": 1000, "pair": make.make_metric()}[field]
    setattr(metric, field, new)
    ledger.change(metric, by=steward)
    assert getattr(Metric.objects.get(pk=metric.pk), field) == new


@pytest.mark.parametrize(
    ("bounds", "refused"),
    [
        ({"maximum": 96}, "maximum"),
        ({"maximum": 100}, ""),
        ({"maximum": None}, ""),
        ({"minimum": 96}, "minimum"),
        ({"minimum": 95}, ""),
        ({"minimum": None}, ""),
    ],
)
@pytest.mark.parametrize("approved", [True, False])
def test_bounds_leave_room_for_what_was_approved(
    bounds: dict[str, Any], refused: str, approved: bool, bureau: Organ, steward: User
) -> None:
    metric = make.make_metric(unit="%", nature="ratio", maximum=100)
    make.make_observation(metric, bureau, "95以上", approved=approved)
    for name, value in bounds.items():
        setattr(metric, name, value)
    if refused and approved:
        with pytest.raises(ValidationError, match=r"审核过的“95.*”已超出这个数") as caught:
            ledger.change(metric, by=steward)
        assert list(caught.value.error_dict) == [refused]
    else:
        ledger.change(metric, by=steward)


def test_nobody_takes_the_half_of_somebody_elses_pair(bureau: Organ, clerk: User, steward: User) -> None:
    people = make.make_metric("签约人数", "人")
    own, common, late = (make.make_metric(f"户数{n}", "户", owner=[bureau, None, None][n]) for n in range(3))
    own.pair = common.pair = late.pair = people
    with pytest.raises(ValidationError, match="“签约人数（人）”是各单位通用的指标"):
        ledger.change(own, by=clerk)
    ledger.change(common, by=steward)
    with pytest.raises(ValidationError) as caught:
        ledger.change(late, by=steward)
    assert caught.value.message_dict == {
        "pair": ["“签约人数（人）”已经和“户数1（户）”配对，请先取消那一对。"]
    }


@pytest.mark.parametrize("kind", ["action", "observation", "honour"])
@pytest.mark.parametrize("state", ["draft", *SETTLED])
def test_a_heading_is_frozen_once_something_under_it_was_submitted(
    state: str, kind: str, tree: Tree, pillar: Pillar, clerk: User
) -> None:
    match kind:
        case "action":
            make.make_action(pillar, state=state)
        case "observation":
            make.make_observation(make.make_metric(), tree.bureau, pillar=pillar, state=state)
        case _:
            make.make_honour(tree.bureau, pillar=pillar, state=state)
    changes = {
        "heading": "改了的标题",
        "theme": make.make_theme("思想建设"),
        "organ": tree.unit,
        "campaign": make.make_campaign(tree.area, organs=[tree.bureau]),
    }
    for field, value in changes.items():
        row = Pillar.objects.get()
        setattr(row, field, value)
        if state == "draft" and field == "heading":
            ledger.change(row, by=clerk)
        elif state != "draft":
            with pytest.raises(Locked, match="已有举措、数值或荣誉"):
                ledger.change(row, by=clerk)
    row = Pillar.objects.get()
    row.order = 7
    ledger.change(row, by=clerk)


def test_a_metric_with_figures_may_still_be_renamed_but_not_deleted(bureau: Organ, steward: User) -> None:
    metric = make.make_metric()
    make.make_observation(metric, bureau, approved=False)
    metric.name = "新名称"
    ledger.change(metric, by=steward)
    with pytest.raises(Locked, match="还有数值与它相关"):
        ledger.delete(metric, by=steward)
    assert Metric.objects.filter(name="新名称").exists()
