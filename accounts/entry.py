"""Who may come to a page, said above its view.

Each view is open to some roles (`page_for`, `page_if`), to everybody who is signed in
(`everyone_page`), or to strangers as well (Django's `login_not_required`).
`tests/access/test_entry.py` compares that with the table of addresses. Whose rows somebody sees
there is another matter: the view begins with `visible_to`, and another school's row is a 404.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse

from accounts.enums import Role
from accounts.models import User
from accounts.requests import PersonRequest
from accounts.roles import holds_any

type View = Callable[..., HttpResponse]
type Rule = Callable[[User], bool]


def page_if(may_come: Rule) -> Callable[[View], View]:
    """A page for those whom the rule lets in; 403 for everybody else, before anything is read."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: PersonRequest, *args: Any, **values: Any) -> HttpResponse:
            if not may_come(request.user):
                raise PermissionDenied
            return view(request, *args, **values)

        return _say(guarded, may_come)

    return decorate


def page_for(*roles: Role) -> Callable[[View], View]:
    """A page for those who hold one of the roles today."""
    return page_if(lambda user: holds_any(user, *roles))


def everyone_page(view: View) -> View:
    """A page for everybody who is signed in, with what is theirs; often a 404 if nothing is."""
    return _say(view, lambda _user: True)


def _say(view: Any, may_come: Rule) -> View:
    view.may_come = may_come
    return view
