"""Rolls in the administration, which are there to read."""

from __future__ import annotations

from accounts.enums import Role
from classes.models import Roll
from rolls.actions.attendance import submit_roll
from tests import factories
from tests.admin_pages import change_url, make_officer, page_url, signed_in
from tests.factories import NOON


def test_a_roll_neither_changes_nor_goes_by_any_post(db):
    client = signed_in(make_officer(Role.ORGANISATION_DEPARTMENT))
    world = factories.ClassWorld()
    submit_roll(
        session_id=world.session.pk,
        marks=world.marks("present"),
        seen={},
        by=world.by,
        at=NOON,
    )
    roll = Roll.objects.get()

    assert client.get(change_url(roll)).status_code == 200
    assert client.post(change_url(roll), {}).status_code == 403
    assert client.post(page_url(Roll, "delete", roll.pk), {"post": "yes"}).status_code == 403
    assert client.get(page_url(Roll, "add")).status_code == 403
    assert Roll.objects.filter(pk=roll.pk).exists()
