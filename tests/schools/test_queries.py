"""What the home page offers from the network."""

import pytest
from django.urls import reverse

from accounts.enums import ADMINISTRATOR_ROLES, DISTRICT_ROLES, Role
from schools.queries.lookups import list_lookups
from tests.admin_pages import make_officer
from tests.factories import NOON

ENTERING = {*DISTRICT_ROLES, *ADMINISTRATOR_ROLES}


@pytest.mark.django_db
@pytest.mark.parametrize("role", Role)
def test_the_administration_is_offered_to_those_who_may_enter(role):
    user = make_officer(role)

    urls = [task.url for task in list_lookups(user, NOON)]

    trail = [reverse("accounts:trail")] if role == Role.AUDIT_ADMINISTRATOR else []
    assert urls == [*trail, *([reverse("admin:index")] if role in ENTERING else [])]
