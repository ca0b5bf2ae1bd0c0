"""Every page of the admin: who gets in, that it speaks Chinese, offers only what one may see, and costs the same."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse

from measures.models import Action, Honour, Observation
from measures.totals import Coverage
from organs.models import Organ, OrganKind, OrganSuccession, Role, User
from tests import make
from tests.conftest import Tree

SignIn = Callable[[User | None], Client]
LEDGER = ("pillar", "action", "activity", "observation", "target", "metric", "honour", "evidence")
CATALOGUE = ("campaign", "theme", "actionkind", "unit")
ACCOUNTS = ("organ", "organsuccession", "user", "membership")
#: Words that are no words of ours: file kinds, user names, and entities.
FOREIGN = {
    "test",
    "steward",
    "PDF",
    "JPG",
    "PNG",
    "WEBP",
    "HEIC",
    "DOCX",
    "XLSX",
    "PPTX",
    "KB",
    "MB",
    "rsaquo",
    "lsaquo",
    "clerk",
    "pdf",
    "nbsp",
}


def shown(response: HttpResponse) -> str:
    assert response.status_code == 200, response.status_code
    return response.content.decode()


@pytest.fixture
def rows(tree: Tree, clerk: User) -> dict[str, Any]:
    """One row of each kind in the clerk's bureau."""
    pillar = make.make_pillar(tree.bureau, tree.campaign)
    metric = make.make_metric("办件量", owner=tree.bureau)
    action = make.make_action(pillar, state="draft")
    observation = make.make_observation(metric, tree.bureau, "50余", actions=[action])
    evidence = make.make_evidence(tree.bureau, by=clerk)
    make.make_link(evidence, observation=observation)
    succession = OrganSuccession.objects.create(
        predecessor=tree.unit, successor=tree.bureau, day=date(2021, 1, 1), kind="merged"
    )
    return {
        "pillar": pillar,
        "metric": metric,
        "action": action,
        "activity": make.make_activity(action, state="returned"),
        "observation": observation,
        "target": make.make_target(metric, tree.bureau, tree.campaign, value="60", state="submitted"),
        "honour": make.make_honour(tree.bureau),
        "evidence": evidence,
        "campaign": tree.campaign,
        "theme": pillar.theme,
        "actionkind": action.kind,
        "unit": metric.unit,
        "organ": tree.bureau,
        "organsuccession": succession,
        "user": clerk,
        "membership": clerk.memberships.get(),
    }


