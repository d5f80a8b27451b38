"""One file from mirrors that refuse, stall, truncate, corrupt, redirect and slow down."""

import hashlib
import math
import random
import socket
import sys
import threading
import time

import pytest

from course_utils.data import download as module
from course_utils.data.download import DownloadError, Probe, download
from tests.unit import mirrors

CONTENT = random.Random(0).randbytes(300_000)
SUM = "md5", hashlib.md5(CONTENT).hexdigest()


@pytest.fixture
def served(tmp_path, serve):
    """served(manner): a mirror of one file with CONTENT; returns the mirror and the file's address."""

    def start(manner=mirrors.honest):
        folder = tmp_path / f"mirror{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        (folder / "file").write_bytes(CONTENT)
        mirror = serve(folder)
        mirror.manner = manner
        return mirror, mirror.url + "file"

    return start


@pytest.fixture
def get(tmp_path, monkeypatch):
    """get(url, …): download to a fresh folder, hold what must hold of every download; returns what arrived in bytes."""
    monkeypatch.setattr(module, "STALL_SECONDS", 0.4)
    path = tmp_path / "here" / "file"
    path.parent.mkdir()

    def start(*urls):
        had = module.size(module.part_of(path))
        counts = []
        download(urls, path, SUM, counts.append)
        assert path.read_bytes() == CONTENT
        assert [file.name for file in path.parent.iterdir()] == ["file"]
        assert had + sum(counts) == len(CONTENT)
        return counts

    start.part = module.part_of(path)
    return start


def ranges(mirror):
    return [asked for _, asked in mirror.requests]


def test_it_arrives_in_one_request_piece_by_piece(served, get):
    mirror, url = served()
    assert len(get(url)) > 3
    assert ranges(mirror) == [None]


def test_a_download_that_breaks_off_goes_on_where_it_stopped(served, get):
    mirror, url = served(mirrors.in_turn(mirrors.truncates(100_000), mirrors.truncates(150_000), mirrors.honest))
    assert all(count > 0 for count in get(url))
    assert ranges(mirror) == [None, "bytes=100000-", "bytes=250000-"]


def test_a_mirror_without_ranges_begins_again(served, get):
    mirror, url = served(
        mirrors.in_turn(mirrors.truncates(100_000), mirrors.truncates(200_000, ranges=False), mirrors.honest)
    )
    assert -100_000 in get(url)
    assert ranges(mirror) == [None, "bytes=100000-", "bytes=200000-"]


def test_a_mirror_that_never_sends_more_is_given_up(served, get):
    mirror, url = served(mirrors.truncates(100_000, ranges=False))
    with pytest.raises(DownloadError, match=r"^127.0.0.1 broke off 200,000 bytes before the end$"):
        get(url)
    assert len(mirror.requests) == 2
    assert get.part.stat().st_size == 100_000  # for the next time


def test_the_next_mirror_goes_on_where_one_stalls(served, get):
    mirror, url = served(mirrors.stalls(100_000))
    other, other_url = served()
    get(url, other_url)
    assert ranges(mirror) == [None] and ranges(other) == ["bytes=100000-"]


@pytest.mark.parametrize(
    ("manner", "complaint"),
    [
        (mirrors.refuses, "answered 403 Forbidden"),
        (mirrors.stalls(0), r"sent nothing for 0\.4 s"),
        (mirrors.truncates(0), "broke off 300,000 bytes before the end"),
        (mirrors.corrupts, "sent something else: its checksum is wrong"),
        (mirrors.redirects(), "answered 302 The HTTP server returned a redirect error.*"),
        (mirrors.hangs_up, "failed: Remote end closed connection without response"),
    ],
    ids=["refuses", "stalls", "truncates", "corrupts", "redirects", "hangs up"],
)
def test_where_one_mirror_fails_the_next_is_asked(served, get, manner, complaint):
    mirror, url = served(manner)
    other, other_url = served()
    with pytest.raises(DownloadError, match=f"^127.0.0.1 {complaint}$"):
        get(url)
    assert not get.part.exists() or get.part.stat().st_size == 0
    assert mirror.requests and not other.requests
    get(url, other_url)
    assert ranges(other) == [None]


