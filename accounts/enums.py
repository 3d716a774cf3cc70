from django.db import models
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    """By which way an act reached the portal."""

    WEB = "web", _("web page")
    ADMIN = "admin", _("administration")
    COMMAND = "command", _("command line")
    TASK = "task", _("scheduled task")


class Role(models.TextChoices):
    """What a person may do. Grants with dates and scope are rows (`schools.RoleGrant`).

    MEMBER is never granted: it is held by whoever's account belongs to a member.
    """

    ORGANISATION_DEPARTMENT = "organisation_department", _("organisation department officer")
    DISTRICT_SCHOOL = "district_school", _("academic officer of the district Party school")
    LIAISON_OFFICER = "liaison_officer", _("liaison officer")
    SCHOOL_LEADER = "school_leader", _("school leader")
    SCHOOL_CLERK = "school_clerk", _("school clerk")
    SYSTEM_ADMINISTRATOR = "system_administrator", _("system administrator")
    SECURITY_ADMINISTRATOR = "security_administrator", _("security administrator")
    AUDIT_ADMINISTRATOR = "audit_administrator", _("audit administrator")
    MEMBER = "member", _("member")


SCHOOL_ROLES = frozenset({Role.LIAISON_OFFICER, Role.SCHOOL_LEADER, Role.SCHOOL_CLERK})
DISTRICT_ROLES = frozenset({Role.ORGANISATION_DEPARTMENT, Role.DISTRICT_SCHOOL})
ADMINISTRATOR_ROLES = frozenset(
    {Role.SYSTEM_ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR, Role.AUDIT_ADMINISTRATOR}
)
