"""Addresses of schools and of founding. The page of a single school is in `courses.urls`."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from schools.enums import TableKind
from schools.views import finding, founding, founding_tables, schools

app_name = "schools"


class TableKindConverter(StringConverter):
    """The kind of a table from which something is founded."""

    regex = "|".join(TableKind)

    def to_python(self, value: str) -> TableKind:
        return TableKind(value)

    def to_url(self, value: str) -> str:
        return TableKind(value).value


register_converter(TableKindConverter, "table_kind")

urlpatterns = [
    path("schools/", schools.schools, name="schools"),
    path("schools/new/", schools.open_new, name="open"),
    path("schools/<int:school_id>/contact/", schools.contact, name="contact"),
    path("schools/<int:school_id>/officers/", schools.officer, name="officer"),
    path("schools/<int:school_id>/notes/", schools.note, name="note"),
    path("schools/<int:school_id>/merge/", schools.merge, name="merge"),
    path("organisations/named/", finding.organisations, name="find_organisations"),
    path("founding/district/", founding.district, name="found_district"),
    path("founding/divisions/township/", founding.township, name="add_township"),
    path("founding/divisions/village/", founding.village, name="add_village"),
    path("founding/schools/new/", founding.school, name="found_school"),
    path("founding/root/", founding.root, name="found_root"),
    path("founding/<table_kind:kind>/", founding_tables.table, name="found_table"),
    path(
        "founding/<table_kind:kind>/template/", founding_tables.template, name="founding_template"
    ),
    path(
        "founding/<table_kind:kind>/<uuid:key>/", founding_tables.preview, name="founding_preview"
    ),
    path(
        "founding/<table_kind:kind>/<uuid:key>/refused/",
        founding_tables.refused,
        name="founding_refused",
    ),
]
