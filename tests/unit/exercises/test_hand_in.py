"""The page to hand in: what it shows, the data that it holds, and a file of its own for each name."""

import html.parser
import json
import re

import pytest

from course_utils import exercises
from course_utils.exercises import report, store


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Where progress is kept in this test: one exercise done, another tried."""
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "progress.json"))
    exercises.check("01-1", lambda f, x, h: (f(x + h) - f(x - h)) / h)
    exercises.check("01-1", lambda f, x, h: (f(x + h) - f(x - h)) / (2 * h))
    exercises.check("01-2", lambda a, b: 3)
    return tmp_path / "progress.json"


class Page(html.parser.HTMLParser):
    """The rows of a page's tables, and its text."""

    def __init__(self, text):
        super().__init__()
        self.rows, self.text, self.tags = [], "", []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag == "td":
            self.rows[-1].append("")

    def handle_data(self, data):
        self.text += data
        if self.rows and self.rows[-1] and self.tags[-1] == "td":
            self.rows[-1][-1] += data.strip()


def test_the_page_to_hand_in(place):
    note = exercises.hand_in("Ada <script>Lovelace")
    path = place.with_name("hand-in-Ada-script-Lovelace-328086.html")
    assert path.name in repr(note) and str(path.parent) in repr(note)
    page = Page(path.read_text(encoding="utf-8"))
    assert "the exercises of Ada <script>Lovelace" in page.text and page.tags.count("script") == 1
    last = store.read()[0]["01-1"].last.replace("T", " ")
    assert last[:10] in page.text
    rows = {row[0]: row[1:] for row in page.rows if row}
    assert rows["01-1"][1:] == ["slope", "3", report.DONE, "2", last]
    assert rows["01-2"][3:5] == [report.TRIED, "1"]
    assert rows["01-3"][3:] == [report.OPEN, "", ""]
    assert len(rows) == sum(len(exercises.load(group)) for group in exercises.groups())


def test_the_page_holds_its_data_whatever_the_name_is(place):
    for name in ("Ada", "</script><b>", "<!--<script>", "李 {0} & \\u003c"):
        exercises.hand_in(name)
    pages = [path.read_text(encoding="utf-8") for path in place.parent.glob("hand-in-*.html")]
    elements = [re.findall(rf'id="{report.DATA}">(.*?)</script>', text) for text in pages]
    read = [json.loads(element) for (element,) in elements]
    assert {one["name"] for one in read} == {"Ada", "</script><b>", "<!--<script>", "李 {0} & \\u003c"}
    assert all(store.unwritten(one) == store.read()[0] for one in read)
    assert all(Page(text).tags.count("script") == 1 and "b" not in Page(text).tags for text in pages)


def test_each_name_has_a_page_of_its_own(place):
    names = [
        "Ada Lovelace",
        "Ada-Lovelace",
        "Ada/Lovelace",
        "Ada  Lovelace",
        "Ada Lovelace!",
        "...",
        "李 明",
        "?",
        "x" * 300,
    ]
    for name in names:
        exercises.hand_in(name)
    pages = {path.name for path in place.parent.glob("hand-in-*.html")}
    assert len(pages) == len(names) and {"hand-in-Ada-Lovelace.html", "hand-in-李-明.html"} < pages
    exercises.hand_in("Ada/Lovelace")
    assert len(list(place.parent.glob("hand-in-*.html"))) == len(names)


@pytest.mark.parametrize("name", ["", "  ", None, 3])
def test_a_page_needs_a_name(place, name):
    with pytest.raises(ValueError, match=r"^name is .*: your name is wanted"):
        exercises.hand_in(name)
