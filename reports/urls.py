"""URL patterns of this app."""

from django.urls import path

from reports.views import annual, sheets

app_name = "reports"

urlpatterns = [
    path("report/", annual.report, name="report"),
    path("report/pdf/", annual.report_pdf, name="report_pdf"),
    path("report/sessions/", annual.sessions, name="report_sessions"),
    path("report/members/", annual.members, name="report_members"),
    path("statistics/", sheets.statistics, name="statistics"),
    path("statistics/sessions/", sheets.sessions, name="statistics_sessions"),
    path("statistics/members/", sheets.member_hours, name="statistics_members"),
    path("statistics/layouts/", sheets.layouts, name="layouts"),
    path("statistics/layouts/add/", sheets.add, name="add_layout"),
    path("statistics/layouts/<int:layout_id>/", sheets.layout, name="layout"),
    path("statistics/layouts/<int:layout_id>/fill/", sheets.fill, name="fill_layout"),
    path("statistics/layouts/<int:layout_id>/file/", sheets.layout_file, name="layout_file"),
    path("statistics/layouts/<int:layout_id>/withdraw/", sheets.withdraw, name="withdraw_layout"),
]
