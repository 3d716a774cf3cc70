"""Addresses that only take a form, and the pages to which they lead."""

import pytest
from django.urls import reverse

from config.lib.methods import nearest_page
from tests import factories
from tests.factories import PASSWORD

SIGN_OUT = reverse("accounts:sign_out")


def test_a_page_is_its_own():
    asked = reverse("years:members") + "?school=1"

    assert nearest_page(asked) == asked


def test_the_host_is_left_out():
    asked = reverse("years:members") + "?school=1"

    assert nearest_page(f"http://testserver{asked}") == asked


@pytest.mark.parametrize(
    ("name", "page"),
    [
        ("studies:review_study", "studies:study"),
        ("backstage:stop_job", "backstage:job"),
    ],
)
def test_an_address_that_only_takes_a_form_leads_to_the_page_above_it(name, page):
    assert nearest_page(reverse(name, args=[7])) == reverse(page, args=[7])


@pytest.mark.parametrize("asked", [SIGN_OUT, "/nothing/of/ours/", "", "nothing"])
def test_what_has_no_page_above_it_leads_home(asked):
    assert nearest_page(asked) == "/"


class TestWhoeverOpensSuchAnAddress:
    REVIEW = reverse("studies:review_study", args=[7])
    STUDY = reverse("studies:study", args=[7])

    def test_reads_what_it_is_and_where_its_page_is(self, client, db):
        client.force_login(factories.make_user())

        reply = client.get(self.REVIEW)

        assert reply.status_code == 405
        assert reply.headers["Allow"] == "POST"
        assert f'href="{self.STUDY}"' in reply.content.decode()

    def test_comes_to_its_page_by_signing_in(self, client, db):
        user = factories.make_user()
        values = {"username": user.username, "password": PASSWORD, "next": self.REVIEW}

        assert client.post(reverse("accounts:sign_in"), values).url == self.STUDY

    def test_comes_to_its_page_by_another_language(self, client, db):
        values = {"language": "en", "next": self.REVIEW}

        assert client.post(reverse("set_language"), values).url == self.STUDY
