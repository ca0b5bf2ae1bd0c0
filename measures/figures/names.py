"""What is counted (名称): the words around a number, without the verbs and fillers that say nothing of it."""

import re

from measures.figures.lexicon import CHANGE, DEED, FINITE, LIGHT, LIGHT_FIRST, PERIOD, TIMES
from measures.figures.links import noun_of_old
from measures.figures.mentions import Kind, Mention
from measures.figures.words import cut

LONGEST = 24
_ROOM = 14
_WIDE = 18
_LEAST = 2
_SAYS_ENOUGH = 4
_SHORT_ENOUGH = 14
_SEPARATOR = re.compile(r"[，。；：:;！？!?\n•·\t]")
_STOP = re.compile(r"[，。；：:;！？!?\n、•]")
_WORD = re.compile(r"[^\W\d_]")
_SCOPE = "全县|全市|全区|全局|全系统|全省|全州|全镇|全乡|辖区内?|县域内?|各|所辖|共|共计|累计|总计|合计|约|近|达|了|到|出"
_FILLER_END = re.compile(
    r"(?:共计|总计|合计|累计|总共|约为|一共|共有|现有|已有|(?<!平)均|都|分别|各|(?<!公)共|达到|已达|多达|高达|(?<!抵)达|了|(?<![行作认])为"
    r"|(?<![所国拥享公固])有|(?<!报)到|至|是|(?<![统审会估设预])计|仅|(?<![理自])由|从|平均每[个名张户人件笔]|每[个名张户人件笔年月]|[年月]人均"
    r"|原来的?|原有的?|原|目前的?|现在的?|(?:上年|去年|年初|同期)的?|的|已|(?<![签预节履违公])约|逾|也|(?<![退归返])还|再|，|、|（|\(|：|(?<!存)在"
    r"|连续[0-9一二三四五六七八九十两]{1,3}年|[0-9]{4}年|[0-9]{1,2}月底?)$"
)
_START = re.compile(
    r"(?:（[0-9一二三四五六七八九十]{1,2}）|（(?![^（）]*）)|[0-9]{1,2}[.．、]|[一二三四五六七八九十][是、]|其中|同时|另外|另有|此外|并且|并|及(?!时|格)|以及|和(?!谐|平)|与(?!会)|还|也|先后|分别|共计|累计|共(?![建同享青产商治识])|已|已有|现有|目前"
    r"|截至目前|仅|近年来|来(?!访|电|信)|针对|对(?![口接标象外])|将|把|为(?!民)|使(?![用命])|让(?!利)|由|从(?![业严])|的|了|等|在(?![职校编岗册建])|又"
    r"|再(?!就)|、|，|）|”|主动|积极(?!分子)|广泛|扎实|认真|持续|全面|成功|有效|切实|大力|不断|进一步|特别是|有(?![效关机])|是|全[县市区局省州](?!域)|全系统"
    r"|[该我本][局县市区委院单位]|县里|局里|各级)"
)
_LIGHT = re.compile(rf"(?:{LIGHT})了?")
_LIGHT_FIRST = re.compile(rf"(?:{LIGHT_FIRST})了?")
_QUOTED = re.compile(r"“[^”]{0,40}”|《[^》]{0,60}》")
_CHANGED_END = re.compile(rf"(?:{CHANGE}|控制|稳定|保持|维持)(?:在|到|至|为|成)$")
_FINITE = re.compile(FINITE)
_DEED_END = re.compile(rf"(?P<verb>{DEED})(?:{_SCOPE})*$")
_ADVERB = re.compile(
    r"^(?:全部|全员|均|都|已经|已|纷纷|主动|积极|踊跃|带头|先后|分别|可以|能够|能|主要|同时|集中|如期|顺利|按时|全面|进行了?|开展了?|实现了?|被)+"
)
_JOIN_END = re.compile(r"(?:和|及|以及|与|并|、|，|或|（|\(|的|等|其中|有|共|“)+$")
_USED_FOR = re.compile(r"，(?:主要|全部)?用于([^，。；、]{2,12})")
_LEVEL = re.compile(r"(?:国家|省|市|县|区|州|镇){1,2}级")
_STAND_END = re.compile(
    r"(?:连续|排名|位居|名列|位列|排|列|居|获得|取得|荣获|获|夺得|均|稳居|保持|综合|名次|位次|的|中|为|得|评为|跃居|升至|至|到|在)$"
)
_THAN = re.compile("(?:较|比|与)(?:去年|上年)(?:同期)?(?:相比)?")
_ROSE = re.compile("(?<=.)(?:增长|上升|增加|提高|提升)$")
_FELL = re.compile("(?<=.)(?:下降|降低|减少)$")
_BARE_RATE = re.compile("(?:同比|环比)?(?:增幅|降幅|增长|提速|下降|缩短|压缩|节约|减少|占比|完成率)")
_BRACKETED = re.compile("^（[套辆个台次份册件本份只人]）")
_HELD = re.compile("分别|达|保持|稳定|超过|实现|均|下降|增长|上升")
_DEED_START = re.compile(DEED)
_STREAK_END = re.compile("连续[0-9一二三四五六七八九十两]{1,3}年$")
_LISTED = re.compile("(?P<noun>[^，。；、0-9]{1,13}?)(?:[、和及与]|以及)")
_AND = re.compile("、|和|及(?!以[上下])|与|以及")
_BOTH = re.compile(
    "(?:两率|均|都|双双|全部)(?:已|达|达到|为|实现|在|保持|超过|了|到|提高|稳定|提升|至|约|近)*$"
)
_RATES = frozenset({"%", "个百分点", "百分点", "倍", "‰", "/10万", "/万"})
_PLACE_END = re.compile(
    "(?:稳居|位居|居|列|位列|名列|排名|排在?|在)(?:全国|全[省市县区州]|[^，。；的]{2,3}[省市县区州])$"
)
_RATE_END = re.compile("[率数量额度值]$|标准$")
_BOUND_END = re.compile("以[上下内]$")
_SHARE = re.compile("，?(?:为|是|相当于|约为)(?P<whole>[^，。；]{2,12})的")
_TAKEN = re.compile("^[^，。；“]{2,12}?(?:将(?!近)|把)")
_OLD_PLACE = re.compile("(?:(?<!理)由|从(?![业严事]))[^，。；]{0,6}$")
_GROWN = re.compile("(?:同比|环比)?(?:增幅|降幅)$")
_REACHED = re.compile("(?:达到?|[升增提降减][高加低少]?[到至]|为)了?$")
_RANK_START = re.compile("在|其中|并|也|均|还|，|、|该[局县市]")
_PEOPLE = frozenset({"人", "名", "位", "人次"})


