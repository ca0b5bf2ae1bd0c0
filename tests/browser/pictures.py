"""Takes the pictures of docs/手册.md anew: the demonstration on a throw-away database, each page in Chromium.

`make pictures` runs it. It stops the clock of the demonstration (still/sitecustomize.py), so that a page that did not
change gives the same file on every day. Nobody's first visit: hints are put away.
"""

import io
import os
import tempfile
import time
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import django
from django.apps import apps
from django.urls import resolve
from PIL import Image
from playwright.sync_api import Page, ViewportSize, sync_playwright

from measures.hints import HINTS
from tests.browser.conftest import LEADER, OFFICE, OFFICE_PC, PHONE, ROOT, own_browser, running, sign_in
from tests.browser.pages import PLACES, Place

FOLDER = ROOT / "docs" / "图"
HEIGHT = 900  # pixels, at which a long page is cut
COLOURS = 24
WALL: ViewportSize = {"width": 1920, "height": 1080}
STILL = ROOT / "tests" / "browser" / "still"
#: The clock stands in 2026.
QUARTERS = Place("two quarters", LEADER, "/compare/?organ=7&period=2026Q2&other=2026Q3")
PLACE = {place.name: place for place in (*PLACES, QUARTERS)}


class Picture(NamedTuple):
    """docs/图/NAME.png: what is seen at a place, whose address bears the name `shows`."""

    name: str
    place: str
    shows: str
    screen: ViewportSize = OFFICE
    height: int = HEIGHT


PICTURES = (
    Picture("login", "login", "login", height=520),
    Picture("start", "start", "home", height=700),
    Picture("activities", "fast activities", "entry_activities", height=520),
    Picture("figures", "fast figures", "entry_figures"),
    Picture("photos", "fast photos", "entry_photos", height=700),
    Picture("article", "an article read", "article_new", height=640),
    Picture("drafts", "drafts", "drafts", height=520),
    Picture("entry", "returned observation", "admin:measures_observation_change"),
    Picture("review", "review", "review"),
    Picture("overview", "overview", "overview"),
    Picture("overview-phone", "overview", "overview", PHONE),
    Picture("organ", "organ", "organ"),
    Picture("organ-phone", "organ", "organ", PHONE),
    Picture("pillar", "pillar", "pillar"),
    Picture("actions", "actions of all", "actions"),
    Picture("targets", "targets of all", "targets"),
    Picture("changes", "changes", "changes"),
    Picture("action", "action", "action"),
    Picture("metric", "metric", "metric"),
    Picture("series", "series", "series"),
    Picture("theme", "theme", "theme"),
    Picture("passport", "passport", "passport"),
    Picture("honour", "honour", "honour"),
    Picture("compare-organs", "organs side by side", "compare"),
    Picture("compare-periods", "two quarters", "compare"),
    Picture("compare-day", "a past day", "compare"),
    Picture("search", "search", "search"),
    Picture("help", "help found", "help", height=640),
    Picture("problems", "problems", "problems", height=520),
    Picture("rules", "rules", "rules", height=520),
    Picture("instructions", "words of leaders", "instructions", height=520),
    Picture("instruction", "a leader's words", "instruction", height=520),
    Picture("screen", "overview on the wall", "screen", WALL, height=1080),
    Picture("organ-screen", "organ on the wall", "organ_screen", WALL, height=1080),
    Picture("audit", "audit", "audit"),
)


def small(shot: bytes) -> bytes:
    """The PNG in few colours, that of the wall screen smaller; the same bytes for the same picture."""
    picture = Image.open(io.BytesIO(shot)).convert("RGB")
    if picture.width == WALL["width"]:
        picture = picture.reduce(2)
    out = io.BytesIO()
    few = picture.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, kmeans=1, dither=Image.Dither.NONE)
    few.save(out, "PNG", optimize=True)
    return out.getvalue()


def take(page: Page, picture: Picture) -> bytes:
    """Bring the page there and take the picture."""
    page.set_viewport_size(picture.screen)
    PLACE[picture.place].open(page)
    shown = resolve(urlsplit(page.url).path).view_name
    assert shown == picture.shows, f"{picture.name}: {page.url}"
    height = min(picture.height, page.evaluate("document.documentElement.scrollHeight"))
    clip = {"x": 0, "y": 0, "width": picture.screen["width"], "height": height}
    return small(page.screenshot(full_page=True, animations="disabled", clip=clip))


def main() -> None:
    """Take every picture, and remove those that are no longer taken."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # the browser keeps a loop running
    django.setup()
    FOLDER.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        running(
            os.environ["DATABASE_URL"],
            Path(folder),
            PYTHONPATH=str(STILL),
            PICTURES_BEGAN=str(time.time_ns()),
        ) as site,
        sync_playwright() as programs,
        programs.chromium.launch(**own_browser()) as browser,
    ):
        apps.get_model("organs", "User").objects.update(hints_away=sorted(set(HINTS.values())))
        pages: dict[str, Page] = {}
        for picture in PICTURES:
            who = PLACE[picture.place].who
            if who not in pages:
                pages[who] = browser.new_context(base_url=site.url, **OFFICE_PC).new_page()
                if who:
                    sign_in(pages[who], who, site.passwords[who])
            taken = take(pages[who], picture)
            (FOLDER / f"{picture.name}.png").write_bytes(taken)
            print(f"{picture.name}.png  {len(taken) // 1024} KB", flush=True)
    for left in {*FOLDER.iterdir()} - {FOLDER / f"{picture.name}.png" for picture in PICTURES}:
        left.unlink()


if __name__ == "__main__":
    main()
