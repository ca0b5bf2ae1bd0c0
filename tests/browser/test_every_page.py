"""What holds for every page: usable by all, as wide as the screen, in Chinese, and nothing from outside."""

import re
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import CLERK, OFFICE, PATIENCE, PHONE, WALL, PageFor, Watch
from tests.browser.pages import ACTION, OBSERVATION, PLACES, Place

pytestmark = pytest.mark.browser

#: What axe-core finds; without fetching style sheets anew, which the strict policy would refuse. Contrast takes most of
#: its time, so of all texts that look the same (colours, size, weight, and what lies behind them) one is measured;
#: not one of a single character, which axe-core leaves undecided. Rules whose findings are never more than moderate are
#: left out, as such findings are.
BARRIERS = """async () => {
    const bad = impact => ["serious", "critical"].includes(impact);
    const impacts = rule => rule.impact ? [rule.impact]
        : [...rule.any, ...rule.all, ...rule.none].map(check => axe._audit.checks[check.id ?? check].impact);
    const rules = {"color-contrast": {enabled: false}};
    for (const rule of axe._audit.rules) if (!impacts(rule).some(bad)) rules[rule.id] = {enabled: false};
    const looks = new Map(), first = new Map();
    for (const element of document.querySelectorAll("*")) {
        const style = getComputedStyle(element);
        const look = (...names) => names.map(name => style.getPropertyValue(name)).join(" ");
        const behind = looks.get(element.parentElement) + look("background-color", "background-image", "opacity");
        looks.set(element, behind);
        const own = [...element.childNodes].filter(node => node.nodeType === Node.TEXT_NODE);
        const told = own.map(node => node.data).join("").trim().length > 1;
        if (!told && !element.matches("input, select, textarea")) continue;
        if (!element.checkVisibility() || !element.getClientRects().length) continue;
        const all = behind + element.disabled + look("color", "font-size", "font-weight", "text-shadow");
        if (!first.has(all)) first.set(all, element);
    }
    const options = {resultTypes: ["violations"], preload: false};
    const rest = await axe.run({...options, rules});
    const contrast = await axe.run({include: [...first.values()]}, {...options, runOnly: ["color-contrast"]});
    return [...rest.violations, ...contrast.violations];
}"""
AXE = Axe().axe_script
CUT_OFF = """() => {
    const outOfReach = element => {
        const right = element.getBoundingClientRect().right - 1;
        for (let box = element.parentElement; box; box = box.parentElement) {
            const kind = getComputedStyle(box).overflowX;
            if (kind === "auto" || kind === "scroll") return false;
            if (kind !== "visible" && right > box.getBoundingClientRect().right) return true;
        }
        return right > window.innerWidth;
    };
    return [...document.querySelectorAll("input, select, textarea, button, main a")]
        .filter(element => element.checkVisibility() && element.getBoundingClientRect().width > 1)
        .filter(outOfReach).map(element => element.outerHTML.slice(0, 100));
}"""
ENGLISH = re.compile("[A-Za-z]{3,}")
#: Check values, addresses and commands are what they are in every language.
NO_WORDS = re.compile(r"[0-9a-f]{64}|https?://\S+|manage\.py \w+|\w*_all\b")
KNOWN = {"PDF", "JPG", "PNG", "WEBP", "HEIC", "DOCX", "XLSX", "XLS", "PPTX", "CSV", "TXT", "Excel", "png"}
KNOWN |= {"Chrome", "Edge", "Firefox", "Office", "WPS", "Ctrl", "JSON", "SHA", "wjj", "weijianju"}
NAMES_OF_ACCOUNTS = {"leader", "clerk", "reviewer", "steward", "auditor", "ruyuan", "danfeng"} | {
    *("zhaoyi", "qianer", "simaxin")
}


@pytest.fixture(scope="module")
def watch() -> Watch:
    """What the tabs did that they may not; each test looks."""
    return Watch()


@pytest.fixture(scope="module")
def tabs(_signed_in: Callable[[str], BrowserContext], watch: Watch) -> Iterator[dict[str, Page]]:
    """A tab for each person, the same for all their pages: axe-core, half a megabyte, is handed over once."""
    found = {name: _signed_in(name).new_page() for name in sorted({place.who for place in PLACES} - {""})}
    for page in found.values():
        page.set_default_timeout(PATIENCE)
        page.add_init_script(AXE)
        watch.over(page)
    yield found
    for page in found.values():
        page.close()
    assert watch.told() == []  # since the last test looked


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_page_is_open_to_all_fits_its_screen_and_is_chinese(
    page_for: PageFor, tabs: dict[str, Page], watch: Watch, place: Place
) -> None:
    page = tabs[place.who] if place.who else page_for()
    page.set_viewport_size(OFFICE)
    place.open(page)
    found = barriers(page) + sorted(english(page)) + overhang(page)
    for screen in (WALL, PHONE):
        page.set_viewport_size(screen)
        found += overhang(page)
    found += watch.told()
    assert not found, "\n".join(found)


def barriers(page: Page) -> list[str]:
    """What axe-core finds serious or critical."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    return [
        f"{one['id']}: {node['target']} {node['html'][:160]}"
        for one in page.evaluate(BARRIERS)
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


def overhang(page: Page) -> list[str]:
    """How much the page is wider than its screen, if it is, and what is cut off with no way to scroll there."""
    wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    cut = [f"cut off: {what}" for what in page.evaluate(CUT_OFF)]
    return [f"{wider} pixels wider than the screen", *cut] if wider > 0 else cut


def english(page: Page) -> set[str]:
    """Words that are neither Chinese nor names of accounts and formats nor parts of check values, addresses and commands."""
    shown = f"{page.title()} {page.locator('body').inner_text()}"
    return set(ENGLISH.findall(NO_WORDS.sub("", shown))) - KNOWN - NAMES_OF_ACCOUNTS


def test_choices_are_found_while_typing_under_the_strict_policy(page_for: PageFor) -> None:
    page = page_for(CLERK)
    page.goto(f"{OBSERVATION}add/")
    page.locator(".field-metric .select2-selection").click()
    page.locator(".select2-search__field").last.fill("知晓率")
    expect(page.get_by_role("option", name="惠民政策知晓率")).to_be_visible()
    assert english(page) == set()


def test_a_day_is_picked_from_the_calendar_under_the_strict_policy(page_for: PageFor) -> None:
    page = page_for(CLERK)
    page.goto(f"{ACTION}add/")
    page.locator(".field-due_day .datetimeshortcuts a").last.click()
    calendar = page.locator(".calendarbox:visible")
    expect(calendar).to_be_visible()
    assert english(page) == set()
    calendar.locator("td a", has_text=re.compile("^15$")).click()
    expect(page.locator("#id_due_day")).to_have_value(re.compile("15"))
