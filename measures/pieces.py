"""A figure as said, cut for setting: the figure itself stands larger than the words around it (pure)."""

import re
from dataclasses import dataclass

FIGURE = re.compile(
    r"[-−]?\d(?:[\d,，.．]|[至—～~-](?=\d))*[万亿千百]*[余多]?"
    r"|[〇一二两三四五六七八九十百千万]+[余多]?(?=[个项次场人户年名支条])"
)


@dataclass(frozen=True)
class Pieces:
    """A figure as said, cut for setting: words before, the figure itself, unit and words after."""

    before: str
    figure: str
    after: str


def pieces(words: str, unit: str = "") -> Pieces:
    """Cut a figure as said (1400余人次 → 1400余 + 人次); words with no or several figures stay whole.

    A unit stays whole: 2.23万元 → 2.23 + 万元.
    """
    found = list(FIGURE.finditer(words))
    if len(found) != 1:
        return Pieces("", words, "")
    start, end = found[0].span()
    if unit and start < (at := words.find(unit, start)) < end:
        end = at
    return Pieces(words[:start], words[start:end], words[end:])
