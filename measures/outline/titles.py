"""A short title for an action (举措标题): the deed of its sentence, without figures, openings and results."""

import re

from measures.figures.lexicon import PERIOD
from measures.figures.links import linked
from measures.figures.mentions import Mention, all_mentions, tidied
from measures.figures.words import cut
from measures.outline.deeds import DONE, EASE, OPENS, RESULT, SPIRIT
from measures.outline.lines import Span, Wholes, clauses

LONGEST = 20
_LEAST = 4
_MOST_READ = 400
_EASE_START = re.compile(
    rf"(?:{EASE}|据了解|据介绍|据统计|目前|截至目前|近年来|今年以来|通过|以及|和|及|、|，|还|也|已|均|都|又|更|首先是?|其次是?|严肃(?!查)|一律|该[县市局区]|全[县市区局]|[我本][县市局区]|年|月|日)(?!的)"
)
_KEPT_START = re.compile(
    "(?:加强|强化|加快|累计|集中(?:整|学|救|供|安)|深入(?:社区|基层|一线|企业|学校|村)|统一|全面推|定期|专题)"
)
_END_FILLER = re.compile(
    r"(?:共计|总计|合计|累计|达到了?|已达|高达|(?<!抵)达|(?<!平)均|分别|各|(?<!公)共|了|(?<![行作认])为|(?<![所国拥享公固])有|以?至|(?<!报)到|是"
    r"|(?<![自理])由|(?<![服听])从|(?<![存潜现])在|(?<![关属])于|(?<![附最临靠走新就邻亲贴])近|(?<![签节预履违公])约|超过|(?<![总缓温])和"
    r"|(?<![普涉以])及|(?<!参)与|以及|、|，|(?<![高平同])等|(?<!合)并|(?<!目)的|位居|位列|名列|获评|(?<![实序入面利步期泛])开展|进行|年均|实现|全部|仅|较|(?<!评)比|同比|其中|已|将"
    r"|(?<![面核相应])对|(?<![方导面取定志动])向|每[年月人次]|先后|再|多次|（|“|《)$"
)
_FELL = re.compile("降|减|缩|压|下调|回落|收窄")
_ROSE = re.compile("增|提|升|扩|涨|跃|拓|发展|壮大|上调")
_BRACKETS = re.compile(r"（[^（）]{0,200}）|\([^()]{0,200}\)")
_LONG_QUOTE = re.compile("“[^“”]{7,}”|《[^《》]{11,}》")
_DEED = re.compile(f"(?:{DONE})")
_NAMED = re.compile("(?<=”)[^“”，。；、]{2,8}$")
_GONE = re.compile("\0(?:[、和及与等]*\0)*[、和及与等]*")
_ADVERBIAL = re.compile(
    rf"(?:在|通过|围绕|结合|针对|以|为|利用|依托|按照|根据|由|从|自)[^，。；]{{1,40}}?(?={DONE})"
)
_PLACE = re.compile("在[^，。；]{2,30}?(?:上|中|方面|里|内|期间)(?=[^，。；、]{4,})")
#: 针对巡察发现的问题，认真进行整改: the matter stands before the verb.
_DEALT_WITH = re.compile(
    "(?:针对|对|就)(?P<matter>[^，。；]{4,18}(?:问题|隐患|短板|线索))，[^，。；]{0,8}进行了?(?P<verb>整改|整治|排查|通报|核查|督办)"
)
_SENDING = re.compile("(?:派出|选派|抽调)$")
_SENT = re.compile("(?:派出|选派|组织|动员|抽调|安排|推动|带领|引领|共有|其中有?|有)+(?=[^，。、；]{4,})")
_LISTED = re.compile("[、和及与]|以及")
_BETWEEN = re.compile("(?<=[^，。、；])[^，。、；“”《》]{1,16}的(?=[^，。；的]{2,})")
_ENDS = "，。；：、！!;:, \u3000\t"
_OPEN, _CLOSED = "“《（‘【〈(", "”》）’】〉)"


def title_of(sentence: str) -> str:
    """At most 20 characters that say what was done; whole words, with every bracket closed."""
    words = sentence[:_MOST_READ]
    best = max(_phrases(words), key=lambda each: each[0], default=(0, ""))[1]
    if about := _DEALT_WITH.search(words):
        best = _fitted(about["verb"] + about["matter"]) or best
    return best or _fitted(_plain(words)) or _balanced(words[:LONGEST]).strip(_ENDS)


def _phrases(words: str) -> list[tuple[int, str]]:
    """What each clause would give, with how well it would do; the first of equals is taken."""
    tidy = tidied(words)
    found = linked(tidy, all_mentions(tidy))
    phrases = []
    for clause in clauses(words, Span(0, len(words)), Wholes(words)):
        inside = [each for each in found if clause.start <= each.start and each.end <= clause.end]
        phrase = _fitted(_told(words, clause, inside))
        if len(phrase) >= _LEAST:
            phrases.append((_worth(words[clause.start : clause.end], phrase, bool(inside)), phrase))
    return phrases


