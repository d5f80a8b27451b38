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
AGAIN_SECONDS = 0.2  # the same, once nobody has answered within the last minute
STALL_SECONDS = 30  # a mirror that sends nothing for so long has stopped
_CHUNK = 1 << 16
_PORTS = {"http": 80, "https": 443}


class DownloadError(Exception):
    """No mirror sent the file; its text says why, mirror by mirror."""


class _MirrorError(Exception):
    """What a mirror did wrong, to follow its name."""


class Probe:
    """Which hosts accept a connection? All are asked at once, in threads that nobody has to wait for.

    Looking a name up has no time limit of its own in Python: where a name server is silent, it takes the system's
    10 to 40 seconds. A lesson asks more than once; it waits the first time.
    """

    _silent_at = -math.inf  # when somebody was last waited for in vain

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
        except (OSError, UnicodeError):  # a name that can't be one
            pass
        finally:
            answer[0].set()

    def reaches(self, url):
        """Has the host of `url` (or the proxy before it) accepted a connection in time? Waits for it if need be."""
        asked, _ = answer = self._answers[_address(url)]
        in_time = asked.wait(max(0, self._deadline - time.monotonic()))
        if not in_time and not any(found for _, found in self._answers.values()):
            Probe._silent_at = time.monotonic()
        return answer[1]


def _address(url):
    """(host, port) of the machine that a request for `url` goes to first."""
    parts = urllib.parse.urlsplit(url)
    proxy = urllib.request.getproxies().get(parts.scheme)
    if proxy and not urllib.request.proxy_bypass(parts.hostname):
        parts = urllib.parse.urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    return parts.hostname, parts.port or _PORTS.get(parts.scheme, 80)


def download(urls, path, checksum, arrived=lambda count: None):
    """See to it that the file with this checksum lies at `path`.

    What arrives goes to `path` with `.part` behind its name, and is renamed once its checksum is right. A part that is
    there already, because a mirror, a program or a person broke off, is asked to be continued; the mirrors take
    turns as long as each round brings more than was ever there.

    Args:
        urls: addresses of the same file, the first tried first.
        path: `pathlib.Path`, in a folder that exists.
        checksum: (name of the algorithm, hexadecimal digest or its beginning), for example ("sha256", "f37072fd").
        arrived: called with the number of bytes after each piece; a negative number takes back what was worthless.

    Raises:
        DownloadError: no mirror sent it.
        OSError: it can't be written.
    """
    part = part_of(path)
    most = size(part)
    if most and matches(part, checksum):  # ended between the last byte and its new name
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
    """Has the file at `path` this checksum, given as in `download`?"""
    algorithm, beginning = checksum
    # Against accidents, not attackers: where cryptographic rules forbid MD5, this use is allowed.
    digest = hashlib.new(algorithm, usedforsecurity=False)
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest().startswith(beginning)


def _from(url, part, checksum, arrived):
    """Let one mirror send what is missing, and keep nothing with a wrong checksum."""
    continued = size(part) > 0
    _receive(url, part, arrived)
    if matches(part, checksum):
        return
    _forget(part, arrived)
    if not continued:
        raise _MirrorError("sent something else: its checksum is wrong")
    _from(url, part, checksum, arrived)  # the beginning was not this mirror's


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
        _forget(part, arrived)  # longer than the mirror's own
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
