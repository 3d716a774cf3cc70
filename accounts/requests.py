"""The request type of signed-in people; sign-in is required unless a view opts out."""

from django.http import HttpRequest

from accounts.models import User


class PersonRequest(HttpRequest):
    """A request with a known user; the middleware has rejected anonymous users."""

    user: User
