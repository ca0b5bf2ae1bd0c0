"""What an approval is said to do to the totals is what the pages say once it is given."""

from typing import Any

import pytest
from django.test import RequestFactory
from django.urls import resolve
from hypothesis import given, settings
from hypothesis import strategies as st

from measures import ledger
from measures.filters import chosen
from measures.models import Nature, Observation
from measures.rollups import metric_page
from measures.rollups.effects import Effect, load_books
from measures.rollups.figures import FigureRow
from measures.totals import Coverage, Presence
from measures.workflow import Step, advance
from organs.models import Organ, Role, User
from tests import make
from tests.conftest import Tree

pytestmark = pytest.mark.django_db
QUARTERS = ("2021Q1", "2021Q2", "2021Q3", "2021Q4")


def effects(user: User, *rows: Observation) -> dict[str, Effect]:
    """What approving the rows does, by place, as the user is told before."""
    books = load_books(user, list(Organ.objects.visible_to(user)), rows)
    return {effect.place: effect for effect in books.effects(rows)}


def on_the_page(user: User, effect: Effect) -> FigureRow:
    """The figure on the page that the effect leads to, as it stands now."""
    request: Any = RequestFactory().get(effect.url)
    request.user = User.objects.get(pk=user.pk)
    asked = resolve(request.path).kwargs
    metric = make.Metric.objects.get(pk=asked["pk"])
    view, _ = chosen(request, asked.get("organ_pk"))
    page = metric_page(view, metric, view.organs[0] if "organ_pk" in asked else None)
    return page.organs[0].figure if "organ_pk" in asked else page.total


def figure(row: FigureRow) -> tuple[str, ...]:
    return row.words, row.tip, row.absent, row.note, row.standing_label


def comes_true(user: User, reviewer: User, *rows: Observation) -> dict[str, Effect]:
    """The effects told before, each held against its page before and after the approval."""
    told = effects(user, *rows)
    assert all(figure(on_the_page(user, e)) == figure(e.before) for e in told.values() if e.before.url)
    for row in rows:
        advance(row, Step.APPROVE, by=reviewer)
    for effect in told.values():
        assert figure(on_the_page(user, effect)) == figure(effect.after)
    return told


def waiting(metric: Any, organ: Organ, said: str | None, period: str = "2021", **fields: Any) -> Observation:
    return make.make_observation(metric, organ, said, period, state="submitted", **fields)


def test_a_reviewer_is_told_of_the_parents_total_only_where_they_see_it(
    tree: Tree, reviewer: User, steward: User
) -> None:
    metric = make.make_metric("培训", "人次")
    make.make_observation(metric, tree.other_bureau, "23")
    row = waiting(metric, tree.bureau, "50余")
    assert set(effects(reviewer, row)) == {"甲局"}
    told = comes_true(steward, reviewer, row)
    assert list(told) == ["甲局", "示范县合计"]
    county = told["示范县合计"]
    assert (county.before.words, county.after.words) == ("23人次", "超过73人次")
    assert county.after.tip == "可能是74至82人次"
    assert (county.before.note, county.after.note) == ("2家中1家已报", "2家中2家已报")
    assert (told["甲局"].before.absent, told["甲局"].after.words) == ("未报", "50余人次")


def test_periods_of_a_flow_add_up_in_the_year(bureau: Organ, reviewer: User) -> None:
    metric = make.make_metric(rhythm="quarter")
    make.make_observation(metric, bureau, "10", "2021Q1")
    told = comes_true(reviewer, reviewer, waiting(metric, bureau, "5", "2021Q2"))
    assert (told["甲局"].before.words, told["甲局"].after.words) == ("10个", "15个")


def test_a_stock_takes_the_place_of_the_older_one(tree: Tree, reviewer: User, steward: User) -> None:
    metric = make.make_metric(nature=Nature.STOCK)
    make.make_observation(metric, tree.bureau, "10", "2020")
    make.make_observation(metric, tree.other_bureau, "3", "2021")
    told = comes_true(steward, reviewer, waiting(metric, tree.bureau, "8"))
    assert (told["示范县合计"].before.words, told["示范县合计"].after.words) == ("13个", "11个")
    assert told["示范县合计"].noted


def test_a_later_figure_leaves_an_earlier_approval_without_effect(bureau: Organ, reviewer: User) -> None:
    metric = make.make_metric(nature=Nature.CUMULATIVE, rhythm="quarter")
    make.make_observation(metric, bureau, "15", "2021Q2")
    told = comes_true(reviewer, reviewer, waiting(metric, bureau, "10", "2021Q1"))
    assert not told["甲局"].changed


