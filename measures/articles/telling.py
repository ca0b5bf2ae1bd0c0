"""What an article says of a figure beside its number: of which time it is, whether planned, whether it adds up."""

import re

from measures.figures import Figure
from measures.figures.figure import Saying
from measures.figures.words import cut
from measures.models import Nature
from measures.period import Period, PeriodError

_YEAR = re.compile("(?P<digits>[0-9]{4})年|(?P<ago>[前去上今当本明来])年")
_HAN_YEAR = re.compile("二[〇○零][一二三四五六七八九〇○零]{2}(?=年)")
_DIGITS = str.maketrans("零〇○一二三四五六七八九", "000123456789")
_AGO = {"前": -2, "去": -1, "上": -1, "今": 0, "当": 0, "本": 0, "明": 1, "来": 1}
_PART = re.compile("[上下]半年|[一二三四]季度")
_MONTH = re.compile("(?:(?P<first>[0-9]{1,2})月?[至到—-])?(?P<last>[0-9]{1,2})月")
_SINCE = re.compile("以来|起|至今")
_COMPARED = "较比与同跟"
_PLANNED = re.compile(
    r"力争(?!上游)|预计"
    r"|^[^，。；]{0,8}(?:(?<![按照据定])计划|(?<![模草研])拟)(?!生育|定)|目标(?:值)?(?:是|为)$"
)
_NEXT = re.compile("下一?(?:步|阶段)[^；]*$")
_TOTAL = re.compile(r"\s*[合总小]\s*计\s+[0-9]")
_ROW = re.compile(r"[^\s，。；：]*[^\s，。；：0-9][^\s，。；：]*(?:\s+[0-9][^\s，。；：、]*){2,}")
#: What stands there, however often it is reported; 共有23人参加 tells of a deed.
_STANDS = re.compile("在册|在编|设有|下设|现设|建有|拥有")
_THERE = re.compile("现有|共有|目前有")
_GATHERED = re.compile("累计已?(?:建成|建立|建设|组建|创建|设立|成立|培育|打造|建有|拥有)")
_CLAUSE = re.compile("[，。；]")
_MARK = re.compile("[，。；、（）]")


def elsewhere(words: str, chosen: Period) -> bool:
    """Whether no day of what a text calls so (去年, 一季度) lies in the chosen period, or it is only compared with."""
    if words.startswith((*_COMPARED, "上月")):
        return True
    told = _period(words, chosen)
    if told is None:
        return False
    return told.start >= chosen.end if _SINCE.search(words) else not told.overlaps(chosen)


def beyond(words: str, chosen: Period) -> bool:
    """Whether it is a part of a year that the chosen period is only a part of: 上半年 for 二季度."""
    told = _period(words, chosen) if _PART.search(words) or _MONTH.search(words) else None
    return told is not None and not _SINCE.search(words) and not chosen.contains(told)


def left_out(figure: Figure) -> str:
    """Why a figure is none that was reached, as a sentence: 力争明年培训800人次; empty if it is one."""
    if _TOTAL.match(figure.sentence):
        return "像是表格里的合计行，不另记一个数。"
    return "说的是以后的打算，不是已有的数。" if _planned(figure) else ""


def row_of_table(figure: Figure) -> bool:
    """Whether its line seems to be copied from a table: 财务科 8人 2场 2.25."""
    return bool(_ROW.fullmatch(figure.sentence.strip()))


def _planned(figure: Figure) -> bool:
    before, clause = _before(figure, figure.start)
    ahead = figure.period.startswith(("明年", "来年")) or _PLANNED.search(clause) or _NEXT.search(before)
    return bool(ahead)


def nature_of(figure: Figure, symbol: str) -> Nature:
    """What kind of number a new metric in this unit is by the words of its figure, or of the whole it is a part of."""
    if figure.qualifier is Saying.RANK:
        return Nature.RANK
    if symbol == "%":
        return Nature.RATIO
    clauses = [_before(figure, figure.start)[1]]
    if figure.part_of is not None:
        clauses.append(_before(figure, figure.part_of)[1])
    if any(_GATHERED.search(clause) for clause in clauses):
        return Nature.CUMULATIVE
    if any(_STANDS.search(clause) for clause in clauses):
        return Nature.STOCK
    after = _MARK.split(figure.sentence[figure.end - figure.sentence_start :])[0]
    there = any(_THERE.search(clause) for clause in clauses)
    return Nature.STOCK if there and not any(verb for _, verb in cut(after)) else Nature.FLOW


def _before(figure: Figure, start: int) -> tuple[str, str]:
    """What the sentence of a figure says before a place, and the last clause of it."""
    before = figure.sentence[: max(0, start - figure.sentence_start)]
    return before, _CLAUSE.split(before)[-1]


def _period(words: str, chosen: Period) -> Period | None:
    """The period that the words name, in the year of the chosen one where they name none; None for 近三年 and 全年."""
    words = _HAN_YEAR.sub(lambda year: year[0].translate(_DIGITS), words)
    match, part, month = _YEAR.search(words), _PART.search(words), _MONTH.search(words)
    if not (match or part or month):
        return None
    year = chosen.last.year
    if match:
        year = int(match["digits"]) if match["digits"] else year + _AGO[match["ago"]]
    try:
        if part:
            return Period.parse(f"{year}年{part[0]}")
        if month is None:
            return Period.year(year)
        first, last = (Period.month(year, int(month[name] or month["last"])) for name in ("first", "last"))
        return Period.span(first.start, last.end)
    except PeriodError:
        return None
