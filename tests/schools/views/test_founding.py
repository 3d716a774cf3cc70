"""Pages of founding: forms with a check page, errors at the field, each sent twice acts once."""

from __future__ import annotations

from uuid import uuid4

import pytest

from accounts.enums import Role
from schools.models import District, Organisation, School, Township, Village
from tests import factories
from tests.browsers import browser_of
from tests.schools.founding import TOP, YANGLIUQING, ZHANGJIAWO, NewDistrict

pytestmark = pytest.mark.django_db


@pytest.fixture(params=[Role.SYSTEM_ADMINISTRATOR, Role.ORGANISATION_DEPARTMENT])
def client(request):
    user = factories.make_user()
    factories.grant(user, request.param)
    browser = browser_of(user)
    browser.role = request.param
    return browser


def send(client, address, **fields):
    """The form, carried out; the check page is seen in between."""
    body = {"idempotency_key": str(uuid4())} | fields
    checked = client.post(address, body)
    assert checked.status_code == 200, checked.context["form"].errors
    return client.post(address, body | {"step": "do"}), body


def test_the_district_is_founded_once_and_then_shown(client):
    answer, body = send(client, "/founding/district/", code="120111", name="西青区")
    again = client.post("/founding/district/", body | {"step": "do"})

    assert answer.status_code == again.status_code == 302
    assert District.objects.get().name == "西青区"
    assert "西青区" in client.get("/founding/district/").content.decode()


def test_from_the_first_member_on_the_organisation_department_alone_founds(client):
    organisation = factories.make_organisation(factories.make_school())
    pages = ["district/", "root/", "schools/", "tree/", "divisions/township/"]
    assert {client.get(f"/founding/{page}").status_code for page in pages} == {200}

    factories.make_member(organisation)

    expected = 200 if client.role == Role.ORGANISATION_DEPARTMENT else 403
    assert {client.get(f"/founding/{page}").status_code for page in pages} == {expected}
    assert ("/founding/schools/" in client.get("/").text) is (expected == 200)


def test_an_error_stands_at_its_field_and_keeps_what_was_typed(client):
    body = {"idempotency_key": str(uuid4()), "code": "1201", "name": "西青区"}
    page = client.post("/founding/district/", body)

    assert page.status_code == 422
    assert "code" in page.context["form"].errors
    assert 'value="1201"' in page.content.decode()


def test_a_second_district_is_refused(client):
    District.objects.create(code="120112", name="津南区")
    body = {"idempotency_key": str(uuid4()), "code": "120111", "name": "西青区"}

    assert client.post("/founding/district/", body).status_code == 422
    assert District.objects.count() == 1


def test_divisions_are_added_and_lead_back_to_their_page(client):
    NewDistrict()
    answer, _ = send(client, "/founding/divisions/township/", code="120111105", name="大寺镇")
    send(client, "/founding/divisions/village/", code="120111105201", name="大寺村")

    assert answer.url == "/founding/divisions/"
    assert Village.objects.get(name="大寺村").township == Township.objects.get(name="大寺镇")


def test_a_school_is_founded_by_form(client):
    district = NewDistrict()
    send(
        client,
        "/founding/schools/new/",
        code=YANGLIUQING,
        name="杨柳青镇党校",
        townships=[district.yangliuqing.pk],
        on="2026-01-01",
    )

    assert School.objects.get().areas.get().township == district.yangliuqing
    page = client.get("/founding/schools/").content.decode()
    assert district.zhangjiawo.name in page


def test_the_top_of_the_tree_has_its_page(client):
    District.objects.create(code="120111", name="西青区")
    answer, _ = send(client, "/founding/root/", code=TOP, name="中共西青区委员会", on="2026-01-01")

    assert answer.status_code == 302
    assert Organisation.objects.get().kind == "district_committee"
    assert "中共西青区委员会" in client.get("/founding/root/").content.decode()


def test_an_id_number_is_no_name(client):
    body = {"idempotency_key": str(uuid4()), "code": ZHANGJIAWO, "name": "11010519491231002X"}

    assert client.post("/founding/divisions/township/", body).status_code == 422
