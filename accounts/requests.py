"""The request of a signed-in person: sign-in is required everywhere unless a view says not."""

from django.http import HttpRequest

from accounts.models import User


class PersonRequest(HttpRequest):
    """A request whose user is known; the middleware has turned strangers away."""

    user: User
