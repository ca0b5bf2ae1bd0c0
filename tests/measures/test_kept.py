"""What is kept in memory: the longest unused goes first, and nothing weighs more than it may."""

from measures.rollups.kept import Kept


def test_what_was_put_is_found_until_it_is_too_much() -> None:
    kept: Kept[str] = Kept(3)
    for name in "abc":
        kept.put(name, name)
    assert kept.get("a") == "a"  # used now, so b is the longest unused
    kept.put("d", "d")
    assert [kept.get(name) for name in "abcd"] == ["a", None, "c", "d"]


def test_what_is_heavy_makes_room_for_itself() -> None:
    kept: Kept[str] = Kept(10)
    kept.put("light", "1", 4)
    kept.put("heavy", "2", 9)
    assert (kept.get("light"), kept.get("heavy")) == (None, "2")


def test_what_is_put_again_weighs_once() -> None:
    kept: Kept[str] = Kept(10)
    for _ in range(5):
        kept.put("same", "1", 4)
    kept.put("other", "2", 6)
    assert (kept.get("same"), kept.get("other")) == ("1", "2")


def test_one_that_is_too_heavy_for_all_is_kept_alone() -> None:
    kept: Kept[str] = Kept(10)
    kept.put("giant", "1", 50)
    assert kept.get("giant") == "1"
