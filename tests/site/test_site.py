"""The lessons' pages: what someone reads who has no kernel, in a browser that reaches nothing but them."""

import html.parser
import pathlib
import re
import urllib.parse

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from course_utils import catalog
from tests.browser.lab import ROOT

BRIEF = ("00_start_here", "02_linear_regression")  # of the pages, those that `make test` looks at
LESSONS = [catalog.place_of(path).removesuffix(".ipynb") for path in catalog.notebooks()]
PAGES = ["index", *(f"docs/{path.stem}" for path in sorted((ROOT / "notebooks" / "docs").glob("*.md"))), *LESSONS]
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]

# What is hidden until asked for is to be looked at too.
UNFOLD = """async () => {
    document.querySelectorAll("details").forEach(details => { details.open = true; });
    const images = [...document.images];
    images.forEach(image => { image.loading = "eager"; });
    await Promise.all(images.map(image => image.decode()));
    if (window.MathJax) await MathJax.startup.promise;
    const ends = animation => animation.effect.getComputedTiming().endTime !== Infinity;
    await Promise.all(document.getAnimations().filter(ends).map(animation => animation.finished));  // it fades in
}"""

# Contrast takes half a minute over all text of a lesson, so one element is looked at of those that look the same: of
# one colour, size and weight, on one background. Returns how many there are.
MARK_LOOKS = """() => {
    const style = element => getComputedStyle(element);
    const behind = element =>
        element ? `${style(element).backgroundColor} ${style(element).opacity} ${behind(element.parentElement)}` : "";
    const hasText = element => [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
    const looks = new Set();
    for (const element of document.querySelectorAll("body *")) {
        const {color, fontSize, fontWeight} = style(element);
        const look = [color, fontSize, fontWeight, behind(element)].join();
        if (hasText(element) && element.checkVisibility() && !looks.has(look)) {
            looks.add(look);
            element.dataset.look = "";
        }
    }
    return looks.size;
}"""

# What a reader would have to move sideways; code, tables and formulas may be, each in its own frame.
TOO_WIDE = """() => [...document.querySelectorAll("html, .page *:not(pre, .table-wrapper, .text_html, .math-wrapper)")]
    .filter(part => part.matches("html") || ["auto", "scroll"].includes(getComputedStyle(part).overflowX))
    .filter(part => part.scrollWidth > part.clientWidth)
    .map(part => `${part.tagName} ${part.className}: ${part.scrollWidth} in ${part.clientWidth} pixels`)"""


class Links(html.parser.HTMLParser):
    """What a page links to and shows, and what can be linked to on it."""

    def __init__(self, path):
        super().__init__()
        self.targets, self.ids = [], set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name in ("href", "src") and value:
                self.targets.append(value)
            elif name == "id":
                self.ids.add(value)


each_page = pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.brief if name in BRIEF else ()) for name in PAGES],
)


@pytest.fixture
def opened(page, lab):
    """Function that opens a page by its name, in a colour scheme."""

    def keep_in(route):
        own = route.request.url.startswith(lab.url)
        route.continue_() if own else route.abort()

    page.route(re.compile("^https?:"), keep_in)

    def opened(name, scheme="light"):
        page.emulate_media(color_scheme=scheme)
        page.goto(f"{lab.url}/{name}.html")
        page.evaluate(UNFOLD)
        return page

    return opened


@pytest.mark.brief
def test_every_link_on_the_pages_leads_somewhere(lab):
    pages = {path: Links(path) for path in lab.folder.rglob("*.html") if "_static" not in path.parts}
    broken = []
    for path, links in pages.items():
        for target in links.targets:
            where, _, fragment = urllib.parse.unquote(target).partition("#")
            if re.match(r"[a-z]+:", where):
                continue
            file = (path.parent / where.partition("?")[0]).resolve() if where else path
            if not file.exists() or (fragment and file in pages and fragment not in pages[file].ids):
                broken.append((path.name, target))
    assert {lab.folder / f"{name}.html" for name in LESSONS} < set(pages)
    assert broken == []


@each_page
def test_a_page_is_whole_and_can_be_read_by_all(opened, name):
    page = opened(name)
    for image in page.locator("img").all():
        words = image.get_attribute("alt")
        assert words and len(words) > 20, image.get_attribute("src")
    assert page.locator("mjx-merror").count() == 0
    assert "$$" not in page.locator("article").inner_text()
    found = Axe().run(page, options={"runOnly": WCAG, "rules": {"color-contrast": {"enabled": False}}})
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_all_text_stands_out_from_what_is_behind_it(opened, name, scheme):
    page = opened(name, scheme)
    looks = page.evaluate(MARK_LOOKS)
    assert looks > 10  # the glossary, one list, has the fewest
    context = {"include": [["[data-look]"]]}
    found = Axe().run(page, context=context, options={"runOnly": ["color-contrast"]})
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_on_a_telephone(opened, page, name):
    page.set_viewport_size({"width": 390, "height": 844})
    opened(name)
    assert page.evaluate(TOO_WIDE) == []


