"""Articles in: what a pasted text proposes, what a clerk makes of it, and who may do and see what."""

import re
from hashlib import sha256
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from measures.models import Action, Article, Honour, Metric, Observation, Pillar, ReviewState, Source, Target
from organs.models import AuditEvent, KeptForm, Organ, User
from tests import make
from tests.make import SignIn, page
from tests.measures.pasted import PASTE, TEXT, advised, kept, key_of, lay_ground, sent
from tests.measures.test_wrapping import broken

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ground")]


@pytest.fixture
def ground(tree: Any) -> None:
    lay_ground()


def test_from_paste_to_drafts(bureau: Organ, clerk: User, as_user: SignIn) -> None:
    client = as_user(clerk)
    html = client.post(reverse(PASTE), sent(bureau, read="1")).content.decode()
    assert "逐条选定" in html
    assert not Article.objects.exists()
    page_after = kept(client, bureau)
    assert "条草稿，核对后报审" in page_after, re.findall(r'class="error"[^>]*>([^<]*)', page_after)
    figures = Observation.objects.values_list("metric__name", "quantity_words", "source", "state")
    assert ("健康讲座", "12场", Source.READ, "draft") in figures
    assert ("政策知晓率", "91%", Source.READ, "draft") in figures
    assert Target.objects.get().baseline.words == "82.5%"
    assert Honour.objects.get().level == "4county"
    assert [pillar.heading for pillar in Pillar.objects.all()] == [
        "聚焦服务群众，办好实事",
        "聚焦基层基础，夯实堡垒",
    ]
    assert Action.objects.exists()
    lectures = Observation.objects.get(metric__name="健康讲座")
    assert lectures.actions.get().pillar.heading == "聚焦服务群众，办好实事"
    article = Article.objects.get()
    for row in Observation.objects.all():
        assert article.full_text[row.article_start : row.article_end] in row.phrase
    assert set(Metric.objects.values_list("owner", flat=True)) == {bureau.pk}
    assert all(
        event.note.startswith("摘自") for event in AuditEvent.objects.filter(target_type="measures.honour")
    )


def test_the_same_article_again_makes_no_doubles(
    bureau: Organ, clerk: User, second_clerk: User, as_user: SignIn
) -> None:
    kept(as_user(clerk), bureau)
    before = (
        Observation.objects.count(),
        Action.objects.count(),
        Pillar.objects.count(),
        Honour.objects.count(),
    )
    html = as_user(second_clerk).post(reverse(PASTE), sent(bureau, read="1")).content.decode()
    assert "看那一次存了什么" in html
    assert html.count("已存：") >= 5
    assert "data-advice" not in html or "已存：" in html
    kept(as_user(second_clerk), bureau)
    after = (
        Observation.objects.count(),
        Action.objects.count(),
        Pillar.objects.count(),
        Honour.objects.count(),
    )
    assert after == before
    assert Article.objects.count() == 1


def test_what_was_read_before_another_kept_it_is_not_stored_again(
    bureau: Organ, clerk: User, second_clerk: User, as_user: SignIn
) -> None:
    html = as_user(second_clerk).post(reverse(PASTE), sent(bureau, read="1")).content.decode()
    kept(as_user(clerk), bureau)
    before = Observation.objects.count()
    as_user(second_clerk).post(reverse(PASTE), sent(bureau, keep="1", **advised(html)))
    assert Observation.objects.count() == before


def test_a_known_metric_is_joined_and_an_equal_figure_left_out(
    bureau: Organ, clerk: User, as_user: SignIn
) -> None:
    metric = make.make_metric("健康讲座", "场")
    html = as_user(clerk).post(reverse(PASTE), sent(bureau, read="1")).content.decode()
    key = key_of(html, "健康讲座")
    assert f'data-key="{key}" data-advice="j{metric.pk}"' in html
    make.make_observation(metric, bureau, "12")
    html = as_user(clerk).post(reverse(PASTE), sent(bureau, read="1")).content.decode()
    assert "台账里已有同样的数" in html
    assert f'data-key="{key}" data-advice="no"' in html


def test_a_figure_that_differs_from_the_ledger_is_pointed_out_and_refused(
    bureau: Organ, clerk: User, as_user: SignIn
) -> None:
    metric = make.make_metric("健康讲座", "场")
    make.make_observation(metric, bureau, "15")
    client = as_user(clerk)
    html = client.post(reverse(PASTE), sent(bureau, read="1")).content.decode()
    assert "前后不一致：台账里2021年是15场" in html
    page_after = kept(client, bureau, **{f"{key_of(html, '健康讲座')}-do": f"j{metric.pk}"})
    assert "已有15场（已审核）" in page_after
    assert not Article.objects.exists()


