"""Settings from the environment; when a progress bar shows, and where."""

import pathlib

import pytest

from course_utils import runtime

FLAGS = {"COURSE_OFFLINE": runtime.offline, "COURSE_STRICT": runtime.strict, "COURSE_HEADLESS": runtime.headless}


@pytest.mark.parametrize(("name", "flag"), FLAGS.items())
def test_a_flag_is_on_or_off(monkeypatch, name, flag):
    monkeypatch.delenv(name, raising=False)
    unset = flag()
    for text in ("", "  "):
        monkeypatch.setenv(name, text)
        assert flag() is unset
    for text, expected in {"1": True, "on": True, "YES": True, " true ": True, "off": False, "0": False}.items():
        monkeypatch.setenv(name, text)
        assert flag() is expected
    for text in ("perhaps", "2", "offline"):
        monkeypatch.setenv(name, text)
        with pytest.raises(ValueError, match=f"{name} is '{text}': it must be one of 1, true, yes, on, 0, false,"):
            flag()


def test_empty_settings_are_not_set(monkeypatch):
    monkeypatch.delenv("COURSE_DATA", raising=False)
    usual = runtime.data_dir()
    assert usual.is_absolute() and usual != pathlib.Path.cwd()
    for name in ("COURSE_DATA", "COURSE_THREADS"):
        monkeypatch.setenv(name, " ")
    assert runtime.data_dir() == usual and runtime.default_threads() == 1


@pytest.mark.parametrize("given", ["x" * 300, "~nobody-of-this-name/data"])
def test_a_data_directory_that_cannot_be_is_a_sentence(monkeypatch, given):
    monkeypatch.setenv("COURSE_DATA", given)
    with pytest.raises(FileNotFoundError, match=r"COURSE_DATA is .* Correct it, or unset COURSE_DATA"):
        runtime.data_dir()


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
