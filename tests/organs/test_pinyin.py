"""What letters find, and above all what they must not."""

import pytest

from organs import pinyin


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        *(
            ("wjj", "丹凤卫健局"),
            ("weijianju", "丹凤卫健局"),
            ("weij", "丹凤卫健局"),
            ("DFWJJ", "丹凤卫健局"),
        ),
        *(("yh", "银行"), ("yx", "银行"), ("yinhang", "银行"), ("yinxing", "银行")),
        *(("cl", "长乐"), ("zy", "长乐"), ("changle", "长乐"), ("zhangyue", "长乐")),
        *(("lvshi", "律师"), ("nvgong", "女工"), ("lggwh", "“两个”（维护）".replace("（", "个（"))),
        *(("dang", "党建"), ("dj", "抓党建促业务")),
    ],
)
def test_letters_find_a_name_by_its_sound(typed: str, text: str) -> None:
    assert pinyin.sounds_like(typed, text)


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        *(("ianju", "卫健局"), ("ei", "卫健局"), ("wj", "卫生健康局"), ("weijianjux", "卫健局")),
        *(("weijj", "卫健局"), ("weiju", "卫健局"), ("jjw", "卫健局"), ("w", "卫健局"), ("", "卫健局")),
        *(("wjj1", "卫健局"), ("卫", "卫健局"), ("w.j", "卫健局"), ("xinhang", "银行"), ("hx", "银行")),
    ],
)
def test_letters_find_nothing_else(typed: str, text: str) -> None:
    assert not pinyin.sounds_like(typed, text)


@pytest.mark.parametrize(
    ("name", "user_name"),
    [("张三", "zhangsan"), ("吕律", "lvlv"), ("曾会", "zenghui"), ("Li 4", "li4"), ("·", ""), ("", "")],
)
def test_a_user_name_is_the_sound_of_a_name(name: str, user_name: str) -> None:
    assert pinyin.user_name(name) == user_name


def test_initials_are_those_of_the_usual_readings() -> None:
    assert pinyin.initials("丹凤县卫生健康局（机关）") == "dfxwsjkjjg"
