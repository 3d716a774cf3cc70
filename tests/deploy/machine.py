"""A Debian machine of its own for a test, cut off from every network.

It is this machine seen through an overlay in memory, in namespaces of its own: what is installed,
written and started there is gone afterwards. Needs root and Debian's packages. systemd does not run
in it, so tests/deploy/programs has a `systemctl` that starts what the units say.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil

from dev.embedded_postgres import BASE_DIR

PROGRAMS = BASE_DIR / "tests/deploy/programs"

# Arguments: a folder of the real machine to mount in; files to copy to /root.
_PREPARE = r"""
set -euo pipefail
folder=$1; shift
mount -t tmpfs tmpfs "$folder"
mkdir "$folder"/{upper,work,root}
mkdir -p "$folder/upper/root" "$folder/upper/usr/local/bin"
cp "$@" "$folder/upper/root"
cp "$PROGRAMS"/* "$folder/upper/usr/local/bin"
mount -t overlay overlay -o "lowerdir=/,upperdir=$folder/upper,workdir=$folder/work" "$folder/root"
cd "$folder/root"
for name in dev sys; do mount --rbind "/$name" "$name"; done
mount -t proc proc proc
mount -t tmpfs tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
exec chroot . /bin/bash -c '
    set -euo pipefail
    python3 -c "
import fcntl, socket, struct
with socket.socket() as any_socket:  # sets the loopback interface up
    fcntl.ioctl(any_socket, 0x8914, struct.pack(\"16sH14x\", b\"lo\", 0x1 | 0x40))
"
    # As Debian leaves a machine where nothing but these packages was installed.
    rm -rf /etc/postgresql/* /var/lib/postgresql/* /opt/* /etc/nginx/sites-enabled/*
    ln -s ../sites-available/default /etc/nginx/sites-enabled/default
    install -d -o postgres -g postgres /run/postgresql
    pg_createcluster 17 main >/dev/null
    echo ready
    while true; do sleep 60; done  # the shell reaps what loses its parent
'
"""


class Machine:
    """The inside of the namespaces."""

    def __init__(self, process: int) -> None:
        self.process = process

    def run(
        self, script: str, *, stdin: str = "", check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Run a shell script as root. Its output is in what a failure shows."""
        done = subprocess.run(
            [*self.enter, "/bin/bash", "-euo", "pipefail", "-c", script],
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            start_new_session=True,  # so that passwords are read from stdin, not from a terminal
        )
        assert done.returncode == 0 or not check, done.stdout
        return done

    @property
    def enter(self) -> list[str]:
        """The beginning of a command that runs inside, with nothing of our environment."""
        namespaces = ("--mount", "--net", "--pid", "--ipc", "--uts", "--root", "--wdns=/root")
        return [
            *("nsenter", f"--target={self.process}", *namespaces),
            *("env", "-i", "HOME=/root", "LANG=C.UTF-8", f"PATH={PATH}"),
        ]


PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def missing() -> str:
    """What this machine lacks for a machine of its own; nothing in CI."""
    debian = Path("/etc/debian_version")
    if not debian.exists() or not debian.read_text().startswith("13"):
        return "not on Debian 13"
    programs = (
        *("nginx", "openssl", "pg_createcluster", "pgbouncer", "redis-server"),
        "systemd-socket-activate",
    )
    absent = [name for name in programs if shutil.which(name, path=PATH) is None]
    if absent:
        return f"without {', '.join(absent)}"
    try:
        made = subprocess.run(["unshare", "--mount", "--net", "true"], check=False)
    except OSError:
        return "without unshare"
    return "" if made.returncode == 0 else "namespaces need root"


@contextlib.contextmanager
def cut_off(folder: Path, *files: Path) -> Iterator[Machine]:
    """A machine with `files` in /root. It ends with the block, and all its processes with it."""
    namespaces = ("--mount", "--net", "--pid", "--ipc", "--uts", "--fork", "--kill-child")
    begin = ("setpriv", "--pdeathsig=KILL", "unshare", *namespaces)  # ends when pytest is killed
    with subprocess.Popen(
        [*begin, "bash", "-c", _PREPARE, "prepare", folder, *files],
        env={"PATH": PATH, "PROGRAMS": str(PROGRAMS)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout
            assert process.stderr
            ready = process.stdout.readline()
            assert ready == "ready\n", process.stderr.read()
            yield Machine(psutil.Process(process.pid).children()[0].pid)
        finally:
            process.kill()
