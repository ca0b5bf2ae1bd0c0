"""Honours that a text says were won (荣誉): title, level, issuer, recipient, years in a row. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from measures.numerals import read_number

_SENTENCE = re.compile(r"[^。！？!?；;\n]{1,400}[”。！？!?；;]?")
_QUOTED = re.compile(r"[^，。；、“”]{0,24}“[^”“]{2,30}”(?:[^，。；、“”和及被]{0,8}(?=[，。；、和及被 ]|$))?")
_PLAIN = re.compile(
    r"[^，。；、“”]{1,40}?"
    r"(?:(?:先进|优秀|模范|示范|文明|标兵|红旗|最佳|十佳|达标|星级)[^，。；、“”]{0,10}?"
    r"(?:单位|集体|组织|支部|机关|窗口|团队|案例|称号|县|局|院)|(?:特等|[一二三]等|优秀|组织|创新)奖)"
    r"(?=[，。；、和及 ]|称号|$)"
)
#: Verbs after which the name of an honour stands; those of who gives it need a 被 before them.
_WON = re.compile(
    "荣获|喜获|获评|获得|获颁|获|蝉联|位列"
    "|(?P<given>授予|评选为|评定为|评为|命名为|命名|表彰为|表彰|认定为|确定为|通报表扬为)"
)
_BY = re.compile("被([^，。；“”被]{0,30})$")
_STREAK = re.compile("连续([0-9一二三四五六七八九十两]{1,3})年")
_OF = re.compile("^([^“”]{2,20}?)(?:表彰的|授予的|颁发的|评选的)")
#: So far back the words before the verb are read.
_ROOM = 48
#: What makes words the name of an honour rather than of something obtained.
_HONOURED = re.compile(
    "先进|优秀|模范|示范|标兵|文明|星级|红旗|最佳|十佳|[一二三特]等奖|奖$|奖”|集体|称号|荣誉|标杆|楷模|达标|第一名"
)
#: Nothing was won: it is wished for, asked for, or given to others.
_NOT_YET = re.compile("力争|争创|争取|努力|未能|未获|没有|申报|拟|有望|将被|将获|评选|推荐|如果|为了|确保")
_PERSON = re.compile("同志|本人|先生|女士|[一-鿿]某")
_LEVELS = (
    ("4county", re.compile("(?<!市)[县区旗]|县委|县政府")),
    ("3municipal", re.compile("市|州|地区|盟")),
    ("2provincial", re.compile("省|自治区")),
    ("1national", re.compile("全国|国家|中央|国务院|部委|中共中央")),
)
_WITHIN = re.compile("全(国|省|区|市|州|县)")
_WITHIN_LEVEL = {"国": "1national", "省": "2provincial", "市": "3municipal", "州": "3municipal"}
_TIME = re.compile(
    r"^(?:据介绍|据了解|其中|同时|目前|此外)?，?((?:[0-9]{4}年|今年|去年|当年)?(?:[0-9]{1,2}月)?(?:[0-9]{1,2}日)?)"
)
_SUBJECT = re.compile(
    r"[一-鿿（）]{1,20}?(?:局|委|院|办|中心|支部|党委|党组|机关|公司|站|所|队|学校|街道|县|镇|乡)(?:机关党支部|机关党委|党支部|机关)?$"
)


@dataclass(frozen=True)
class Award:
    """An honour as a text says it; `level` is "" where the words do not tell, `recipient` where no body is named."""

    start: int
    end: int
    title: str
    level: str
    issuer: str
    recipient: str
    streak: int | None
    when: str
    sentence: str


def awards(text: str) -> tuple[Award, ...]:
    """The honours of a text in its order; wishes, persons and things merely obtained are none."""
    found: list[Award] = []
    for match in _SENTENCE.finditer(text):
        found += _of_sentence(match[0], match.start())
    return tuple(found)


def _of_sentence(words: str, offset: int) -> Iterator[Award]:
    recipient, taken = "", 0
    for verb in _WON.finditer(words):
        if verb.start() < taken:
            continue
        before = words[max(verb.start() - _ROOM, taken) : verb.start()]
        named = _QUOTED.match(words, verb.end()) or _PLAIN.match(words, verb.end())
        given = _BY.search(before)
        if named is None or (verb["given"] and not given):
            continue
        clause = re.split("[，。；]", before)[-1]
        who = clause[: clause.rfind("被")] if given else clause
        title, issuer = _title(named[0], given[1] if given else "")
        if verb[0] == "位列":
            start = max(who.rfind("年在"), who.rfind("在")) + 1
            title, who = who[start:].removeprefix("在") + verb[0] + title, who[:start]
        if not _HONOURED.search(title) or _NOT_YET.search(clause) or _PERSON.search(clause):
            continue
        taken = named.end()
        streak = _STREAK.search(clause)
        time = _TIME.match(who.strip())
        subject = _SUBJECT.search(
            (who[: streak.start()] if streak else who).strip()[time.end() if time else 0 :]
        )
        recipient = subject[0] if subject else recipient
        yield Award(
            start=offset + named.start(),
            end=offset + named.start() + len(named[0].rstrip()),
            title=title,
            level=_level(issuer, title),
            issuer="、".join(issuer.split()),
            recipient=recipient,
            streak=_years(streak[1] if streak else None),
            when=time[1] if time else "",
            sentence=words.strip(),
        )


def _title(said: str, issuer: str) -> tuple[str, str]:
    """The name of the honour, and who gave it: 县委表彰的“…” names both."""
    said = said.strip()
    if of := _OF.match(said):
        issuer, said = issuer or of[1], said[of.end() :]
    return _cleaned(said), issuer


def _cleaned(title: str) -> str:
    """The name alone where nothing stands before its quotation marks but what it is awarded in."""
    title = title.removesuffix("称号")
    if title.startswith("“") and title.endswith("”"):
        return title[1:-1]
    return title


def _level(issuer: str, title: str) -> str:
    """By who gave it, the nearest body that is named; else by where it counts (全省…) or how it begins (市…)."""
    if issuer:
        return next((level for level, pattern in _LEVELS if pattern.search(issuer)), "")
    if within := _WITHIN.search(title):
        return _WITHIN_LEVEL.get(within[1], "4county")
    begins = {"国家": "1national", "省": "2provincial", "市": "3municipal", "州": "3municipal"}
    begins |= {"县": "4county", "区": "4county"}
    return next((level for begin, level in begins.items() if title.startswith(begin)), "")


def _years(said: str | None) -> int | None:
    if not said:
        return None
    years = int(read_number(said).amount)
    return years if years > 1 else None
