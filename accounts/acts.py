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
    "record_attendance": _("took attendance"),
    "submit_roll": _("submitted the roll"),
    "correct_attendance": _("corrected attendance"),
    "look_up_hours": _("looked up credit hours"),
    "appoint_first_administrator": _("appointed the first administrator"),
    "stop_job": _("stopped a job"),
    "download_file": _("downloaded a file"),
    "export_list": _("exported a list"),
    "seed_demo": _("loaded demo data"),
}


def act_label(act: str) -> str:
    """The name of an act; the stored word for one that is no longer written."""
    return capfirst(str(ACT_LABELS.get(act, act)))
