"""Words that are typed, and where texts have them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from measures.searching import bare, excerpt, pieces, words


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("卫生 委员会", ("卫生", "委员会")),
        ("卫生　委员会", ("卫生", "委员会")),
        ("村（社区）", ("村", "社区")),
        ("“三重一大”", ("三重一大",)),
        ("２０２１年 ＨＰＶ", ("2021年", "hpv")),
        ("党 党 党", ("党",)),
        ("100%", ("100",)),
        ("a_b", ("a", "b")),
        ("%_\\;'", ()),
        ("，。！　", ()),
        ("", ()),
    ],
)
def test_words_are_folded_and_signs_part_them(typed, asked):
    assert words(typed) == asked


def test_a_point_within_a_number_is_no_sign():
    assert bare("投入3.5万元（含“配套”0.8万元）。") == "投入3.5万元含配套0.8万元"


def marked(text, *asked):
    return "".join(f"[{piece.text}]" if piece.found else piece.text for piece in pieces(text, asked))


def test_words_are_marked_as_the_text_writes_them():
    assert marked("２０２１年ＨPv接种", "2021", "hpv") == "[２０２１]年[ＨPv]接种"
    assert marked("公共卫生委员会", "卫生", "卫生委员会") == "公共[卫生委员会]"
    assert marked("党史", "国") == "党史"
    assert marked("“一站式”结算率", "一站式结算") == "“[一站式”结算]率"


def test_an_excerpt_stands_around_the_first_word():
    long = "甲" * 100 + "义诊" + "乙" * 100
    assert excerpt(long, ["义诊"]) == f"…{'甲' * 12}义诊{'乙' * 46}…"
    assert excerpt("下乡\n义诊", ["义诊"]) == "下乡 义诊"
    assert excerpt(long, ["丙"]) == ""


@given(st.text(max_size=30), st.text(max_size=10))
def test_pieces_are_the_text_and_what_is_marked_is_a_word(text, typed):
    if asked := words(typed):
        found = pieces(text, asked)
        assert "".join(piece.text for piece in found) == text
        assert all(bare(piece.text) in asked for piece in found if piece.found and piece.text.isascii())
