"""Accounts of many signed-in members, each with the request for their own page."""

import time
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.db.models import Count, Q
from django.urls import reverse

from accounts.middleware import SEEN
from accounts.models import User
from config.lib.periods import today
from tests.bench.sessions import open_sessions, signed_in_request
from trainees.models import Member

CROWD = 8_000


@dataclass(frozen=True)
class Crowd:
    """The requests of many members, and the request of the member with the most lines this year."""

    requests: list[bytes]
    longest: bytes


def make_crowd(port: int) -> Crowd:
    """Create accounts for members from all over the district.

    Their sessions and cookies are those of a sign-in. About one in five members without an account
    is chosen, by id, so that schools and branches are mixed as in the district.
    """
    members = Member.objects.filter(user=None, merged_into=None).order_by("pk")
    step = max(1, members.count() // CROWD)
    crowd = list(members[::step][:CROWD])
    password = make_password(None)
    users = User.objects.bulk_create(
        User(username=f"bench.{member.number}", display_name=member.name, password=password)
        for member in crowd
    )
    for member, user in zip(crowd, users, strict=True):
        member.user = user
    Member.objects.bulk_update(crowd, ["user"], batch_size=1_000)
    keys = open_sessions(users, {SEEN: int(time.time())})
    path = reverse("years:my_hours")
    requests = [signed_in_request(port, key, path) for key in keys]
    lines = Count("assessments", filter=Q(assessments__credit_year=today().year))
    counted = Member.objects.filter(pk__in=[member.pk for member in crowd]).annotate(lines=lines)
    longest = counted.order_by("-lines", "pk")[0]
    return Crowd(requests, requests[crowd.index(longest)])
