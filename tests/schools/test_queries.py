"""What the home page offers from the network."""

import pytest
from django.urls import reverse

from accounts.enums import ADMINISTRATOR_ROLES, DISTRICT_ROLES, Role
from schools.queries.lookups import list_lookups
from tests import factories
from tests.factories import NOON

ENTERING = {*DISTRICT_ROLES, *ADMINISTRATOR_ROLES}


@pytest.mark.django_db
@pytest.mark.parametrize("role", [role for role in Role if role != Role.MEMBER])
def test_the_administration_is_offered_to_those_who_may_enter(role):
    user = factories.make_user()
    school = factories.make_school()
    is_district = role in ENTERING
    factories.grant(user, role, None if is_district else school)

    urls = [task.url for task in list_lookups(user, NOON)]

    assert urls == ([reverse("admin:index")] if is_district else [])
