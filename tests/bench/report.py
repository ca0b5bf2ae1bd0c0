"""What was measured, as a table in Chinese for the screen and the handbook's shelf, and which bars hold."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.bench.exchange import Exchange
from tests.bench.measure import Row
from tests.bench.reading import Reading
from tests.bench.sums import Timed

COUNTY, ONE = "全县领导", "一局领导"
MOST_NAMED = 4
#: The bars: ratio to the kept rows at the median and at the 95th, asked again, queries, bytes, first visit, leader
#: of one bureau to the county's, rollups to SQL.
RATIO, RATIO_P95, AGAIN, QUERIES, PAGE, VISIT, NARROW, SUMS = 2.0, 3.0, 0.2, 15, 60_000, 150_000, 1.1, 2.0
#: Reading figures: ten times the text, to jieba cutting it, MB, ten times a hostile text.
TEN_TIMES, TO_JIEBA, MEMORY, HOSTILE = 11.0, 5.0, 200.0, 15.0
#: Sheets: an import to reading twice and storing bare, statements for a thousand rows, MB of it, MB of a long list.
TO_BARE, FOR_A_THOUSAND, MEMORY_IN, MEMORY_OUT = 3.0, 60.0, 300.0, 200.0


@dataclass(frozen=True)
class Report:
    """All that one run has found."""

    ground: str
    rows: Sequence[Row]
    cold: float
    visit: int
    sums: Sequence[Timed]
    reading: Reading
    exchange: Exchange

    def __str__(self) -> str:
        return "\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterator[str]:
        yield "# 性能"
        yield ""
        yield "由 `make bench` 测得，每页测两轮，取差的一轮。三种请求交替进行："
        yield ""
        yield "- 首次：数据刚改过再打开。改动是审核通过一条数值更正，改的是这一页说到的单位；"
        yield "- 同一模板，用内存里现成的同样几行（比值甲 = 首次 ÷ 它）；"
        yield "- 没有改动再打开（比值乙 = 它 ÷ 首次）。"
        yield ""
        yield self.ground
        yield ""
        yield "| 页面 | 谁看 | 中位 ms | P95 ms | 比值甲 中位 | 比值甲 P95 | 比值乙 | 查询 | 压缩后 KB |"
        yield "|---|---|--:|--:|--:|--:|--:|--:|--:|"
        yield from map(_line, self.rows)
        yield ""
        yield "| 全部指标的汇总 | 手写 SQL ms | 全部单位改过 ms | 一个单位改过 ms | 没有改动 ms | 一个单位改过 ÷ 手写 |"
        yield "|---|--:|--:|--:|--:|--:|"
        for each in self.sums:
            numbers = (each.by_hand, each.all_changed, each.one_changed, each.unchanged)
            cells = " | ".join(f"{number:.1f}" for number in numbers)
            yield f"| {each.name} | {cells} | {each.one_changed / each.by_hand:.2f} |"
        yield ""
        yield "| 读数字：1 MB 报告 ÷ jieba 分词 | 读出 | 用时 s | 0.1 MB s | 倍数 | 分词 s | 怪文字 10 倍 | 内存 MB | 首次 s |"
        yield "|---|--:|--:|--:|--:|--:|--:|--:|--:|"
        yield _reading_line(self.reading)
        yield ""
        yield "| 读提纲：1 MB 报告用时 s | 倍数 | 怪文字 10 倍 |"
        yield "|--:|--:|--:|"
        yield f"| {self.reading.outline:.2f} | {self.reading.outlined:.1f} | {self.reading.outlined_hostile:.1f} |"
        yield ""
        taken, handed = self.exchange.taken_in, self.exchange.handed_out
        yield "| 导入行数 | 读两遍加直接写入 s | 预览 s | 确认 s | 倍数 | 每千行查询 | 内存 MB |"
        yield "|--:|--:|--:|--:|--:|--:|--:|"
        yield (
            f"| {taken.rows} | {taken.bare:.1f} | {taken.looked_at:.1f} | {taken.confirmed:.1f} | {taken.ratio:.2f}"
            f" | {taken.queries_per_thousand:.1f} | {taken.memory:.0f} |"
        )
        yield ""
        yield "| 导出数值行数 | 用时 s | 内存 MB | 文件 MB |"
        yield "|--:|--:|--:|--:|"
        yield f"| {handed.rows} | {handed.seconds:.1f} | {handed.memory:.0f} | {handed.size / 1_000_000:.1f} |"
        yield ""
        yield f"服务刚启动时第一次打开总览：{self.cold / 1000:.1f} 秒。"
        yield f"第一次打开总览，连同样式、脚本、图标共 {self.visit / 1000:.0f} KB。"
        yield ""
        yield "## 标准"
        yield ""
        for words, broken in self.bars():
            named = "、".join(broken[:MOST_NAMED]) + (f"等{len(broken)}项" if broken[MOST_NAMED:] else "")
            yield f"- 不符：{words}（{named}）" if broken else f"- 符合：{words}"

    def bars(self) -> Iterator[tuple[str, list[str]]]:
        """Each bar in words, and what does not hold it."""
        for words, name, most in (
            ("比值甲中位不超过 2", "ratio", RATIO),
            ("比值甲 P95 不超过 3", "ratio_p95", RATIO_P95),
            ("比值乙不超过 0.2", "ratio_again", AGAIN),
            ("查询不超过 15 次，含会话和用户", "queries", QUERIES),
            ("每页压缩后不超过 60 KB", "size", PAGE),
        ):
            yield words, [_named(row) for row in self.rows if row.worst(name) > most]
        yield "首次访问连同静态文件不超过 150 KB", ["总览"] if self.visit > VISIT else []
        wide = {row.rounds[0].place.name: row for row in self.rows if row.rounds[0].who == COUNTY}
        narrow = {row.rounds[0].place.name: row for row in self.rows if row.rounds[0].who == ONE}
        pairs = [(name, row, wide[name]) for name, row in narrow.items() if name in wide]
        more = [name for name, one, all_ in pairs if one.worst("usual_queries") > all_.worst("usual_queries")]
        yield "一局领导的查询不多于全县领导", more
        slow = [name for name, one, all_ in pairs if one.slower_than(all_) > NARROW]
        yield "一局领导的用时不超过全县领导的 1.1 倍", slow
        slow = [each.name for each in self.sums if each.one_changed > SUMS * each.by_hand]
        yield "汇总与手写 SQL 的结果相等", [each.name for each in self.sums if not each.equal]
        yield "汇总不超过手写 SQL 的 2 倍", slow
        for words, value, most in (
            ("报告长到 10 倍，读数字用时不超过 11 倍", self.reading.growth, TEN_TIMES),
            ("读数字不超过 jieba 分词的 5 倍", self.reading.to_jieba, TO_JIEBA),
            ("读 1 MB 内存不超过 200 MB", self.reading.memory, MEMORY),
            ("长串数字、深层括号、成片逗号长到 10 倍，用时不超过 15 倍", self.reading.hostile, HOSTILE),
            ("报告长到 10 倍，读提纲用时不超过 11 倍", self.reading.outlined, TEN_TIMES),
            (
                "成片序号、括号、逗号长到 10 倍，读提纲用时不超过 15 倍",
                self.reading.outlined_hostile,
                HOSTILE,
            ),
            ("导入不超过读两遍加直接写入的 3 倍", self.exchange.taken_in.ratio, TO_BARE),
            ("导入每千行查询不超过 60 次", self.exchange.taken_in.queries_per_thousand, FOR_A_THOUSAND),
            ("导入内存不超过 300 MB", self.exchange.taken_in.memory, MEMORY_IN),
            ("导出内存不超过 200 MB", self.exchange.handed_out.memory, MEMORY_OUT),
        ):
            yield words, [f"{value:.1f}"] if value > most else []


def _named(row: Row) -> str:
    return f"{row.rounds[0].place.name}（{row.rounds[0].who}）"


def _reading_line(reading: Reading) -> str:
    seconds = f"{reading.whole:.2f} | {reading.tenth:.3f} | {reading.growth:.1f} | {reading.jieba:.2f} | {reading.hostile:.1f}"
    return f"| {reading.to_jieba:.2f} | {reading.figures} | {seconds} | {reading.memory:.0f} | {reading.start:.1f} |"


def _line(row: Row) -> str:
    first = row.rounds[0]
    ratios = " | ".join(f"{row.worst(name):.2f}" for name in ("ratio", "ratio_p95", "ratio_again"))
    times = f"{row.worst('median'):.0f} | {row.worst('p95'):.0f}"
    sizes = f"{row.worst('queries'):.0f} | {row.worst('size') / 1000:.1f}"
    return f"| {first.place.name} | {first.who} | {times} | {ratios} | {sizes} |"
