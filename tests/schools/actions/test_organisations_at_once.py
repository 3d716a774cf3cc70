"""Two people move organisations at the same time: on real connections."""

import pytest
from django.utils import timezone

from config.lib.periods import today
from schools.actions.organisations import move_organisation
from schools.enums import OrganisationKind
from schools.errors import SchoolsError
from tests import factories
from tests.connections import together

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_moves_at_once_make_no_circle():
    officer = factories.make_user()
    school = factories.make_school()
    kind = OrganisationKind.COMMITTEE
    first, second = (
        factories.make_below(factories.make_top(), kind, name, school) for name in "甲乙"
    )

    def move(organisation, parent):
        def act():
            try:
                return move_organisation(
                    organisation_id=organisation.pk,
                    parent_id=parent.pk,
                    on=today(),
                    by=factories.acting(officer),
                    at=timezone.now(),
                )
            except SchoolsError as refusal:
                return refusal.field

        return act

    answers = together(move(first, second), move(second, first))

    assert "parent" in answers
    assert sum(answer != "parent" for answer in answers) == 1
