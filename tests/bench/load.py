"""`python -m tests.bench.load PORT CONNECTIONS SECONDS`: repeats the requests given on stdin.

A separate process that mostly waits, since any CPU time it uses is taken from the portal. Prints
the number of replies and the seconds taken.
"""

import selectors
import sys
import time
from itertools import cycle

from tests.bench.browser import connect, expected_length

WARM_UP_SECONDS = 0.3
END = b"\r\n\r\n"  # of a request without a body


class Crowd:
    """Several connections; each sends its next request as soon as it has a reply."""

    def __init__(self, port: int, connections: int, requests: list[bytes]) -> None:
        self.requests = cycle(requests)
        self.selector = selectors.DefaultSelector()
        self.received: dict[int, bytes] = {}
        for _ in range(connections):
            connection = connect(port)
            connection.sendall(next(self.requests))
            self.selector.register(connection, selectors.EVENT_READ)
            self.received[connection.fileno()] = b""
            time.sleep(0.01)  # so that the connections are spread over the workers

    def run(self, seconds: float) -> tuple[int, float]:
        """The number of replies, and the seconds taken. Exits on any reply that is not a page."""
        count = 0
        started = time.perf_counter()
        while (elapsed := time.perf_counter() - started) < seconds:
            for key, _ in self.selector.select(timeout=5):
                part = key.fileobj.recv(262_144)
                data = self.received[key.fd] + part
                length = expected_length(data)
                if part and (length is None or len(data) < length):
                    self.received[key.fd] = data
                    continue
                if not data.startswith(b"HTTP/1.1 200 "):
                    sys.exit(data[:500].decode(errors="replace") or "The portal hung up.")
                count += 1
                self.received[key.fd] = b""
                key.fileobj.sendall(next(self.requests))
        return count, elapsed


def split_requests(data: bytes) -> list[bytes]:
    """The consecutive requests in `data`."""
    *texts, _ = data.split(END)
    return [text + END for text in texts]


if __name__ == "__main__":
    requests = split_requests(sys.stdin.buffer.read())
    crowd = Crowd(int(sys.argv[1]), int(sys.argv[2]), requests)
    crowd.run(WARM_UP_SECONDS)
    print(*crowd.run(float(sys.argv[3])))
