"""Numbers that are no figures: dates, 文号, idioms, names with numbers; a table of what stands around them."""

import re
from decimal import Decimal

_SMALL = "[一二三四五六七八九十两]"
#: What parts the digits of 1 234 in a page that was copied.
BLANK = "[ \u3000\u00a0\u2009\u202f]"
#: What stands right before a number that is no figure: 第3号, A4, 5+2, V2.3.1, 24/7; or the rest of one: 5 6起, 1万两千件.
BEFORE = re.compile(
    r"(?:第|届|[×*+/#№=_]|[0-9][.:：])[ \u3000]?$"
    rf"|[0-9十百千万亿]{BLANK}+$|(?:[0-9]|{_SMALL})[十百千万亿]+$"
)
#: The same for numbers in digits: A4, V2, CT3.
BEFORE_DIGITS = re.compile(r"[A-Za-z]$")
#: The same for numbers in characters: 周三, 几十, 每两; 先后两次 is counted.
BEFORE_CHINESE = re.compile(r"(?:[周初几数每各前]|(?<!先)后|星期|百分)$")
#: The same for 一, the end of many words: 统一, 唯一, 合一, 另一个.
BEFORE_ONE = re.compile(r"(?:[之其统唯专逐某老好若划归合同单万不均任另这那哪某头又再]|进)$")
#: Fixed phrases of party and office prose that look like a number with its unit, matched where the number stands.
IDIOM = re.compile(
    rf"{_SMALL}个(?:意识|代表|自信|维护|确立|表率|务必|伟大|全面|革命|带头|面向|文明|布局|坚持|一|两|二|三|不|没有|严禁|必须|毫不|绝不|到位|结合"
    r"|突出|重点|关键|方面|层面|环节|维度|统筹|聚焦|融合|注重|加强|强化|引领|清零|覆盖|转变|提升|提高|优化|更|严|抓|百年|时代|百分百"
    r"|确保|起来|服从|善于|敢于|模范|讲清楚|着力|着眼|紧盯|下功夫|角度|阶段|切入点|抓手|第一|[0-9])"
    rf"|{_SMALL}(?:项规定|项纪律|种形态|项基本|项原则|条禁令|条红线|条底线|条战线|条主线|套班子|本账|件事|张网|张图|条龙|位一体|支一扶|家亲|家人"
    r"|条心|面旗|面镜|把尺|次性|次办|次告|本通|条例|场仗|场硬仗|系列|部分|部曲|股绳|张蓝图|张表|张清单|期)"
    r"|[千百万]家万户|千家|万家|四处|一处|两面|八面|三面|百倍|千倍|一个(?:个|人|样|家|月|不|都|也|声音|目标|中心|时期|接一个)"
)
#: What is not counted but told apart: 6个方面.
ASPECT = re.compile("个?(?:方面|层面|角度|维度)")
#: What makes a number belong to each of many (每月1次): a norm, not what was done.
EACH = re.compile(
    r"每(?:周|月|季度?|半年|年|天|日|名|人|个|村|户|乡|镇|单位|支部|家|位|所|次|两)[^，。；：]{0,14}$"
)
_NORM_AT_MOST = 12
#: Numbers inside short quotes, book titles and the brackets of 文号 belong to a name.
NAMES = re.compile(
    r"“[^“”。！？\n，]{1,24}”|‘[^‘’。！？\n，]{1,24}’|「[^「」。\n，]{1,24}」|《[^《》\n]{1,60}》|〔[^〔〕\n]{1,12}〕|\[[0-9]{4}\]"
)
#: One only counts where something was made or done: 责令一个单位, not 建成一支过硬队伍.
ONE_DONE = re.compile(
    r"(?:建成|新建|改建|扩建|成立|组建|设立|责令|查处|新增|获评|荣获|获得|引进|购置|购买|查办|立案|处分|命名|表彰|援建|修建|开办|创建)了?$"
)
#: After a small number in characters, a quoted word is a slogan: 三个“讲清楚”.
SLOGAN = re.compile(r"[“‘「]|[0-9]")
#: What has to be reached to belong to something (收入500元以下的, 50人以上的): a limit, unless it is a share.
LIMIT = re.compile("的(?!$)")
#: A number and unit that go on so are no count: 5人制, 一站式.
AFTER = re.compile(r"制(?![度定作止订成造约])|式|型|版")

#: What says that there was none of what is counted: 未发生1起, 无1例, 没有超过3人.
_DENIED = re.compile(
    r"(?:未再?(?:发生|出现|收到|接到|发现|产生|达到?|曾)?过?|(?<!有)无|没有?再?(?:发生|出现|收到|接到|发现|产生|达到?)?过?|杜绝|(?<![清归])零)$"
)
_NO_EVENT = re.compile(r"(?:未|没有)再?(?:发生|出现)过?[^，。；：、的并且而0-9]{1,14}$")
_EVENTS = frozenset({"起", "例", "件", "次", "宗", "人次"})


def is_denied(before: str, unit: str) -> bool:
    """Whether the words before a number deny what it counts: 全年未发生1起责任事故."""
    return bool(_DENIED.search(before) or (unit in _EVENTS and _NO_EVENT.search(before)))


def is_norm(before: str, amount: Decimal, unit: str) -> bool:
    """Whether the words before a small number make it a norm for each: 每月召开1次."""
    return unit not in ("%", "元", "万元") and amount <= _NORM_AT_MOST and bool(EACH.search(before))
