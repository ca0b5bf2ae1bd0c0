"""The handbook inside the application, the question marks that open its sentences, and the hints of a first visit."""

import re
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse

from measures.handbook import MARKDOWN, handbook, sentence, terms
from measures.hints import HINTS
from organs.forms import GuardedForm
from organs.models import Membership, User
from tests import make

SignIn = Callable[[User | None], Client]


def forms_with_questions(form: type[GuardedForm] = GuardedForm) -> Iterator[type[GuardedForm]]:
    """Every form that has a question mark somewhere."""
    for child in form.__subclasses__():
        if child.__dict__.get("questions"):
            yield child
        yield from forms_with_questions(child)


def test_every_sentence_that_is_asked_for_stands_in_the_handbook_once() -> None:
    forms = list(forms_with_questions())
    asked = {term for form in forms for term in form.questions.values()} | set(HINTS.values())
    assert len(forms) > 7
    assert {term: times for term, times in Counter(terms()).items() if term in asked} == dict.fromkeys(
        asked, 1
    )
    assert all(sentence(term).said.endswith("。") for term in asked)
    assert all(reverse(page) for page in HINTS)


def test_a_question_mark_stands_beside_a_field_that_there_is() -> None:
    for form in forms_with_questions():
        model = form._meta.model or Membership
        fields = {field.name for field in model._meta.get_fields()} | set(form.base_fields)
        assert set(form.questions) <= fields, form


def test_the_form_of_a_figure_opens_the_sentence_of_the_handbook(clerk: User, as_user: SignIn) -> None:
    page = make.page(as_user, clerk, reverse("admin:measures_observation_add"))
    marks = re.findall(r'<details class="question">.*?</details>', page, re.DOTALL)
    (coverage,) = [mark for mark in marks if "什么是“含下级”" in mark]
    assert sentence("含下级").said in coverage
    assert f'href="/help/#{"%E5%90%AB%E4%B8%8B%E7%BA%A7"}"' in coverage
    assert len(marks) > 5


def test_rows_within_a_page_have_their_questions_below(steward: User, as_user: SignIn) -> None:
    page = make.page(as_user, steward, reverse("admin:organs_user_add"))
    assert sentence("任职含下级").said in page


def test_every_place_of_the_contents_is_there_once(auditor: User, as_user: SignIn) -> None:
    page = make.page(as_user, auditor, "/help/")
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert [name for name, times in Counter(ids).items() if times > 1] == []
    assert {entry.anchor for entry in handbook().contents} <= set(ids)
    assert not re.search(r"\*\*|^#|\]\(", re.sub("<[^>]+>", "", handbook().pages), re.MULTILINE)


@pytest.mark.parametrize("typed", ["", "溯源卡"])
def test_every_word_of_the_handbook_is_there_as_often_as_it_is_written(typed: str) -> None:
    def chinese(text: str) -> str:
        return "".join(re.findall(r"[\u4e00-\u9fff]", text))

    written = re.sub(r"!\[.*?\]\(.*?\)", "", settings.HANDBOOK.read_text())
    assert chinese(re.sub("<[^>]+>", "", handbook(typed).pages)) == chinese(written)


def test_pictures_come_from_the_site_when_they_come_into_view() -> None:
    pictures = re.findall(r"<img[^>]+>", handbook().pages)
    assert len(pictures) > 20
    for picture in pictures:
        assert (found := re.search(r'src="/static/(handbook/[\w-]+\.png)"', picture)), picture
        assert finders.find(found[1])
        assert all(f" {name}=" in picture for name in ("width", "height")), picture
        assert 'loading="lazy"' in picture
        assert re.search(r'alt="[^"]{2,}"', picture), picture


def test_raw_html_in_the_handbook_is_shown_and_never_run() -> None:
    assert "<script" not in MARKDOWN.render("a <script>b</script>\n\n<script>c</script>\n\n[d](javascript:e)")


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("含下级", "含下级"),
        ("分", "分子和分母"),
        ("锁定 常用词", "九、登录与账号"),
        ("ｅｘｃｅｌ", "导入、导出表格"),
        ("回看某日", "回看某日"),
    ],
)
def test_words_of_any_length_are_found_and_marked(typed: str, first: str) -> None:
    book = handbook(typed)
    assert book.hits[0].title == first
    assert "<mark>" in book.pages
    assert not re.search("<mark>[^<]*<(?!/mark)", book.pages)


def test_what_is_not_there_is_told(clerk: User, as_user: SignIn) -> None:
    client = as_user(clerk)
    assert "手册里没有“查无此事”" in client.get("/help/", {"q": "查无此事"}).content.decode()
    assert "请输入文字或数字" in client.get("/help/", {"q": "，。"}).content.decode()
    assert "最多输入50个字" in client.get("/help/", {"q": "长" * 51}).content.decode()
    page = client.get("/help/", {"q": "<b>含下级</b>"}).content.decode()
    assert "<b>含" not in page.partition("book-pages")[0]


def test_a_hint_is_put_away_for_good_by_one_person(leader: User, clerk: User, as_user: SignIn) -> None:
    said = sentence(HINTS["overview"]).said
    client = as_user(leader)
    assert said in client.get("/?days=7").content.decode()
    answer = client.post("/help/hint/", {"hint": HINTS["overview"], "page": "/?days=7"})
    assert answer.headers["Location"] == "/?days=7"
    assert said not in as_user(leader).get("/").content.decode()
    assert said in as_user(clerk).get("/").content.decode()
    entry = "admin:measures_observation_add"
    assert sentence(HINTS[entry]).said in as_user(clerk).get(reverse(entry)).content.decode()


@pytest.mark.parametrize("page", ["//elsewhere.invalid/", "http://elsewhere.invalid/", "nowhere", ""])
def test_putting_away_leads_to_no_other_site_and_keeps_no_unknown_hint(
    leader: User, as_user: SignIn, page: str
) -> None:
    answer = as_user(leader).post("/help/hint/", {"hint": "别的", "page": page})
    assert answer.headers["Location"] == reverse("home")
    leader.refresh_from_db()
    assert leader.hints_away == []