def pages(rows: dict[str, Any], names: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Name of the page and address, of lists, empty forms, forms and questions before deleting."""
    for name in names:
        kind = f"admin:{rows[name]._meta.app_label}_{name}"
        yield "list", reverse(f"{kind}_changelist")
        yield "add", reverse(f"{kind}_add")
        yield "change", reverse(f"{kind}_change", args=(rows[name].pk,))
        yield "delete", reverse(f"{kind}_delete", args=(rows[name].pk,))


def test_nobody_unknown_gets_in(rows: dict[str, Any], as_user: SignIn) -> None:
    response = as_user(None).get(reverse("home"), follow=True)
    assert response.redirect_chain[-1][0].startswith(reverse("login"))


def test_a_row_that_does_not_exist_is_404(clerk: User, as_user: SignIn) -> None:
    client = as_user(clerk)
    assert client.get(reverse("admin:measures_action_change", args=(9999,))).status_code == 404
    assert client.post(reverse("admin:measures_action_change", args=("x",)), {}).status_code == 404


def english(html: str) -> set[str]:
    """English words that a person reads on a page: text, titles, alternatives, buttons."""
    html = re.sub(r"<(script|style|pre|head)\b.*?</\1>|<!--.*?-->", "", html, flags=re.S)
    attributes = re.findall(r'(?:title|alt|placeholder|aria-label)="([^"]*)"', html)
    attributes += re.findall(r'type="submit" value="([^"]*)"', html)
    text = " ".join([re.sub(r"<[^>]+>", " ", html), *attributes])
    return set(re.findall(r"[A-Za-z]{2,}", text)) - FOREIGN


@pytest.mark.parametrize(("who", "names"), [("clerk", LEDGER), ("steward", LEDGER + CATALOGUE + ACCOUNTS)])
def test_no_page_speaks_english(
    who: str, names: tuple[str, ...], rows: Any, as_user: SignIn, request: Any
) -> None:
    client = as_user(request.getfixturevalue(who))
    addresses = [address for _, address in pages(rows, names)]
    addresses += [reverse("home"), reverse("admin:measures_reviewstep_changelist")]
    found = {}
    for address in addresses:
        response = client.get(address)
        if response.status_code == 200 and (words := english(response.content.decode())):
            found[address] = words
    assert found == {}


def test_errors_and_the_password_page_speak_chinese(steward: User, clerk: User, as_user: SignIn) -> None:
    client = as_user(steward)
    password = reverse("admin:auth_user_password_change", args=(clerk.pk,))
    sent = {"username": "x y", "password1": "1", "password2": "2"}
    sent |= {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}
    for html in (
        shown(client.get(password)),
        shown(client.post(password, {"password1": "123", "password2": "123", "usable_password": "true"})),
        shown(client.post(reverse("admin:organs_user_add"), sent)),
        shown(client.get(reverse("admin:jsi18n"))).partition('"catalog": {')[0],
    ):
        assert not english(html.replace('value="x y"', "")) or "catalog" in html
    assert '"\\u65e5"' in shown(client.get(reverse("admin:jsi18n")))


def test_nothing_on_a_page_is_inline(rows: dict[str, Any], steward: User, as_user: SignIn) -> None:
    client = as_user(steward)
    for _, address in pages(rows, LEDGER + CATALOGUE + ACCOUNTS):
        response = client.get(address)
        if response.status_code == 200:
            html = response.content.decode()
            assert not re.search(
                r"<script(?![^>]*\bsrc=)(?![^>]*application/json)|<style|\sstyle=|\son[a-z]+=", html
            ), address
            assert "严禁录入国家秘密、工作秘密" in html


def test_numbers_and_days_are_lines_of_text(rows: dict[str, Any], superuser: User, as_user: SignIn) -> None:
    """A browser's own boxes speak its language and swallow what they do not understand, such as 12。5."""
    client = as_user(superuser)
    pages = {model: client.get(f"/admin/measures/{model}/add/") for model in (*LEDGER, *CATALOGUE)}
    pages |= {model: client.get(f"/admin/organs/{model}/add/") for model in ACCOUNTS}
    own = re.compile(r'type="(?:number|date|time|datetime-local|month|week|color|range)"')
    assert {model for model, page in pages.items() if page.status_code != 200} == set()
    assert {model for model, page in pages.items() if own.search(page.content.decode())} == set()


def test_the_menu_has_no_django_groups(steward: User, as_user: SignIn) -> None:
    with pytest.raises(NoReverseMatch):
        reverse("admin:auth_group_changelist")
    assert "创建活动" in shown(as_user(steward).get(reverse("home")))


def suggested(client: Client, model: str, field: str, term: str = "") -> list[str]:
    asked = {"app_label": "measures", "model_name": model, "field_name": field, "term": term}
    response = client.get(reverse("admin:autocomplete"), asked)
    assert response.status_code == 200
    return [row["text"] for row in response.json()["results"]]


def test_suggestions_offer_only_what_one_may_enter(
    rows: Any, tree: Tree, clerk: User, other_clerk: User, as_user: SignIn
) -> None:
    title = rows["action"].title
    assert suggested(as_user(clerk), "activity", "action") == [title]
    assert suggested(as_user(other_clerk), "activity", "action") == []
    assert suggested(as_user(other_clerk), "observation", "metric") == []
    assert suggested(as_user(clerk), "observation", "metric", "办件") == ["办件量（个）"]


def test_suggestions_and_lists_are_found_by_sound_within_what_one_may_see(
    rows: Any, tree: Tree, clerk: User, other_clerk: User, steward: User, as_user: SignIn
) -> None:
    line = make.make_action(rows["pillar"], "主题党日进社区")
    assert suggested(as_user(clerk), "activity", "action", "ztdr") == [line.title]
    assert suggested(as_user(clerk), "activity", "action", "tdr") == [line.title]
    for who, typed in ((clerk, "dri"), (clerk, "z"), (other_clerk, "ztdr")):
        assert suggested(as_user(who), "activity", "action", typed) == []
    found = shown(as_user(steward).get(reverse("admin:organs_organ_changelist"), {"q": "yijus"}))
    assert "乙局所属中心" in found
    assert "甲局所属中心" not in found


def test_joint_organs_are_those_of_the_same_campaigns(tree: Tree, clerk: User, as_user: SignIn) -> None:
    make.make_organ("外县的局", kind=OrganKind.BUREAU)
    assert suggested(as_user(clerk), "action", "joint_organs") == ["甲局", "乙局"]


def test_drop_downs_filter_the_list_and_keep_words_and_order(
    bureau: Organ, unit: Organ, clerk: User, as_user: SignIn
) -> None:
    make.make_honour(bureau, "甲局荣誉")
    make.make_honour(unit, "中心荣誉", state="draft")
    client, address = as_user(clerk), reverse("admin:measures_honour_changelist")
    html = shown(client.get(address, {"organ": unit.pk, "q": "荣誉", "o": "1"}))
    assert "中心荣誉" in html
    assert "甲局荣誉" not in html
    assert f'<option value="{unit.pk}" selected>' in html
    assert '<input type="hidden" name="o" value="1">' in html
    assert "甲局荣誉" not in shown(client.get(address, {"state": "draft"}))
    assert "甲局荣誉" in shown(client.get(address, {"state": "nonsense"}))


def test_figures_are_filtered_by_year_and_theme(bureau: Organ, clerk: User, as_user: SignIn) -> None:
    theme = make.make_theme("作风建设")
    make.make_observation(make.make_metric("老指标", theme=theme), bureau, "1", "2020")
    make.make_observation(make.make_metric("新指标"), bureau, "2", "2021")
    client, address = as_user(clerk), reverse("admin:measures_observation_changelist")
    assert "新指标" not in shown(client.get(address, {"year": "2020"}))
    assert "新指标" not in shown(client.get(address, {"theme": theme.pk}))
    assert "老指标" not in shown(client.get(address, {"year": "2021"}))


def test_actions_stand_in_ledger_order(tree: Tree, clerk: User, as_user: SignIn) -> None:
    first = make.make_pillar(tree.bureau, tree.campaign)
    second = make.make_pillar(tree.bureau, tree.campaign)
    for pillar, order, title in ((second, 1, "第三条"), (first, 2, "第二条"), (first, 1, "第一条")):
        make.make_action(pillar, title, order=order)
    html = shown(as_user(clerk).get(reverse("admin:measures_action_changelist")))
    assert re.findall(r"change/\">(第.条)", html) == ["第一条", "第二条", "第三条"]


def test_lists_cost_the_same_for_2_rows_and_for_8(
    tree: Tree, clerk: User, steward: User, as_user: SignIn
) -> None:
    def fill(count: int) -> None:
        for _ in range(count):
            pillar = make.make_pillar(tree.bureau, tree.campaign)
            metric = make.make_metric(owner=tree.bureau)
            action = make.make_action(pillar, joint=[tree.other_bureau])
            make.make_activity(action)
            observation = make.make_observation(metric, tree.bureau, actions=[action])
            make.make_target(metric, tree.bureau, tree.campaign, value="9")
            make.make_honour(tree.bureau)
            make.make_link(make.make_evidence(tree.bureau, by=clerk), observation=observation)
            make.make_member(Role.CLERK, tree.bureau)

    def cost(user: User) -> dict[str, int]:
        client, found = as_user(user), {}
        for model, page in admin.site._registry.items():
            address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
            with CaptureQueriesContext(connection) as queries:
                if client.get(address).status_code == 200:
                    found[str(page)] = len(queries)
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("home"))
        return {**found, "start": len(queries)}

    fill(2)
    before = [cost(clerk), cost(steward)]
    fill(6)
    assert [cost(clerk), cost(steward)] == before
    assert max(before[0].values()) <= 30


