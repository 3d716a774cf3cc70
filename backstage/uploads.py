"""Uploads that cannot be read: too large, or no room for them on the disk."""

from collections.abc import Callable
from contextlib import suppress

from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import HttpRequest
from django.urls import Resolver404, resolve, reverse

TOO_LARGE = "too_large"


def back_when_too_large[**P, R](name: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Redirect too large uploads of the view to the page with that URL name, which reports it.

    The page has the same arguments in its address; it gets the query parameter `TOO_LARGE`.
    """

    def mark(view: Callable[P, R]) -> Callable[P, R]:
        view.back_when_too_large = name  # type: ignore[attr-defined]
        return view

    return mark


def find_page_back(request: HttpRequest) -> str | None:
    """The address that reports a too large upload to this one; None if the view names none."""
    try:
        match = resolve(request.path_info)
    except Resolver404:
        return None
    name = getattr(match.func, "back_when_too_large", None)
    if name is None:
        return None
    return f"{reverse(name, args=match.args, kwargs=match.kwargs)}?{TOO_LARGE}=1"


class CleanUploadHandler(TemporaryFileUploadHandler):
    """Django's handler of large uploads, which removes its half file if the disk is full."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Write a part of the upload into the temporary file."""
        try:
            super().receive_data_chunk(raw_data, start)
        except OSError:
            with suppress(OSError):  # what is left in memory has no room either
                self.file.close()
            raise
