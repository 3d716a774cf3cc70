"""The kinds of background jobs of this app."""

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backstage.jobs import JobKind
from backstage.models import Job
from trainees.actions import register


def _register_page(job: Job) -> str:
    return reverse("trainees:register_import", args=[job.arguments["register"]])


def _of_file(what: str, job: Job) -> str:
    """The job and its file, if it has a name."""
    name = job.arguments.get("file")
    return gettext("%(label)s: %(value)s") % {"label": what, "value": name} if name else what


KINDS = [
    JobKind(
        register.READ,
        lambda job: _of_file(gettext("Read a register and compare it"), job),
        register.read_register,
        page=_register_page,
        queue=register.QUEUE,
        title=_("Read a register and compare it"),
    ),
    JobKind(
        register.APPLY,
        lambda job: _of_file(gettext("Apply a register"), job),
        register.apply_register,
        page=_register_page,
        queue=register.QUEUE,
        in_rows=False,
        title=_("Apply a register"),
    ),
]
