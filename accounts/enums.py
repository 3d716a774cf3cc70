from django.db import models
from django.utils.translation import gettext_lazy as _


class ActorChannel(models.TextChoices):
    """The channel through which an action reached the portal."""

    WEB = "web", _("web page")
    ADMIN = "admin", _("administration")
    COMMAND = "command", _("command line")
    STRANGER = "stranger", _("web page, by nobody signed in")
    TASK = "task", _("scheduled task")


class CodeEnd(models.TextChoices):
    """Why an activation code is no longer valid."""

    USED = "used", _("used")
    REPLACED = "replaced", _("replaced by a later slip")
    EXPIRED = "expired", _("expired")
    WRONG_TRIES = "wrong_tries", _("too many wrong codes")
    NEW_ROLE = "new_role", _("the account was given a role")


class GuessKind(models.TextChoices):
    """What was guessed; wrong ones of each kind are counted separately."""

    SIGN_IN = "sign_in", _("password at sign-in")
    OWN_PASSWORD = "own_password", _("current password")
    SECOND_FACTOR = "second_factor", _("code of the second factor")


class FactorEnd(models.TextChoices):
    """Why a second factor is no longer in use."""

    REPLACED = "replaced", _("replaced by its owner")
    RESET = "reset", _("reset by an administrator")


class CodeKind(models.TextChoices):
    """What a code on paper is for; wrong codes of each kind are counted separately."""

    SLIP = "slip", _("slip")
    DOCUMENT = "document", _("issued document")


class Role(models.TextChoices):
    """What a person may do. Grants with dates and scope are rows (`schools.RoleGrant`).

    The last three are never granted. They follow from what an account belongs to: a member, a
    member who is a secretary today, a lecturer.
    """

    ORGANISATION_DEPARTMENT = "organisation_department", _("organisation department officer")
    DISTRICT_SCHOOL = "district_school", _("academic officer of the district Party school")
    LIAISON_OFFICER = "liaison_officer", _("liaison officer")
    SCHOOL_LEADER = "school_leader", _("school leader")
    SCHOOL_CLERK = "school_clerk", _("school clerk")
    ORGANISATION_COMMISSIONER = (
        "organisation_commissioner",
        _("community organisation commissioner"),
    )
    CUSTODIAN = "custodian", _("custodian of funds")
    APPROVER = "approver", _("approver of payments")
    PAYER = "payer", _("payer")
    AUDITOR = "auditor", _("auditor of funds")
    SYSTEM_ADMINISTRATOR = "system_administrator", _("system administrator")
    SECURITY_ADMINISTRATOR = "security_administrator", _("security administrator")
    AUDIT_ADMINISTRATOR = "audit_administrator", _("audit administrator")
    MEMBER = "member", _("member")
    BRANCH_SECRETARY = "branch_secretary", _("branch secretary")
    LECTURER = "lecturer", _("lecturer")


class SignedActKind(models.TextChoices):
    """What wrote the rows that a signed act vouches for."""

    ACT = "act", _("act")
    MIGRATION = "migration", _("migration")
    # All rows of a table as they stood when the chain began to cover it, or its columns changed.
    STOCK = "stock", _("stock-taking")


SCHOOL_ROLES = frozenset({Role.LIAISON_OFFICER, Role.SCHOOL_LEADER, Role.SCHOOL_CLERK})
DEPARTMENT_ROLES = frozenset({Role.ORGANISATION_DEPARTMENT})
DISTRICT_ROLES = frozenset({Role.ORGANISATION_DEPARTMENT, Role.DISTRICT_SCHOOL})
ADMINISTRATOR_ROLES = frozenset(
    {Role.SYSTEM_ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR, Role.AUDIT_ADMINISTRATOR}
)
MONEY_ROLES = frozenset({Role.CUSTODIAN, Role.APPROVER, Role.PAYER, Role.AUDITOR})
# Held by all members, secretaries or lecturers; never granted.
DERIVED_ROLES = frozenset({Role.MEMBER, Role.BRANCH_SECRETARY, Role.LECTURER})
# Every granted role; on a site that asks for it, they sign in with a second factor.
STAFF_ROLES = frozenset(Role) - DERIVED_ROLES
# They act for members of a branch or community who have no phone.
SERVING_ROLES = frozenset({Role.ORGANISATION_COMMISSIONER, Role.BRANCH_SECRETARY})
# They print slips for members; the security administrator prints them for staff.
SLIP_ROLES = frozenset(
    {
        Role.ORGANISATION_DEPARTMENT,
        Role.SCHOOL_CLERK,
        Role.ORGANISATION_COMMISSIONER,
        Role.BRANCH_SECRETARY,
    }
)
