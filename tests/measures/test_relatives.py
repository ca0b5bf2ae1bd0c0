"""What of an organ's own stands around a metric of all."""

import pytest

from tests import make
from tests.make import page
from tests.measures.test_metric_page import around

pytestmark = pytest.mark.django_db


def test_a_metric_of_an_organ_that_one_may_not_see_is_no_relative(as_user, bureau, other_bureau):
    whole = make.make_metric("党员", "人")
    hidden = make.make_metric("乙局自己的一项", "人", part_of=whole, owner=other_bureau)
    make.make_observation(hidden, other_bureau, "5")
    leader = make.make_member("leader", bureau)
    assert hidden.name not in page(as_user, leader, f"/metrics/{whole.pk}/")


def test_the_own_part_of_an_organ_divides_no_common_metric(leader, bureau):
    whole = make.make_metric("党员", "人")
    make.make_observation(whole, bureau, "300")
    parts = [
        make.make_metric(name, "人", part_of=whole, owner=own)
        for name, own in (("机关", None), ("自设", bureau))
    ]
    for part in parts:
        make.make_observation(part, bureau, "100")
    assert [part.figure.label for part in around(leader, whole).parts] == ["机关", "其余"]
    assert around(leader, parts[1]).whole is not None


def test_persons_that_name_their_households_are_divided_by_them(leader, bureau):
    households = make.make_metric("结对帮扶户数", "户")
    persons = make.make_metric("结对帮扶人数", "人", pair=households)
    make.make_observation(households, bureau, "2001")
    make.make_observation(persons, bureau, "6201")
    for metric in (households, persons):
        found = around(leader, metric)
        assert (found.pair_note, found.pair_question) == ("平均每户3.1人。", "")
