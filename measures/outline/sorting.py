"""Of which kind an action is (举措类别) and which theme a heading has (标准主题): words that speak for each, weighed."""

import re
from collections.abc import Mapping
from importlib.resources import files

BUSINESS = "业务工作"
#: What an action is most likely, where its own words say nothing.
_USUAL = {
    "政治建设": "组织建设",
    "思想建设": "学习教育",
    "组织建设": "组织建设",
    "业务履职": BUSINESS,
    "疫情防控": "疫情防控",
    "作风建设": "作风纪律",
    "党建业务融合": BUSINESS,
}
_HEADING_COUNTS, _SURE = 3, 4
#: So much of a long sentence is weighed.
_MOST = 400


class _Weights:
    """What each word says, found in one pass; a longer word counts before the shorter ones in it."""

    def __init__(self, file: str) -> None:
        self._says: dict[str, list[tuple[str, int]]] = {}
        name = ""
        for line in files("measures.outline").joinpath(file).read_text(encoding="utf-8").splitlines():
            if line.startswith("# "):
                name = line[2:]
                continue
            for each in line.split():
                word, _, weight = each.rpartition(":")
                self._says.setdefault(word, []).append((name, int(weight)))
        self.names = tuple(dict.fromkeys(name for says in self._says.values() for name, _ in says))
        longest_first = sorted(self._says, key=len, reverse=True)
        self._finder = re.compile("|".join(map(re.escape, longest_first)))

    def of(self, words: str) -> dict[str, int]:
        """The weight of each name; a word counts once."""
        total: dict[str, int] = {}
        for word in dict.fromkeys(self._finder.findall(words[:_MOST])):
            for name, weight in self._says[word]:
                total[name] = total.get(name, 0) + weight
        return total


_KINDS, _THEMES = _Weights("kinds.txt"), _Weights("themes.txt")
KINDS, THEMES = _KINDS.names, _THEMES.names


def kind_of(title: str, sentence: str, theme: str) -> str:
    """The kind of an action; its title says most, and the theme of its pillar a little."""
    total = _KINDS.of(sentence)
    for name, weight in _KINDS.of(title).items():
        total[name] = total.get(name, 0) + weight
    usual = _USUAL.get(theme, BUSINESS)
    total[usual] = total.get(usual, 0) + 1
    if theme == "疫情防控":
        total["疫情防控"] = total.get("疫情防控", 0) + 2 * _SURE
    return _heaviest(total)


def clear_kind(words: str) -> str:
    """The kind that a clause speaks of, if it clearly speaks of one; else empty."""
    total = _KINDS.of(words)
    name = _heaviest(total) if total else ""
    return name if total.get(name, 0) >= _SURE else ""


def theme_of(heading: str, body: str = "") -> str:
    """The theme of a heading and what stands under it; empty if neither is clear."""
    total = {name: weight * _HEADING_COUNTS for name, weight in _THEMES.of(heading).items()}
    for name, weight in _THEMES.of(body).items():
        total[name] = total.get(name, 0) + weight
    name = _heaviest(total) if total else ""
    return name if total.get(name, 0) >= _SURE else ""


def _heaviest(total: Mapping[str, int]) -> str:
    return max(total, key=lambda name: total[name])
