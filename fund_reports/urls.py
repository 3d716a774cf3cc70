"""URL patterns of this app; they stand below those of the funds."""

from django.urls import path

from fund_reports.views import audits, costs, figures, fund_accounts

app_name = "fund_reports"

urlpatterns = [
    path("funds/figures/", figures.figures, name="figures"),
    path("funds/moves/", figures.moves, name="moves"),
    path("funds/costs/", costs.costs, name="costs"),
    path("funds/costs/pdf/", costs.costs_pdf, name="costs_pdf"),
    path("funds/costs/classes/", costs.class_costs, name="class_costs"),
    path("funds/account/", fund_accounts.account, name="account"),
    path("funds/account/pdf/", fund_accounts.account_pdf, name="account_pdf"),
    path("funds/audits/<int:audit_id>/pdf/", audits.audit_pdf, name="audit_pdf"),
]
