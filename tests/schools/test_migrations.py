"""Migrations of this app go back and forward on a filled database."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.core.management import call_command
from django.db import connection

from accounts.enums import Role
from schools.models import RoleGrant
from tests import factories

BEFORE_SCOPES = "0005_desk"


@pytest.fixture
def migrate() -> Iterator[Callable[[str, str], None]]:
    """Migrates an app to a name; afterwards all of them stand at their last one again."""

    def to(app: str, name: str) -> None:
        call_command("migrate", app, name, verbosity=0)

    yield to
    call_command("migrate", verbosity=0)


def columns_of_grants() -> set[str]:
    with connection.cursor() as cursor:
        return {
            c.name
            for c in connection.introspection.get_table_description(cursor, "schools_rolegrant")
        }


@pytest.mark.django_db(transaction=True)
def test_going_back_takes_the_roles_with_it_that_only_their_scope_made_narrow(migrate):
    school = factories.make_school()
    organisation = factories.make_organisation(school)
    kept = [
        factories.grant(factories.make_user(), Role.SCHOOL_CLERK, school),
        factories.grant(factories.make_user(), Role.ORGANISATION_DEPARTMENT),
    ]
    person = factories.make_user()
    factories.grant(person, Role.ORGANISATION_COMMISSIONER, organisation=organisation)
    factories.grant(person, Role.PAYER, school, channel="fiscal")
    factories.grant(person, Role.PAYER, school, channel="dues")
    factories.grant(factories.make_user(), Role.AUDITOR)

    migrate("schools", BEFORE_SCOPES)

    assert not {"channel", "organisation_id"} & columns_of_grants()
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM schools_rolegrant ORDER BY id")
        assert [pk for (pk,) in cursor.fetchall()] == [grant.pk for grant in kept]

    call_command("migrate", verbosity=0)

    assert list(RoleGrant.objects.order_by("pk")) == kept
    factories.grant(person, Role.ORGANISATION_COMMISSIONER, organisation=organisation)
