"""Accounts of many members who are signed in, each with the request for the own page."""

import time
from dataclasses import dataclass
from importlib import import_module

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.db.models import Count, Q
from django.middleware.csrf import CSRF_SECRET_LENGTH
from django.urls import reverse
from django.utils.crypto import get_random_string

from accounts.middleware import SEEN
from accounts.models import User
from config.lib.periods import today
from tests.bench.browser import Browser
from trainees.models import Member

CROWD = 8_000


@dataclass(frozen=True)
class Crowd:
    """The requests of many members, and of them that of whoever has the most lines this year."""

    requests: list[bytes]
    longest: bytes


def make_crowd(port: int) -> Crowd:
    """Members from all over the district, for whom accounts are made.

    Their sessions and cookies are as a sign-in leaves them. One in five or so of those who have
    none, by their keys, so that schools and branches come as mixed as the district is.
    """
    members = Member.objects.filter(user=None, merged_into=None).order_by("pk")
    step = max(1, members.count() // CROWD)
    crowd = list(members[::step][:CROWD])
    password = make_password(None)
    users = User.objects.bulk_create(
        User(username=f"bench.{one.number}", display_name=one.name, password=password)
        for one in crowd
    )
    for member, user in zip(crowd, users, strict=True):
        member.user = user
    Member.objects.bulk_update(crowd, ["user"], batch_size=1_000)
    requests = [_request(port, key) for key in _sign_in(users)]
    lines = Count("assessments", filter=Q(assessments__credit_year=today().year))
    counted = Member.objects.filter(pk__in=[one.pk for one in crowd]).annotate(lines=lines)
    longest = counted.order_by("-lines", "pk")[0]
    return Crowd(requests, requests[crowd.index(longest)])


def _sign_in(users: list[User]) -> list[str]:
    """The keys of new sessions."""
    store_of = import_module(settings.SESSION_ENGINE).SessionStore
    sessions = []
    for user in users:
        store = store_of()
        store[SESSION_KEY] = str(user.pk)
        store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
        store[HASH_SESSION_KEY] = user.get_session_auth_hash()
        store[SEEN] = int(time.time())
        store._session_key = store._get_new_session_key()
        sessions.append(store.create_model_instance(dict(store.items())))
    store_of.get_model_class().objects.bulk_create(sessions)
    return [session.session_key for session in sessions]


def _request(port: int, session_key: str) -> bytes:
    browser = Browser(port)
    browser.cookies[settings.SESSION_COOKIE_NAME] = session_key
    browser.cookies[settings.CSRF_COOKIE_NAME] = get_random_string(CSRF_SECRET_LENGTH)
    return browser.get_bytes(reverse("trainees:my_hours"))
