"""Articles in: what a pasted text proposes, what a clerk makes of it, and who may do and see what."""

import re
from typing import Any

import pytest
from django.urls import reverse

from measures.models import Article, Honour, Metric, Observation, Source, Target
from organs.models import Organ, User
from tests import make
from tests.make import SignIn

pytestmark = pytest.mark.django_db
PASTE = "article_new"
TEXT = (
    "甲局2021年模范机关创建小结\n"
    "今年以来，举办健康讲座12场，受众1400余人次。政策知晓率由82.5%提高到91%。"
    "机关第一党支部被示范县委评为“先进基层党组织”。"
)


def sent(organ: Organ, text: str = TEXT, **more: Any) -> dict[str, Any]:
    return {"organ": organ.pk, "text": text, "period": "2021年", **more}


def choices(html: str) -> dict[str, str]:
    """What the page would send: every field of every proposal, the choice that is advised."""
    fields = {m[1]: m[2] for m in re.finditer(r'name="([fhsp]\d[^"]*)" value="([^"]*)"(?! checked)', html)}
    fields = {name: value for name, value in fields.items() if not name.endswith("-do")}
    for key, advice in re.findall(r'data-key="([^"]+)" data-advice="([^"]+)"', html):
        fields[f"{key}-do"] = advice
    for level in re.findall(r'<select name="([^"]+-level)".*?</select>', html, re.S):
        fields[level] = "4county"
    return fields


@pytest.fixture
def ground(bureau: Organ) -> None:
    for unit in ("场", "人次", "%", "个"):
        make.make_unit(unit)


@pytest.mark.usefixtures("ground")
def test_from_paste_to_drafts(bureau: Organ, clerk: User, as_user: SignIn) -> None:
    client = as_user(clerk)
    html = client.post(reverse(PASTE), sent(bureau, read="1")).content.decode()
    assert "读出4条" in html
    assert not Article.objects.exists()
    response = client.post(reverse(PASTE), sent(bureau, keep="1", **choices(html)), follow=True)
    page = response.content.decode()
    assert "已存5条草稿" in page, re.findall(r'class="error"[^>]*>([^<]*)', page)
    assert set(Observation.objects.values_list("metric__name", "quantity_words", "source", "state")) == {
        ("健康讲座", "12场", Source.READ, "draft"),
        ("讲座受众", "1400余人次", Source.READ, "draft"),
        ("政策知晓率", "91%", Source.READ, "draft"),
    }
    assert Target.objects.get().baseline.words == "82.5%"
    assert Honour.objects.get().level == "4county"
    article = Article.objects.get()
    assert all(
        article.full_text[o.article_start : o.article_end] in o.phrase for o in Observation.objects.all()
    )
    assert set(Metric.objects.values_list("owner", flat=True)) == {bureau.pk}
