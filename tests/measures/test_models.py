"""What the database itself refuses, by the name of the constraint: every row is saved past all checks of Python."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone

from measures.models import (
    Campaign,
    Honour,
    Metric,
    Observation,
    Participation,
    Pillar,
    Reviewed,
    ReviewState,
    Target,
    Unit,
)
from measures.period import Period
from measures.quantity import Quantity
from organs.models import Organ
from tests import make
from tests.conftest import Tree

pytestmark = pytest.mark.django_db


@pytest.fixture
def observation(bureau: Organ) -> Observation:
    return make.make_observation(make.make_metric(), bureau, "50余")


@pytest.fixture
def reviewed(tree: Tree, observation: Observation) -> dict[str, Reviewed]:
    """One approved row of each reviewed model."""
    action = make.make_action(make.make_pillar(tree.bureau, tree.campaign))
    return {
        "observation": observation,
        "action": action,
        "activity": make.make_activity(action),
        "target": make.make_target(make.make_metric(), tree.bureau, tree.campaign, "100"),
        "honour": make.make_honour(tree.bureau),
    }


REVIEWED = ("observation", "action", "activity", "target", "honour")


def next_version(row: Reviewed, **fields: Any) -> Reviewed:
    """A correction of the row, not stored."""
    keep = {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields if not f.primary_key}
    blank = {"approved_by_id": None, "approved_at": None, "submitted_by_id": None, "submitted_at": None}
    fields = {"previous_id": row.pk, **fields}
    known = {"state": ReviewState.DRAFT, "version": 2, "reason": "笔误", **blank}
    return type(row)(**{**keep, **known, **fields})


@pytest.mark.parametrize("name", REVIEWED)
def test_an_approved_row_has_somebody_who_approved_it(name: str, reviewed: dict[str, Reviewed]) -> None:
    row = reviewed[name]
    row.approved_by = None
    assert make.refused(row) == f"{name}_approved_by_someone"


@pytest.mark.parametrize("name", REVIEWED)
def test_a_row_that_is_not_approved_has_no_approver(name: str, reviewed: dict[str, Reviewed]) -> None:
    row = reviewed[name]
    row.state = ReviewState.RETURNED
    assert make.refused(row) == f"{name}_approved_by_someone"


@pytest.mark.parametrize("name", REVIEWED)
def test_nobody_approves_what_went_through_their_hands(name: str, reviewed: dict[str, Reviewed]) -> None:
    row = reviewed[name]
    row.hands = [*row.hands, row.approved_by_id]
    assert make.refused(row) == f"{name}_four_eyes"


@pytest.mark.parametrize("name", REVIEWED)
def test_only_an_approved_row_is_superseded(name: str, reviewed: dict[str, Reviewed]) -> None:
    row = reviewed[name]
    row.state, row.approved_by, row.approved_at = ReviewState.DRAFT, None, None
    row.superseded_at = timezone.now()
    assert make.refused(row) == f"{name}_only_approved_superseded"


@pytest.mark.parametrize("name", REVIEWED)
@pytest.mark.parametrize("fields", [{"reason": ""}, {"previous_id": None}, {"version": 1}])
def test_a_correction_has_a_reason_and_a_version_before_it(
    name: str, fields: dict[str, Any], reviewed: dict[str, Reviewed]
) -> None:
    assert make.refused(next_version(reviewed[name], **fields)) == f"{name}_correction_has_reason"


@pytest.mark.parametrize("name", ["action", "activity", "honour"])
def test_a_row_has_one_correction_under_way(name: str, reviewed: dict[str, Reviewed]) -> None:
    next_version(reviewed[name]).save()
    assert make.refused(next_version(reviewed[name])) == f"{name}_one_open_correction"


@pytest.mark.parametrize("name", ["action", "activity", "honour"])
def test_a_row_is_corrected_by_one_approved_version(name: str, reviewed: dict[str, Reviewed]) -> None:
    row = reviewed[name]
    approved = {
        "state": ReviewState.APPROVED,
        "approved_by_id": row.approved_by_id,
        "approved_at": row.approved_at,
        "submitted_by_id": row.submitted_by_id,
    }
    next_version(row, **approved).save()
    assert make.refused(next_version(row, **approved)) == f"{name}_one_current_correction"


def test_a_series_of_targets_has_one_open_version(tree: Tree) -> None:
    metric = make.make_metric()
    make.make_target(metric, tree.bureau, tree.campaign, "100", approved=False)
    with pytest.raises(IntegrityError, match="target_one_open_version"), transaction.atomic():
        make.make_target(metric, tree.bureau, tree.campaign, "120", approved=False)


def test_a_series_of_targets_has_one_current_version(tree: Tree) -> None:
    metric = make.make_metric()
    make.make_target(metric, tree.bureau, tree.campaign, "100")
    with pytest.raises(IntegrityError, match="target_one_current_version"), transaction.atomic():
        make.make_target(metric, tree.bureau, tree.campaign, "120")


def test_a_series_of_observations_has_one_open_version(bureau: Organ) -> None:
    metric = make.make_metric()
    make.make_observation(metric, bureau, "100", approved=False)
    with pytest.raises(IntegrityError, match="observation_one_open_version"), transaction.atomic():
        make.make_observation(metric, bureau, "120", approved=False)


@pytest.mark.parametrize("period", ["2021", "2021Q1", "2021H2", "20201231-20210101", "20211231-20220105"])
def test_current_observations_of_a_series_never_overlap_in_time(bureau: Organ, period: str) -> None:
    metric = make.make_metric()
    make.make_observation(metric, bureau, "100", "2021")
    with pytest.raises(IntegrityError, match="observation_no_overlap"), transaction.atomic():
        make.make_observation(metric, bureau, "120", period)


def test_neighbours_in_time_other_organs_and_superseded_versions_may_stand_together(tree: Tree) -> None:
    metric = make.make_metric()
    first = make.make_observation(metric, tree.bureau, "100", "2021Q1")
    make.make_observation(metric, tree.bureau, "100", "2021Q2")
    make.make_observation(metric, tree.other_bureau, "100", "2021Q1")
    make.make_observation(make.make_metric(), tree.bureau, "100", "2021Q1")
    Observation.objects.filter(pk=first.pk).update(superseded_at=timezone.now())
    make.make_observation(metric, tree.bureau, "101", "2021Q1")
    assert Observation.objects.current().count() == 4


@pytest.mark.parametrize(
    "fields",
    [
        {"presence": "nil"},
        {"presence": "not_applicable", "absence": "没有这项工作"},
        {"absence": "没有这项工作"},
        {"presence": "value", "quantity": None},
        {"presence": "nil", "quantity": None},
        {"presence": "not_applicable", "quantity": None},
        {"presence": "nil", "quantity": Quantity.zero("个"), "absence": "没有"},
        {"presence": "nonsense"},
    ],
)
def test_value_nil_and_not_applicable_are_kept_apart(
    observation: Observation, fields: dict[str, Any]
) -> None:
    for name, value in fields.items():
        setattr(observation, name, value)
    assert make.refused(observation) == "observation_presence_fits"


@pytest.mark.parametrize(("numerator", "denominator"), [(1, None), (None, 1), (1, 0), (1, -5), (-1, 5)])
def test_half_a_fraction_and_a_fraction_of_nothing_are_refused(
    observation: Observation, numerator: int | None, denominator: int | None
) -> None:
    observation.numerator, observation.denominator = numerator, denominator
    assert make.refused(observation) == "observation_parts_of_share_paired"


def test_only_a_value_has_numerator_and_denominator(bureau: Organ) -> None:
    for fields in ({"presence": "nil"}, {"presence": "not_applicable", "absence": "没有", "said": None}):
        row = make.draft_observation(make.make_metric(), bureau, **fields)
        row.created_by, row.numerator, row.denominator = make.make_user(), 1, 2
        assert make.refused(row) == "observation_parts_of_share_paired"


def bad_action(tree: Tree, **fields: Any) -> models.Model:
    return make.draft_action(
        make.make_pillar(tree.bureau, tree.campaign), created_by=make.make_user(), organ=tree.bureau, **fields
    )


DAY = date(2021, 5, 1)
BAD: dict[str, Callable[[Tree], models.Model]] = {
    "action_days_in_order": lambda t: bad_action(t, start_day=DAY, due_day=date(2021, 4, 30)),
    "action_closed_only_when_approved": lambda t: bad_action(t, closing_state="approved", closed_on=DAY),
    "target_says_something": lambda t: Target(
        metric=make.make_metric(), organ=t.bureau, campaign=t.campaign, created_by=make.make_user()
    ),
    "unit_scale_positive": lambda t: Unit(symbol="斤", dimension="重量", scale=0, base=make.make_unit("个")),
    "unit_base_has_scale_one": lambda t: Unit(symbol="斤", dimension="重量", scale=5),
    "metric_name_once": lambda t: Metric(
        name=make.make_metric("同名").name,
        unit=make.make_unit(),
        nature="flow",
        over_time="sum",
        over_organs="sum",
    ),
    "metric_bounds_in_order": lambda t: Metric(
        name="甲",
        unit=make.make_unit(),
        nature="flow",
        over_time="sum",
        over_organs="sum",
        minimum=2,
        maximum=1,
    ),
    "metric_rank_never_sums": lambda t: Metric(
        name="甲", unit=make.make_unit(), nature="rank", over_time="sum", over_organs="none"
    ),
    "metric_ratio_never_sums": lambda t: Metric(
        name="甲", unit=make.make_unit(), nature="ratio", over_time="latest", over_organs="sum"
    ),
    "metric_decimals_are_few": lambda t: Metric(
        name="甲", unit=make.make_unit(), nature="flow", over_time="sum", over_organs="sum", decimals=7
    ),
    "campaign_in_known_years": lambda t: Campaign(
        name="甲", owner=t.area, first_day=DAY, last_day=date(2201, 1, 1)
    ),
    "participation_days_in_order": lambda t: Participation(
        campaign=t.campaign, organ=t.unit, first_day=DAY, last_day=date(2021, 4, 30)
    ),
    "campaign_days_in_order": lambda t: Campaign(
        name="甲", owner=t.area, first_day=DAY, last_day=date(2021, 4, 30)
    ),
    "participation_once_at_a_time": lambda t: Participation(
        campaign=t.campaign, organ=t.bureau, first_day=DAY
    ),
    "pillar_heading_once": lambda t: Pillar(
        campaign=t.campaign,
        organ=t.bureau,
        heading=make.make_pillar(t.bureau, t.campaign).heading,
        theme=make.make_theme(),
    ),
    "honour_year_is_that_of_day": lambda t: Honour(
        organ=t.bureau,
        title="甲",
        level="4county",
        recipient="甲",
        year=2020,
        day=DAY,
        created_by=make.make_user(),
    ),
    "honour_streak_of_two_or_more": lambda t: Honour(
        organ=t.bureau,
        title="甲",
        level="4county",
        recipient="甲",
        year=2021,
        streak_years=1,
        created_by=make.make_user(),
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_the_database_refuses(name: str, tree: Tree) -> None:
    assert make.refused(BAD[name](tree)) == name


def test_a_line_is_closed_out_on_a_day(tree: Tree) -> None:
    row = make.make_action(make.make_pillar(tree.bureau, tree.campaign))
    row.closing_state = ReviewState.SUBMITTED
    assert make.refused(row) == "action_closing_has_day"


def test_a_metric_is_not_part_of_itself() -> None:
    metric = make.make_metric()
    metric.part_of = metric
    assert make.refused(metric) == "metric_not_part_of_itself"


def test_a_metric_is_not_its_own_pair() -> None:
    metric = make.make_metric()
    metric.pair = metric
    assert make.refused(metric) == "metric_not_its_own_pair"


def test_a_ratio_does_not_add_over_time_either() -> None:
    metric = make.make_metric(nature="ratio")
    metric.over_time = "sum"
    assert make.refused(metric) == "metric_ratio_never_sums"


def test_a_campaign_does_not_begin_before_the_years_that_periods_know(tree: Tree) -> None:
    tree.campaign.first_day = date(1948, 12, 31)
    assert make.refused(tree.campaign) == "campaign_in_known_years"


def test_an_organ_may_name_a_metric_as_another_organ_does(tree: Tree) -> None:
    for owner in (None, tree.bureau, tree.other_bureau):
        make.make_metric("同名", owner=owner)
    assert Metric.objects.filter(name="同名").count() == 3


def test_an_organ_may_leave_a_campaign_and_come_back(tree: Tree) -> None:
    organ = make.make_organ(under=tree.area)
    make.make_participation(tree.campaign, organ, last_day=date(2021, 3, 31))
    make.make_participation(tree.campaign, organ, first_day=date(2021, 4, 1))
    during = Participation.objects.filter(organ=organ).during(Period.quarter(2021, 1))
    assert during.get().last_day == date(2021, 3, 31)


def test_every_constraint_of_the_models_stands_in_the_database() -> None:
    wanted = {
        constraint.name
        for app in ("organs", "measures")
        for model in apps.get_app_config(app).get_models()
        for constraint in model._meta.constraints
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "select conname from pg_constraint union select relname from pg_class where relkind = 'i'"
        )
        found = {name for (name,) in cursor.fetchall()}
    assert len(wanted) > 50
    assert wanted <= found


def test_every_message_of_a_constraint_that_people_meet_is_a_chinese_sentence(tree: Tree) -> None:
    for name, bad in BAD.items():
        row = bad(tree)
        with pytest.raises(ValidationError) as caught:
            row.full_clean()
        assert all(message.endswith("。") for message in caught.value.messages), name


def test_actions_and_activities_belong_to_the_organ_of_their_pillar(tree: Tree) -> None:
    row = make.make_action(make.make_pillar(tree.unit, tree.campaign), organ=tree.bureau)
    assert row.organ == tree.unit
    assert make.make_activity(row).organ == tree.unit


def test_no_index_of_the_organ_alone_leads_to_figures_that_were_corrected() -> None:
    """The planner took it, and the pages of an organ became slower with each correction that it had ever made."""
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, Observation._meta.db_table)
    by_organ = {name: told["columns"] for name, told in found.items() if told["columns"][:1] == ["organ_id"]}
    indexes = {name: columns for name, columns in by_organ.items() if found[name]["index"]}
    two = ["organ_id", "metric_id"]
    assert indexes == {"observation_by_organ_metric": two, "observation_current": two}
