"""A web server with the options of `make run`, for the portal or for another project."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from dev.children import Children
from dev.run import HOST, await_health, web_server


@contextmanager
def serve(application: str = "config.wsgi") -> Iterator[int]:
    """Serve `application` on a free port, yield the port, and stop the server afterwards."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    children = Children()
    try:
        children.start("The web server", *web_server(port, application))
        await_health(children, port)
        yield port
    finally:
        children.stop("The web server")
        children.guard.dismiss()
