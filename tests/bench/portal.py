"""A web server with the options of `make run`: the portal, or another project in its stead."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from config.children import Children
from config.run import HOST, await_health, web_server


@contextmanager
def serve(application: str = "config.wsgi") -> Iterator[int]:
    """Serve `application` on a free port, which is yielded, and stop it after."""
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