def test_mathematics_is_typeset(opened):
    assert opened("deeper/05b_rules").locator("mjx-container").count() > 20


def test_search_finds_a_word_and_leads_to_it(opened):
    page = opened("index")
    page.get_by_placeholder("Search").first.fill("translation invariant")
    page.keyboard.press("Enter")
    page.locator("#search-results a", has_text="What a convolution sees").first.click()
    expect(page.locator("h1")).to_contain_text("04 · What a convolution sees")


def test_dark_mode_switches_and_stays(opened):
    page = opened("index")
    background = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(background)
    page.locator("button.theme-toggle:visible").click()
    dark = page.evaluate(background)
    assert dark != light
    page.get_by_role("link", name=re.compile("^01 · ")).first.click()
    expect(page.locator("h1")).to_contain_text("01 · ")
    assert page.evaluate(background) == dark


@pytest.mark.brief
def test_an_answer_unfolds(page, lab):
    page.goto(f"{lab.url}/02_linear_regression.html")
    answer = page.locator("details", has=page.get_by_text("What you should have seen")).first
    inside = answer.locator("p, li").last
    expect(inside).to_be_hidden()
    answer.locator("summary").click()
    expect(inside).to_be_visible()


def test_a_lesson_links_to_the_next_one(opened):
    page = opened("02_linear_regression")
    page.locator("article").get_by_role("link", name="lesson 03").last.click()
    expect(page.locator("h1")).to_contain_text("03 · ")


@pytest.mark.parametrize("name", LESSONS)
def test_a_note_on_top_says_where_the_lesson_runs(opened, name):
    page = opened(name)
    note = page.locator(".admonition.note").first
    colab = note.get_by_role("link", name="open it in Colab").get_attribute("href")
    assert colab.startswith("https://colab.research.google.com/github/")
    assert colab.endswith(f"/notebooks/{name}.ipynb")
    above = note.bounding_box()["y"]
    assert above < page.locator("article .cell").first.bounding_box()["y"]


@pytest.mark.brief
def test_outputs_are_there_and_panels_as_pictures(opened, lab):
    page = opened("02_linear_regression")
    assert page.locator(".cell_output figure img").count() == 5  # three knobs, a drawing, the first picture
    assert page.locator("script[type*=widget]").count() == 0


@pytest.mark.brief
def test_the_first_knob_turns_without_a_kernel(opened):
    page = opened("02_linear_regression")
    figure = page.locator("figure.player")
    slider, image, caption = figure.get_by_role("slider"), figure.locator("img"), figure.get_by_role("status")
    seen = [(image.get_attribute("src"), caption.inner_text(), slider.get_attribute("aria-valuetext"))]
    slider.focus()
    for key in ("Home", "ArrowRight", "End"):
        page.keyboard.press(key)
        seen.append((image.get_attribute("src"), caption.inner_text(), slider.get_attribute("aria-valuetext")))
        assert image.get_attribute("alt") == caption.inner_text()
        assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") > 600
    assert all(len(set(column)) == 4 for column in zip(*seen, strict=True))
    assert seen[1][2] == "0.003"


@pytest.mark.brief
def test_controls_of_each_kind_turn_and_the_others_stay(opened):
    page = opened("00_start_here")
    figure = page.locator("figure.player")
    caption = figure.get_by_role("status")
    before = caption.inner_text()
    figure.get_by_role("combobox").select_option("Adam")
    expect(caption).not_to_have_text(before)
    expect(caption).to_contain_text("Adam")
    figure.get_by_role("slider").press("End")
    expect(caption).to_contain_text("Adam")


def test_a_knob_that_is_one_picture_says_where_it_turns(opened):
    page = opened("02_linear_regression")
    assert page.locator(".turns", has_text="You can turn it in JupyterLab").count() == 2


@pytest.mark.parametrize("name", LESSONS)
def test_a_page_weighs_at_most_3_megabytes(lab, name):
    path = lab.folder / f"{name}.html"
    pictures = set(re.findall(r"pictures/\w+\.png", path.read_text(encoding="utf-8")))
    assert path.stat().st_size + sum((lab.folder / picture).stat().st_size for picture in pictures) <= 3_000_000


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_outputs_lie_on_the_page_itself(opened, scheme):
    page = opened("02_linear_regression", scheme)
    backgrounds = "parts => [...new Set(parts.map(part => getComputedStyle(part).backgroundColor))]"
    assert page.locator(".cell_output .highlight").evaluate_all(backgrounds) == ["rgba(0, 0, 0, 0)"]


def test_pages_say_nothing_of_the_machine_that_made_them(lab):
    mine = [str(folder) for folder in (ROOT, pathlib.Path.home()) if len(folder.parts) > 1]
    told = [
        (path.name, folder)
        for path in lab.folder.rglob("*")
        if path.suffix in (".html", ".js")
        for folder in mine
        if f"{folder}/" in path.read_text(encoding="utf-8", errors="replace")
    ]
    assert told == []
