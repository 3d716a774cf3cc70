"""The web server, with the options of `make run` and the settings of a newcomer's machine."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from config.children import Children
from config.run import HOST, await_health, web_server


@contextmanager
def portal() -> Iterator[int]:
    """Serve the portal on a free port, which is yielded, and stop it after."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    children = Children()
    try:
        children.start("The web server", *web_server(port))
        await_health(children, port)
        yield port
    finally:
        children.stop("The web server")
        children.guard.dismiss()
