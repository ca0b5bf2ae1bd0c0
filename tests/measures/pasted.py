"""Articles as tests paste them, and what is made of them."""

import re
from typing import Any

from django.urls import reverse

from organs.models import Organ
from tests import make

PASTE = "article_new"
TEXT = (
    "甲局2021年模范机关创建小结\n"
    "一、聚焦服务群众，办好实事\n"
    "举办健康讲座12场，受众1400余人次。政策知晓率由82.5%提高到91%。\n"
    "二、聚焦基层基础，夯实堡垒\n"
    "创建标准化党支部6个。机关第一党支部被示范县委评为“先进基层党组织”。"
)


def sent(organ: Organ, text: str = TEXT, **more: Any) -> dict[str, Any]:
    """What a form of an article sends."""
    return {"organ": organ.pk, "text": text, "period": "2021年", **more}


def advised(html: str) -> dict[str, str]:
    """What the page would send if everything were chosen as it is advised."""
    fields = {
        m[1]: m[2] for m in re.finditer(r'<input type="text" name="([fhsp]\d[^"]*)" value="([^"]*)"', html)
    }
    for name, options in re.findall(r'<select name="([^"]+-level)"(.*?)</select>', html, re.DOTALL):
        fields[name] = (re.findall(r'value="(\w+)" selected', options) or ["4county"])[0]
    for key, advice in re.findall(r'data-key="([^"]+)" data-advice="([^"]+)"', html):
        fields[f"{key}-do"] = advice
    return fields


def kept(client: Any, organ: Organ, text: str = TEXT, **more: Any) -> str:
    """The page after everything advised was kept, `more` changed."""
    html = client.post(reverse(PASTE), sent(organ, text, read="1")).content.decode()
    told = {**advised(html), **more}
    return client.post(reverse(PASTE), sent(organ, text, keep="1", **told), follow=True).content.decode()


def key_of(html: str, title: str) -> str:
    """The key of the proposal of this title."""
    found = re.search(rf'href="#t-([^"]+)">[^<]*</a> <b>{re.escape(title)}</b>', html)
    assert found, title
    return found[1]


def lay_ground() -> None:
    """The units, themes and kinds that the articles of these tests need."""
    for unit in ("场", "人次", "%", "个"):
        make.make_unit(unit)
    for theme in ("业务履职", "组织建设"):
        make.make_theme(theme)
    for kind in ("学习教育", "组织建设", "为民服务", "业务工作", "表彰荣誉", "党内生活", "队伍人才"):
        make.make_kind(kind)
