"""Two people move organisations at the same time: on real connections."""

import pytest
from django.utils import timezone

from config.lib.periods import today
from schools.actions.organisations import move_organisation
from schools.enums import OrganisationKind
from schools.errors import SchoolsError
from schools.models import District
from tests import factories
from tests.connections import overlapping, together

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def committees():
    """Two committees below the top."""
    school = factories.make_school()
    kind = OrganisationKind.COMMITTEE
    return [factories.make_below(factories.make_top(), kind, name, school) for name in "甲乙"]


@pytest.fixture
def move():
    """Makes a call that moves an organisation and answers with the field of the refusal."""
    officer = factories.make_user()

    def make(organisation, parent):
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

    return make


def test_two_moves_at_once_make_no_circle(committees, move):
    first, second = committees
    answers = together(move(first, second), move(second, first))

    assert "parent" in answers
    assert sum(answer != "parent" for answer in answers) == 1


def test_nor_do_they_without_a_row_of_the_district(committees, move):
    """Each goes below a child of the other, so they share no row but the district's."""
    first, second = committees
    children = [factories.make_below(upper, OrganisationKind.COMMITTEE) for upper in committees]
    District.objects.all().delete()

    moved, refused = overlapping(move(first, children[1]), move(second, children[0]))

    assert moved != "parent"
    assert refused == "parent"