def _worth(clause: str, phrase: str, counted: bool) -> int:
    worth = 4 * bool(OPENS.match(_begun(clause))) + bool(_DEED.search(clause)) + 2 * counted
    worth -= 4 * bool(RESULT.match(clause)) + 4 * bool(SPIRIT.match(clause))
    worth -= 3 * (len(clause) > LONGEST + _LEAST and clause.startswith(("将", "把", "对")))
    return worth + (len(phrase) > _LEAST + 1)


def _told(words: str, clause: Span, found: list[Mention]) -> str:
    """A clause without its figures; a change is named by its direction."""
    said, place = "", clause.start
    for mention in found:
        if mention.lead < place:
            continue
        said += words[place : mention.lead]
        place = mention.end
        if mention.unit == "人" and words[place : place + 1] not in ("", "，", "。"):
            said = _SENDING.sub("", said)
        if mention.old:
            said = _without_end(said)
            changed = words[mention.old.end : mention.lead] + words[mention.start : mention.end]
            return said + ("下降" if _FELL.search(changed) else "提升" if _ROSE.search(changed) else "变化")
        if not re.match(r"[^，。；：]{2,}", _plain(words[place : clause.end])):
            return said
    return said + words[place : clause.end]


def _plain(words: str) -> str:
    return words.strip(_ENDS)


def _begun(words: str) -> str:
    """The words without the time, the manner and the connecting words that they begin with."""
    for _ in range(8):
        before = words
        if period := PERIOD.match(words):
            words = words[period.end() :]
        if not _KEPT_START.match(words) and (start := _EASE_START.match(words)):
            words = words[start.end() :]
        words = words.lstrip("，、；：。 \u3000")
        if words == before:
            break
    return words


def _without_end(words: str) -> str:
    for _ in range(6):
        words = _plain(words)
        if (end := _END_FILLER.search(words)) is None or end.start() < 2:
            break
        words = words[: end.start()]
    return words


def _fitted(words: str) -> str:
    """The words, shortened where they say least until they fit."""
    words = _without_end(_balanced(_begun(_plain(words)).replace("了", "", 1)))
    for shorter in (_unbracketed, _from_deed, _unquoted, _listing, _without_between, _cut):
        if len(words) <= LONGEST and shorter not in (_unbracketed,):
            break
        tried = _without_end(_balanced(_begun(shorter(words))))
        words = tried if len(tried) >= _LEAST else words
    return _balanced(words) if len(words) <= LONGEST else ""


def _unbracketed(words: str) -> str:
    return words if len(words) <= LONGEST else _BRACKETS.sub("", words)


def _from_deed(words: str) -> str:
    """From the verb on, without who did it where and on what occasion."""
    words = _SENT.sub("", words, count=1) if _SENT.match(words) and _DEED.search(words, 4) else words
    if match := _ADVERBIAL.match(words) or _PLACE.match(words):
        return words[match.end() :]
    if _DEED.match(words):
        return words
    hidden = re.sub("“[^”]*”|《[^》]*》", lambda match: "＿" * len(match[0]), words)
    place = 0
    for word, _ in cut(hidden):
        if place and _DEED.fullmatch(word) and len(words) - place >= _LEAST + 2:
            return words[place:]
        place += len(word)
    return words


def _unquoted(words: str) -> str:
    """Without the longest quotation, if what is left says enough."""
    without = _GONE.sub("", _LONG_QUOTE.sub("\0", words))
    return without if len(without) > _LEAST + 1 else words


def _listing(words: str) -> str:
    """Of a list the first things, and what they are: 学党史等系列活动."""
    head, etc, tail = words.partition("等")
    if etc and 1 < len(tail) <= 10 and "、" in head:
        first = head.split("、")[0]
        if len(first) + len(tail) + 1 <= LONGEST:
            return f"{first}等{tail}"
        return f"{(_DEED.match(first) or [''])[0]}{tail}"
    kept = ""
    for match in _LISTED.finditer(words):
        if match.start() > LONGEST:
            break
        if match.start() >= _LEAST + 2 and _is_balanced(words[: match.start()]):
            kept = words[: match.start()]
    named = _NAMED.search(words)
    if kept.endswith("”") and named and len(kept + named[0]) <= LONGEST:
        return kept + named[0]
    return kept or words


def _without_between(words: str) -> str:
    """Without what stands before 的, the verb kept."""
    verb = _DEED.match(words)
    if verb and (match := _BETWEEN.match(words, verb.end())):
        return verb[0] + words[match.end() :]
    _, of, tail = words.rpartition("的")
    return tail if of and len(tail) > _LEAST else words


def _cut(words: str) -> str:
    """The longest beginning of whole words that fits and leaves nothing open."""
    kept, place = "", 0
    for word, _ in cut(words):
        place += len(word)
        if place > LONGEST:
            break
        if _is_balanced(words[:place]) and not word.isdigit():
            kept = words[:place]
    return kept


def _is_balanced(words: str) -> bool:
    return all(words.count(a) == words.count(b) for a, b in zip(_OPEN, _CLOSED, strict=True))


def _balanced(words: str) -> str:
    """The words, without brackets and quotes that have no fellow."""
    for a, b in zip(_OPEN, _CLOSED, strict=True):
        if words.count(a) != words.count(b):
            words = words.replace(a, "").replace(b, "")
    return words
