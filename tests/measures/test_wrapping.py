"""Lines that a page width broke are joined; what stands line by line for a reason is not, refusals first."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from measures.documents import unwrapped
from measures.documents.wrapping import columns
from measures.figures import read
from tests.browser.pages import ARTICLE

#: Prose as a report has it, one paragraph each.
PROSE = (
    "今年以来，县卫生健康局机关党委坚持以党建引领业务，围绕群众急难愁盼，组织党员干部下沉村（社区）开展义诊36场，"
    "服务群众4200余人次，家庭医生签约19425户65564人，群众满意度由88.5%提高到95.2%。",
    "强化阵地建设，投入资金12万元改造党员活动室3间，举办“健康大讲堂”12场，培训业务骨干120人，其中党员45人，"
    "把支部建在网格上、把服务送到家门口，推动机关党建与业务工作同频共振。",
    "坚持问题导向，对照检查发现的17项问题逐条整改，目前已完成15项，其余2项正在推进，预计年底前全部销号。",
)


def broken(text: str, width: int, *, signs: bool = False, indent: str = "") -> str:
    """The text as an old program broke it: so many full-width signs to a line, figures in their middle too."""
    lines = []
    for paragraph in text.split("\n"):
        line = indent if len(paragraph) > width else ""
        for sign in paragraph:
            if (2 * len(line + sign) if signs else columns(line + sign)) > 2 * width:
                lines.append(line)
                line = ""
            line += sign
        lines.append(line)
    return "\n".join(lines)


def on_paper(text: str, width: int) -> str:
    """The text as a page of a PDF is copied: figures whole, no mark at the beginning of a line, no indents left."""
    lines = []
    for paragraph in text.split("\n"):
        line, room = "", 2 * width - 4
        for unit in re.findall(r"[0-9.%]+|.", paragraph):
            if columns(line + unit) > room and unit not in "，。；：、！？”）》":
                lines.append(line)
                line, room = "", 2 * width
            line += unit
        lines.append(line)
    return "\n".join(lines)


STAYS = {
    "parallel headings and a line of prose each": (
        "突出政治引领，着力强化理论武装，在学懂弄通上作表率\n举办讲座12场，受众1400余人次。\n"
        "突出组织建设，着力夯实基层基础，在规范生活上作表率\n创建标准化党支部6个。\n"
        "突出为民服务，着力办好惠民实事，在担当作为上作表率\n开展义诊36场，服务群众4200余人次。"
    ),
    "headings one below the other": (
        "突出政治引领，着力强化理论武装，在学懂弄通上作表率\n突出组织建设，着力夯实基层基础，在规范生活上作表率\n"
        "突出为民服务，着力办好惠民实事，在担当作为上作表率\n以上三个方面的工作已经全部落实到位，成效明显。"
    ),
    "numbered headings": (
        "一、突出政治引领，着力强化理论武装，在学懂弄通上作表率\n（一）坚持把政治建设摆在首位，持续推动理论学习走深走实\n"
        "1.健全制度机制，推动党组理论学习中心组学习规范化常态化\n组织学习12次。"
    ),
    "points of a list": (
        "（一）举办健康讲座12场，受众1400余人次，发放宣传资料3000余份；\n"
        "（二）开展义诊36场，服务群众4200余人次，家庭医生签约1260户，\n"
        "（三）精简会议21次，窗口平均等候时间由25分钟缩短到9分钟。"
    ),
    "items without marks": (
        "举办健康讲座12场，受众1400余人次，发放宣传资料3000余份；\n开展义诊36场，服务群众4200余人次，家庭医生签约1260户；\n"
        "精简会议21次，窗口平均等候时间由25分钟缩短到9分钟。"
    ),
    "a title of two lines": (
        "中共示范县卫生健康局委员会关于二〇二一年度模范机关\n创建工作情况的报告\n县直机关工委：\n现将有关情况报告如下。"
    ),
    "a signature": (
        "特此报告。\n中共示范县卫生健康局直属机关委员会\n2021年11月5日\n联系人：机关党办\n联系电话：0000000"
    ),
    "a table with tabs": (
        "序号\t单位名称\t签约户数（户）\t签约人数（人）\t群众满意率（%）\t备注\n"
        "1\t甲镇中心卫生院和所辖的十二个村卫生室\t1942\t6556\t95.2\t无\n2\t乙镇中心卫生院和所辖的九个村卫生室\t1260\t3985\t96\t无"
    ),
    "a table with spaces": (
        "序号  单位名称  签约户数（户）  签约人数（人）  群众满意率  备注\n"
        "1  甲镇中心卫生院和所辖的十二个村卫生室  1942  6556  95.2  无\n"
        "2  乙镇中心卫生院和所辖的九个村卫生室   1260  3985  96    无。"
    ),
    "a table with single spaces": (
        "1 甲镇中心卫生院和所辖的十二个村卫生室 1942 6556 95.2\n2 乙镇中心卫生院和所辖的九个村卫生室 1260 3985 96\n"
        "3 丙镇中心卫生院和所辖的八个村卫生室 1100 3200 97"
    ),
    "a table with one number to a row": (
        "1 甲镇中心卫生院和所辖的十二个村卫生室签约户数 1942\n2 乙镇中心卫生院和所辖的九个村卫生室的签约户数 1260\n"
        "3 丙镇中心卫生院和所辖的八个村卫生室的签约户数 1100"
    ),
    "a poem": "春种一粒粟，秋收万颗子。\n四海无闲田，农夫犹饿死。\n锄禾日当午，汗滴禾下土。\n谁知盘中餐，粒粒皆辛苦。",
    "slogans": "人民至上\n生命至上\n举国同心\n舍生忘死",
    "long lines of verse": (
        "党旗飘飘映山红，卫健先锋在村中，送医送药送温暖，家家户户笑盈盈。\n"
        "初心不改为人民，风雨无阻向前行，一枝一叶总关情，点点滴滴见真诚。\n"
        "不忘来时走过路，牢记使命在心中，问需问计到基层，千家万户乐融融。"
    ),
    "a list of organs": "\n".join(
        f"示范县{name}局机关党委和所属的各基层党支部全体党员干部" for name in "甲乙丙丁"
    ),
    "two paragraphs of one line each": (
        "今年以来县卫生健康局机关党委坚持以党建引领业务工作。\n强化阵地建设投入资金改造党员活动室并全部投入使用了。"
    ),
    "addresses of a notice": "各乡镇人民政府，县直各单位，驻县各单位：\n现将有关事项通知如下。",
    "the article of the other tests": ARTICLE,
    "long paragraphs": "\n".join(PROSE),
    "nothing": "\n \n",
}


@pytest.mark.parametrize("text", STAYS.values(), ids=STAYS)
def test_what_stands_line_by_line_stays(text: str) -> None:
    assert unwrapped(text) == text


@pytest.mark.parametrize("width", [28, 30, 36, 40, 45])
@pytest.mark.parametrize("signs", [False, True])
@pytest.mark.parametrize("indent", ["", "\u3000\u3000", "    "])
def test_prose_that_a_program_broke_is_whole_again(width: int, signs: bool, indent: str) -> None:
    told = "\n".join(indent + paragraph for paragraph in PROSE)
    assert unwrapped(broken("\n".join(PROSE), width, signs=signs, indent=indent)) == told


@pytest.mark.parametrize("width", [28, 32, 38])
def test_prose_that_is_copied_from_a_page_is_whole_again(width: int) -> None:
    assert unwrapped(on_paper("\n".join(PROSE), width)) == "\n".join(PROSE)


def test_headings_and_the_signature_around_broken_prose_stay() -> None:
    title, end = (
        "示范县卫生健康局创建模范机关情况",
        ("特此报告。", "示范县卫生健康局机关委员会", "2021年11月5日"),
    )
    first, second = "一、突出政治引领，着力强化理论武装，在学懂弄通上作表率", "二、聚焦服务群众，办好实事"
    told = "\n".join((title, first, PROSE[0], second, PROSE[1], PROSE[2], *end))
    assert unwrapped(broken(told, 36)) == told


def test_a_table_and_a_list_between_broken_prose_stay() -> None:
    rows = ("单位\t签约户数\t签约人数", "甲镇\t1942\t6556")
    items = ("（一）举办健康讲座12场；", "（二）开展义诊36场。")
    told = "\n".join((PROSE[0], *rows, PROSE[1], *items, PROSE[2]))
    assert unwrapped(broken(told, 34)) == told


def test_long_points_of_a_list_are_joined_each_by_itself() -> None:
    told = "\n".join(f"（{number}）{paragraph}" for number, paragraph in zip("一二三", PROSE, strict=True))
    assert unwrapped(broken(told, 36)) == told


@pytest.mark.parametrize(
    ("lines", "whole"),
    [
        ("县卫生健康局机关党委全年组织开展“健康进万家”义诊活动，服务群众42\n00余人次。", "4200余人次"),
        ("县卫生健康局机关党委全年组织开展“健康进万家”义诊活动和随访共4200\n余人次。", "4200余人次"),
        ("县卫生健康局机关党委全年组织党员干部观看 Word\nProcessing 软件应用课件共三次。", "Word Processing"),
        (
            "县卫生健康局机关党委全年组织党员干部学习《中国共产党党和国\n家机关基层组织工作条例》。",
            "国家机关",
        ),
    ],
)
def test_a_single_break_is_joined_where_nothing_can_end(lines: str, whole: str) -> None:
    assert whole in unwrapped(lines)


def test_figures_across_a_break_are_found() -> None:
    for width in range(28, 46):
        found = [figure.words for figure in read(unwrapped(broken("\n".join(PROSE), width)))]
        assert found == [figure.words for figure in read("\n".join(PROSE))]


@given(st.text(alphabet="义诊讲座12 \t\n，。“”（）一、.a\u3000"), st.integers(24, 60))
def test_only_line_ends_and_the_spaces_at_them_ever_go(text: str, width: int) -> None:
    for told in (text, broken(text, width)):
        assert "".join(unwrapped(told).split()) == "".join(told.split())
