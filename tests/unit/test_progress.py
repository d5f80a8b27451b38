"""The bar of a long piece of work."""

import io
import re

import pytest

from course_utils.progress import Progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_terminal_gets_one_line_drawn_over_itself():
    terminal = Terminal()
    with Progress(4, "4 runs", terminal) as progress:
        for _ in range(4):
            progress.advance(1)
    text = terminal.getvalue()
    assert text.startswith("\r4 runs: 25%, ") and text.endswith("\n") and text.count("\n") == 1
    assert re.fullmatch(r"4 runs: 100%, took \d\.\d s", text.split("\r")[-1].strip())
    assert len({len(line) for line in text.rstrip("\n").split("\r")[1:]}) == 1  # nothing of a longer line is left


def test_a_sentence_stands_on_a_line_of_its_own(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr("sys.stdout", terminal)
    with Progress(2, "2 runs") as progress:
        progress.advance(1)
        progress.say("By the way.")
    shown = [line.split("\r")[-1].strip() for line in terminal.getvalue().rstrip().split("\n")]
    assert shown[0] == "By the way." and shown[1].startswith("2 runs: 50%, ") and len(shown) == 2


def test_a_file_gets_nothing():
    file = io.StringIO()
    with Progress(1, "1 run", file) as progress:
        progress.advance(1)
    assert file.getvalue() == ""


def test_a_thousand_steps_at_once_are_drawn_once():
    terminal = Terminal()
    progress = Progress(1_000_000, "many", terminal)
    for _ in range(1000):
        progress.advance(1)
    assert terminal.getvalue().count("\r") <= 2


def test_the_time_left_follows_from_the_time_gone():
    progress = Progress(10, "runs")
    assert "just begun" in repr(progress)
    progress._began -= 30  # half a minute ago
    progress.advance(3)
    assert repr(progress) == "runs: 30%, 70 s left"
    progress._began -= 600
    assert re.fullmatch("runs: 30%, 2[45] min left", repr(progress))


def test_parts_that_add_up_to_less_by_rounding_are_all():
    progress = Progress(1, "runs")
    for _ in range(10):
        progress.advance(0.1)
    assert progress.done < 1 and ", took " in repr(progress)


@pytest.mark.parametrize(("done", "value"), [(0, "0.000"), (1, "0.500"), (2, "1.000")])
def test_a_notebook_gets_an_element_that_screen_readers_know(done, value):
    progress = Progress(2, "<two> runs")
    progress.advance(done)
    html = progress._repr_html_()
    assert html.startswith(f'<progress aria-label="&lt;two&gt; runs" max="1" value="{value}"></progress> &lt;two&gt;')
