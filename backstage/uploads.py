"""The page that reports an upload as too large to be read."""

from collections.abc import Callable

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
