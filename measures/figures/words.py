"""Where words end and which are verbs (分词): jieba's dictionary and ours, loaded when first asked for."""

from functools import cache
from importlib.resources import files

import jieba

#: Verbs of the dictionary that mostly stand inside names (处理时间, 服务站): no end of a noun.
_INSIDE = frozenset(
    "处理 服务 管理 检测 监测 治理 生产 生活 销售 从业 工作 活动 帮扶 培训 办理 救助 住院 就业 创业 就诊 居住 流动 经营 养殖 种植 旅游 教育"
    " 扶贫 挂职 专职 兼职 任职 在职 退休 离退休 困难 干部 巡察 审批 整改 宣传 示范 防控 接种 护理 救治 取暖 供水 供电 上访 信访 失业 投诉 举报 便民"
    " 涉 涉及 标准 重点 驻村 包村 领导 负责 值班 值守 应急 候诊 候补 预备 报告 警示 参保 脱贫 监督 执法 招商 签约 养老 托育 助餐 签 代表 需求 执业"
    " 带 住 过 去 来 起 上 下 出 进 用 办 建 改 做 作 开 入 收 该 当 应 要 想 无 非 令 任 使 保 查 防 种".split()
)


@cache
def _dictionary() -> tuple[jieba.Tokenizer, frozenset[str]]:
    """The tokenizer and its verbs; without jieba's cache in a folder that everybody may write to."""
    tokenizer = jieba.Tokenizer()
    tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
    tokenizer.initialized = True
    verbs = set()
    with tokenizer.get_dict_file() as lines:
        for line in lines:
            word, _, tag = line.decode().split()
            if tag == "v":
                verbs.add(word)
    for line in files("measures.figures").joinpath("words.txt").read_text(encoding="utf-8").splitlines():
        word, tag = line.split()
        tokenizer.add_word(word)
        (verbs.add if tag == "v" else verbs.discard)(word)
    return tokenizer, frozenset(verbs - _INSIDE)


def cut(words: str) -> list[tuple[str, bool]]:
    """The words of a short text in order, each with whether it is a verb."""
    tokenizer, verbs = _dictionary()
    return [(word, word in verbs) for word in tokenizer.cut(words, HMM=False)]
