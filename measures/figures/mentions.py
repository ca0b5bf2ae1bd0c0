"""Where a text says a number and its unit (提法): found in one pass, with the qualifier; names come later."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from enum import Enum, auto

from measures.figures import refusals
from measures.figures.lexicon import AFTER, AMONG, BEFORE, CHANGE, SAID, UNIT
from measures.numerals import Numeral, NumeralError, plain, read_number
from measures.wording import Qualifier

_NUMBER = re.compile(
    r"百分之(?P<share>[0-9]++(?:\.[0-9]++)?|[零〇一二三四五六七八九十百两]++(?:点[零〇一二三四五六七八九]++)?)"
    r"|(?P<tenths>[二三四五六七八九两1-9]成(?>(?:[半一二三四五六七八九](?![个十百千万项名]))?))(?![立为员果功效年本都绩长熟交人])"
    rf"|(?P<arabic>(?:[1-9][0-9]{{0,2}}(?:{refusals.BLANK}[0-9]{{3}})+(?![0-9])|[0-9]++(?:,[0-9]{{3}}(?![0-9]))*)(?:\.[0-9]++)?"
    r"(?:[十百万亿]|千(?![克米瓦])){0,3}(?:[0-9]++(?:[十百万亿]|千(?![克米瓦])){1,2})*)"
    r"(?:(?P<more>[余多])(?P<weight>[十百千万亿]{0,3}))?"
    r"|(?P<chinese>[壹贰叁肆伍陆柒捌玖][零壹贰叁肆伍陆柒捌玖拾佰仟万亿]++(?=[余多]?元)|[零〇一二三四五六七八九十百千万亿两廿]++(?:点[零〇一二三四五六七八九]++(?=[万亿%倍]))?)"
    r"(?:(?P<many>[余多几])(?P<tail>[十百千万亿]{0,3}))?"
)
#: 三分之二, not 三分之二多数.
_PART = re.compile(
    "(?<![一二三四五六七八九十百千万])(?P<parts>[二三四五六七八九十])分之(?P<of>[一二三四五六七八九])(?![十百千万点]|多数|处|决赛)"
)
#: 几十名, 数百户; not 人数十分.
_FEW = re.compile("(?:几|(?<![人户次件总少多无基系指])数)(?P<weight>[十百千]?万|[十百千])[余多]?")
_DOUBLED = re.compile("翻(?:了|上)?(?P<times>[一两二三四五1-5])?番(?!茄)")
_RANK = re.compile(
    r"(?P<top>第|前)(?P<rank>[0-9]{1,3}|[一二三四五六七八九十]{1,3})(?P<unit>名|位|)(?=[，。；、！）”》的\s（(和及并]|等次|上升|跃|提升|升|降|$)"
)
_STANDS = re.compile(
    r"(?:位居|排名|排位|排在|排|名列|位列|列|居|获|取得|得|考核|保持|稳居|位次|进入|进|跃升|升至|上升|评比|评价)[^，。；]{0,14}$"
)
_FIRST = re.compile("首[个家位]")
_AMONG = re.compile(
    rf"(?:{AMONG}|成为|全[^，。；]{{1,4}}|[\u4e00-\u9fff]{{2,4}}[省市县区州盟旗])(?:范围内?|率先|的|唯一|内|系统)?$"
)
_BEFORE = re.compile("(?:" + "|".join(f"(?P<{q.name}>{words})" for q, words in BEFORE) + ")[了到达有为至]?$")
_AFTER = re.compile("|".join(f"(?P<{q.name}>{words})" for q, words in AFTER))
_LATE_MORE = re.compile("[余多](?=[，。；、的）])")
_BARE = re.compile("[百千万亿]+")
_BARE_BEFORE = {"上": Qualifier.AT_LEAST, "过": Qualifier.OVER}
_OVERFULL = re.compile("超额完成[^，。；]{0,10}$")
_TIME_SAID = re.compile(
    rf"(?:{CHANGE}|节省|节约|压降|提速|时间|时长|时限|用时|耗时|工期|周期|时效|期限|寿命|住院日)"
    r"(?:了|至|到|为|达|仅需?|只需|在|由|从|均|平均|约|近|超过|不超过|控制|原来|的|同期|去年|上年|比|较){0,4}$"
)
_PERSONS = re.compile(
    "(?:群众|居民|人口|党员|职工|患者|学生|人数|受众|人才|人员|用户)(?:[共达超近约逾已]|累计|总数|超过|突破|达到)*$"
)
_ENDS = re.compile("[，。；、）]|$")
_SCORED = re.compile("(?:得分|评分|分数|均分|总分)(?:为|是|达到?|[:：])?$")
_SCORE = re.compile("(?:得分|评分|分数|成绩|均分|测评|考核|积分|满意度|以)[^，。；0-9]{0,6}$")
_STREAK = re.compile("(?:连续|蝉联)$")
_WIDE = {
    code: code - 0xFEE0
    for code in [*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B), 0xFF05, 0xFF0E]
}
_WIDE |= dict(zip(map(ord, ";:()!?"), "；：（）！？", strict=True))
_COMMA = re.compile(r"(?<![0-9]),|,(?![0-9]{3}(?![0-9]))")
#: 19，425: thousands parted by the comma of a Chinese keyboard; not 2020，2021 and not 12.5，300.
_CHINESE_COMMA = re.compile("(?<![0-9０-９.．])[1-9１-９][0-9０-９]{0,2}(?:，[0-9０-９]{3})+(?![0-9０-９])")
_STRAIGHT = re.compile('"([^"\n]{1,40})"')
_YEAR_DIGITS = 4
_MONEY = ("元", "美元")
_MEASURED = frozenset({"公里", "千米", "米", "吨", "亩", "公顷", "倍", "公斤", "平方米", "年"})


class Kind(Enum):
    """What sort of mention it is; BARE and TIME are figures only as part of a change."""

    COUNT = auto()
    TIME = auto()
    BARE = auto()
    RANK = auto()
    STREAK = auto()


@dataclass(frozen=True, slots=True)
class Mention:
    """A number with its unit in the text, from `start` to `end`; `lead` is where its qualifier begins."""

    start: int
    end: int
    lead: int
    amount: Decimal
    unit: str
    kind: Kind
    qualifier: Qualifier
    said: str
    lone: bool = False
    low: "Mention | None" = None
    """The number before it in 2至3次."""
    old: "Mention | None" = None
    """The number before it in 由2次增加到3次."""
    parted: bool = False
    """Whether blanks stand between its digits: 1 234件."""


def tidied(text: str) -> str:
    """The text as the rules want it, of the same length: digits, letters and % half-width, marks Chinese."""
    parted = _CHINESE_COMMA.sub(_thousands, text)
    tidy = _COMMA.sub("，", parted.translate(_WIDE))
    return _STRAIGHT.sub(r"“\1”", tidy)


def _thousands(parted: re.Match[str]) -> str:
    """A number parted by Chinese commas; what comes after a score is another number (得分95，120人参加)."""
    before = parted.string[max(0, parted.start() - 6) : parted.start()]
    return parted[0] if _SCORED.search(before) else parted[0].replace("，", ",")


def all_mentions(text: str) -> list[Mention]:
    """Every number that may be a figure, in order; `text` comes from tidied."""
    names = [match.span() for match in refusals.NAMES.finditer(text)]
    starts = [start for start, _ in names]

    def named(position: int) -> bool:
        index = bisect_right(starts, position) - 1
        return index >= 0 and position < names[index][1]

    found = [*_ranks(text), *_firsts(text), *_parts(text), *_few(text), *_doubled(text)]
    taken = {mention.start for mention in found} | {mention.start + 1 for mention in found}
    found += [
        replace(mention, parted=bool(re.search(refusals.BLANK, match["arabic"] or "")))
        for match in _NUMBER.finditer(text)
        if match.start() not in taken and (mention := _number(text, match)) is not None
    ]
    return sorted((each for each in found if not named(each.start)), key=lambda each: each.start)


def _ranks(text: str) -> Iterator[Mention]:
    """第二名, 前三, where the words before say that somebody stands there."""
    for match in _RANK.finditer(text):
        before = text[max(0, match.start() - 24) : match.start()]
        if not _STANDS.search(before) and not (match["unit"] and match["top"] == "第"):
            continue
        amount = _value(match["rank"])
        if amount is not None:
            unit = match["unit"] or "名"
            said = match[0] + ("" if match["unit"] else unit)
            yield _place(match, amount.amount, unit, said)


def _firsts(text: str) -> Iterator[Mention]:
    """全市首个, 全国首家."""
    for match in _FIRST.finditer(text):
        if _AMONG.search(text[max(0, match.start() - 10) : match.start()]):
            yield _place(match, Decimal(1), "位", match[0])


def _parts(text: str) -> Iterator[Mention]:
    """四分之三 is 75 %; 三分之二 lies between 66.6 and 66.7 %."""
    for match in _PART.finditer(text):
        parts, of = _value(match["parts"]), _value(match["of"])
        if parts is None or of is None or of.amount >= parts.amount:
            continue
        share = of.amount * 100 / parts.amount
        low, high = (share.quantize(Decimal("0.1"), way) for way in (ROUND_FLOOR, ROUND_CEILING))
        least = _finished(text, *match.span(), plain(low), "", "%", Kind.COUNT)
        most = _finished(text, *match.span(), plain(high), "", "%", Kind.COUNT)
        if least is None or most is None:
            continue
        if low == high or least.qualifier in (Qualifier.AT_LEAST, Qualifier.OVER):
            yield least
        elif least.qualifier is Qualifier.EXACT:
            yield replace(most, low=least, qualifier=Qualifier.BETWEEN)
        else:
            yield most


def _few(text: str) -> Iterator[Mention]:
    """几十名 is 20 to 99 of them."""
    for match in _FEW.finditer(text):
        unit, weight = UNIT.match(text, match.end()), _value("一" + match["weight"])
        if unit is None or weight is None or unit["time"] or unit["unit"] in (*_MONEY, "分"):
            continue
        name, start, end = unit["unit"], match.start(), unit.end()
        low, high = weight.amount * 2, weight.amount * 10 - 1
        least = Mention(start, end, start, low, name, Kind.COUNT, Qualifier.EXACT, plain(low))
        said = plain(high) + name
        yield replace(least, amount=high, said=said, low=least, qualifier=Qualifier.BETWEEN)


def _doubled(text: str) -> Iterator[Mention]:
    """翻一番, 翻了两番: told in 番, as it is said."""
    for match in _DOUBLED.finditer(text):
        times = _value(match["times"] or "一")
        if times is not None:
            start, end = match.span()
            said = f"{plain(times.amount)}番"
            yield Mention(start, end, start, times.amount, "番", Kind.COUNT, Qualifier.EXACT, said)


def _place(match: re.Match[str], amount: Decimal, unit: str, said: str) -> Mention:
    start, end = match.span()
    return Mention(start, end, start, amount, unit, Kind.RANK, Qualifier.EXACT, said)


def _value(words: str) -> Numeral | None:
    try:
        return read_number(words)
    except NumeralError:
        return None


def _number(text: str, match: re.Match[str]) -> Mention | None:
    """The mention that begins with this numeral; None if it is refused."""
    start, end = match.span()
    before = text[max(0, start - 8) : start]
    if refusals.BEFORE.search(before) or (match["arabic"] and refusals.BEFORE_DIGITS.search(before)):
        return None
    if match["share"] or match["tenths"]:
        return _finished(text, start, end, match[0], "", "%", Kind.COUNT)
    number, more, weight = (
        (re.sub(refusals.BLANK, "", match["arabic"]), match["more"] or "", match["weight"] or "")
        if match["arabic"]
        else (match["chinese"], (match["many"] or "").replace("几", "多"), match["tail"] or "")
    )
    unit = UNIT.match(text, end)
    if unit is None and _PERSONS.search(text, max(0, start - 10), start) and _ENDS.match(text, end):
        # 服务群众2万余: persons are meant
        return _finished(text, start, end, number + weight, more, "人", Kind.COUNT)
    if unit is None:
        if more or not match["arabic"]:
            return None
        return _finished(text, start, end, number, "", "", Kind.BARE)
    if refusals.AFTER.match(text, unit.end()) or refusals.ASPECT.match(text, unit.start()):
        return None
    kind = Kind.TIME if unit["time"] else Kind.COUNT
    name = unit["time"] or unit["unit"].replace("（次）", "次")
    if (name == "年" and len(number) == _YEAR_DIGITS) or (name == "日" and before[-1:] == "月"):
        return None
    if name == "分" and not _SCORE.search(text, max(0, start - 12), start):
        return None
    if match["chinese"] and _refused_chinese(text, start, number, more, name, unit):
        return None
    if name in _MONEY and (number + weight)[-1] in "万亿" and "亿" not in (number + weight)[:-1]:
        name = (number + weight)[-1] + name
        number, weight = (number, weight[:-1]) if weight else (number[:-1], "")
        if not number:
            return None
    return _finished(text, start, unit.end(), number + weight, more, name, kind)


def _refused_chinese(text: str, start: int, number: str, more: str, name: str, unit: re.Match[str]) -> bool:
    """Whether a number in characters belongs to an idiom, a slogan or another word."""
    before = text[max(0, start - 3) : start]
    if _BARE.fullmatch(number) and not more:
        return not _BEFORE.search(before) and before[-1:] not in _BARE_BEFORE
    if number[0] == "一" and refusals.BEFORE_ONE.search(before):
        return True
    if refusals.BEFORE_CHINESE.search(before) or refusals.IDIOM.match(text, start):
        return True
    if "大" in unit[0] and name not in ("类", "项", "块"):
        return True
    return name != "%" and len(number) == 1 and bool(refusals.SLOGAN.match(text, unit.end()))


def _finished(
    text: str, start: int, end: int, number: str, more: str, name: str, kind: Kind
) -> Mention | None:
    """The mention with its qualifier, unless the words before make it a norm or a length of time."""
    numeral = _value(number)
    if numeral is None:
        return None
    before = text[max(0, start - 24) : start]
    qualifier, lead = Qualifier.EXACT, start
    if ahead := _BEFORE.search(before):
        qualifier, lead = Qualifier[str(ahead.lastgroup)], start - len(before) + ahead.start()
    elif _BARE.fullmatch(number) and before[-1:] in _BARE_BEFORE:
        qualifier, lead = _BARE_BEFORE[before[-1]], start - 1
    if kind is not Kind.BARE:
        if behind := _AFTER.match(text, end):
            qualifier, end = Qualifier[str(behind.lastgroup)], behind.end()
            if name != "%" and refusals.LIMIT.match(text, end):
                return None
        elif name in _MEASURED and (late := _LATE_MORE.match(text, end)):
            more, end = late[0], late.end()
    if qualifier is Qualifier.BELOW and refusals.LIMIT.match(text, end):
        return None
    said = SAID.get(qualifier, "") + number + more + name
    if more:
        qualifier, said = Qualifier.MORE, number + more + name
    elif qualifier is Qualifier.EXACT and _OVERFULL.search(before):
        qualifier, said = Qualifier.OVER, SAID[Qualifier.OVER] + said
    clause = text[max(0, lead - 24) : lead]
    if refusals.is_denied(clause, name):
        return None
    if kind is Kind.TIME and name in ("年", "届") and _STREAK.search(clause):
        kind = Kind.STREAK
    elif kind is Kind.TIME and name not in ("年", "届", "日", "周") and _TIME_SAID.search(clause):
        kind = Kind.COUNT
    elif kind is Kind.COUNT and refusals.is_norm(clause, numeral.amount, name):
        return None
    return Mention(start, end, lead, numeral.amount, name, kind, qualifier, said, lone=number == "一")
