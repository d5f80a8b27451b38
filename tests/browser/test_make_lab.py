"""`make lab` as a process: starts beside others, keeps strangers out, and leaves nothing behind."""

import contextlib
import os
import pathlib
import socket
import time
import urllib.error
import urllib.request

import psutil
import pytest

from tests.browser.lab import PORT, ROOT, TOKEN, Lab, Notebook


def start_kernel(lab):
    """Ask the server for a Python kernel, as opening a notebook does."""
    request = urllib.request.Request(
        f"{lab.url}/api/kernels", data=b"{}", headers={"Authorization": f"token {TOKEN}"}, method="POST"
    )
    urllib.request.urlopen(request, timeout=30).close()


def command(process):
    """A process's command line; "" for one that has ended: some of Jupyter's children live for a moment only."""
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:  # psutil counts zombies among them
        return ""


@pytest.fixture
def start(tmp_path):
    """Function that starts a `make lab`; whatever still runs at the end is ended."""
    with contextlib.ExitStack() as ending:

        def start(**options):
            lab = Lab(tmp_path / f"jupyter{time.monotonic_ns()}", **options)
            ending.callback(lab.close)
            return lab.wait_ready()

        yield start


@pytest.mark.brief
def test_a_taken_port_is_no_error_and_one_interrupt_ends_everything(start):
    with contextlib.ExitStack() as ending:
        with contextlib.suppress(OSError):  # taken by somebody else, which serves as well
            ending.enter_context(socket.create_server(("127.0.0.1", PORT)))
        lab = start()
        assert not lab.url.endswith(f":{PORT}")
        start_kernel(lab)
        family = list(filter(command, psutil.Process(lab.process.pid).children(recursive=True)))
        commands = list(map(command, family))
        assert any("ipykernel" in one for one in commands), commands

        lab.interrupt(timeout=20)
        gone, alive = psutil.wait_procs(family, timeout=5)
        assert list(map(command, alive)) == []
        assert len(gone) == len(commands)
        assert "y/[n]" not in lab.log()


def test_an_interrupt_while_a_page_still_loads(start, chrome):
    lab = start()
    with contextlib.closing(chrome.new_page()) as page:
        Notebook(page, lab, "00_start_here.ipynb")
        family = psutil.Process(lab.process.pid).children(recursive=True)
        lab.interrupt(timeout=20)
        assert psutil.wait_procs(family, timeout=5)[1] == []


def test_a_second_start_installs_nothing(start, capsys):
    start().interrupt()
    began = time.monotonic()
    second = start()
    with capsys.disabled():
        print(f"\nsecond start of make lab: {time.monotonic() - began:.1f} s until the server answers")
    assert "Installing" not in second.log()


def test_only_this_machine_and_only_with_the_token(start):
    lab = start()
    assert lab.url.startswith("http://127.0.0.1:")
    addresses = {one.laddr.ip for one in psutil.Process(lab.server_pid).net_connections() if one.status == "LISTEN"}
    assert addresses == {"127.0.0.1"}
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(f"{lab.url}/api/contents", timeout=5)


def test_notebooks_see_a_relative_data_folder_from_where_make_was_called(start):
    lab = start(env={"COURSE_DATA": os.path.join("..", "some where")})
    seen = pathlib.Path(psutil.Process(lab.server_pid).environ()["COURSE_DATA"])
    assert seen.is_absolute()
    assert seen.resolve() == (ROOT.parent / "some where").resolve()
