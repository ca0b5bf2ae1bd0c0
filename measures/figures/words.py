"""Where words end and which are verbs (分词): jieba's dictionary and ours, loaded when first asked for."""

from functools import cache
from importlib.resources import files

import jieba


@cache
def tokenizer() -> jieba.Tokenizer:
    """Jieba with our words; without its cache, which lies in a folder that everybody may write to."""
    found = jieba.Tokenizer()
    found.FREQ, found.total = found.gen_pfdict(found.get_dict_file())
    found.initialized = True
    for word, kind in _ours():
        if kind != "x":
            found.add_word(word)
    return found


@cache
def verbs() -> frozenset[str]:
    """The verbs of jieba's dictionary and ours that end a noun."""
    known = set()
    with tokenizer().get_dict_file() as lines:
        for line in lines:
            word, _, tag = line.decode().split()
            if tag == "v":
                known.add(word)
    known |= {word for word, tag in _ours() if tag == "v"}
    return frozenset(known - {word for word, tag in _ours() if tag != "v"})


def cut(words: str) -> list[tuple[str, bool]]:
    """The words of a short text in order, each with whether it is a verb."""
    return [(word, word in verbs()) for word in tokenizer().cut(words, HMM=False)]


def _ours() -> list[tuple[str, str]]:
    """Our words with their kind: n a name, v a verb that ends one, x a verb that mostly stands inside."""
    lines = files("measures.figures").joinpath("words.txt").read_text(encoding="utf-8").splitlines()
    return [(line.split()[0], line.split()[1]) for line in lines]
