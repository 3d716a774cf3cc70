"""`python -m tests.bench.load PORT CONNECTIONS SECONDS`: the request on stdin, again and again.

A process of its own that does little but wait: what it spends, the portal lacks. Prints how many
replies came and how many seconds it took.
"""

import selectors
import socket
import sys
import time

from tests.bench.browser import connect, expected_length


def main() -> None:
    port, connections = int(sys.argv[1]), int(sys.argv[2])
    seconds = float(sys.argv[3])
    request = sys.stdin.buffer.read()
    selector = selectors.DefaultSelector()
    received: dict[socket.socket, bytes] = {}
    started = time.perf_counter()
    for _ in range(connections):
        connection = connect(port)
        connection.sendall(request)
        selector.register(connection, selectors.EVENT_READ)
        received[connection] = b""
        time.sleep(0.01)  # so that the workers share the connections out
    count = 0
    while (elapsed := time.perf_counter() - started) < seconds:
        for key, _ in selector.select(timeout=5):
            connection = key.fileobj
            part = connection.recv(262_144)
            data = received[connection] + part
            length = expected_length(data)
            if part and (length is None or len(data) < length):
                received[connection] = data
                continue
            if not data.startswith(b"HTTP/1.1 200 "):
                sys.exit(data[:500].decode(errors="replace") or "The portal hung up.")
            count += 1
            received[connection] = b""
            connection.sendall(request)
    print(count, elapsed)


if __name__ == "__main__":
    main()