def test_all_mirrors_that_failed_are_named(served, get):
    urls = [served(manner)[1] for manner in (mirrors.refuses, mirrors.corrupts)]
    with pytest.raises(DownloadError, match=r"403 Forbidden; 127\.0\.0\.1 sent something else: its checksum is wrong$"):
        get(*urls)


def test_a_mirror_that_lies_after_another_broke_off(served, get):
    """What it sends does not fit what is there: it gets one chance with a fresh beginning."""
    _, url = served(mirrors.in_turn(mirrors.truncates(100_000), mirrors.refuses))
    liar, liar_url = served(mirrors.corrupts)
    with pytest.raises(DownloadError, match="checksum is wrong"):
        get(url, liar_url)
    assert ranges(liar) == ["bytes=100000-", None]
    assert not get.part.exists()


def test_a_part_with_other_content_costs_one_more_request(served, get):
    mirror, url = served()
    get.part.write_bytes(b"?" * 1000)
    get(url)
    assert ranges(mirror) == ["bytes=1000-", None]


def test_a_part_longer_than_the_file(served, get):
    mirror, url = served()
    get.part.write_bytes(CONTENT + b"more")
    get(url)
    assert ranges(mirror) == ["bytes=300004-", None]


def test_a_part_that_is_all_needs_no_request(served, get):
    mirror, url = served()
    get.part.write_bytes(CONTENT)
    get(url)
    assert mirror.requests == []


def test_redirections_are_followed(served, get):
    goal, _ = served()
    get(served(mirrors.redirects(served(mirrors.redirects(goal))[0]))[1])
    assert ranges(goal) == [None]


def test_a_slow_mirror_may_take_longer_than_a_silent_one(served, get):
    _, url = served(mirrors.slows_down(50_000, 0.12))
    began = time.monotonic()
    get(url)
    assert time.monotonic() - began > module.STALL_SECONDS


@pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")
def test_the_probe_tells_who_accepts_connections(served):
    _, url = served()
    probe = Probe([url, "http://127.0.0.1:9/x", "http://no.such.host.invalid/x", "http://in..valid/x"])
    assert [probe.reaches(one) for one in (url, "http://127.0.0.1:9/x", "http://in..valid/x")] == [True, False, False]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a queue of one is longer than one")
def test_the_probe_does_not_wait_longer_than_its_time(monkeypatch):
    monkeypatch.setattr(module, "PROBE_SECONDS", 0.5)
    monkeypatch.setattr(Probe, "_silent_at", -math.inf)  # and back to what it was
    waits = []

    class Watched(threading.Event):
        def wait(self, timeout=None):
            if timeout is not None:
                waits.append(timeout)
            return super().wait(timeout)

    monkeypatch.setattr(module.threading, "Event", Watched)
    with socket.socket() as deaf:  # its queue of one is full: whoever comes now hears nothing
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        address = deaf.getsockname()
        with socket.create_connection(address):
            urls = [f"http://127.0.0.1:{address[1]}/{name}" for name in "ab"]
            probe = Probe(urls)
            assert not any([probe.reaches(url) for url in urls])
            first, second = waits
            assert second < first <= 0.5
            assert not Probe(urls).reaches(urls[0])
            assert waits[2] <= module.AGAIN_SECONDS < 0.5  # once is enough


def test_the_probe_asks_the_proxy_where_there_is_one(served, monkeypatch):
    _, url = served()
    monkeypatch.setenv("http_proxy", url.removeprefix("http://").removesuffix("/file"))
    monkeypatch.delenv("no_proxy", raising=False)
    assert Probe(["http://no.such.host.invalid/x"]).reaches("http://no.such.host.invalid/x")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a queue of one is longer than one")
def test_one_silent_host_does_not_shorten_the_next_probe(served, monkeypatch):
    monkeypatch.setattr(module, "PROBE_SECONDS", 0.3)
    monkeypatch.setattr(Probe, "_silent_at", -math.inf)
    _, url = served()
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        with socket.create_connection(deaf.getsockname()):
            probe = Probe([url, f"http://127.0.0.1:{deaf.getsockname()[1]}/"])
            assert probe.reaches(url) and not probe.reaches(f"http://127.0.0.1:{deaf.getsockname()[1]}/")
    assert Probe._silent_at == -math.inf
