"""The entry point for WSGI servers, by default with the production settings."""

import os
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")

_portal = get_wsgi_application()


def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """The portal at the root of its host.

    A server that takes SCRIPT_NAME from a header cuts it off the path, so that a browser could have
    every page below any prefix. Here the path is the one that was asked for.
    """
    environ["PATH_INFO"] = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
    environ["SCRIPT_NAME"] = ""
    return _portal(environ, start_response)