def left_of(text: str, mention: Mention, floor: int) -> str:
    """The words of the clause before a number, back to the previous figure at most."""
    window = text[max(floor, mention.lead - 60) : mention.lead]
    return _SEPARATOR.split(window)[-1]


def _clause_before(text: str, mention: Mention, floor: int) -> str:
    """The clause before the one of a number that has no words of its own: 开展志愿服务，共计35场."""
    window = text[max(floor, mention.lead - 60) : mention.lead]
    clauses = [clause for clause in _SEPARATOR.split(window)[:-1] if len(clause) > 1]
    return clauses[-1] if clauses and "。" not in window else ""


def right_of(text: str, mention: Mention, following: Mention | None) -> str:
    """The words after a number and its unit, up to a mark; of a figure that comes before it only the unit's noun."""
    window = text[mention.end : mention.end + 40]
    window = _STOP.split(window, maxsplit=1)[0]
    if following is None or following.start >= mention.end + len(window):
        return window if _WORD.search(window) else ""
    noun = window[: max(0, following.lead - mention.end)]
    if noun.count("（") > noun.count("）"):
        return noun[: noun.rindex("（")]  # 8个（其中省级1个）
    rest = window[following.end - mention.end :] if following.unit not in ("%",) else ""
    if len(noun) >= 4 and any(verb for _, verb in cut(noun)) and rest and not _JOIN_END.search(noun):
        return noun + rest
    return noun if _WORD.search(noun) else ""