def test_the_start_page_shows_the_days_work(rows: dict[str, Any], clerk: User, as_user: SignIn) -> None:
    html = shown(as_user(clerk).get(reverse("home")))
    activity = reverse("entry_activities") + f"?action={rows['action'].pk}"
    assert activity in html
    assert "甲局（含下级） · 填报员" in html
    assert "填数值" in html
    form = shown(as_user(clerk).get(activity))
    assert re.search(rf'<option value="{rows["action"].pk}" selected', form)


def test_what_i_did_last_stands_on_the_start_page(clerk: User, bureau: Organ, as_user: SignIn) -> None:
    client = as_user(clerk)
    sent = {"organ": bureau.pk, "title": "文明单位", "level": "4county", "recipient": "甲局", "year": "2021"}
    client.post(reverse("admin:measures_honour_add"), sent)
    row = Honour.objects.get()
    html = shown(client.get(reverse("home")))
    assert f'<a href="{reverse("admin:measures_honour_change", args=(row.pk,))}">文明单位</a>' in html
    client.post(reverse("admin:measures_honour_delete", args=(row.pk,)), {"post": "yes"})
    assert "删除 文明单位" in re.sub(r"\s+", " ", shown(client.get(reverse("home"))))


def test_the_organ_is_filled_in_for_the_clerk_of_one(clerk: User, bureau: Organ, as_user: SignIn) -> None:
    html = shown(as_user(clerk).get(reverse("admin:measures_honour_add")))
    assert f'<option value="{bureau.pk}" selected>' in html


