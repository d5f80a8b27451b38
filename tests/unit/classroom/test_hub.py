"""What the hub refuses before it starts, and whom it lets in."""

import argparse
import csv
import os
import pathlib
import re

import pytest

from classroom import hub


def passwords(path):
    with path.open(encoding="utf-8", newline="") as file:
        return {row["name"]: (row["username"], row["password"]) for row in csv.DictReader(file)}


def test_everybody_has_a_name_and_a_password_and_keeps_them(tmp_path):
    path = tmp_path / "passwords.csv"
    hub.write_passwords(path, ["Ada Lovelace", "ADA  lovelace", "李 明", "Zoë Ö'Neil"])
    before = passwords(path)
    names = [username for username, _ in before.values()]
    assert names == ["teacher", "ada-lovelace", "ada-lovelace-2", "learner", "zoe-o-neil"]
    assert len({password for _, password in before.values()}) == 5
    assert min(len(password) for _, password in before.values()) >= 12
    assert path.stat().st_mode & 0o077 == 0
    hub.write_passwords(path, ["王 芳", "李 明"])
    after = passwords(path)
    assert {name: row for name, row in after.items() if name in before} == {n: before[n] for n in ("teacher", "李 明")}
    assert after["王 芳"][0] == "learner-2"


@pytest.mark.parametrize("text, size", [("2G", 2**31), ("1500M", 1500 * 2**20), ("0.5G", 2**29)])
def test_sizes(text, size):
    assert hub.bytes_of(text) == size


@pytest.mark.parametrize("text", ["2", "2 G", "-1G", "lots", ""])
def test_a_size_that_is_none_is_refused(text):
    with pytest.raises(hub.HubError, match=r"^--memory is .*: a size such as 2G or 1500M is wanted\.$"):
        hub.bytes_of(text)


@pytest.fixture
def options(tmp_path):
    """Options of a trial."""
    return argparse.Namespace(
        host="127.0.0.1",
        port=8000,
        key=None,
        certificate=None,
        roster=None,
        kernel=pathlib.Path(os.sys.executable),
        folder=tmp_path / "hub",
        memory="2G",
        cpus=1.0,
        environment=tmp_path,
    )


def test_help_has_words_for_each_option_and_says_what_holds_without_it(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr("sys.argv", ["hub", "--help"])
    with pytest.raises(SystemExit):
        hub.main()
    said = dict(re.findall(r"^  --(\w+) \w+\s{2,}(\S.*)$", capsys.readouterr().out, re.MULTILINE))
    defaults = {"host": "127.0.0.1", "port": "8000", "memory": "2G", "cpus": "1.0"}
    places = {"folder": "build/hub", "environment": ".venv-hub", "kernel": ".venv/bin/python"}
    defaults |= {option: str(hub.ROOT / place) for option, place in places.items()}
    assert {*said} == {*defaults, "class", "key", "certificate"}
    for option, default in defaults.items():
        assert said[option].endswith(f" (default: {default})")


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.4", "hub.school.example", ""])
def test_beyond_this_machine_https_is_wanted(options, host):
    options.host = host
    with pytest.raises(hub.HubError, match=r"passwords need HTTPS, so give --key and --certificate\.$"):
        hub.settings(options)
    assert not options.folder.exists()


def test_a_class_needs_root(options, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    options.roster = tmp_path / "class.csv"
    with pytest.raises(hub.HubError, match=r"^There can be no class here: only root can keep learners apart\."):
        hub.settings(options)


def test_what_learners_can_not_read_is_seen(tmp_path):
    tmp_path.chmod(0o755)
    folder = tmp_path / "open"
    folder.mkdir(mode=0o755)
    (tmp_path / "link").symlink_to(folder)
    assert hub.outsiders_can_read(tmp_path / "link") == hub.outsiders_can_read(folder)
    folder.chmod(0o750)
    assert not hub.outsiders_can_read(tmp_path / "link")
    (folder / "file").touch(mode=0o644)
    assert not hub.outsiders_can_read(folder / "file")  # it could be read, if one got there
    assert hub.outsiders_can_read("/usr/bin/env") and not hub.outsiders_can_read(folder / ".." / "open")