def name_of(text: str, mention: Mention, floor: int, following: Mention | None, before: str = "") -> str:
    """The name of what a figure counts, at most 24 characters.

    `floor` is where the figure before it in its sentence ends, `before` that figure's name, `following` the next one.
    """
    left = left_of(text, mention, floor)
    right = _BRACKETED.sub("", right_of(text, mention, following))
    if mention.kind is Kind.STREAK:
        return _streak(left, right)
    if mention.kind is Kind.RANK:
        return _rank(left, mention, right)
    noun, predicate = ("", "") if right.startswith("的") and mention.unit != "%" else _split(right)
    if mention.unit.endswith("元") and noun and (_DEED_START.match(right) or cut(right)[0][1]):
        noun, predicate = "", _strip(_JOIN_END, right, -1)
    if mention.unit in _RATES or mention.old or mention.unit in TIMES:
        return _short(
            _share(text, mention, left, before)
            or _joined(predicate, noun)
            or _rate(_clause_before(text, mention, floor))
        )
    if noun:
        return _short(_counted(text, mention, left, noun, predicate, following))
    if predicate and mention.unit in _PEOPLE:
        return _short(_joined(predicate, "人员" if mention.unit != "人次" else ""))
    name = _cleaned(left)
    if _LIGHT.fullmatch(name):
        name = ""
    if before and _LEVEL.fullmatch(name):
        # 国家级荣誉1项、省级3项
        name += cut(before)[-1][0]
    if predicate and mention.unit.endswith("元"):
        return _short(predicate[:_ROOM] + name)
    begun = _DEED_START.match(before)
    if (
        name
        and begun
        and text[floor : floor + 1] in ("、", "和", "及")
        and not (_DEED_START.match(name) or cut(name)[0][1])
    ):
        name = begun[0] + name
    if predicate and before and not name and "其中" in left:
        # 调研报告12篇，其中2篇获批示
        return _short(_joined(predicate, before if len(before) <= _ROOM else cut(before)[-1][0]))
    name = name or _cleaned(_clause_before(text, mention, floor))
    if len(name) <= _LEAST and before and text[floor : floor + 1] == "，":
        # 宣讲23场，受众1400余人次: the second is 宣讲受众
        last, verb = cut(before)[-1]
        name = (last if not verb and len(last) <= _SAYS_ENOUGH else "") + name
    if used := _USED_FOR.match(text, mention.end):
        name = used[1] + name
    return _short(name or predicate)


def counted_after(text: str, mention: Mention, following: Mention | None) -> str:
    """The name as the words after a unit alone give it: 6万名群众脱贫 → 脱贫的群众; empty without a noun there."""
    right = right_of(text, mention, following)
    noun, predicate = ("", "") if right.startswith("的") else _split(right)
    return _short(_joined(predicate, noun)) if noun else ""


def with_predicate(text: str, found: list[Mention], names: list[str]) -> list[str]:
    """The names of a sentence, each with what is said of its list: 5个支部、2个社区结对 → 结对的支部, 结对的社区."""
    names = list(names)
    predicate = ""
    for index in range(len(found) - 1, -1, -1):
        own = (
            _LISTED.fullmatch(text, found[index].end, found[index + 1].lead)
            if index + 1 < len(found)
            else None
        )
        if own is None:
            following = found[index + 1] if index + 1 < len(found) else None
            noun, predicate = _split(right_of(text, found[index], following))
            predicate = predicate if noun and len(predicate) >= _LEAST else ""
        elif predicate and names[index].endswith(own["noun"]) and _split(own["noun"])[1] == "":
            names[index] = _short(_joined(predicate, own["noun"]))
    return names


def shared_out(left: str, count: int) -> list[str]:
    """The names of figures given one after the other: A、B两率分别达到 … → one for each; empty if they do not fit."""
    head, apart, said = left.partition("分别")
    head = _begun(_strip(_FILLER_END, _STREAK_END.sub("", head), -1))
    parts = [part for part in _AND.split(head) if part]
    if not apart or len(parts) != count:
        return []
    common = next((parts[0][i:] for i in range(len(parts[0])) if parts[0][i:] in parts[-1]), "")
    shared = len(common) > 1
    tail = parts[-1].rpartition(common)[2] if shared else ""
    own = shared or _RATE_END.search(parts[0]) or _BOUND_END.search(parts[-1])
    if not own and len(parts[-1]) > len(parts[0]) + 1:
        # 城市、农村低保标准: what stands at the same place has the same length
        tail = parts[-1][len(parts[0]) :]
    grown = _grown(said.removesuffix("了"))
    return [_short(part + tail + grown) for part in parts[:-1]] + [_short(parts[-1] + grown)]


