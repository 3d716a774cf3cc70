"""URL patterns of this app."""

from django.urls import path

from funding.views import (
    audits,
    class_costs,
    commitments,
    exceptions,
    funds,
    proposals,
    vouchers,
)

app_name = "funding"

urlpatterns = [
    path("funds/", funds.funds, name="funds"),
    path("funds/proposals/", proposals.proposals, name="proposals"),
    path("funds/proposals/allocate/", proposals.take_over, name="allocate_proposals"),
    path("funds/<int:school_id>/", funds.fund, name="fund"),
    path("funds/<int:school_id>/allocate/", funds.allocate, name="allocate"),
    path("funds/<int:school_id>/carry-over/", funds.carry_over, name="carry_over"),
    path("funds/<int:school_id>/commit/", commitments.commit, name="commit"),
    path("funds/allocations/<int:allocation_id>/", funds.allocation, name="allocation"),
    path("funds/allocations/<int:allocation_id>/adjust/", funds.adjust, name="adjust_allocation"),
    path("funds/commitments/", commitments.commitments, name="commitments"),
    path("funds/commitments/<int:commitment_id>/", commitments.commitment, name="commitment"),
    path(
        "funds/commitments/<int:commitment_id>/check/", commitments.check, name="check_commitment"
    ),
    path(
        "funds/commitments/<int:commitment_id>/exception/",
        exceptions.decide,
        name="decide_exception",
    ),
    path(
        "funds/commitments/<int:commitment_id>/approve/",
        commitments.approve,
        name="approve_commitment",
    ),
    path("funds/commitments/<int:commitment_id>/pay/", commitments.pay, name="pay_commitment"),
    path(
        "funds/commitments/<int:commitment_id>/release/",
        commitments.release,
        name="release_commitment",
    ),
    path("funds/commitments/<int:commitment_id>/vouchers/add/", vouchers.add, name="add_voucher"),
    path("funds/commitments/<int:commitment_id>/fee-sheet/", vouchers.fee_sheet, name="fee_sheet"),
    path("funds/vouchers/<int:voucher_id>/", vouchers.voucher_file, name="voucher_file"),
    path("funds/vouchers/<int:voucher_id>/withdraw/", vouchers.withdraw, name="withdraw_voucher"),
    path(
        "funds/transactions/<int:transaction_id>/reverse/",
        funds.reverse_posted,
        name="reverse_transaction",
    ),
    path("funds/classes/", class_costs.classes, name="classes"),
    path("funds/classes/<int:class_id>/", class_costs.class_costs, name="class_costs"),
    path("funds/classes/<int:class_id>/ask/", class_costs.ask, name="ask_for_class"),
    path("funds/classes/<int:class_id>/settle/", class_costs.settle, name="settle_class"),
    path("funds/double-roles/", funds.double_roles, name="double_roles"),
    path("funds/audits/", audits.audits, name="audits"),
    path("funds/audits/open/", audits.open_special_audit, name="open_audit"),
    path("funds/audits/<int:audit_id>/", audits.audit, name="audit"),
    path("funds/audits/<int:audit_id>/close/", audits.close, name="close_audit"),
    path("funds/audits/payments/<int:payment_id>/find/", audits.find, name="raise_finding"),
    path("funds/audits/findings/<int:finding_id>/answer/", audits.answer, name="answer_finding"),
    path("funds/audits/answers/<int:answer_id>/review/", audits.review, name="review_answer"),
]
