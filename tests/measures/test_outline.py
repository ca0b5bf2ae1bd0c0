"""The outline of a report: pillars in every way they are written, actions where they belong, what is pointed out."""

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from measures.figures.words import tokenizer
from measures.management.demo_loader import read as demo
from measures.outline import Outline, outline
from measures.outline.lines import Wholes
from measures.outline.misprints import misprints
from measures.outline.sorting import KINDS as KNOWN_KINDS
from measures.outline.sorting import THEMES, kind_of
from measures.outline.titles import LONGEST, title_of
from tests.measures.outlines import KINDS, LINES, MISPRINTS, REPORTS, TITLES

BODY = "组织党员开展集中学习、走访慰问等活动，取得了较好的效果，受到了一致好评。"
REST = "二十、加强组织保障"


def headings(text: str) -> list[tuple[str, str]]:
    return [(part.number, part.heading) for part in outline(text).parts]


@pytest.mark.parametrize(("text", "parts"), REPORTS.values(), ids=list(REPORTS))
def test_the_pillars_of_a_report_are_read_verbatim_with_their_themes(text: str, parts: list) -> None:
    assert [(part.number, part.heading) for part in outline(text).parts] == [part[:2] for part in parts]
    themes = [(part.heading, part.theme) for part in outline(text).parts if part.heading]
    assert themes == [(heading, theme) for _, heading, theme, _ in parts if heading]


def test_nine_of_ten_actions_stand_under_their_pillar_and_nothing_else_is_called_one() -> None:
    right = wanted = told = 0
    for text, parts in REPORTS.values():
        for part, (*_, actions) in zip(outline(text).parts, parts, strict=True):
            told += len(part.steps)
            wanted += len(actions)
            right += sum(any(words in step.sentence for step in part.steps) for words in actions)
    assert wanted > 40
    assert right / wanted >= 0.9
    assert told / wanted <= 1.2


@pytest.mark.parametrize(("line", "heading"), LINES, ids=lambda each: str(each)[:16])
def test_a_line_is_a_heading_or_is_not(line: str, heading: tuple[str, str] | None) -> None:
    mark = heading[0] if heading else ""
    other = f"{mark}守住纪律底线" if mark else "，建强基层组织" if line.endswith("方面") else "守住纪律底线"
    if line.endswith("方面"):
        text = f"某局总结\n{line}，{BODY}\n组织建设方面，{BODY}\n"
    else:
        text = (
            f"某局总结\n{line}\n{BODY}\n{other}{'。' if mark.endswith(('是', '要', '，')) else ''}\n{BODY}\n"
        )
    found = headings(text)
    if heading is None:
        assert not any(line.startswith(number + words) and words for number, words in found)
    else:
        assert heading in found
        assert len(found) == 2


@pytest.mark.parametrize(("sentence", "title"), TITLES)
def test_a_title_says_what_was_done(sentence: str, title: str) -> None:
    assert title_of(sentence) == title


@pytest.mark.parametrize(("sentence", "theme", "kind"), KINDS)
def test_an_action_has_its_kind(sentence: str, theme: str, kind: str) -> None:
    assert kind_of(title_of(sentence), sentence, theme) == kind


def test_kinds_and_themes_are_those_of_the_catalogue() -> None:
    catalogue = demo("catalogue")
    assert set(KNOWN_KINDS) == set(catalogue["kinds"])
    assert set(THEMES) == {name for name, _ in catalogue["themes"]}


@pytest.mark.parametrize(("text", "found"), MISPRINTS, ids=[text[:10] for text, _ in MISPRINTS])
def test_a_likely_misprint_is_pointed_out_and_nothing_else(text: str, found: list[tuple[str, str]]) -> None:
    remarks = outline(text).remarks
    assert [remark.words for remark in remarks] == [wrong for wrong, _ in found]
    for remark, (wrong, right) in zip(remarks, found, strict=True):
        assert remark.says.startswith(f"“{wrong}”可能是“{right}”")
        assert text[remark.start : remark.end] == wrong


def test_no_word_of_the_dictionary_is_a_misprint() -> None:
    words = "\n".join(word for word in tokenizer().FREQ if len(word) > 3)
    assert misprints(words, Wholes(words)) == []


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ("一二三四", None),
        ("一三三四", "一、三、三、四"),
        ("一二二三", "一、二、二、三"),
        ("二三", "二、三"),
        ("一二四", "一、二、四"),
    ],
)
@pytest.mark.parametrize("form", ["{}、强化引领\n{}\n", "{}是强化引领。{}", "（{}）强化引领\n{}\n"])
def test_numbers_that_do_not_run_on_are_pointed_out_and_kept(
    numbers: str, said: str | None, form: str
) -> None:
    remarks = outline("某局总结\n" + "".join(form.format(number, BODY) for number in numbers)).remarks
    assert [remark.says for remark in remarks] == (
        [f"序号是{said}，不连续，照原文保留，请核对。"] if said else []
    )


def test_points_are_numbered_anew_under_each_pillar() -> None:
    points = "一是强化学习。组织学习3次。二是强化宣讲。开展宣讲2场。"
    assert outline(f"某局总结\n一、思想\n{points}\n{points}\n二、组织\n{points}\n").remarks == ()


def test_what_is_planned_is_no_action_and_said_so() -> None:
    found = outline("县局工作动态\n召开推进会3次。下一步，将建立长效机制。")
    assert [step.title for part in found.parts for step in part.steps] == ["召开推进会"]
    assert [remark.words for remark in found.remarks] == ["下一步，将建立长效机制。"]


def test_greetings_signatures_and_days_are_no_actions() -> None:
    (part,) = outline(REPORTS["no heading at all"][0]).parts
    assert len(part.steps) == 3


def pieces_of(found: Outline) -> list[tuple[int, int]]:
    return [(step.start, step.end) for part in found.parts for step in part.steps]


WRITTEN = st.lists(
    st.sampled_from(
        [
            *"一二三、（）()是。；，：“”《》\n 　1.•·",
            *(
                "着力",
                "首先",
                "其次",
                "开展",
                "制定",
                "党课",
                "56次",
                "由3%提高到5%",
                "方面，",
                "下一步",
                "据介绍",
                "\r\n",
            ),
            BODY,
        ]
    ),
    max_size=40,
).map("".join)


@given(WRITTEN | st.text(max_size=200))
@example("一一一”“、")
@example("一、\n二、" + BODY)
@example("•" * 5)
def test_any_text_has_an_outline_that_slices_it(text: str) -> None:
    found = outline(text)
    for part in found.parts:
        assert part.heading in text[part.start : part.end]
        assert text[part.start : part.end].startswith(part.number)
        assert all(part.start <= step.start and step.end <= part.end for step in part.steps)
        for step in part.steps:
            assert text[step.start : step.end] == step.sentence
            assert 0 < len(step.title) <= LONGEST
            assert all(step.title.count(a) == step.title.count(b) for a, b in ("“”", "（）", "《》"))
            assert step.kind in KNOWN_KINDS
            assert step.theme in ("", *THEMES)
    for spans in ([(part.start, part.end) for part in found.parts], pieces_of(found)):
        assert all(before[1] <= after[0] for before, after in pairwise(spans))
    assert all(text[remark.start : remark.end] == remark.words for remark in found.remarks)
