"""What is not reviewed is not overwritten unseen either: headings, metrics, campaigns, organs, and tables in their pages."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import models
from django.forms import model_to_dict
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from measures import ledger
from measures.models import Honour
from organs.door import OrganDoor
from organs.models import Organ, User
from tests import make
from tests.conftest import Tree
from tests.measures.test_admin_seen import shown, token

SignIn = Callable[[User | None], Client]
TOLD = "改动过这一条，所以没有保存"


def page(row: models.Model) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=(row.pk,))


def typed(row: models.Model, **more: Any) -> dict[str, Any]:
    """What the form of a row sends, its tables empty."""
    known = {
        name: value for name, value in model_to_dict(row).items() if value is not None and value is not False
    }
    empty = {
        f"{name}-{part}": 0
        for name in ("participations", "successions")
        for part in ("TOTAL_FORMS", "INITIAL_FORMS")
    }
    return {**known, **empty, **more}


def a_row(kind: str, tree: Tree) -> tuple[models.Model, str]:
    """A row with the name of the field that both people type into."""
    match kind:
        case "pillar":
            return make.make_pillar(tree.bureau, tree.campaign), "heading"
        case "metric":
            return make.make_metric(owner=tree.bureau), "name"
        case "campaign":
            return make.make_campaign(tree.area), "name"
    return tree.other_unit, "name"


@pytest.mark.parametrize("kind", ["pillar", "metric", "campaign", "organ"])
def test_the_second_is_told_and_loses_nothing(
    kind: str, tree: Tree, clerk: User, steward: User, as_user: SignIn
) -> None:
    row, field = a_row(kind, tree)
    by = clerk if kind in ("pillar", "metric") else steward
    client = as_user(by)
    before = token(shown(client.get(page(row))))
    setattr(row, field, "第一个窗口写的")
    OrganDoor().change(row, by=by) if isinstance(row, Organ) else ledger.change(row, by=by)
    html = shown(client.post(page(row), typed(row, **{field: "第二个窗口写的"}, **before)))
    assert TOLD in html
    assert "现在存的是“第一个窗口写的”" in html
    assert 'value="第二个窗口写的"' in html
    row.refresh_from_db()
    assert getattr(row, field) == "第一个窗口写的"
    sent = typed(row, **{field: "第二个窗口写的"}, **token(html))
    assert client.post(page(row), sent).status_code == 302
    row.refresh_from_db()
    assert getattr(row, field) == "第二个窗口写的"


def test_a_table_in_the_page_counts_too(tree: Tree, steward: User, as_user: SignIn) -> None:
    campaign, client = make.make_campaign(tree.area), as_user(steward)
    before = token(shown(client.get(page(campaign))))
    make.make_participation(campaign, tree.bureau)
    assert TOLD in shown(client.post(page(campaign), typed(campaign, **before)))


def test_nobody_is_told_of_what_a_form_does_not_hold(tree: Tree, steward: User, as_user: SignIn) -> None:
    organ, client = tree.other_bureau, as_user(steward)
    before = token(shown(client.get(page(organ))))
    client.post(page(organ), {"_move": "up"})
    organ.refresh_from_db()
    assert client.post(page(organ), typed(organ, name="丙局", **before)).status_code == 302


def test_what_was_typed_for_a_row_that_is_gone_comes_back(tree: Tree, clerk: User, as_user: SignIn) -> None:
    row = make.make_honour(tree.bureau, approved=False)
    client, address = as_user(clerk), page(row)
    ledger.delete(row, by=clerk)
    for step in ({}, {"_step": "submit"}):
        response = client.post(address, {"title": "全国文明单位", "level": "1national", **step})
        assert response.status_code == 404
        assert "全国文明单位" in response.content.decode()


def test_what_was_typed_when_the_post_had_just_ended_comes_back(
    tree: Tree, clerk: User, as_user: SignIn
) -> None:
    row, client = make.make_honour(tree.bureau, approved=False), as_user(clerk)
    new = reverse("admin:measures_honour_add")
    assert client.get(new).status_code == client.get(page(row)).status_code == 200
    clerk.memberships.update(last_day=timezone.localdate() - timedelta(days=1))
    sent = {"title": "全国文明单位", "level": "1national", "year": "2021"}
    for address, status in ((new, 403), (page(row), 404)):
        response = client.post(address, sent)
        assert response.status_code == status
        assert "全国文明单位</textarea>" in response.content.decode()
        assert "先复制下面的文字" in response.content.decode()
    assert "textarea" not in client.get(new).content.decode()
    assert Honour.objects.get().title == row.title
