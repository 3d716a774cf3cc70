"""The pages of an import: what is sent is checked, and a step that came twice is told."""

from __future__ import annotations

import re
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts.models import AuditEntry
from backstage.jobs import stop_job
from config.lib.periods import today
from config.lib.resident_ids import mask_resident_id
from config.lib.spreadsheet_reading import read_table
from tests.config.lib.workbooks import workbook
from tests.factories import acting
from tests.trainees.actions.test_register import HEADERS, Office, resident_id
from tests.trainees.actions.test_ugly_registers import book
from trainees.enums import ImportState
from trainees.models import Member, RegisterHeader, RegisterImport

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client):
    office = Office()
    client.force_login(office.user, "accounts.backends.PhoneOrNumberBackend")
    return office


def upload(client, table: str | bytes, name: str = "名册.csv", **fields):
    content = table if isinstance(table, bytes) else table.encode()
    body = {
        "file": SimpleUploadedFile(name, content),
        "as_of": today().isoformat(),
        "idempotency_key": str(uuid4()),
    }
    return client.post(reverse("trainees:register_imports"), body | fields)


def table(*rows: list[str]) -> str:
    return "\n".join(",".join(row) for row in [HEADERS, *rows])


def test_a_job_names_its_file_and_why_it_failed(client, office, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        upload(client, table(office.row("甲", 1)))
    job = RegisterImport.objects.get().job
    type(job).objects.filter(pk=job.pk).update(state="failed", problem="名册已有变化。")

    text = client.get(reverse("backstage:jobs")).text

    assert f"：{RegisterImport.objects.get().file_name}" in text
    assert "名册已有变化。" in text


def test_sheets_that_are_left_out_are_named_where_nothing_is_to_be_applied(
    client, office, django_capture_on_commit_callbacks
):
    office.member("甲", 1)
    rows = [HEADERS, office.row("甲", 1)]
    with django_capture_on_commit_callbacks(execute=True):
        upload(client, book(("一", rows), ("二", [["说明"]])), "名册.xlsx")
    register = RegisterImport.objects.get()
    page = client.get(reverse("trainees:register_import", args=[register.pk])).text

    assert register.state == ImportState.NOTHING
    assert "已读取的工作表：一。未读取的工作表：二（没有所需的列）。" in page


def test_from_upload_to_applied(client, office, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        answer = upload(client, table(office.row("甲", 1)))
    register = RegisterImport.objects.get()
    page = reverse("trainees:register_import", args=[register.pk])
    assert answer.url == page
    assert "甲" in client.get(page).content.decode()

    check = reverse("trainees:register_apply", args=[register.pk])
    assert client.get(check).status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(check, {"idempotency_key": str(uuid4())}).url == page
    register.refresh_from_db()
    assert register.state == ImportState.APPLIED
    assert Member.objects.get().name == "甲"


@pytest.mark.parametrize("rows", [1, 60])
def test_once_applied_the_page_leads_to_the_cards_of_those_who_were_written(
    client, office, django_capture_on_commit_callbacks, django_assert_num_queries, rows
):
    office.member("乙", 1)
    lines = [office.row(f"甲{n}", 2 * n + 3) for n in range(rows)]
    with django_capture_on_commit_callbacks(execute=True):
        upload(client, table(*lines, office.row("乙", 1, 手机号="13900139000"), ["", "丙", "1"]))
    register = RegisterImport.objects.get()
    page = reverse("trainees:register_import", args=[register.pk])
    assert client.get(page).context["kind"] == "refused"
    body = {"idempotency_key": str(uuid4()), "leave_out_refused": "on"}
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("trainees:register_apply", args=[register.pk]), body)

    client.get(page)
    with django_assert_num_queries(7):
        answer = client.get(page)
    new = Member.objects.get(name="甲0")
    assert answer.context["kind"] == "new"
    assert reverse("trainees:member", args=[new.pk]) in answer.content.decode()
    assert new.number in answer.content.decode()
    changed = client.get(page, {"kind": "changed"}).content.decode()
    assert reverse("trainees:member", args=[Member.objects.get(name="乙").pk]) in changed
    assert not register.rows.exclude(resident_id_encrypted="").exists()


def test_what_is_no_longer_kept_is_said_to_be_so(
    client, office, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        upload(client, table(office.row("甲", 1)))
    register = RegisterImport.objects.get()
    register.rows.all().delete()
    page = reverse("trainees:register_import", args=[register.pk])

    assert "不再保留" in client.get(page).content.decode()
    assert "不再保留" not in client.get(page, {"kind": "changed"}).content.decode()


def test_the_template_has_a_name_that_its_reader_understands(client, office):
    answer = client.get(reverse("trainees:register_template"))

    assert quote("党员名册模板.xlsx") in answer.headers["Content-Disposition"]
    assert read_table(answer.content, "a.xlsx").sheet == "党员名册"


def test_a_double_click_on_upload_makes_one_import(client, office):
    key = str(uuid4())
    first = upload(client, table(office.row("甲", 1)), idempotency_key=key)
    second = upload(client, table(office.row("甲", 1)), idempotency_key=key)
    other = upload(client, table(office.row("乙", 3)), idempotency_key=key)

    assert first.url == second.url
    assert other.status_code == 409
    assert RegisterImport.objects.count() == 1


@pytest.mark.parametrize(
    "fields", [{"as_of": "2099-01-01"}, {"as_of": "2020-05-01"}, {"as_of": "x"}, {"file": ""}]
)
def test_a_wrong_form_comes_back_with_the_error_at_its_field(client, office, fields):
    answer = upload(client, table(office.row("甲", 1)), **fields)

    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == set(fields)
    assert not RegisterImport.objects.exists()


def test_refused_rows_must_be_left_out_by_a_tick(
    client, office, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        upload(client, table(office.row("甲", 1), office.row("乙", 3, 手机号="1")))
    register = RegisterImport.objects.get()
    check = reverse("trainees:register_apply", args=[register.pk])
    assert client.post(check, {"idempotency_key": str(uuid4())}).status_code == 422

    body = {"idempotency_key": str(uuid4()), "leave_out_refused": "on"}
    with django_capture_on_commit_callbacks(execute=True):
        client.post(check, body)
    assert Member.objects.get().name == "甲"


def test_columns_are_explained_on_their_page(client, office, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        upload(client, f"部门,谁,证件\n{office.first.name},甲,{office.row('甲', 1)[2]}")
    register = RegisterImport.objects.get()
    page = reverse("trainees:register_columns", args=[register.pk])
    twice = {"column-0": "name", "column-1": "name", "column-2": "resident_id"}
    assert client.post(page, twice).status_code == 422

    right = {"column-0": "organisation", "column-1": "name", "column-2": "resident_id"}
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(page, right).status_code == 302
    register.refresh_from_db()
    assert register.state == ImportState.READY


def test_of_two_columns_that_mean_the_same_one_is_chosen_on_the_page(
    client, office, django_capture_on_commit_callbacks
):
    headers = [*HEADERS, "联系电话", "联系电话"]
    row = [*office.row("甲", 1), "", "13700137000"]
    with django_capture_on_commit_callbacks(execute=True):
        upload(client, "\n".join(",".join(line) for line in [headers, row]))
    register = RegisterImport.objects.get()
    page = client.get(reverse("trainees:register_import", args=[register.pk]))
    assert "手机号、联系电话、联系电话" in page.text

    address = reverse("trainees:register_columns", args=[register.pk])
    form = client.get(address).context["form"]
    shown = {field.name: (field.initial, field.help_text) for field in form}
    phone, empty, other = (f"column-{n}" for n in (3, 8, 9))
    assert shown[phone] == ("", "例如：138****8000")
    assert shown[empty] == ("", "此列没有内容。")
    assert shown[other] == ("", "例如：137****7000")
    said = {name: initial for name, (initial, _help) in shown.items()}
    assert client.post(address, said | {phone: "phone", other: "phone"}).status_code == 422

    right = said | {phone: "ignored", empty: "ignored", other: "phone"}
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(address, right).status_code == 302
    assert register.rows.get().phone == "13700137000"
    again = {field.name: field.initial for field in client.get(address).context["form"]}
    assert again == right
    assert not RegisterHeader.objects.filter(text__in=["手机号", "联系电话"]).exists()


@pytest.fixture
def with_unknown(client, office, django_capture_on_commit_callbacks):
    """An import in which two columns are unknown and a third was said to be of no use."""
    RegisterHeader.objects.create(text="党龄", field="ignored")
    headers = [*HEADERS, "联系手机", "党龄", "党小组长意见"]
    rows = [
        [*office.row("甲", 1), "13700137000", "31", "<b>好</b>"],
        [*office.row("乙", 3), "", "20", f"同 {resident_id(5)}"],
        [*office.row("丙", 5), "1370013 7001", "", "同"],
    ]
    with django_capture_on_commit_callbacks(execute=True):
        upload(client, "\n".join(",".join(row) for row in [headers, *rows]))
    return RegisterImport.objects.get()


def test_columns_that_are_not_read_are_named_before_anything_is_applied(client, with_unknown):
    explain = reverse("trainees:register_columns", args=[with_unknown.pk])
    for name in ("register_import", "register_apply"):
        page = client.get(reverse(f"trainees:{name}", args=[with_unknown.pk]))

        assert "有 2 列未能识别，不会读取：联系手机、党小组长意见" in page.text
        assert f'<a href="{explain}">' in page.text
        assert "党龄" not in page.text


def test_the_command_names_the_columns_that_it_does_not_read(office, tmp_path, capsys):
    path = tmp_path / "名册.csv"
    path.write_text(f"{','.join(HEADERS)},联系手机\n{','.join(office.row('甲', 1))},137")
    call_command("import_register", path)

    assert "有 1 列未能识别，不会读取：联系手机" in capsys.readouterr().out


def test_the_command_speaks_one_language_and_refused_rows_alone_are_no_error(
    office, tmp_path, capsys
):
    path = tmp_path / "名册.csv"
    path.write_text(table(office.row("甲", 1), office.row("乙", 3, 手机号="12345")))
    call_command("import_register", path)
    with pytest.raises(CommandError, match="存在问题"):
        call_command("import_register", path, apply=True)
    call_command("import_register", path, apply=True, leave_out_refused=True)
    output = capsys.readouterr().out

    assert "第 3 行 手机号：" in output
    assert not re.search("[A-Za-z]{2}", output)


def test_a_file_without_rows_is_over_and_says_so(
    client, office, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        address = upload(client, table()).url

    assert "文件中没有党员数据" in client.get(address).text
    assert RegisterImport.objects.get().state == ImportState.NOTHING


def test_the_command_says_in_its_language_that_a_file_is_missing(tmp_path):
    with pytest.raises(CommandError, match=r"找不到文件 .*没有\.csv。"):
        call_command("import_register", tmp_path / "没有.csv")


def test_the_command_has_nothing_to_apply_where_all_is_stored(office, tmp_path, capsys):
    office.member("甲", 1)
    path = tmp_path / "名册.csv"
    path.write_text(table(office.row("甲", 1)))
    call_command("import_register", path, apply=True)

    assert "无需写入。" in capsys.readouterr().out


def test_unknown_columns_show_a_sample_that_hides_numbers_of_persons(client, with_unknown):
    page = client.get(reverse("trainees:register_columns", args=[with_unknown.pk]))
    helps = {field.label: field.help_text for field in page.context["form"]}

    assert helps["联系手机"] == "例如：137****7000、137****7001"
    masked = mask_resident_id(resident_id(5))
    assert helps["党小组长意见"] == f"例如：&lt;b&gt;好&lt;/b&gt;、同 {masked}"
    assert not helps["姓名"]
    assert "<b>好" not in page.text
    assert resident_id(5) not in page.text


def test_a_formula_without_its_result_is_no_sample(
    client, office, django_capture_on_commit_callbacks
):
    def text(ref, words):
        return f'<c r="{ref}" t="inlineStr"><is><t>{words}</t></is></c>'

    def line(number, *cells):
        return f'<row r="{number}">{"".join(cells)}</row>'

    columns = "ABCDEFGHIJ"[: len(HEADERS)]
    last = "ABCDEFGHIJ"[len(HEADERS)]
    rows = [
        line(1, *map(text, (f"{c}1" for c in columns), HEADERS), text(f"{last}1", "党小组长意见")),
        *(
            line(
                n,
                *map(text, (f"{c}{n}" for c in columns), office.row("甲", n)),
                f'<c r="{last}{n}" t="str"><f>IF(Z{n}="","",Z{n})</f><v></v></c>',
            )
            for n in (2, 3)
        ),
    ]
    with django_capture_on_commit_callbacks(execute=True):
        upload(client, workbook("".join(rows)), "名册.xlsx")
    register = RegisterImport.objects.get()

    page = client.get(reverse("trainees:register_columns", args=[register.pk]))

    helps = {field.label: field.help_text for field in page.context["form"]}
    assert helps["党小组长意见"] == "此列没有内容。"


def test_the_sample_goes_with_the_file(client, with_unknown):
    with_unknown.file.delete()
    page = client.get(reverse("trainees:register_columns", args=[with_unknown.pk]))

    assert page.status_code == 200
    assert not any(field.help_text for field in page.context["form"])


def test_a_file_of_refused_rows_lists_nobody_as_missing_and_says_so(
    client, office, django_capture_on_commit_callbacks
):
    office.member("丙", 5)
    with django_capture_on_commit_callbacks(execute=True):
        upload(client, table(office.row("乙", 3, 手机号="1"), office.row("丁", 7, 手机号="2")))
    first = RegisterImport.objects.get()
    data = client.get(reverse("trainees:register_errors", args=[first.pk])).content
    with django_capture_on_commit_callbacks(execute=True):
        upload(client, "", file=SimpleUploadedFile("名册-问题行.xlsx", data))
    register = RegisterImport.objects.latest("pk")
    page = client.get(reverse("trainees:register_import", args=[register.pk]))

    assert first.counts["missing"] == 1
    assert (register.counts["missing"], register.counts["refused"]) == (0, 2)
    assert "这是问题行文件" in page.text


def test_a_step_that_comes_too_late_is_told(client, office):
    upload(client, table(office.row("甲", 1)))
    register = RegisterImport.objects.get()
    discard = reverse("trainees:register_discard", args=[register.pk])
    # Its reading is ordered and nobody has begun it.
    assert client.post(discard).status_code == 409
    type(register.job).objects.update(state="stopped", ended_at=register.uploaded_at)

    assert client.post(discard).status_code == 302
    assert client.post(discard).status_code == 409


def test_an_applying_that_was_stopped_wrote_nothing_and_says_so(
    client, office, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        upload(client, table(office.row("乙", 3)))
    register = RegisterImport.objects.get()
    body = {"idempotency_key": str(uuid4())}
    client.post(reverse("trainees:register_apply", args=[register.pk]), body)
    register.refresh_from_db()
    stop_job(job=register.job, by=acting(office.user), at=register.uploaded_at)
    page = client.get(reverse("trainees:register_import", args=[register.pk]))
    job = client.get(reverse("backstage:job", args=[register.job.pk]))

    assert "没有写入任何内容" in page.text
    assert "没有写入任何内容" in job.text
    assert reverse("trainees:register_apply", args=[register.pk]) in page.text


def test_the_refused_rows_are_fetched_and_that_is_logged(
    client, office, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        upload(client, table(office.row("乙", 3, 手机号="1")))
    register = RegisterImport.objects.get()
    answer = client.get(reverse("trainees:register_errors", args=[register.pk]))

    disposition = f"attachment; filename*=utf-8''{quote('名册-问题行.xlsx')}"
    assert answer.headers["Content-Disposition"] == disposition
    assert read_table(answer.content, "a.xlsx").sheet == "问题行"
    assert answer.content[:2] == b"PK"
    assert AuditEntry.objects.filter(act="download_errors").count() == 1


def test_of_a_file_that_nobody_has_read_yet_there_are_no_refused_rows(client, office):
    upload(client, table(office.row("乙", 3, 手机号="1")))
    register = RegisterImport.objects.get()

    answer = client.get(reverse("trainees:register_errors", args=[register.pk]))
    assert answer.status_code == 404


@pytest.mark.parametrize("rows", [1, 60])
def test_the_preview_costs_the_same_for_one_row_and_for_many(
    client, office, django_assert_num_queries, django_capture_on_commit_callbacks, rows
):
    lines = [office.row(f"甲{n}", 2 * n + 1) for n in range(rows)]
    with django_capture_on_commit_callbacks(execute=True):
        upload(client, table(*lines))
    register = RegisterImport.objects.get()
    page = reverse("trainees:register_import", args=[register.pk])
    client.get(page)
    with django_assert_num_queries(7):
        client.get(page)
