"""How long figures and outlines take to be read out of prose, beside jieba cutting the same text; in a process of its own."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from time import process_time

from measures.figures import read
from measures.figures.words import tokenizer
from measures.outline import outline
from tests.bench.memory import peak

MEGABYTE = 1_000_000
TIMES = 3
HOSTILE_LENGTH = 30_000
PROSE = (
    "{n}月份，局机关党委组织开展志愿服务活动{n}场次，服务群众{n}400余人次，发放宣传资料{n}.2万余份。"
    "全县{n}个行政村均建成标准化卫生室，签约率由{n}.5%提高到{n}8.6%，其中脱贫户{n}25户{n}564人，做到应签尽签。"
    "严格落实“第一议题”制度，坚持“三会一课”，县委〔2021〕{n}号文件要求逐项落实，{n}名党员主动报名参加。"
    "投入{n}20万元更新设备，平均等候时间缩短{n}分钟，连续{n}年被评为先进集体，在全市考核中位居第{n}名。\n"
)
#: What could take more than its length: long runs of digits, deep brackets, commas and nothing else.
HOSTILE = ("1", "9,", "（", "“", "，", ",", "一", "第1", "由3个", "其中3人，", "自")
#: The same for outlines: marks, brackets, commas and words that begin something.
OUTLINED = ("一、", "（一）", "一是", "。一、强化政治。", "等、", "，组织", "“", "（", "，", "廉康")


@dataclass(frozen=True)
class Reading:
    """Seconds and MB: reading a tenth of and one megabyte, and jieba cutting it.

    `hostile` is how much longer ten times a hostile text takes, of the one where that is most; `outline`, `outlined` and
    `outlined_hostile` are the seconds, the growth and the same for outlines.
    """

    tenth: float
    whole: float
    jieba: float
    hostile: float
    start: float
    memory: float
    figures: int
    outline: float
    outlined: float
    outlined_hostile: float

    @property
    def growth(self) -> float:
        """How much longer ten times the text takes."""
        return self.whole / self.tenth

    @property
    def to_jieba(self) -> float:
        """Reading divided by cutting alone."""
        return self.whole / self.jieba


def measured() -> Reading:
    """Read a megabyte in a new process."""
    done = subprocess.run([sys.executable, "-m", __name__], capture_output=True, text=True, check=True)
    return Reading(**json.loads(done.stdout))


def prose(size: int) -> str:
    """Made-up prose of a report, so many bytes long."""
    paragraphs, length = [], 0
    number = 0
    while length < size:
        number += 1
        paragraphs.append(PROSE.format(n=number % 89 + 1))
        length += len(paragraphs[-1].encode())
    return "".join(paragraphs).encode()[:size].decode(errors="ignore")


def _best(work: Callable[[], object]) -> float:
    seconds = []
    for _ in range(TIMES):
        begun = process_time()
        work()
        seconds.append(process_time() - begun)
    return min(seconds)


def _growth(part: str, reader: Callable[[str], object]) -> float:
    """How much longer ten times a text takes that is nothing but this part, again and again."""
    short = part * (HOSTILE_LENGTH // len(part))
    return _best(lambda: reader(short * 10)) / _best(lambda: reader(short))


def _measure() -> Reading:
    begun = process_time()
    read("组织学习3次")
    start = process_time() - begun
    text = prose(MEGABYTE)
    tenth = _best(lambda: read(text[: len(text) // 10]))
    whole = _best(lambda: read(text))
    memory = peak()
    hostile = max(_growth(part, read) for part in HOSTILE)
    cutting = _best(lambda: sum(1 for _ in tokenizer().cut(text)))
    outlined = _best(lambda: outline(text))
    growth = outlined / _best(lambda: outline(text[: len(text) // 10]))
    worst = max(_growth(part, outline) for part in OUTLINED)
    told = (tenth, whole, cutting, hostile, start, memory, len(read(text)))
    return Reading(*told, outline=outlined, outlined=growth, outlined_hostile=worst)


if __name__ == "__main__":
    print(json.dumps(asdict(_measure())))
