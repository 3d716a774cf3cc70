"""Where lines leave the machine: a file, the local syslog, or a syslog server.

A target either takes all lines or raises TargetError; then some may have arrived.
"""

from __future__ import annotations

import os
import socket
import stat
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from config.lib.errors import PortalError

_SECONDS = 5
# Facility 13 (log audit), severity 5 (notice), RFC 5424.
_PRIORITY = 13 * 8 + 5
_NAME = "xuetang-trail"


class TargetError(PortalError):
    """The target cannot be reached or did not take the lines."""


class Target(ABC):
    """Takes lines of JSON in ASCII."""

    @abstractmethod
    def send(self, lines: Sequence[str]) -> None:
        """Hand over all lines, in order. Raises TargetError."""


@dataclass(frozen=True)
class LogFile(Target):
    """A file that grows. It is opened for each round, so it may be moved away at any time."""

    path: Path

    def send(self, lines: Sequence[str]) -> None:
        try:
            number = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
            with open(number, "w", encoding="ascii") as file:
                file.writelines(f"{line}\n" for line in lines)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise TargetError(f"{self.path}: {error.strerror}") from error


@dataclass(frozen=True)
class LocalSyslog(Target):
    """A datagram socket such as /dev/log. Each line is a message; the daemon adds host and time."""

    path: Path

    def send(self, lines: Sequence[str]) -> None:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as connection:
                connection.settimeout(_SECONDS)
                connection.connect(str(self.path))
                for line in lines:
                    connection.send(f"<{_PRIORITY}>{_NAME}: {line}".encode("ascii"))
        except OSError as error:
            raise TargetError(f"{self.path}: {error}") from error


@dataclass(frozen=True)
class SyslogServer(Target):
    """A syslog server, by TCP (RFC 6587, a message per line), or by UDP, which may lose messages.

    After the last line we close our half. A server that has read everything closes its half, which
    is the only receipt that syslog knows.
    """

    host: str
    port: int
    by_udp: bool = False

    def send(self, lines: Sequence[str]) -> None:
        messages = [_message(line) for line in lines]
        try:
            if self.by_udp:
                self._send_by_udp(messages)
            else:
                self._send_by_tcp(messages)
        except OSError as error:
            raise TargetError(f"{self.host}:{self.port}: {error}") from error

    def _send_by_tcp(self, messages: Sequence[bytes]) -> None:
        with socket.create_connection((self.host, self.port), timeout=_SECONDS) as connection:
            connection.sendall(b"".join(message + b"\n" for message in messages))
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(4096):
                pass

    def _send_by_udp(self, messages: Sequence[bytes]) -> None:
        (family, kind, protocol, _name, address), *_others = socket.getaddrinfo(
            self.host, self.port, type=socket.SOCK_DGRAM
        )
        with socket.socket(family, kind, protocol) as connection:
            connection.connect(address)  # so that a refusal by the other machine is noticed
            for message in messages:
                connection.send(message)


def target_of(text: str) -> Target:
    """The target that a setting names. Raises TargetError.

    `syslog:HOST:PORT` (TCP), `syslog+udp:HOST:PORT`, the path of a socket such as /dev/log, or the
    absolute path of a file.
    """
    scheme, _colon, rest = text.partition(":")
    if scheme in {"syslog", "syslog+udp"}:
        host, _colon, port = rest.rpartition(":")
        if not host or not port.isdecimal() or not 0 < int(port) < 65536:
            raise TargetError(f"{text}: give {scheme}:HOST:PORT.")
        return SyslogServer(host.strip("[]"), int(port), by_udp=scheme == "syslog+udp")
    path = Path(text)
    if not path.is_absolute():
        raise TargetError(f"{text}: give an absolute path or syslog:HOST:PORT.")
    try:
        is_socket = stat.S_ISSOCK(path.stat().st_mode)
    except OSError:
        is_socket = False
    return LocalSyslog(path) if is_socket else LogFile(path)


def _message(line: str) -> bytes:
    """A message of RFC 5424. The line itself says when the entry was made."""
    sent_at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    head = f"<{_PRIORITY}>1 {sent_at} {socket.gethostname() or '-'} {_NAME} - - -"
    return f"{head} {line}".encode("ascii")
