"""The pages for the screen of a meeting room: what fits on one screen, and what its refreshing may and may not do."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from measures.models import HonourLevel, Nature
from measures.progress import Direction
from measures.rollups.screen import told_apart
from organs.sessions import SEEN
from tests import make
from tests.kept import asked_from_nothing
from tests.make import page

pytestmark = pytest.mark.django_db
BY_ITSELF = {"X-Background": "1", "X-Requested-With": "XMLHttpRequest"}


def busy(campaign, organ, *, late=1):
    """A heading with late actions, a figure beside its baseline, one beside its target, an honour."""
    line = make.make_pillar(organ, campaign, f"{organ.name}的支柱")
    for number in range(late):
        due = timezone.localdate() - timedelta(days=number + 1)
        make.make_action(line, f"{organ.name}的举措{number + 1}", due_day=due)
    rate = make.make_metric("因病致贫率", "%", Nature.RATIO, direction=Direction.DOWN.value, decimals=1)
    make.make_target(rate, organ, campaign, baseline="38.9")
    make.make_observation(rate, organ, "25.6")
    held = make.make_metric("宣讲", "场")
    make.make_target(held, organ, campaign, value="60")
    make.make_observation(held, organ, "50余")
    make.make_honour(organ, f"{organ.name}的荣誉", level=HonourLevel.MUNICIPAL)


def body(text):
    """What the script puts in place of the old."""
    return text[text.index("<main") : text.index("</main>")]


def test_the_overview_on_the_wall_says_what_the_overview_says(as_user, leader, bureau, campaign):
    busy(campaign, bureau)
    text, usual = (page(as_user, leader, address) for address in ("/screen/", "/"))
    for said in ("2家中1家已报数值", "甲局的举措1", "新逾期", "未立项"):
        assert said in text, said
        assert said in usual, said
    assert "逾期1天，甲局" in text  # the days first, as a name may be long
    assert "甲局，逾期1天" in usual
    assert "<form" not in text
    assert re.findall(r"<a[^>]*href=", text) == ["<a href="]  # the title alone leads somewhere


def test_the_organ_on_the_wall_says_what_its_page_says(as_user, leader, bureau, campaign):
    busy(campaign, bureau)
    text, usual = (page(as_user, leader, f"{start}/organs/{bureau.pk}/") for start in ("/screen", ""))
    for said in ("下降13.3个百分点", "50余场", "目标60场", "未达标", "甲局的支柱", "甲局的荣誉", "市级"):
        assert said in text, said
        assert said in usual, said
    assert "<form" not in text


def test_many_organs_take_turns_in_their_official_order(as_user, leader, area, campaign):
    names = [f"第{number:02}局" for number in range(1, 26)]
    for name in names:
        make.make_participation(campaign, make.make_organ(name, under=area))
    text = page(as_user, leader, "/screen/")
    sheets = text.split('class="wall-sheet"')[1:]
    assert re.findall(r"第\d+局", "".join(sheets)) == names
    assert [" hidden>" in sheet[:9] for sheet in sheets] == [False, True, True]
    assert "第10至18家，共27家" in sheets[1]


def test_what_has_no_room_is_told_by_its_number(as_user, leader, bureau, campaign):
    busy(campaign, bureau, late=15)
    for number in range(8):
        make.make_honour(bureau, f"荣誉{number}")
        make.make_pillar(bureau, campaign, f"支柱{number}")
    wall = page(as_user, leader, "/screen/")
    assert "共15项" in wall
    assert len(re.findall("甲局的举措", wall)) == 4
    organ = page(as_user, leader, f"/screen/organs/{bureau.pk}/")
    assert "各支柱的举措 <small>共9个支柱</small>" in organ
    assert "荣誉 <small>共9项</small>" in organ
    assert len(re.findall(r">[^<共]*支柱\d?</span>", organ)) == 6


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["甲局", "乙局"], ["甲局", "乙局"]),
        (["示范县财政局", "示范县教育局"], ["示范县财政局", "示范县教育局"]),
        (["丹凤县财政局", "丹凤县卫生健康局", "丹凤县卫生监督所"], ["…财政局", "…卫生健康局", "…卫生监督所"]),
        (["示范市第十三师红星农场民政局", "示范市第十三师红星农场公安局"], ["…民政局", "…公安局"]),
        (["示范市教育考试院", "示范市教育考试院分院"], ["…考试院", "…考试院分院"]),
        (
            ["示范市第十三师红星农场民政局", "示范市第十三师红星农场公安局", "示范市第十三师医院"],
            ["…民政局", "…公安局", "…师医院"],
        ),
    ],
)
def test_names_that_begin_alike_are_told_apart_on_the_wall(names, told):
    assert list(map(told_apart(names).get, names)) == told


def test_a_long_name_shared_by_all_leaves_room_for_their_own(as_user, leader, area, campaign):
    for name in ("民政", "公安"):
        organ = make.make_organ(f"新疆生产建设兵团第十三师红星农场{name}事务管理局", under=area)
        make.make_participation(campaign, organ)
        due = timezone.localdate() - timedelta(days=1)
        make.make_action(make.make_pillar(organ, campaign), due_day=due)
    text = page(as_user, leader, "/screen/")
    assert '<th scope="row">…民政事务管理局</th>' in text
    assert "逾期1天，…公安事务管理局" in text


def test_many_themes_leave_room_for_signs_that_a_legend_explains(as_user, leader, bureau, campaign):
    for number in range(8):
        theme = make.make_theme(f"主题{number}")
        make.make_action(make.make_pillar(bureau, campaign, f"支柱{number}", theme))
        text = page(as_user, leader, "/screen/")
        assert ("wall-legend" in text) == ("wall-signs" in text) == (number == 7)


def test_filters_are_kept_on_the_way_there_and_back(as_user, leader, bureau):
    chosen = f"?organ={bureau.pk}&amp;period=2021"
    address = chosen.replace("&amp;", "&")
    assert f'href="/screen/{chosen}"' in page(as_user, leader, f"/{address}")
    text = page(as_user, leader, f"/screen/{address}")
    assert f'href="/{chosen}"' in text
    assert "甲局" in text
    assert "乙局" not in text
    organ = f"/organs/{bureau.pk}/"
    assert f'href="/screen{organ}?period=2021"' in page(as_user, leader, f"{organ}?period=2021")
    assert f'href="{organ}?period=2021"' in page(as_user, leader, f"/screen{organ}?period=2021")


def test_the_overview_leads_to_comparing_what_was_chosen(as_user, leader, bureau):
    assert 'href="/compare/?as_of="' in page(as_user, leader, "/")
    chosen = f"/compare/?organ={bureau.pk}&amp;period=2021&amp;other="
    assert f'href="{chosen}"' in page(as_user, leader, f"/?organ={bureau.pk}&period=2021")
    assert as_user(leader).get(chosen.replace("&amp;", "&")).status_code == 200


@pytest.mark.parametrize("address", ["/screen/?period=2019", "/screen/organs/{}/"])
def test_a_wall_without_data_says_what_belongs_there(as_user, leader, bureau, address):
    assert 'class="wall-empty"' in page(as_user, leader, address.format(bureau.pk))


def test_refreshing_keeps_nobody_signed_in_and_tells_the_script_when_it_is_over(as_user, leader):
    client = as_user(leader)
    client.get("/screen/")
    for minutes, status in ((20, 200), (12, 403)):
        session = client.session
        session[SEEN] -= minutes * 60
        session.save()
        answer = client.get(
            "/screen/", headers={**BY_ITSELF, "Referer": "http://testserver/screen/?period=2021"}
        )
        assert answer.status_code == status
        if status == 200:
            left = int(re.search(r'data-left="(\d+)"', answer.content.decode()).group(1))
            assert 10 * 60 < left <= 11 * 60
    assert answer.headers["HX-Redirect"] == "/login/?next=%2Fscreen%2F%3Fperiod%3D2021&why=idle"


def test_nothing_differs_while_nothing_changes_and_a_new_figure_shows_at_once(
    as_user, leader, bureau, campaign
):
    busy(campaign, bureau)
    for address in ("/screen/", f"/screen/organs/{bureau.pk}/"):
        before = body(page(as_user, leader, address))
        assert body(page(as_user, leader, address)) == before
        make.make_honour(bureau, level=HonourLevel.NATIONAL)
        assert body(page(as_user, leader, address)) != before


def test_the_walls_cost_the_same_for_few_and_many(as_user, leader, area, bureau, campaign):
    busy(campaign, bureau)
    addresses = ("/screen/", f"/screen/organs/{bureau.pk}/")
    few = [asked_from_nothing(as_user(leader), address) for address in addresses]
    for _ in range(12):
        organ = make.make_organ(under=area)
        make.make_participation(campaign, organ)
        make.make_action(make.make_pillar(organ, campaign))
        make.make_action(make.make_pillar(bureau, campaign))
        make.make_honour(bureau)
    many = [asked_from_nothing(as_user(leader), address) for address in addresses]
    assert few == many
    assert max(many) <= 15
