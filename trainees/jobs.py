"""The kinds of work behind the pages that this app brings."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from backstage.jobs import JobKind
from backstage.models import Job
from trainees.actions import register


def _register_page(job: Job) -> str:
    return reverse("trainees:register_import", args=[job.arguments["register"]])


KINDS = [
    JobKind(
        register.READ,
        lambda _job: _("Read a register and compare it"),
        register.read_register,
        page=_register_page,
        lane=register.LANE,
        title=_("Read a register and compare it"),
    ),
    JobKind(
        register.APPLY,
        lambda _job: _("Apply a register"),
        register.apply_register,
        page=_register_page,
        lane=register.LANE,
        in_rows=False,
        title=_("Apply a register"),
    ),
]
