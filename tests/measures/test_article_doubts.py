"""What an article says that is no plain figure of its period: asked of the clerk, or not advised at all."""

from collections.abc import Callable

import pytest
from django.urls import reverse

from measures.articles.proposing import LEAVE, NEW, Proposal
from measures.articles.reading import read_article
from measures.models import Metric
from measures.period import Period
from organs.models import Organ, User
from tests import make
from tests.make import SignIn
from tests.measures.pasted import PASTE, kept, sent

pytestmark = pytest.mark.django_db
Told = Callable[..., dict[str, Proposal]]


@pytest.fixture
def told(bureau: Organ, clerk: User) -> Told:
    """By their words the proposals of a text for a period of the bureau."""
    for unit in ("场", "人次", "人", "次", "%", "个", "万元"):
        make.make_unit(unit)

    def read(text: str, period: str = "2026年第二季度") -> dict[str, Proposal]:
        data = {"organ": bureau, "period": Period.parse(period), "text": text, "given": text}
        return {each.said: each for each in read_article(clerk, data, {}).proposals}

    return read


def test_a_number_parted_by_blanks_is_read_whole_and_asked(told: Told) -> None:
    found = told("办结群众诉求1 234件，接待来访群众800人次。")
    assert (found["1 234件"].advice, found["1 234件"].sure) == (NEW, False)
    assert "原文的数字中间有空格，当作一个数“1234件”，请核对。" in found["1 234件"].notes
    assert found["1 234件"].fields["said"] == "1234件"
    assert found["800人次"].sure


@pytest.mark.parametrize(
    ("text", "words", "period"),
    [
        ("去年全年接待来访群众1200人次，今年上半年接待来访群众800人次。", "1200人次", "去年全年"),
        ("去年同期培训干部500人次，今年培训干部800人次。", "500人次", "去年同期"),
        ("上年培训基层干部500人次。", "500人次", "上年"),
        ("2024年培训基层干部500人次。", "500人次", "2024年"),
        ("二〇二四年培训基层干部500人次。", "500人次", "二〇二四年"),
        ("一季度培训基层干部500人次。", "500人次", "一季度"),
        ("1月至3月培训基层干部500人次。", "500人次", "1月至3月"),
        ("截至2025年底培训基层干部500人次。", "500人次", "截至2025年底"),
        ("接待来访群众800人次（去年同期500人次）。", "500人次", "去年同期"),
        ("接待来访群众较2020年增长25%。", "25%", "较2020年"),
    ],
)
def test_a_figure_of_another_time_says_of_which_and_is_not_advised(
    text: str, words: str, period: str, told: Told
) -> None:
    found = told(text)[words]
    assert (found.advice, found.sure) == (LEAVE, False)
    assert (
        f"原文说的时间是“{period}”，不是所选的2026年第二季度；要采用请展开“改内容”，核对期间。" in found.notes
    )


@pytest.mark.parametrize(
    "text",
    [
        "去年全年接待来访群众1200人次，今年二季度接待来访群众800人次。",
        "接待来访群众（去年同期500人次）、走访服务群众800人次。",
        "截至6月底，接待来访群众800人次。",
        "2026年以来，接待来访群众800人次。",
        "2020年以来，接待来访群众800人次。",
        "4月至6月接待来访群众800人次。",
        "今年二季度，接待来访群众800人次。",
        "接待来访群众较去年同期明显增多，达到800人次。",
        "接待来访群众由去年的500人次增加到800人次。",
        "近三年来，接待来访群众800人次。",
        "为35岁以上年轻干部接待来访群众800人次。",
    ],
)
def test_a_figure_of_its_own_time_stays_sure(text: str, told: Told) -> None:
    found = next(each for words, each in told(text).items() if words.endswith("800人次"))
    assert (found.advice, found.sure) == (NEW, True)


@pytest.mark.parametrize("period", ["上半年", "今年上半年", "1月至6月"])
def test_a_figure_of_a_time_that_the_chosen_one_is_part_of_is_asked(period: str, told: Told) -> None:
    found = told(f"{period}接待来访群众800人次。")["800人次"]
    assert (found.advice, found.sure) == (NEW, False)
    assert (
        f"原文说的时间是“{period}”，不是所选的2026年第二季度；要采用请展开“改内容”，核对期间。" in found.notes
    )
    assert told(f"{period}接待来访群众800人次。", "2026年上半年")["800人次"].sure


@pytest.mark.parametrize(
    "text",
    [
        "力争明年培训党员干部800人次。",
        "明年将组织志愿服务，培训党员干部800人次。",
        "力争年底前培训党员干部800人次。",
        "计划培训党员干部800人次。",
        "预计全年培训党员干部800人次。",
        "下一步，我局将培训党员干部800人次。",
        "全年培训党员干部的目标是800人次。",
    ],
)
def test_a_plan_is_not_advised(text: str, told: Told) -> None:
    found = told(text)["800人次"]
    assert (found.advice, found.sure) == (LEAVE, False)
    assert "说的是以后的打算，不是已有的数。" in found.notes


@pytest.mark.parametrize(
    "text", ["按计划培训党员干部800人次。", "模拟培训党员干部800人次。", "力争上游，培训党员干部800人次。"]
)
def test_what_was_done_as_planned_is_no_plan(text: str, told: Told) -> None:
    assert told(text)["800人次"].advice == NEW


@pytest.mark.parametrize(
    ("text", "natures"),
    [
        ("全局现有干部职工156人，其中党员98人，女职工45人。", "存量；存量；存量"),
        ("机关党委下设党支部7个、党小组21个。", "存量；存量"),
        ("在册党员98人，共有床位300个。", "存量；存量"),
        ("累计建成标准化党支部12个。", "累计"),
        ("共有23人参加业务培训。", "流量"),
        ("累计接待来访群众1200人次。", "流量"),
        ("现有干部156人，培训基层干部98人。", "存量；流量"),
        ("现有党员98人，党员参与率95%。", "存量；比率"),
    ],
)
def test_a_new_metric_of_what_stands_there_does_not_add_up(text: str, natures: str, told: Told) -> None:
    assert "；".join(each.fields["nature"] for each in told(text).values()) == natures


def test_the_page_says_of_which_nature_a_new_metric_is_and_stores_it(
    bureau: Organ, clerk: User, as_user: SignIn, told: Told
) -> None:
    client, text = as_user(clerk), "全局现有干部职工156人。"
    html = client.post(reverse(PASTE), sent(bureau, text, read="1")).content.decode()
    assert "新指标：干部职工（人，存量）" in html
    kept(client, bureau, text)
    assert (Metric.objects.get().nature, Metric.objects.get().over_time) == ("stock", "latest")


def test_a_row_of_a_table_is_asked_and_its_total_is_not_advised(told: Told) -> None:
    found = told("科室 人数 场次 人均\n综合业务科 8人 2场 2.25\n合计 20人 5场 3.75")
    assert {said: (each.advice, each.sure) for said, each in found.items()} == {
        "8人": (NEW, False),
        "2场": (NEW, False),
        "20人": (LEAVE, False),
        "5场": (LEAVE, False),
    }
    assert "像是表格里的一行，请核对指标名称。" in found["8人"].notes
    assert "像是表格里的合计行，不另记一个数。" in found["20人"].notes
