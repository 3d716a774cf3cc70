"""Registers records of study and declarations with the registries of the apps below."""

from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _

from accounts.enums import DISTRICT_ROLES, SCHOOL_ROLES, SLIP_ROLES
from backstage.exports import register_export, register_filter, word_from
from backstage.menu import MenuLink, register_link
from backstage.tasklist import register_lookup, register_tasks
from hours.source_kinds import register_source_kind
from studies.enums import StudyKind
from studies.exports import EXPORTS_OF_STUDIES
from studies.filters import RECORDER_LABELS, STUDY_STATE_LABELS
from studies.hours_source import STUDY
from studies.notices import register_notices
from studies.queries.tasks import returned_tasks, review_tasks, study_lookups
from studies.queries.trail import register_facts_of_studies

_STAFF = SCHOOL_ROLES | DISTRICT_ROLES
_READERS = _STAFF | SLIP_ROLES
_MONTHS = [(str(month), name) for month, name in MONTHS.items()]


def register() -> None:
    """Register everything this app provides."""
    register_source_kind(STUDY)
    register_notices()
    register_link(MenuLink(_("Study records"), "studies:studies", 80, _READERS))
    register_tasks(review_tasks, rank=40)
    register_tasks(returned_tasks, rank=50)
    register_tasks(study_lookups, rank=190)
    register_lookup(_("Themed days by branch and month"), "studies:themed_days", _STAFF, rank=236)
    register_facts_of_studies()
    for export in EXPORTS_OF_STUDIES:
        register_export(export)
    register_filter("without_day", _("Not held in"), word_from(_MONTHS), rank=96)
    register_filter("study_kind", _("Kind"), word_from(StudyKind.choices), rank=110)
    register_filter("progress", _("State"), word_from(STUDY_STATE_LABELS.items()), rank=120)
    register_filter("recorder", _("Recorded by"), word_from(RECORDER_LABELS.items()), rank=130)
