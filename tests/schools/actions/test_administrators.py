"""The first administrator of a new site."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from accounts.enums import ActorChannel, Role
from accounts.models import AuditEntry, User
from schools.actions.administrators import appoint_first_administrator
from schools.errors import SchoolsError
from tests import factories
from tests.factories import NOON
from tests.refusals import refused

pytestmark = pytest.mark.django_db


def appoint(username: str = "wang.fang"):
    return appoint_first_administrator(
        username=username,
        display_name="王芳",
        password=factories.PASSWORD,
        by=factories.acting(None, ActorChannel.COMMAND),
        at=NOON,
    )


class TestTheFirstAdministrator:
    def test_signs_in_and_holds_the_role(self):
        user = appoint()

        assert user.check_password(factories.PASSWORD)
        assert [grant.role for grant in user.role_grants.all()] == [Role.SECURITY_ADMINISTRATOR]
        assert AuditEntry.objects.get().act == "appoint_first_administrator"

    def test_is_the_only_one_made_this_way(self):
        appoint()

        with refused(SchoolsError):
            appoint("li.na")

        assert User.objects.count() == 1

    def test_has_a_proper_sign_in_name(self):
        with refused(ValidationError):
            appoint("11010519491231002x")


class TestTheCommand:
    def run(self, monkeypatch, *passwords: str) -> str:
        answers = iter(passwords)
        monkeypatch.setattr(
            "schools.management.commands.appoint_administrator.getpass", lambda _: next(answers)
        )
        out = StringIO()
        call_command("appoint_administrator", "wang.fang", "王芳", stdout=out)
        return out.getvalue()

    def test_asks_for_the_password_twice(self, monkeypatch):
        assert "wang.fang" in self.run(monkeypatch, factories.PASSWORD, factories.PASSWORD)
        assert User.objects.get().check_password(factories.PASSWORD)

    @pytest.mark.parametrize("passwords", [("one password", "another one"), ("short", "short")])
    def test_refuses_a_slip_or_a_weak_one(self, monkeypatch, passwords):
        with pytest.raises(CommandError):
            self.run(monkeypatch, *passwords)

        assert not User.objects.exists()