def test_shares_are_pooled_before_and_after(tree: Tree, reviewer: User, steward: User) -> None:
    metric = make.make_metric("知晓率", "%", Nature.RATIO, decimals=2)
    make.make_observation(metric, tree.other_bureau, "60", numerator=6, denominator=10)
    told = comes_true(steward, reviewer, waiting(metric, tree.bureau, "95", numerator=950, denominator=1000))
    assert (told["示范县合计"].before.words, told["示范县合计"].after.words) == ("60%", "94.65%")


def test_what_cannot_be_added_up_is_shown_from_lowest_to_highest(
    tree: Tree, reviewer: User, steward: User
) -> None:
    metric = make.make_metric("达标率", "%", Nature.RATIO)
    make.make_observation(metric, tree.other_bureau, "60")
    told = comes_true(steward, reviewer, waiting(metric, tree.bureau, "95"))
    assert (told["示范县合计"].after.words, told["示范县合计"].after.standing_label) == (
        "60%—95%",
        "不可汇总",
    )


def test_a_figure_with_the_units_below_stands_in_for_theirs(tree: Tree, reviewer: User) -> None:
    metric = make.make_metric()
    make.make_observation(metric, tree.unit, "300")
    told = comes_true(reviewer, reviewer, waiting(metric, tree.bureau, "1500", coverage=Coverage.BELOW.value))
    assert (told["甲局合计"].before.words, told["甲局合计"].after.words) == ("300个", "1500个")


def test_a_correction_takes_its_predecessor_out(
    tree: Tree, reviewer: User, clerk: User, steward: User
) -> None:
    metric = make.make_metric()
    make.make_observation(metric, tree.other_bureau, "1")
    row = ledger.correct(make.make_observation(metric, tree.bureau, "100"), by=clerk, reason="多报")
    row.quantity = make.draft_observation(metric, tree.bureau, "90").quantity
    ledger.change(row, by=clerk)
    told = comes_true(steward, reviewer, make.submit(row, by=clerk))
    assert (told["示范县合计"].before.words, told["示范县合计"].after.words) == ("101个", "91个")


def test_nil_counts_and_what_does_not_apply_is_not_expected(
    tree: Tree, reviewer: User, steward: User
) -> None:
    nil, apart = make.make_metric("投诉"), make.make_metric("义诊")
    told = comes_true(steward, reviewer, waiting(nil, tree.bureau, None, presence=Presence.NIL.value))
    assert (told["甲局"].after.words, told["示范县合计"].after.words) == ("0个（零报告）", "0个")
    row = waiting(apart, tree.bureau, None, presence=Presence.NOT_APPLICABLE.value, absence="没有这项业务")
    told = comes_true(steward, reviewer, row)
    assert told["示范县合计"].after.note == "1家中0家已报"


def test_a_figure_across_two_years_is_shown_in_its_own_days(bureau: Organ, reviewer: User) -> None:
    row = waiting(make.make_metric(rhythm="span"), bureau, "7", "20201201-20210228")
    told = effects(reviewer, row)
    assert told["甲局"].after.words == "7个"
    assert told["甲局"].period == row.period.label


@settings(settings.get_profile("database"))
@given(
    nature=st.sampled_from([Nature.FLOW, Nature.STOCK, Nature.CUMULATIVE, Nature.RATIO, Nature.RANK]),
    said=st.dictionaries(
        st.tuples(st.integers(0, 4), st.sampled_from(QUARTERS)),
        st.tuples(
            st.sampled_from(["7", "50余", "超过40", "近100", "0"]), st.booleans(), st.sampled_from(Coverage)
        ),
        max_size=8,
    ),
)
def test_the_joint_effect_is_what_the_pages_say_afterwards(
    tree: Tree, steward: User, nature: Nature, said: dict[Any, Any]
) -> None:
    organs = [tree.area, tree.bureau, tree.unit, tree.other_bureau, tree.other_unit]
    metric = make.make_metric(unit="%" if nature is Nature.RATIO else "个", nature=nature, rhythm="quarter")
    rows = []
    for (place, quarter), (words, counts, coverage) in said.items():
        state = "approved" if counts else "submitted"
        row = make.make_observation(
            metric, organs[place], words, quarter, state=state, coverage=coverage.value
        )
        rows += [] if counts else [row]
    comes_true(steward, steward, *rows)
    assert not Observation.objects.filter(metric=metric, state="submitted").exists()


def test_a_reviewer_of_one_unit_is_told_of_the_part_they_see(tree: Tree) -> None:
    metric = make.make_metric()
    make.make_observation(metric, tree.other_bureau, "9")
    both = make.make_member(Role.REVIEWER, tree.bureau, with_below=True)
    make.make_membership(both, tree.area, Role.LEADER)
    told = comes_true(both, both, waiting(metric, tree.unit, "4"))
    assert told["示范县合计"].after.words == "4个"
