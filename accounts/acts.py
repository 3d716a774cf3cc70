"""What the trail calls each act, as people read it. A test fails on an act without a name."""

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts.records import ADD, CHANGE, DELETE

ACT_LABELS = {
    ADD: _("added"),
    CHANGE: _("changed"),
    DELETE: _("deleted"),
    "sign_in": _("signed in"),
    "sign_out": _("signed out"),
    "change_password": _("changed the password"),
    "open_account": _("opened the account"),
    "issue_slips": _("issued slips"),
    "print_slips": _("printed slips"),
    "issue_slip": _("issued a slip"),
    "activate_account": _("activated the account"),
    "read_notice": _("read the privacy notice"),
    "transfer_member": _("transferred the member"),
    "change_standing": _("changed the standing"),
    "appoint_to_post": _("appointed to a post"),
    "end_post": _("ended a post"),
    "look_up_member": _("looked up the register card"),
    "record_attendance": _("took attendance"),
    "submit_roll": _("submitted the roll"),
    "propose_merge": _("proposed to merge two rows of one member"),
    "refuse_merge": _("refused to merge two members"),
    "merge_members": _("merged two rows of one member"),
    "undo_merge": _("took merged members apart again"),
    "withdraw_roll": _("took the submitted roll back"),
    "record_study": _("recorded a study"),
    "change_study": _("changed a study record"),
    "discard_study": _("threw a draft of a study record away"),
    "add_study_file": _("added evidence of a study"),
    "remove_study_file": _("removed evidence of a study"),
    "submit_study": _("handed a study record in"),
    "review_study": _("reviewed a study record"),
    "withdraw_study": _("took an approved study record back"),
    "correct_attendance": _("corrected attendance"),
    "look_up_hours": _("looked up credit hours"),
    "appoint_first_administrator": _("appointed the first administrator"),
    "upload_register": _("uploaded a register"),
    "explain_columns": _("explained the columns of a register"),
    "reread_register": _("had a register read again"),
    "order_merge": _("ordered a register to be applied"),
    "apply_register": _("applied a register"),
    "discard_register": _("discarded a register"),
    "import_member": _("added by a register"),
    "import_change": _("changed by a register"),
    "follow_phone": _("took over the new phone of the member"),
    "download_errors": _("downloaded the refused rows of a register"),
    "stop_job": _("stopped a job"),
    "download_file": _("downloaded a file"),
    "export_list": _("exported a list"),
    "add_organisation": _("founded an organisation"),
    "rename_organisation": _("renamed an organisation"),
    "take_up_name": _("a new name took effect"),
    "move_organisation": _("moved an organisation"),
    "split_organisation": _("split an organisation"),
    "merge_organisations": _("merged an organisation into another"),
    "close_organisation": _("closed an organisation"),
    "open_school": _("founded a school"),
    "merge_schools": _("merged a school into another"),
    "appoint_officer": _("recorded an officer of a school"),
    "write_guidance_note": _("wrote a guidance note"),
    "seed_demo": _("loaded demo data"),
}


def act_label(act: str) -> str:
    """The name of an act; the stored word for one that is no longer written."""
    return capfirst(str(ACT_LABELS.get(act, act)))