def test_a_text_that_contradicts_itself_is_pointed_out(bureau: Organ, clerk: User, as_user: SignIn) -> None:
    text = "全年举办健康讲座12场。\n总结：全年举办健康讲座13场。"
    html = as_user(clerk).post(reverse(PASTE), sent(bureau, text, read="1")).content.decode()
    assert html.count("前后不一致：文中另一处说的是") == 2


def test_figures_of_others_are_never_told(
    bureau: Organ, other_bureau: Organ, other_clerk: User, as_user: SignIn
) -> None:
    own = make.make_metric("健康讲座", "场", owner=bureau)
    make.make_observation(own, bureau, "7654321")
    html = as_user(other_clerk).post(reverse(PASTE), sent(other_bureau, read="1")).content.decode()
    assert "7654321" not in html
    key = key_of(html, "健康讲座")
    assert f'data-key="{key}" data-advice="new"' in html
    page_after = kept(as_user(other_clerk), other_bureau, **{f"{key}-do": f"j{own.pk}"})
    assert "所选的指标现在没有了" in page_after


def test_nobody_pastes_for_an_organ_they_do_not_enter_for(
    bureau: Organ, other_clerk: User, as_user: SignIn
) -> None:
    response = as_user(other_clerk).post(reverse(PASTE), sent(bureau, read="1"))
    assert "逐条选定" not in response.content.decode()
    kept(as_user(other_clerk), bureau)
    assert not Article.objects.exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"said": "约几十"}, "没有保存"),
        ({"unit": "箩筐"}, "计量单位里没有“箩筐”"),
        ({"name": ""}, "请填指标名称"),
        ({"period": "明年"}, "没有保存"),
        ({"do": "j999999999999999999999"}, "所选的指标现在没有了"),
        ({"do": "other", "other": "没有这个"}, "没有保存"),
        ({"said": ""}, "请填数值"),
    ],
)
def test_what_is_wrong_stands_beside_and_nothing_is_stored(
    change: dict[str, str], said: str, bureau: Organ, clerk: User, as_user: SignIn
) -> None:
    client = as_user(clerk)
    key = key_of(client.post(reverse(PASTE), sent(bureau, read="1")).content.decode(), "健康讲座")
    told = {f"{key}-{name}": words for name, words in change.items()}
    html = kept(client, bureau, **told)
    assert said in html
    for words in change.values():
        assert f'value="{words}"' in html or not words or words.startswith("j")
    assert not Observation.objects.exists()
    assert not Pillar.objects.exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "请贴上材料"),
        (" \n\n ", "请贴上材料"),
        ("字" * 100_001, "一次最多10万字"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(
    text: str, said: str, bureau: Organ, clerk: User, as_user: SignIn
) -> None:
    assert said in as_user(clerk).post(reverse(PASTE), sent(bureau, text, read="1")).content.decode()


def test_a_text_without_anything_says_so(bureau: Organ, clerk: User, as_user: SignIn) -> None:
    html = as_user(clerk).post(reverse(PASTE), sent(bureau, "？！……", read="1")).content.decode()
    assert "没有读出" in html


def test_files_are_read_and_rubbish_is_refused(bureau: Organ, clerk: User, as_user: SignIn) -> None:
    client = as_user(clerk)
    for content, said in (
        (TEXT.encode("gb18030"), "逐条选定"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "另存为"),
    ):
        file = SimpleUploadedFile("小结.txt", content)
        html = client.post(reverse(PASTE), {**sent(bureau, "", read="1"), "file": file}).content.decode()
        assert said in html


#: One paragraph, and how an old program breaks it: in the middle of a sentence, and of a figure.
WHOLE = (
    "甲局2021年创建小结\n今年以来，机关党委坚持以党建引领业务，围绕群众急难愁盼，组织党员下沉各村、社区，举办健康讲座12场，"
    "受众1400余人次，把服务送到群众家门口，创建标准化党支部6个。"
)
BROKEN = broken(WHOLE, 26)


def test_lines_that_a_page_broke_are_read_shown_and_kept_as_whole_ones(
    bureau: Organ, clerk: User, as_user: SignIn
) -> None:
    client = as_user(clerk)
    html = client.post(reverse(PASTE), sent(bureau, BROKEN, read="1")).content.decode()
    assert re.search(r'href="#t-[^"]+">1400余人次</a>', html)
    body = html.split('id="article-body"')[1].split("</div>")[0]
    assert "\n" + re.sub("<[^>]+>", "", body.split(">", 1)[1]) == "\n" + WHOLE
    kept(client, bureau, BROKEN)
    article = Article.objects.get()
    assert article.full_text == WHOLE
    assert article.sha256 == sha256(BROKEN.encode()).hexdigest()
    row = Observation.objects.get(quantity_words="1400余人次")
    assert article.full_text[row.article_start : row.article_end] == "1400余人次"
    assert "受众1400余人次" in row.phrase


def test_broken_lines_go_back_to_the_page_as_they_were_given(
    bureau: Organ, clerk: User, as_user: SignIn
) -> None:
    client = as_user(clerk)
    html = client.post(reverse(PASTE), sent(bureau, BROKEN, read="1")).content.decode()
    assert f'<input type="hidden" name="text" value="{BROKEN}">' in html
    file = SimpleUploadedFile("小结.txt", BROKEN.encode("gb18030"))
    html = client.post(reverse(PASTE), {**sent(bureau, "", read="1"), "file": file}).content.decode()
    assert f'<input type="hidden" name="text" value="{BROKEN}">' in html


def test_an_article_kept_before_is_read_as_it_was_kept(bureau: Organ, clerk: User, as_user: SignIn) -> None:
    client = as_user(clerk)
    kept(client, bureau, BROKEN)
    rows = Observation.objects.count()
    Article.objects.update(full_text=BROKEN)  # as a version that joined nothing kept it
    Observation.objects.filter(quantity_words="1400余人次").update(
        article_start=BROKEN.index("14\n"), article_end=BROKEN.index("余人次") + 3
    )
    html = client.post(reverse(PASTE), sent(bureau, BROKEN, read="1")).content.decode()
    assert "看那一次存了什么" in html
    assert "受众14\n" in re.sub("<[^>]+>", "", html.split('id="article-body"')[1])
    kept(client, bureau, BROKEN)
    assert Observation.objects.count() == rows


def kept_at(html: str) -> str:
    """The address under which the choices of a page are kept."""
    return re.findall(r'data-kept="([^"]+)"', html)[0]


def test_choices_are_kept_for_their_text_and_forgotten_when_stored(
    bureau: Organ, clerk: User, as_user: SignIn
) -> None:
    client, token = as_user(clerk), str(uuid4())
    html = client.post(reverse(PASTE), sent(bureau, read="1", form_token=token)).content.decode()
    other = client.post(reverse(PASTE), sent(bureau, f"{TEXT}义诊3场。", read="1")).content.decode()
    assert len({kept_at(html), kept_at(other), reverse(PASTE)}) == 3
    for address in (kept_at(html), kept_at(other), reverse(PASTE)):
        client.post(reverse("kept"), {"address": address, "fields": "{}", "form_token": token})
    again = client.post(reverse(PASTE), sent(bureau, confident="1")).content.decode()
    assert kept_at(again) == kept_at(html)
    assert (
        client.get(reverse("kept"), {"address": kept_at(again), "form_token": uuid4()}).json()["fields"]
        == "{}"
    )
    kept(client, bureau, form_token=token)
    assert [row.address for row in KeptForm.objects.all()] == [kept_at(other)]


def test_what_was_refused_as_a_whole_is_stored_when_it_is_sent_once_more(
    tree: Any, bureau: Organ, clerk: User, as_user: SignIn
) -> None:
    client, token = as_user(clerk), str(uuid4())
    tree.campaign.closed = True
    tree.campaign.save()
    told = {"form_token": token, "period": tree.campaign.first_day.strftime("%Y年")}
    assert "没有保存：" in kept(client, bureau, **told)
    assert not Article.objects.exists()
    tree.campaign.closed = False
    tree.campaign.save()
    assert "条草稿，核对后报审" in kept(client, bureau, **told)
    assert Article.objects.count() == 1


def test_one_figure_is_split_in_two(bureau: Organ, clerk: User, as_user: SignIn) -> None:
    client = as_user(clerk)
    html = client.post(reverse(PASTE), sent(bureau, read="1")).content.decode()
    key = key_of(html, "健康讲座")
    html = client.post(reverse(PASTE), sent(bureau, split=key, **advised(html))).content.decode()
    assert f'name="{key}.1-do"' in html
    assert f'name="{key}-parts" value="2"' in html


def test_what_is_plain_is_chosen_in_one_go(bureau: Organ, clerk: User, as_user: SignIn) -> None:
    html = as_user(clerk).post(reverse(PASTE), sent(bureau, confident="1")).content.decode()
    assert html.count(" checked") >= 3


def test_the_article_says_what_was_made_and_all_of_it_is_submitted(
    bureau: Organ, clerk: User, as_user: SignIn
) -> None:
    client = as_user(clerk)
    html = kept(client, bureau)
    values = re.findall(r'name="row" value="([^"]+)"', html)
    assert len(values) == sum(model.objects.count() for model in (Action, Observation, Target, Honour))
    client.post(reverse("drafts"), {"row": values})
    assert set(Observation.objects.values_list("state", flat=True)) == {ReviewState.SUBMITTED}


def test_the_passport_shows_the_sentence_and_only_who_sees_drafts_the_article(
    bureau: Organ, clerk: User, reviewer: User, leader: User, as_user: SignIn
) -> None:
    kept(as_user(clerk), bureau)
    row = Observation.objects.get(metric__name="健康讲座")
    make.approve(row, by=clerk, reviewer=reviewer)
    address = reverse("passport", args=(row.metric_id, bureau.pk, "2021"))
    article = reverse("article", args=(row.article_id,))
    for user, reads in ((clerk, True), (reviewer, True), (leader, False)):
        html = page(as_user, user, address)
        assert "举办健康讲座<mark>12场</mark>，受众1400余人次。" in html
        assert (article in html) is reads
        assert as_user(user).get(article).status_code == (200 if reads else 404)


def test_many_proposals_cost_no_more_queries_than_few(bureau: Organ, clerk: User, as_user: SignIn) -> None:
    client = as_user(clerk)
    words = ["党课", "义诊", "夜校", "集市", "技能培训", "观摩会", "座谈会", "运动会", "演讲比赛", "读书分享"]
    lines = [f"举办{word}{number}场。" for number, word in enumerate(words, 11)]
    costs = []
    for number, start in ((1, 0), (2, 1), (7, 3)):
        text = (
            "甲局小结\n一、聚焦"
            + "改厕" * (start + 1)
            + "，办好实事\n"
            + "".join(lines[start : start + number])
        )
        html = client.post(reverse(PASTE), sent(bureau, text, read="1")).content.decode()
        told = advised(html)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.post(reverse(PASTE), sent(bureau, text, again="1", **told))
        with CaptureQueriesContext(connection) as stored:
            response = client.post(reverse(PASTE), sent(bureau, text, keep="1", **told))
            assert response.status_code == 302, re.findall(
                r'class="error"[^>]*>([^<]*)', response.content.decode()
            )
        costs.append((len(queries), len(stored)))
    assert Observation.objects.count() == 10
    assert costs[1][0] == costs[2][0]
    assert costs[1][1] == costs[2][1]


def test_what_is_advised_is_never_refused_whatever_the_catalogue_lacks(
    bureau: Organ, clerk: User, as_user: SignIn
) -> None:
    make.make_metric("政策知晓率", "%", nature="ratio", rhythm="quarter")
    text = (
        TEXT + "举办健康讲座20场。印发简报8期。被评为先进集体。发放物资3.5吨。窗口服务群众1400余人次。"
        "\n三、聚焦其他，另起一段\n与上级对接3次，协调3次。获评“先进单位”。"
    )
    html = kept(as_user(clerk), bureau, text)
    assert "条草稿，核对后报审" in html, re.findall(r'class="error"[^>]*>([^<]*)', html)


def test_what_doubled_is_no_number_of_pieces(bureau: Organ, clerk: User, as_user: SignIn) -> None:
    kept(as_user(clerk), bureau, "一、抓学习强政治\n门诊业务量比上年翻一番。举办健康讲座12场。")
    assert [row.quantity_words for row in Observation.objects.all()] == ["12场"]


def test_hundred_millions_are_kept_in_ten_thousands(bureau: Organ, clerk: User, as_user: SignIn) -> None:
    make.make_unit("万元")
    kept(as_user(clerk), bureau, "一、抓项目强保障\n投入建设资金3.5亿元。")
    row = Observation.objects.get()
    assert (row.metric.unit.symbol, row.quantity_words) == ("万元", "3.5亿元")
    assert row.quantity.amount == 350_000_000
