"""Honours read out of prose, refusals first."""

from time import perf_counter

import pytest

from measures.awards import awards


@pytest.mark.parametrize(
    "text",
    [
        "开展“优秀护士”评选活动。",
        "获得多项荣誉。",
        "力争被评为“文明单位”。",
        "申报省级“文明单位”。",
        "李某被评为“优秀党员”。",
        "获得群众好评。",
        "学习“两优一先”先进事迹。",
        "表彰“先进个人”12名。",
        "获得资金支持30万元。",
        "推荐2个支部参评“先进基层党组织”。",
    ],
)
def test_what_was_not_won_is_no_honour(text: str) -> None:
    assert awards(text) == ()


@pytest.mark.parametrize(
    ("text", "title", "level", "issuer", "recipient", "streak"),
    [
        (
            "局机关党支部被青山市委表彰“先进基层党组织”。",
            "先进基层党组织",
            "3municipal",
            "青山市委",
            "局机关党支部",
            None,
        ),
        ("该局连续3年荣获全县目标考核“优秀单位”。", "全县目标考核“优秀单位”", "4county", "", "该局", 3),
        (
            "今年10月局机关被表彰为“全省信息工作先进单位”。",
            "全省信息工作先进单位",
            "2provincial",
            "",
            "局机关",
            None,
        ),
        (
            "局机关党委荣获县委表彰的“先进基层党组织”称号。",
            "先进基层党组织",
            "4county",
            "县委",
            "局机关党委",
            None,
        ),
        ("局机关党委获市优秀组织单位，开展活动。", "市优秀组织单位", "3municipal", "", "局机关党委", None),
        ("县局被省委、省政府授予“文明单位”称号。", "文明单位", "2provincial", "省委、省政府", "县局", None),
    ],
)
def test_what_was_won(
    text: str, title: str, level: str, issuer: str, recipient: str, streak: int | None
) -> None:
    (found,) = awards(text)
    assert (found.title, found.level, found.issuer, found.recipient, found.streak) == (
        *(title, level, issuer, recipient, streak),
    )
    assert title.strip("“”") in text[found.start : found.end]


def test_two_honours_of_one_sentence_have_one_recipient() -> None:
    found = awards("县局机关党支部被市委表彰“先进基层党组织”、被县委命名“五星级”党支部。")
    assert [(one.title, one.recipient) for one in found] == [
        ("先进基层党组织", "县局机关党支部"),
        ("“五星级”党支部", "县局机关党支部"),
    ]


@pytest.mark.parametrize("text", ["获" * 100_000, "被荣获先进" * 20_000, "荣获“" * 30_000])
def test_rubbish_takes_no_time(text: str) -> None:
    began = perf_counter()
    awards(text)
    assert perf_counter() - began < 5
