"""A table is uploaded, looked at row by row, and founded; it belongs to its uploader."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.enums import Role
from backstage.models import StoredFile
from config.lib.spreadsheet_reading import read_table
from schools.models import Organisation
from tests import factories
from tests.browsers import browser_of
from tests.schools.founding import TOP, TREE, YANGLIUQING, NewDistrict, tree

pytestmark = pytest.mark.django_db

COMMITTEE = ["11", "杨柳青镇党委", "党委", TOP, YANGLIUQING, ""]
BRANCH = ["111", "一街村党支部", "党支部", "11", "", ""]
WRONG = ["12", "甲党委", "党委", TOP, "120111999", ""]


@pytest.fixture
def district():
    return NewDistrict()


def make_client(role: Role = Role.SYSTEM_ADMINISTRATOR):
    user = factories.make_user()
    factories.grant(user, role)
    return browser_of(user)


@pytest.fixture
def client(district):
    return make_client()


def upload(client, *rows, headings=TREE, name="党组织.csv", on="2026-01-01", **fields):
    text = "\n".join(",".join(row) for row in (headings, *rows))
    file = SimpleUploadedFile(name, text.encode("gb18030"))
    body = {"idempotency_key": str(uuid4()), "file": file, "on": on} | fields
    return client.post("/founding/tree/", body)


def apply(client, address, **fields):
    """Send the form of the preview, with what it has in hidden fields."""
    form = client.get(address).context["form"]
    body = {"idempotency_key": str(uuid4()), "promised": form["promised"].value()} | fields
    return client.post(address, body), body


def test_nothing_is_written_before_the_rows_were_seen(client):
    answer = upload(client, COMMITTEE, BRANCH)
    page = client.get(answer.url)

    assert [count for _kind, count in page.context["counts"]] == [0, 2, 0]
    assert "杨柳青镇" in page.content.decode()  # inherited by the branch
    assert Organisation.objects.count() == 1


def test_the_rows_are_founded_and_the_file_is_gone(client):
    address = upload(client, COMMITTEE, BRANCH).url
    answer, body = apply(client, address)
    again = client.post(address, body)

    assert (answer.status_code, answer.url) == (302, "/founding/tree/")
    assert (again.status_code, again.url) == (302, answer.url)
    assert Organisation.objects.count() == 3
    assert not StoredFile.objects.exists()
    assert client.get(address).status_code == 404


def test_refused_rows_are_told_by_column_and_reason(client):
    address = upload(client, COMMITTEE, WRONG).url
    page = client.get(address)

    (line,) = page.context["lines"]
    assert (line["line"].row_number, [label for label, _reason in line["problems"]]) == (
        3, ["Code of the township"],
    )  # fmt: skip


def test_refused_rows_stay_out_only_if_somebody_ticks_it(client):
    address = upload(client, COMMITTEE, WRONG).url
    refused, _ = apply(client, address)
    assert refused.status_code == 422
    assert Organisation.objects.count() == 1

    answer, _ = apply(client, address, leave_out_refused="on")
    assert answer.status_code == 302
    assert set(Organisation.objects.values_list("code", flat=True)) == {TOP, "11"}


def test_the_refused_rows_come_back_as_a_file_that_can_be_uploaded(client):
    address = upload(client, COMMITTEE, WRONG).url
    path, _, query = address.partition("?")
    data = client.get(f"{path}refused/?{query}").content
    rows = read_table(data, "a.xlsx").rows

    assert rows[2][: len(TREE)] == TREE
    assert rows[3][:5] == WRONG[:5]
    file = SimpleUploadedFile("a.xlsx", data)
    body = {"idempotency_key": str(uuid4()), "file": file, "on": "2026-01-01"}
    again = client.get(client.post("/founding/tree/", body).url)
    assert again.context["unknown"] == ""
    assert again.context["refused"] == 1


def test_what_changed_meanwhile_is_shown_once_more(client, district):
    address = upload(client, COMMITTEE, BRANCH).url
    form = client.get(address).context["form"]
    body = {"idempotency_key": str(uuid4()), "promised": form["promised"].value()}
    district.found(tree(COMMITTEE))
    page = client.post(address, body)

    assert page.status_code == 409
    assert [count for _kind, count in page.context["counts"]] == [0, 1, 1]
    assert Organisation.objects.count() == 2


def test_only_who_uploaded_a_table_opens_it(client):
    address = upload(client, COMMITTEE).url
    other = make_client(Role.ORGANISATION_DEPARTMENT)

    assert other.get(address).status_code == 404
    assert client.get(address.replace("/tree/", "/schools/")).status_code == 404


@pytest.mark.parametrize(
    ("kwargs", "field"),
    [
        ({"headings": ["代码", "名称"]}, "file"),
        ({"name": "a.pdf"}, "file"),
        ({"name": "11010519491231002X.csv"}, "file"),
        ({"on": ""}, "on"),
    ],
)
def test_what_cannot_be_read_is_refused_at_its_field(client, kwargs, field):
    page = upload(client, ["1", "甲"], **kwargs)

    assert page.status_code == 422
    assert list(page.context["form"].errors) == [field]
    assert not StoredFile.objects.exists()


def test_a_table_without_rows_is_told_from_one_that_is_there_already(client):
    page = upload(client)

    (refusal,) = page.context["form"].errors["file"]
    assert refusal == "The table has headings and no rows below them."
    assert not StoredFile.objects.exists()


def test_a_step_that_is_done_leads_on_to_the_next(client):
    way = '<a class="btn btn-secondary" href="/founding/schools/">'
    assert way not in " ".join(client.get("/founding/tree/").text.split())

    apply(client, upload(client, COMMITTEE, BRANCH).url)
    assert way in " ".join(client.get("/founding/tree/").text.split())


def test_an_earlier_year_is_refused_at_the_day_once_there_are_members(district):
    client = make_client(Role.ORGANISATION_DEPARTMENT)
    assert upload(client, COMMITTEE, on="2020-01-01").status_code == 302

    factories.make_member(district.root)
    page = upload(client, COMMITTEE, on="2020-01-01")
    assert list(page.context["form"].errors) == ["on"]


def test_before_the_district_there_is_no_form_but_the_way_to_it(db):
    page = make_client().get("/founding/tree/").content.decode()

    assert 'href="/founding/district/"' in page
    assert "type=file" not in page.replace('"', "")


@pytest.mark.parametrize("kind", ["divisions", "schools", "tree"])
def test_the_template_has_the_headings(client, kind):
    data = client.get(f"/founding/{kind}/template/").content

    assert read_table(data, "a.xlsx").rows[1][0] == "代码"


def statements_for(client, count: int) -> int:
    rows = [[f"2{n:04}", f"支部{n}", "党支部", "11", "", ""] for n in range(count)]
    address = upload(client, COMMITTEE, *rows).url
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def test_a_preview_costs_the_same_for_few_rows_and_for_many(client):
    assert statements_for(client, 1) == statements_for(client, 300)
