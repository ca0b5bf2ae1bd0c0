"""Chinese by its sound (pure): what letters typed find, and a user name for a person.

Only the table of characters of pypinyin is read, not the package, which takes 58 MB and half a second for its phrases;
the table takes 6 MB and a sixth of a second, and nobody pays for it who types no letters.
"""

import json
import re
import unicodedata
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from sys import intern

FEWEST = 2  # letters; one alone would find nearly everything
_LETTERS = re.compile(rf"[a-z]{{{FEWEST},}}")
#: The characters of office texts: the first and by far the largest block of Unicode's.
_FIRST, _LAST = "\u4e00", "\u9fff"
#: Readings at the beginning of a character, and the end of one character with the beginning of the next.
_START, _NEXT = r"(?:^| )(?:[^ /]+/)*", r"(?:/[^ ]*)? (?:[^ /]+/)*"


@cache
def _table() -> dict[str, str]:
    """The readings of characters without tones, parted by "/", the usual one first."""
    found = find_spec("pypinyin")
    if found is None or found.origin is None:
        raise RuntimeError("pypinyin is not installed")
    read = json.loads((Path(found.origin).parent / "pinyin_dict.json").read_bytes())
    codes = range(ord(_FIRST), ord(_LAST) + 1)
    return {chr(code): intern(_plain(read[str(code)])) for code in codes if str(code) in read}


def _plain(readings: str) -> str:
    """From `lǜ,shuài` to `lv/shuai`."""
    letters = unicodedata.normalize("NFD", readings.replace("ü", "v").translate(_UMLAUTS))
    plain = (re.sub("[^a-z]", "", reading) for reading in letters.split(","))
    return "/".join(dict.fromkeys(reading for reading in plain if reading))


#: Surnames that are not read as the character usually is.
_SURNAMES = dict(
    zip(
        "曾单解仇查任区朴盖尉缪冼黑",
        ["zeng", "shan", "xie", "qiu", "zha", "ren", "ou", "piao", "ge", "wei", "miao", "xian", "he"],
        strict=True,
    )
)
_UMLAUTS = str.maketrans(dict.fromkeys("ǖǘǚǜ", "v"))


@lru_cache(30_000)
def key(text: str) -> str:
    """What is kept of a text to be found by sound: `yin xing/hang/heng` for 银行; letters and digits stand for themselves."""
    table = _table()
    sounds = (
        table.get(sign) or sign
        for sign in text.lower()
        if sign in table or (sign.isascii() and sign.isalnum())
    )
    return " ".join(sounds)


def is_letters(typed: str) -> bool:
    """Whether a word can be meant by its sound."""
    return bool(_LETTERS.fullmatch(typed.lower()))


def finder(typed: str) -> re.Pattern[str]:
    """For `search` in keys: letters are the initials of neighbouring characters, or whole syllables, the last one begun.

    Any reading of a character counts. It begins at a character: `ianju` finds nothing.
    """
    letters = list(typed.lower())
    initials = " ".join(rf"(?:[^ /]+/)*{letter}[^ ]*" for letter in letters)
    syllables = f"(?:{_NEXT})?".join(letters)
    return re.compile(rf"(?:^| ){initials}|{_START}{syllables}")


def sounds_like(typed: str, *texts: str) -> bool:
    """Whether letters typed are the sound of a part of one of the texts; never for anything but letters."""
    if not is_letters(typed):
        return False
    found = _finder(typed)
    return any(found.search(key(text)) for text in texts)


_finder = lru_cache(100)(finder)


def user_name(name: str) -> str:
    """A user name for a person: the usual reading of each character; empty for a name without any."""
    sounds = [sound.partition("/")[0] for sound in key(name).split()]
    return "".join([_SURNAMES.get(name[:1], *sounds[:1]), *sounds[1:]] if sounds else [])[:30]


def initials(text: str) -> str:
    """The initials by the usual readings, for pickers: wsjkj."""
    return "".join(sound[0] for sound in key(text).split())