def test_a_joint_organ_sees_the_approved_action_but_cannot_write_it(
    tree: Tree, other_clerk: User, as_user: SignIn
) -> None:
    pillar = make.make_pillar(tree.bureau, tree.campaign)
    joint = make.make_action(pillar, "共同的举措", joint=[tree.other_bureau])
    hidden = make.make_action(pillar, "草稿举措", joint=[tree.other_bureau], state="draft")
    client = as_user(other_clerk)
    address = reverse("admin:measures_action_change", args=(joint.pk,))
    html = shown(client.get(address))
    assert 'name="progress"' not in html
    assert client.post(address, {"progress": "改一下"}).status_code == 403
    assert client.get(reverse("admin:measures_action_change", args=(hidden.pk,))).status_code == 404


def test_observations_tell_nil_and_scope_in_the_list(bureau: Organ, clerk: User, as_user: SignIn) -> None:
    make.make_observation(make.make_metric("投诉"), bureau, presence="nil")
    make.make_observation(make.make_metric("办件"), bureau, "9", coverage=Coverage.BELOW.value)
    html = shown(as_user(clerk).get(reverse("admin:measures_observation_changelist")))
    assert "零报告" in html
    assert "9个（" in html
    assert Observation.objects.count() == 2
    assert not Action.objects.exists()


def test_the_stewards_week_from_a_new_organ_to_a_new_theme(
    tree: Tree, steward: User, as_user: SignIn
) -> None:
    client = as_user(steward)

    def enter(name: str, sent: dict[str, Any]) -> None:
        response = client.post(reverse(f"admin:{name}_add"), sent)
        assert response.status_code == 302, shown(response)

    enter("organs_organ", {"superior": tree.area.pk, "name": "丙局", "kind": "bureau", "party_kind": ""})
    organ = Organ.objects.get(name="丙局")
    word = "Zhengque-2021-mima"
    account: dict[str, Any] = {"username": "newclerk", "name": "钱新人"}
    role = {"organ": organ.pk, "role": "clerk", "with_below": "on"}
    account |= {"memberships-TOTAL_FORMS": 1, "memberships-INITIAL_FORMS": 0}
    account |= {f"memberships-0-{name}": value for name, value in role.items()}
    enter("organs_user", {**account, "password1": word, "password2": word, "usable_password": "true"})
    user = User.objects.get(username="newclerk")
    days = {"first_day": "2022年1月1日", "last_day": "2022年12月31日"}
    part = {"participations-TOTAL_FORMS": 1, "participations-INITIAL_FORMS": 0}
    sent = {
        "name": "创建（2022年）",
        "owner": tree.area.pk,
        **days,
        **part,
        "participations-0-organ": organ.pk,
    }
    enter("measures_campaign", sent)
    enter("measures_theme", {"name": "作风建设", "short_name": "作风", "order": 1})
    rules = {"nature": "flow", "rhythm": "year", "direction": "up", "decimals": 0}
    enter("measures_metric", {"name": "办件量", "unit": make.make_unit("个").pk, **rules})
    theirs = as_user(user)
    changed = {"old_password": word, "new_password1": f"{word}-xin", "new_password2": f"{word}-xin"}
    assert theirs.post(reverse("password_change"), changed).status_code == 302
    assert "丙局（含下级） · 填报员" in shown(theirs.get(reverse("home")))
    assert suggested(theirs, "observation", "metric", "办件") == ["办件量（个）"]
    assert "创建（2022年）" in shown(theirs.get(reverse("admin:measures_pillar_add")))


def test_days_of_taking_part_in_the_wrong_order_are_told_beside_the_day(
    tree: Tree, steward: User, as_user: SignIn
) -> None:
    row = tree.campaign.participations.get(organ=tree.bureau)
    sent = {"name": tree.campaign.name, "owner": tree.area.pk, "first_day": "2021-01-01"}
    sent |= {"last_day": "2021-12-31", "participations-TOTAL_FORMS": 1, "participations-INITIAL_FORMS": 1}
    sent |= {"participations-0-id": row.pk, "participations-0-organ": tree.bureau.pk}
    sent |= {"participations-0-first_day": "2021-06-01", "participations-0-last_day": "2021-05-01"}
    address = reverse("admin:measures_campaign_change", args=(tree.campaign.pk,))
    html = shown(as_user(steward).post(address, sent))
    assert re.search(r'field-last_day">\s*<ul class="errorlist"[^>]*><li>截止日不能早于起始日', html)
    assert 'value="2021-05-01"' in html
