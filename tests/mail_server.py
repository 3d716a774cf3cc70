"""A mail server for tests that takes mail, refuses it, or breaks off."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum

from config.lib.mail_settings import mailers_of


class Manner(StrEnum):
    """How the server meets a message."""

    TAKES = "takes"
    REFUSES_RECIPIENTS = "refuses recipients"
    REFUSES_DATA = "refuses data"
    BREAKS_OFF = "breaks off once it has all"


class MailServer(socketserver.ThreadingTCPServer):
    """Keeps what it was sent in `received`; `manner` may be changed at any time."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.manner = Manner.TAKES
        self.received: list[bytes] = []
        self.connections = 0

    @property
    def mailers(self) -> dict[str, dict]:
        """The setting that names this server."""
        return mailers_of(f"smtp://127.0.0.1:{self.server_address[1]}")


class _Session(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.server.connections += 1
        self._say("220 ready")
        for line in self.rfile:
            word = line.split()[0].upper() if line.split() else b""
            if word == b"DATA":
                if not self._take():
                    return
            elif word == b"QUIT":
                self._say("221 bye")
                return
            elif word == b"RCPT" and self.server.manner == Manner.REFUSES_RECIPIENTS:
                self._say("550 no such user")
            else:
                self._say("250 well")

    def _take(self) -> bool:
        """Read a message; whether the connection goes on."""
        self._say("354 go on")
        body = b""
        for line in self.rfile:
            if line == b".\r\n":
                break
            body += line
        if self.server.manner == Manner.REFUSES_DATA:
            self._say("554 refused")
            return True
        self.server.received.append(body)
        if self.server.manner == Manner.BREAKS_OFF:
            return False
        self._say("250 taken")
        return True

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """A server that listens until the end of the block."""
    with MailServer() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
