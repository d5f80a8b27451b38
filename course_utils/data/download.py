"""One file from the first of several mirrors that sends it whole: resumed where it broke off, verified."""

import hashlib
import http.client
import math
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from socket import create_connection

PROBE_SECONDS = 1.5  # for all mirrors together: without a network nobody waits longer than this
AGAIN_SECONDS = 0.2  # the same, if no mirror answered within the last minute
STALL_SECONDS = 30  # a mirror that sends nothing for this long has stopped
_CHUNK = 1 << 16
_PORTS = {"http": 80, "https": 443}


class DownloadError(Exception):
    """No mirror sent the file; the text gives each mirror's reason."""


class _MirrorError(Exception):
    """One mirror's failure; its text completes "<host> …"."""


class Probe:
    """Finds out which hosts accept a connection. All are asked at once, in threads that nobody has to wait for.

    It raises what `_address` raises.

    Python gives a name look-up no time limit: if the name server is silent, it takes the system's 10 to 40 seconds.
    A lesson asks more than once; it waits the first time.
    """

    _silent_at = -math.inf  # when a wait last ended without an answer

    def __init__(self, urls):
        now = time.monotonic()
        self._deadline = now + (AGAIN_SECONDS if now - Probe._silent_at < 60 else PROBE_SECONDS)
        self._answers = {}
        for url in urls:
            address = _address(url)
            if address not in self._answers:
                self._answers[address] = [threading.Event(), False]
                threading.Thread(target=self._ask, args=[address], daemon=True).start()

    def _ask(self, address):
        answer = self._answers[address]
        try:
            create_connection(address, timeout=PROBE_SECONDS).close()
            answer[1] = True
        except (OSError, UnicodeError):  # the second for an impossible name
            pass
        finally:
            answer[0].set()

    def reaches(self, url):
        """True if the host of `url`, or the proxy before it, accepts a connection in time; waits for its answer."""
        asked, _ = answer = self._answers[_address(url)]
        in_time = asked.wait(max(0, self._deadline - time.monotonic()))
        if not in_time and not any(found for _, found in self._answers.values()):
            Probe._silent_at = time.monotonic()
        return answer[1]


def _address(url):
    """(host, port) of the machine that a request for `url` goes to first.

    Raises:
        ValueError: the environment names a proxy that is no address.
    """
    parts = urllib.parse.urlsplit(url)
    proxy = urllib.request.getproxies().get(parts.scheme)
    if not proxy or urllib.request.proxy_bypass(parts.hostname):
        return parts.hostname, parts.port or _PORTS.get(parts.scheme, 80)
    try:
        first = urllib.parse.urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        host, port = first.hostname, first.port or _PORTS.get(first.scheme, 80)
    except ValueError:
        host = None
    if host is None:
        shown = proxy.rpartition("@")[2]  # before it stands a password
        raise ValueError(f"the proxy setting {parts.scheme}_proxy is {shown!r}, which is no address of a host")
    return host, port


def download(urls, path, checksum, arrived=lambda count: None):
    """Download the file with this checksum to `path`.

    It grows at `path` with `.part` behind its name, and is renamed once its checksum is right. A part that an
    interrupted download left is continued. The mirrors take turns as long as each round brings more than was ever
    there.

    Args:
        urls: addresses of the same file, the first tried first.
        path: `pathlib.Path`, in a folder that exists.
        checksum: (name of the algorithm, hexadecimal digest or its beginning), for example ("sha256", "f37072fd").
        arrived: called with the number of bytes after each piece; a negative number takes back what was discarded.

    Raises:
        DownloadError: no mirror sent it.
        OSError: it can't be written.
    """
    part = part_of(path)
    most = size(part)
    if most and matches(part, checksum):  # interrupted between the last byte and the renaming
        part.replace(path)
        return
    while True:
        complaints = []
        for url in urls:
            try:
                _from(url, part, checksum, arrived)
            except _MirrorError as complaint:
                complaints.append(f"{urllib.parse.urlsplit(url).hostname} {complaint}")
            else:
                part.replace(path)
                return
        if size(part) <= most:
            raise DownloadError("; ".join(complaints))
        most = size(part)


def part_of(path):
    """Where the file `path` grows."""
    return path.with_name(path.name + ".part")


def size(path):
    """Bytes of the file at `path`; 0 if there is none."""
    return path.stat().st_size if path.exists() else 0


def matches(path, checksum):
    """True if the file at `path` has this checksum, given as in `download`."""
    algorithm, beginning = checksum
    # MD5 is here against accidents, not attackers; this flag allows it under rules that forbid it for security.
    digest = hashlib.new(algorithm, usedforsecurity=False)
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest().startswith(beginning)


def _from(url, part, checksum, arrived):
    """Download what is missing from one mirror, and keep nothing with a wrong checksum."""
    continued = size(part) > 0
    _receive(url, part, arrived)
    if matches(part, checksum):
        return
    _forget(part, arrived)
    if not continued:
        raise _MirrorError("sent something else: its checksum is wrong")
    _from(url, part, checksum, arrived)  # the beginning came from elsewhere and did not fit


def _forget(part, arrived):
    arrived(-size(part))
    part.unlink(missing_ok=True)


def _receive(url, part, arrived):
    have = size(part)
    headers = {"User-Agent": "gradient-steps"} | ({"Range": f"bytes={have}-"} if have else {})
    try:
        answer = urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=STALL_SECONDS)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code != http.client.REQUESTED_RANGE_NOT_SATISFIABLE or not have:
            raise _MirrorError(f"answered {error.code} {' '.join(error.reason.split())}") from error
        _forget(part, arrived)  # what is here is longer than the mirror's file
        return _receive(url, part, arrived)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise _MirrorError(_in_words(error)) from error
    with answer:
        continued = answer.status == http.client.PARTIAL_CONTENT
        if have and not continued:
            arrived(-have)
        with part.open("ab" if continued else "wb") as file:
            while piece := _piece(answer):
                file.write(piece)
                arrived(len(piece))
        if answer.length:  # what is still to come of the promised length
            raise _MirrorError(f"broke off {answer.length:,} bytes before the end")


def _piece(answer):
    try:
        return answer.read1(_CHUNK)
    except (OSError, http.client.HTTPException) as error:
        raise _MirrorError(_in_words(error)) from error


def _in_words(error):
    reason = getattr(error, "reason", error)
    if isinstance(reason, TimeoutError):
        return f"sent nothing for {STALL_SECONDS} s"
    text = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
    return f"failed: {' '.join(text.split())}"
