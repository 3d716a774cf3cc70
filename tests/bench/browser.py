"""A browser with minimal cost: requests are bytes, and the connection is persistent."""

import re
import socket
from dataclasses import dataclass
from urllib.parse import urlencode

TIMEOUT_SECONDS = 60
_HEADERS = (
    "Host: {host}\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"
    "Accept-Language: zh-CN,zh;q=0.8\r\nAccept-Encoding: gzip, deflate\r\n"
    "Connection: keep-alive\r\nReferer: http://{host}/\r\nCookie: {cookies}\r\n"
)
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.I)
_COOKIE = re.compile(rb"\r\nset-cookie: *([^=\r\n]+)=([^;\r\n]*)", re.I)
_LOCATION = re.compile(rb"\r\nlocation: *([^\r\n]+)", re.I)
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


class UnexpectedReply(Exception):
    """The portal's reply is not that of a working page."""


@dataclass(frozen=True)
class Reply:
    """An HTTP reply."""

    head: bytes
    body: bytes

    @property
    def status(self) -> int:
        return int(self.head.split(b" ", 2)[1])

    @property
    def location(self) -> str:
        match = _LOCATION.search(self.head)
        return match[1].decode() if match else ""

    @property
    def text(self) -> str:
        return self.body.decode()

    def hidden_fields(self, form_id: str = "") -> list[tuple[str, str]]:
        """Name and value of hidden inputs; with `form_id`, only from that form onwards."""
        _, _, text = self.text.partition(f'id="{form_id}"' if form_id else "<main")
        return _HIDDEN.findall(text)

    def require(self, status: int, location: str = "") -> "Reply":
        """Returns this reply. Raises UnexpectedReply if status or location differ."""
        if self.status != status or not self.location.startswith(location):
            raise UnexpectedReply(
                f"{status} {location} was expected; came {self.status} {self.location}: "
                f"{self.text[:2000]}"
            )
        return self


class Browser:
    """One user's browser, with cookies and one connection."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}
        self._socket: socket.socket | None = None

    def sign_in(self, path: str, username: str, password: str) -> None:
        """Sign in with the form at `path`."""
        page = self.get(path).require(200)
        fields = [*page.hidden_fields(), ("username", username), ("password", password)]
        self.send(self.post_bytes(path, fields)).require(302, "/")

    def get(self, path: str) -> Reply:
        return self.send(self.get_bytes(path))

    def get_bytes(self, path: str) -> bytes:
        """The request for a page, as bytes."""
        return f"GET {path} HTTP/1.1\r\n{self._headers()}\r\n".encode()

    def post_bytes(self, path: str, fields: list[tuple[str, str]]) -> bytes:
        """The request that sends a form, as bytes."""
        body = urlencode(fields).encode()
        head = (
            f"POST {path} HTTP/1.1\r\n{self._headers()}Origin: http://127.0.0.1:{self.port}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
        )
        return head.encode() + b"\r\n" + body

    def send(self, request: bytes) -> Reply:
        """Send a request and wait for the whole reply; reconnects after an idle timeout."""
        for attempt in range(2):
            if self._socket is None:
                self._socket = connect(self.port)
            try:
                self._socket.sendall(request)
                reply = receive(self._socket)
            except (BrokenPipeError, ConnectionResetError, EOFError):
                self.close()
                if attempt:
                    raise
                continue
            break
        for name, value in _COOKIE.findall(reply.head):
            self.cookies[name.decode()] = value.decode()
        if b"\r\nconnection: close" in reply.head.lower():
            self.close()
        return reply

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _headers(self) -> str:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return _HEADERS.format(host=f"127.0.0.1:{self.port}", cookies=cookies)


def connect(port: int) -> socket.socket:
    """A connection to the portal that sends small requests without delay."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_SECONDS)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def receive(connection: socket.socket) -> Reply:
    """One whole reply. Raises EOFError if the server closes the connection."""
    data = b""
    while (length := expected_length(data)) is None or len(data) < length:
        part = connection.recv(262_144)
        if not part:
            raise EOFError
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    return Reply(head, body)


def expected_length(data: bytes) -> int | None:
    """The length of the reply that begins with `data`; None while its head is incomplete."""
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return None
    match = _LENGTH.search(data, 0, end)
    return end + 4 + (int(match[1]) if match else 0)
