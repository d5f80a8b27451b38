"""Takes the network away: `python tools/offline.py COMMAND…` runs COMMAND where there is only the machine itself.

It uses a network namespace of Linux, which has no route to anywhere. Kernels and their notebooks still reach each
other over the loopback, its only device.
"""

import os
import subprocess
import sys

UNSHARE = ["unshare", "--map-root-user", "--net"]


def without_network(command, *more):
    """The command that runs `command`, a list, without a network; `more` are options for unshare."""
    return [*UNSHARE, *more, sys.executable, os.path.abspath(__file__), "--inside", *command]


def why_not():
    """Why this machine can't do it, in words; "" if it can."""
    if sys.platform != "linux":
        return f"network namespaces are Linux's, and this is {sys.platform}"
    try:
        done = subprocess.run(without_network(["true"]), capture_output=True, text=True)
    except FileNotFoundError:
        return "there is no `unshare` (Debian and Ubuntu have it in util-linux)"
    return f"namespaces are not permitted here ({done.stderr.strip()})" if done.returncode else ""


def _loopback_up():
    """What `ip link set lo up` does, where there is no `ip`."""
    import fcntl
    import socket
    import struct

    set_flags, up = 0x8914, 1  # SIOCSIFFLAGS and IFF_UP of <linux/if.h>, on a struct ifreq of 40 bytes
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, set_flags, struct.pack("16sh22x", b"lo", up))


def main():
    if sys.argv[1:2] == ["--inside"]:
        _loopback_up()
        os.execvp(sys.argv[2], sys.argv[2:])
    obstacle = why_not()
    if obstacle:
        sys.exit(f"Not run: {obstacle}.")
    command = without_network(sys.argv[1:])
    os.execvp(command[0], command)


if __name__ == "__main__":
    main()
