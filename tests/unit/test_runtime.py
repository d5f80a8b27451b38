"""When a progress bar shows, and where."""

from course_utils import runtime


def work(sentence=None):
    with runtime.progress_bar(2, "2 runs") as bar:
        bar.update(1)
        if sentence:
            bar.write(sentence)
        bar.update(1)


def test_a_terminal_gets_a_bar_and_sentences_beside_it(terminal, capsys):
    stream = terminal()
    work("By the way.")
    assert stream.getvalue().splitlines()[-1].startswith("2 runs: 100%|")
    assert capsys.readouterr().out == "By the way.\n"


def test_work_that_ends_before_the_delay_gets_none(terminal, monkeypatch):
    stream = terminal()
    monkeypatch.setattr(runtime, "BAR_DELAY", 1000)
    work()
    assert stream.getvalue() == ""


def test_a_file_gets_none(monkeypatch, capsys):
    monkeypatch.setattr(runtime, "BAR_DELAY", 0)
    work()
    assert capsys.readouterr().err == ""