def _grown(said: str) -> str:
    """What a name gets of the words after 分别: 满意率、知晓率分别提升3个、2.5个百分点."""
    if said.startswith("占"):
        return "占比"
    ends = _ROSE.sub("增幅", _FELL.sub("降幅", f"。{said}"))
    return ends[-2:] if ends.endswith(("增幅", "降幅")) else ""


def listed(left: str) -> tuple[str, ...]:
    """What one figure is said of: 覆盖率、结算率均达到 → both; empty if it is one thing."""
    match = _BOTH.search(left)
    if match is None:
        return ()
    head = _begun(left[: match.start()])
    parts = [part for part in _AND.split(head) if part]
    return tuple(parts) if len(parts) > 1 else ()


def _streak(left: str, right: str) -> str:
    if _HELD.match(right) and len(left) > _LEAST + 2:
        right = left.removesuffix("连续").removesuffix("蝉联")
    return _short(_begun(right), LONGEST - 5) + "的连续年数"


def _counted(
    text: str, mention: Mention, left: str, noun: str, predicate: str, following: Mention | None
) -> str:
    """The name where the noun comes after the unit: 23名医师参加培训, 捐赠13500册书籍."""
    if _LEVEL.fullmatch(noun) and following:
        # 2家国家级和9家省级示范性社区: the first ones are 国家级示范性社区
        noun += _LEVEL.sub("", _split(right_of(text, following, None))[0], count=1)
    if len(predicate) >= _LEAST:
        return _joined(predicate, noun)
    if mention.unit.endswith("元"):
        return _cleaned(left) + noun
    verb = _DEED_END.search(left)
    return (verb["verb"] if verb else "") + noun


def _rank(left: str, mention: Mention, right: str) -> str:
    if mention.said.startswith("首"):
        return _short(_begun(left) + mention.said + right)
    base = _strip(_STAND_END, _PLACE_END.sub("", left), -1)
    base = base.rpartition("等")[2] if len(base.rpartition("等")[2]) >= _LEAST else base
    return _short(_strip(_RANK_START, base, 0), LONGEST - 2) + "名次"


def _rate(left: str) -> str:
    """The name before a percentage or a changed figure: 知晓率达到 → 知晓率; 同比增长 stays."""
    left = _TAKEN.sub("", left)
    base = _strip(_FILLER_END, left, -1)
    base = _CHANGED_END.sub("", left if _CHANGED_END.search(left) else base)
    base = _begun(_strip(_FILLER_END, base, -1))
    base = _THAN.sub("同比", base)
    return _ROSE.sub("增幅", _FELL.sub("降幅", base))


def _share(text: str, mention: Mention, left: str, before: str) -> str:
    """The name of a share, a growth or a changed figure; one without a subject takes that of the figure before it."""
    rate = noun_of_old(text, mention) or _rate(_OLD_PLACE.sub("", left) if mention.old else left)
    if (share := _SHARE.fullmatch(left)) and before:
        rate = "占" + share["whole"]
    if rate.startswith("占") and before:
        rate = f"{before}{rate}比例"
    if before and not rate and _REACHED.search(left):
        # 报销比例提高5个百分点，达到85%
        rate = _GROWN.sub("", before)
    if before and _BARE_RATE.fullmatch(rate):
        rate = _GROWN.sub("", before)[:_ROOM] + rate
    return rate


def _cleaned(left: str) -> str:
    """The clause before a number without fillers and without a verb that only says that something was held."""
    base = _begun(_strip(_FILLER_END, _CHANGED_END.sub("", _TAKEN.sub("", left)), -1))
    rest = _begun(base[_after_light(base) :])
    listed = re.search(r"等(?=[^等]{3,}$)", rest)
    if listed and "、" in rest:
        rest = rest[listed.end() :]
    rest = _from_verb(rest)
    return _strip(_JOIN_END, rest, -1) or base


