"""The types of requests that views take; sign-in is required unless a view opts out."""

from datetime import date, datetime

from django.http import HttpRequest

from accounts.models import User


class PortalRequest(HttpRequest):
    """A request with its moment, which `MomentMiddleware` reads from the clock once."""

    now: datetime
    # The day of `now` in Asia/Shanghai.
    today: date


class PersonRequest(PortalRequest):
    """A request with a known user; the middleware has rejected anonymous users."""

    user: User
