"""Which known name means what a text says (候选): by words and by unit, best first, each with its reason. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from measures.searching import fold

#: Scores are thousandths: what is alike from here on is offered, and from there on taken for the same.
OFFERED, SAME = 300, 620
#: So much the best must be ahead of the second to be taken for the same.
AHEAD = 60
MOST = 5
#: What counts the same thing under two names; 人 and 人次 do not.
SAME_UNITS = (
    frozenset("人名位"),
    frozenset({"场", "场次"}),
    frozenset({"次", "回"}),
    frozenset({"%", "％"}),
    frozenset({"个", "家", "所", "支", "间", "处", "座", "道"}),
    frozenset({"项", "条"}),
    frozenset({"件", "起", "例"}),
)
#: Words that tell two things apart however alike the rest of their names is.
_APART = tuple(
    re.compile(pattern)
    for pattern in (
        "国家级?|全国|省级?|市级?|县级?|镇级?|村级?",
        "男|女",
        "城市|城镇|城区|农村|乡村",
        "[一二三四]季度|上半年|下半年",
        "新增|累计|减少|增加",
        "应到|实到|缺席",
        "不合格|合格|未|不",
        "党员|团员|干部|职工|群众",
        "户数|人数|人次|场次|金额|经费",
        "收入|支出",
        "线上|线下",
        "..率",
        "“[^”]+”",
    )
)
#: What money is told in.
MONEY = ("万元", "元", "亿元")
_MARKS = re.compile(r"[^\w一-鿿]+")
_LIGHT = re.compile(
    "组织开展|开展|进行|实施|完成|落实|召开|举办|举行|全部|其中|工作|活动|情况|的|了|等|和|与|及"
)


@dataclass(frozen=True)
class Named:
    """A name that is known; `unit` and the `dimension` that it may be converted in are empty for what has none."""

    key: int
    name: str
    unit: str = ""
    dimension: str = ""


@dataclass(frozen=True)
class Candidate:
    """A known name that may be meant: how alike it is in thousandths, whether it is surely the same, and why."""

    key: int
    name: str
    score: int
    sure: bool
    reason: str


def candidates(
    name: str, known: Iterable[Named], *, unit: str = "", dimension: str = "", most: int = MOST
) -> tuple[Candidate, ...]:
    """The known names that may mean this one, best first; of another unit none is offered."""
    own = pairs(name)
    found = []
    for other in known:
        if not unit or fits(unit, dimension, other):
            score = likeness(own, pairs(other.name)) if own else 0
            if score >= OFFERED:
                apart = told_apart(name, other.name)
                exact = (not unit or unit == other.unit) and not apart
                found.append((score - 150 * bool(apart) + 20 * exact, exact, other))
    found = [each for each in found if each[0] >= OFFERED]
    found.sort(key=lambda each: (-each[0], each[2].name, each[2].key))
    second = found[1][0] if len(found) > 1 else 0
    return tuple(
        Candidate(
            key=other.key,
            name=other.name,
            score=min(score, 1000),
            sure=place == 0
            and score >= SAME
            and score - second >= AHEAD
            and not told_apart(name, other.name),
            reason=_reason(name, unit, other),
        )
        for place, (score, _, other) in enumerate(found[:most])
    )


def pairs(name: str) -> frozenset[str]:
    """The pairs of neighbouring characters of a name, without marks and the words that every name has."""
    plain = _MARKS.sub("", fold(name))
    short = _LIGHT.sub("", plain)
    plain = short if len(short) > 1 else plain
    return frozenset(plain[i : i + 2] for i in range(len(plain) - 1)) or frozenset({plain} - {""})


def likeness(one: frozenset[str], other: frozenset[str]) -> int:
    """How alike two names are in thousandths: what they share of both, or of the shorter one if that is whole."""
    shared = len(one & other)
    if not shared:
        return 0
    both = 2000 * shared // (len(one) + len(other))
    less = min(len(one), len(other))
    within = 900 * shared // less if less >= 3 else 0
    return max(both, (both + within) // 2)


def told_apart(one: str, other: str) -> str:
    """Words in which two names mean different things (省卫生村, 市卫生村); empty if there are none."""
    for pattern in _APART:
        mine, yours = set(pattern.findall(one)), set(pattern.findall(other))
        if mine != yours and (mine and yours):
            return "、".join(sorted(mine ^ yours))
    return ""


def fits(unit: str, dimension: str, other: Named) -> bool:
    """Whether a figure in a unit may be one of the known name."""
    if unit == other.unit or (dimension and dimension == other.dimension):
        return True
    return any(unit in same and other.unit in same for same in SAME_UNITS)


def alike_units(unit: str) -> Sequence[str]:
    """Units that count the same under another name, the unit itself first."""
    others = next((same for same in SAME_UNITS if unit in same), frozenset())
    return [unit, *sorted(others - {unit})]


def kept_in(unit: str) -> Sequence[str]:
    """The units that a figure of a text may be kept in as it is said, the likeliest first: 亿元 in 万元, too."""
    return [*alike_units(unit), *(other for other in MONEY if unit in MONEY and other != unit)]


def _reason(name: str, unit: str, other: Named) -> str:
    """Why a known name is offered, in words."""
    blocks = SequenceMatcher(None, fold(name), fold(other.name), autojunk=False).get_matching_blocks()
    shared = [fold(name)[block.a : block.a + block.size] for block in blocks if block.size > 1]
    told = [f"都有“{'”“'.join(shared[:3])}”"] if shared else []
    if unit:
        same = f"单位都是{unit}" if unit == other.unit else f"单位{unit}可按{other.unit}记"
        told.append(same)
    if apart := told_apart(name, other.name):
        told.append(f"但“{apart}”不同")
    return "，".join(told)
