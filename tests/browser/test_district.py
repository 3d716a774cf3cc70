"""District staff: the overview, down to the rows, and the administration."""

from __future__ import annotations

import pytest
from django.contrib import admin

from accounts.enums import Role
from config.lib.periods import at_local, today
from rolls.actions.attendance import submit_roll
from tests import factories
from tests.browser.conftest import at_desk_and_phone
from tests.factories import ClassWorld


@pytest.fixture
def world():
    world = ClassWorld(size=3)
    session = factories.make_session(world.training_class, starts_at=at_local(today(), 0))
    submit_roll(
        session_id=session.pk,
        marks=world.marks("present", "late", "absent"),
        seen={},
        by=world.by,
        at=at_local(today(), 23, 59),
    )
    world.officer = factories.make_user(display_name="刘洋")
    factories.grant(world.officer, Role.ORGANISATION_DEPARTMENT)
    factories.make_school("120111005", "津门湖街道")
    return world


@at_desk_and_phone
def test_every_figure_opens_its_rows(world, visit, size, language):
    officer = visit(size, language)
    officer.sign_in(world.officer)
    officer.open("/overview/")
    links = officer.page.locator("tbody tr").first.locator("a").all()
    addresses = [link.get_attribute("href") for link in links]
    assert len(addresses) == 12  # the school itself opens its organisations

    for address in addresses:
        officer.open(address)
        assert officer.page.locator("main table, main .empty").first.is_visible()
    officer.open(f"/members/{world.members[0].pk}/hours/")
    officer.open(f"/sessions/{world.session.pk}/roll/")


def test_filters_live_in_the_address(world, visit):
    officer = visit()
    officer.sign_in(world.officer)
    officer.open("/overview/")
    officer.page.select_option("select[name=school]", label="津门湖街道党校")
    officer.page.locator(".filters button").click()
    officer.page.wait_for_load_state()
    officer.look()

    assert "school=" in officer.page.url
    assert "杨柳青镇党校" not in officer.page.locator("tbody").inner_text()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_administration_is_reachable_and_accessible(world, visit, language):
    officer = visit(language=language)
    officer.sign_in(world.officer)
    officer.open("/admin/")
    for model, model_admin in admin.site._registry.items():
        if Role.ORGANISATION_DEPARTMENT not in model_admin.view_roles:
            continue
        officer.open(f"/admin/{model._meta.app_label}/{model._meta.model_name}/")


def test_other_roles_reach_their_home(world, visit):
    for role in (Role.SYSTEM_ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR, Role.AUDIT_ADMINISTRATOR):
        person = factories.make_user()
        factories.grant(person, role)
        visitor = visit()
        visitor.sign_in(person)
        visitor.open("/admin/")
