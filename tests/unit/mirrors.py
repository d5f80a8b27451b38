"""A local web server that misbehaves as told, and files of MNIST's and CIFAR-10's format for it."""

import gzip
import hashlib
import http.server
import pathlib
import pickle
import tarfile
import threading

import numpy as np

from course_utils.data.files import MNIST_BYTES

THINGS = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]


# MD5 sums of what `write_mnist` writes.
SUMS = {
    "train-images-idx3-ubyte": "34db59d9f7edc81391a7066597cf577e",
    "train-labels-idx1-ubyte": "5a253e020608e966802a89b57aed9925",
    "t10k-images-idx3-ubyte": "12fd9dc9b78a132dbc5d0b99185c342d",
    "t10k-labels-idx1-ubyte": "e1ab381c4e3b8ad75348081c60fd4e18",
}


class Mirror:
    """A web server on a free local port, with the files of a folder.

    Attributes:
        url: its address, with a slash at its end.
        requests: [(path, its Range header or None), …], in the order they came.
        manner: function of (request, content) that answers; `honest` and the others below.
        reached: set when a `stalls` has sent all it sends.
    """

    def __init__(self, folder):
        self.folder, self.requests, self.manner = pathlib.Path(folder), [], honest
        self.reached, self.closed = threading.Event(), threading.Event()
        mirror = self

        class Request(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.mirror = mirror
                mirror.requests.append((self.path, self.headers["Range"]))
                file = mirror.folder / self.path.lstrip("/")
                mirror.manner(self, file.read_bytes()) if file.is_file() else self.send_error(404)

            def log_message(self, *args):
                pass

        class Server(http.server.ThreadingHTTPServer):
            request_queue_size = 64  # thirty at once
            daemon_threads = True

            def handle_error(self, request, client):
                pass  # the other side went away, as some tests want it to

        self._server = Server(("127.0.0.1", 0), Request)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        threading.Thread(target=self._server.serve_forever, args=[0.05], daemon=True).start()

    def close(self):
        self.closed.set()
        self._server.shutdown()
        self._server.server_close()


def _head(request, content, ranges=True):
    """Answer with status and headers; returns what of `content` is to follow."""
    asked = request.headers["Range"] if ranges else None
    start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
    if asked and start >= len(content):
        request.send_error(416)
        return b""
    request.send_response(206 if asked else 200)
    if asked:
        request.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
    request.send_header("Content-Length", str(len(content) - start))
    request.end_headers()
    return content[start:]


def honest(request, content):
    request.wfile.write(_head(request, content))


def refuses(request, content):
    request.send_error(403)


def hangs_up(request, content):
    request.close_connection = True


def corrupts(request, content):
    honest(request, bytes(255 - byte for byte in content))


def truncates(after, ranges=True):
    """Promises all, sends no more than so many bytes."""
    return lambda request, content: request.wfile.write(_head(request, content, ranges)[:after])


def stalls(after):
    """Sends so many bytes, then nothing, for ever."""

    def answer(request, content):
        truncates(after)(request, content)
        request.wfile.flush()
        request.mirror.reached.set()
        request.mirror.closed.wait()

    return answer


def slows_down(piece, seconds):
    """Sends so many bytes at a time, and waits between."""

    def answer(request, content):
        rest = _head(request, content)
        for start in range(0, len(rest), piece):
            request.wfile.write(rest[start : start + piece])
            request.wfile.flush()
            request.mirror.closed.wait(seconds)

    return answer


def redirects(to=None):
    """To the same file on the mirror `to`; without one to itself, for ever."""

    def answer(request, content):
        request.send_response(302)
        request.send_header("Location", (to.url if to else request.mirror.url) + request.path.lstrip("/"))
        request.end_headers()

    return answer


def in_turn(*manners):
    """One manner a request; the last of them for all that follow."""
    left = list(manners)
    return lambda request, content: (left.pop(0) if len(left) > 1 else left[0])(request, content)


def md5_of(path):
    return hashlib.md5(path.read_bytes()).hexdigest()


def write_mnist(raw):
    """Files of MNIST's format and length: images black but for one pixel, labels 0 to 9 in turn."""
    raw.mkdir(parents=True)
    for part, n in (("train", 60_000), ("t10k", 10_000)):
        header = b"".join(size.to_bytes(4, "big") for size in (0x0803, n, 28, 28))
        images = np.zeros((n, 28, 28), dtype=np.uint8)
        images[:, 3, 5] = 255
        (raw / f"{part}-images-idx3-ubyte").write_bytes(header + images.tobytes())
        labels = (np.arange(n) % 10).astype(np.uint8)
        header = b"".join(size.to_bytes(4, "big") for size in (0x0801, n))
        (raw / f"{part}-labels-idx1-ubyte").write_bytes(header + labels.tobytes())


def pack_mnist(folder):
    """`write_mnist`, as the four compressed files that a mirror has."""
    write_mnist(folder)
    for name in MNIST_BYTES:
        (folder / f"{name}.gz").write_bytes(gzip.compress((folder / name).read_bytes(), compresslevel=1))
        (folder / name).unlink()


def pack_cifar10(folder, dataset):
    """An archive of CIFAR-10's format with 20 images a file, for torchvision's class `dataset`.

    Returns:
        The attributes that `dataset` must have to know it.
    """
    files = folder / dataset.base_folder
    files.mkdir(parents=True)
    pixels = np.zeros((20, 3, 32, 32), dtype=np.uint8)
    pixels[:, 2, 5, 7] = 51  # blue
    batch = {"data": pixels.reshape(20, -1), "labels": [i % 10 for i in range(20)]}
    lists = {}
    for part in ("train_list", "test_list"):
        for name, _ in getattr(dataset, part):
            (files / name).write_bytes(pickle.dumps(batch))
        lists[part] = [[name, md5_of(files / name)] for name, _ in getattr(dataset, part)]
    (files / "batches.meta").write_bytes(pickle.dumps({"label_names": THINGS}))
    archive = folder / dataset.filename
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(files, dataset.base_folder)
    return {**lists, "meta": {**dataset.meta, "md5": md5_of(files / "batches.meta")}, "tgz_md5": md5_of(archive)}
