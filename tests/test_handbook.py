"""The handbook's pictures: each one is named where its page is told of, and every page of leaders has one."""

import re
from pathlib import Path

import measures.urls
from tests.browser.pictures import FOLDER, PICTURES

HANDBOOK = FOLDER.parent / "手册.md"
README = FOLDER.parents[1] / "README.md"
NAMED = re.compile(r"!\[([^]]*)\]\(([^)]*)\)")
#: home sends elsewhere, evidence is a file, put_away a button.
NO_PAGES = {"home", "evidence", "put_away"}
#: Pages of who enters and who asks, told in words alone.
OF_STAFF = {
    *("bin", "bin_undo", "next_campaign", "instruct_action", "instruct_figure", "handover"),
    *("sheets", "sheet", "sheet_form", "ledger_sheet", "reminders", "rounds", "round_new", "round"),
    *("round_change", "round_organ", "round_prolong", "round_sheet", "article"),
    *("everything", "orders", "order_file"),
}
KB = 1024


def _files() -> list[Path]:
    return sorted(FOLDER.iterdir())


def test_the_handbook_names_every_picture_once_and_says_what_it_shows() -> None:
    captions, named = zip(*NAMED.findall(HANDBOOK.read_text()), strict=True)
    assert all(captions)
    assert sorted(named) == [f"图/{file.name}" for file in _files()]


def test_the_pictures_are_those_that_the_command_takes() -> None:
    assert sorted(file.stem for file in _files()) == sorted(picture.name for picture in PICTURES)


def test_every_page_of_leaders_has_a_picture() -> None:
    pages = {pattern.name for pattern in measures.urls.urlpatterns} - NO_PAGES - OF_STAFF
    assert pages <= {picture.shows for picture in PICTURES}


def test_the_pictures_are_small() -> None:
    sizes = {file.name: file.stat().st_size for file in _files()}
    assert {name: size for name, size in sizes.items() if size > 60 * KB} == {}
    assert sum(sizes.values()) <= 1000 * KB


def test_the_picture_of_the_readme_is_there() -> None:
    assert [
        address for _, address in NAMED.findall(README.read_text()) if not (README.parent / address).exists()
    ] == []
