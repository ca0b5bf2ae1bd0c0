"""What an article says that is no plain figure of its period: asked of the clerk, or not advised at all."""

from collections.abc import Callable

import pytest

from measures.articles.proposing import NEW, Proposal
from measures.articles.reading import read_article
from measures.period import Period
from organs.models import Organ, User
from tests import make

pytestmark = pytest.mark.django_db
Told = Callable[..., dict[str, Proposal]]


@pytest.fixture
def told(bureau: Organ, clerk: User) -> Told:
    """By their words the proposals of a text for a period of the bureau."""
    for unit in ("场", "人次", "人", "次", "%", "个", "万元"):
        make.make_unit(unit)

    def read(text: str, period: str = "2026年第二季度") -> dict[str, Proposal]:
        data = {"organ": bureau, "period": Period.parse(period), "text": text, "given": text}
        return {each.said: each for each in read_article(clerk, data, {}).proposals}

    return read


def test_a_number_parted_by_blanks_is_read_whole_and_asked(told: Told) -> None:
    found = told("办结群众诉求1 234件，接待来访群众800人次。")
    assert (found["1 234件"].advice, found["1 234件"].sure) == (NEW, False)
    assert "原文的数字中间有空格，当作一个数“1234件”，请核对。" in found["1 234件"].notes
    assert found["1 234件"].fields["said"] == "1234件"
    assert found["800人次"].sure