def _after_light(base: str) -> int:
    """Where the words after the first verb that only says that something was held begin; 0 without one."""
    hidden = _QUOTED.sub(lambda match: "＿" * len(match[0]), base)
    first = _LIGHT_FIRST.match(hidden)
    for match in _LIGHT.finditer(hidden):
        if len(base) - match.end() >= _LEAST:
            return match.end()
    return first.end() if first and len(base) - first.end() >= _LEAST else 0


def _from_verb(words: str) -> str:
    """Of 某局组织党员观看影像资料 what begins with the last verb that has an object, if the whole is long."""
    if len(words) <= _SHORT_ENOUGH:
        return words
    tokens = cut(words)
    place, found = 0, 0
    for index, (word, verb) in enumerate(tokens):
        if verb and index + 1 < len(tokens) and len(word) > 1 and len(words) - place - len(word) >= _LEAST:
            nxt = tokens[index + 1][0]
            follows_verb = index > 0 and tokens[index - 1][1]
            if not follows_verb and nxt not in ("的", "、", "和", "”") and "“" not in words[:place]:
                found = place
        place += len(word)
    return words[found:]


def _split(right: str) -> tuple[str, str]:
    """The noun after a unit and what is said of it: 医师｜参加全科医生转岗培训."""
    right = _strip(_JOIN_END, right, -1)
    place, joined = 0, False
    tokens = cut(right)
    for index, (word, verb) in enumerate(tokens):
        if (verb and len(word) > 1 and index and index + 1 < len(tokens)) or _FINITE.fullmatch(word):
            if word in ("和", "与", "及", "以及"):
                joined = True
            elif _whole(right[:place]):
                break
        place += len(word)
    else:
        return _begun(right), ""
    noun = re.split("和|与|以及|及", right[:place])[0] if joined else right[:place]
    predicate = _ADVERB.sub("", right[place:]).replace("了", "", 1)
    return _begun(noun), re.sub("^(?:全县|全市|全区)|(?<=..)(?:全县|全市|全区)", "", predicate)


def _whole(words: str) -> bool:
    """Whether a noun may end here: no bracket is open, and no 的 waits for what it belongs to."""
    return words.count("（") == words.count("）") and not words.endswith(("的", "的被", "被"))


def _joined(predicate: str, noun: str) -> str:
    if not noun or not predicate:
        return noun or predicate
    room = LONGEST - len(noun) - 1
    return f"{predicate[: max(room, 0)]}的{noun}" if room > 1 else noun


def _begun(words: str) -> str:
    """The words without the time and the connecting words that a clause begins with."""
    for _ in range(3):
        stripped = _strip(_START, words, 0)
        if period := PERIOD.match(stripped):
            stripped = stripped[period.end() :]
        if stripped == words:
            break
        words = stripped
    return words


def _strip(pattern: re.Pattern[str], words: str, end: int) -> str:
    """The words without what the pattern finds at their beginning (0) or end (-1), again and again."""
    for _ in range(8):
        match = pattern.match(words) if end == 0 else pattern.search(words)
        if match is None or not match[0]:
            break
        words = words[match.end() :] if end == 0 else words[: match.start()]
    return words


def _short(words: str, longest: int = LONGEST) -> str:
    """At most so many characters, cut where a word ends: the end of a name says most."""
    words = _whole_marks(words.strip(" \u3000，、"))
    if re.match("“[^”]{7,}”", words) and len(rest := _QUOTED.sub("", words)) >= _SAYS_ENOUGH:
        words = rest
    if len(words) <= longest:
        return words
    without = _QUOTED.sub("", words)
    if _LEAST * 2 <= len(without) <= longest:
        return without
    nice = max(
        (m.end() for m in re.finditer("[的、和”》）与及]", words[:-6]) if len(words) - m.end() <= longest),
        default=0,
    )
    return _whole_marks(words[nice or -_WIDE :][:longest])


def _whole_marks(words: str) -> str:
    """The words without quotation marks of which only one half is there."""
    for pair in ("“”", "《》"):
        if words.count(pair[0]) != words.count(pair[1]):
            words = words.replace(pair[0], "").replace(pair[1], "")
    return words
