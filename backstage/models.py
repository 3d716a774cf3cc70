from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.enums import ActorChannel
from accounts.models import User
from backstage.enums import (
    DUE_STATES,
    OPEN_STATES,
    Channel,
    DeliveryState,
    JobState,
    PendingState,
    RunOutcome,
)
from backstage.pending_kinds import label_of
from backstage.querysets import (
    DeliveryQuerySet,
    JobPartQuerySet,
    JobQuerySet,
    MessageQuerySet,
    StoredFileQuerySet,
)


class IdempotencyKey(models.Model):
    """The key of a processed form: the same form again gets the same answer.

    A hash of the body is stored too, so that another body with the same key is refused (409).
    Deleted after `backstage.idempotency.KEEP_DAYS`.
    """

    unchained_because = "It is kept for a day."

    key = models.UUIDField(_("key"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    act = models.CharField(_("act"), max_length=120)
    body_hash = models.CharField(_("hash of the body"), max_length=64)
    location = models.CharField(_("address answered with"), max_length=300)
    created_at = models.DateTimeField(_("created at"), db_index=True)

    class Meta:
        verbose_name = _("idempotency key")
        verbose_name_plural = _("idempotency keys")
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_once_per_user"),
        ]

    def __str__(self) -> str:
        return str(self.key)


class StoredFile(models.Model):
    """An uploaded or generated file, stored encrypted below MEDIA_ROOT.

    Its name on disk is the random `key`. It is deleted at `expires_at` at the latest; without
    `expires_at` it is stored as long as the app's row that refers to it. `digest` is the SHA-256 of
    its content (hex); "" if it was stored before there were digests.
    """

    # Files of exports and uploads come and go by themselves; what is kept is written by acts.
    chained_rows = "expires_at IS NULL"

    key = models.UUIDField(_("key"), unique=True)
    name = models.CharField(_("file name"), max_length=200)
    media_type = models.CharField(_("media type"), max_length=100)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    digest = models.CharField(_("digest"), max_length=64, blank=True, default="", db_default="")
    owner = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("account")
    )
    created_at = models.DateTimeField(_("created at"))
    expires_at = models.DateTimeField(_("expires at"), null=True, db_index=True)

    objects = StoredFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("stored file")
        verbose_name_plural = _("stored files")
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="stored_file_expires_later"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Job(models.Model):
    """A background job with its progress. The row is the order; the broker only starts it.

    It is stored in the transaction that orders it, so a lost broker loses no order. Jobs of one
    `queue` run one after the other. In the audit trail, its acts belong to the person who ordered
    it, with `channel` and `address` of the order. `arguments` has plain values, never an ID number.
    """

    unchained_because = "It is the progress of work; what the work does are acts."

    kind = models.CharField(_("kind"), max_length=60)
    arguments = models.JSONField(_("arguments"), default=dict)
    queue = models.CharField(_("lane"), max_length=60, blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=JobState, default=JobState.QUEUED)
    done = models.PositiveIntegerField(_("done"), default=0)
    total = models.PositiveIntegerField(_("of"), null=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    stop_asked = models.BooleanField(_("asked to stop"), default=False)
    problem = models.CharField(_("problem"), max_length=500, blank=True)
    file = models.ForeignKey(
        StoredFile,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("file"),
    )
    asked_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("asked by")
    )
    asked_at = models.DateTimeField(_("asked at"))
    channel = models.CharField(
        _("by way of"),
        max_length=10,
        choices=ActorChannel,
        default=ActorChannel.TASK,
        db_default=ActorChannel.TASK,
    )
    address = models.GenericIPAddressField(_("address"), null=True)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    started_at = models.DateTimeField(_("started at"), null=True)
    ended_at = models.DateTimeField(_("ended at"), null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[JobState.QUEUED, JobState.RUNNING], ended_at__isnull=True)
                | (~Q(state__in=[JobState.QUEUED, JobState.RUNNING]) & Q(ended_at__isnull=False)),
                name="job_has_an_end_once_over",
            ),
            models.CheckConstraint(
                condition=Q(total__isnull=True) | Q(done__lte=F("total")),
                name="job_does_no_more_than_all",
            ),
        ]
        indexes = [
            models.Index(
                fields=["asked_at"],
                name="job_open",
                condition=Q(state__in=[JobState.QUEUED, JobState.RUNNING]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def is_over(self) -> bool:
        """Whether the job has ended."""
        return self.state not in {JobState.QUEUED, JobState.RUNNING}


class JobPart(models.Model):
    """A part of a job, such as one school's. It is done in one transaction, with its mark as done.

    `key` tells the job's kind which part it is, `label` tells people, through `JobKind.part_label`.
    It is written with the order.
    """

    unchained_because = "It is the progress of work; what the work does are acts."

    job = models.ForeignKey(
        Job, on_delete=models.CASCADE, related_name="parts", verbose_name=_("job")
    )
    key = models.CharField(_("key"), max_length=60)
    label = models.CharField(_("part"), max_length=200)
    state = models.CharField(_("state"), max_length=10, choices=JobState, default=JobState.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    problem = models.CharField(_("problem"), max_length=500, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    started_at = models.DateTimeField(_("started at"), null=True)
    ended_at = models.DateTimeField(_("ended at"), null=True)

    objects = JobPartQuerySet.as_manager()

    class Meta:
        verbose_name = _("part of a job")
        verbose_name_plural = _("parts of jobs")
        ordering = ["job", "id"]
        constraints = [
            models.UniqueConstraint(fields=["job", "key"], name="job_part_once_per_key"),
            models.CheckConstraint(
                condition=Q(state__in=OPEN_STATES, ended_at__isnull=True)
                | (~Q(state__in=OPEN_STATES) & Q(ended_at__isnull=False)),
                name="job_part_has_an_end_once_over",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def is_over(self) -> bool:
        """Whether the part has ended."""
        return self.state not in OPEN_STATES

    @property
    def lock_name(self) -> str:
        """The advisory lock that a worker holds while it works on the part."""
        return f"part {self.pk}"


class OperationRun(models.Model):
    """One run of what keeps the site: a tick of beat, a sign of life of a worker, a backup.

    `kind` is a word such as `beat`; `backstage.operations` writes the rows. `finished_at` is by the
    clock of the database, so that ages are right on a server whose own clock is wrong. `detail` is
    one line for the system administrator, without personal data.
    """

    unchained_because = "It tells what the server did; no figure rests on it."

    kind = models.CharField(_("kind"), max_length=20)
    started_at = models.DateTimeField(_("started at"))
    finished_at = models.DateTimeField(_("ended at"), db_default=Now())
    outcome = models.CharField(_("outcome"), max_length=10, choices=RunOutcome)
    detail = models.CharField(_("detail"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("run of an operation")
        verbose_name_plural = _("runs of operations")
        ordering = ["-finished_at", "-id"]
        indexes = [models.Index(fields=["kind", "-finished_at"], name="operation_run_latest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class FolderMark(models.Model):
    """What the marker file in the folder of stored files says; there is one row or none.

    A process that meets another marker, or none, has mounted the wrong folder
    (`backstage.files_folder`).
    """

    unchained_because = "It tells one folder of files from another."

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    folder_id = models.UUIDField(_("id of the folder"))

    class Meta:
        verbose_name = _("mark of the files folder")
        verbose_name_plural = _("mark of the files folder")
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="folder_mark_is_the_only_one"),
        ]

    def __str__(self) -> str:
        return str(self.folder_id)


class TrailFeedPosition(models.Model):
    """Up to which entry and seal a target of `TRAIL_FEED` has it all (`backstage.trail_feed`)."""

    unchained_because = "It moves with each line that leaves."

    target = models.CharField(_("target"), max_length=300)
    sent_id = models.PositiveBigIntegerField(_("last entry sent"), default=0)
    sent_seal = models.PositiveBigIntegerField(_("last seal sent"), default=0)
    sent_at = models.DateTimeField(_("sent at"), null=True)

    class Meta:
        verbose_name = _("position of the trail's feed")
        verbose_name_plural = _("positions of the trail's feed")
        constraints = [
            models.UniqueConstraint(fields=["target"], name="trail_feed_position_once_per_target"),
        ]

    def __str__(self) -> str:
        return self.target


class PendingAct(models.Model):
    """An act on an account that holds only once a second person has confirmed it.

    One person proposes it, another confirms or refuses it, and neither is the one who gains.
    `kind` is the key of a `backstage.pending_acts.PendingKind`, which carries it out by `facts`.
    Where no second person can confirm it in the portal, two do at the server; then `witness` names
    them.
    """

    kind = models.CharField(_("act"), max_length=20)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("account"),
    )
    facts = models.JSONField(default=dict, editable=False)
    state = models.CharField(
        _("state"), max_length=10, choices=PendingState, default=PendingState.WAITING
    )
    proposed_at = models.DateTimeField(_("proposed at"))
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("proposed by"),
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    witness = models.CharField(_("confirmed at the server by"), max_length=100, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("act for a second person")
        verbose_name_plural = _("acts for a second person")
        ordering = ["-proposed_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "account", "facts"],
                condition=Q(state=PendingState.WAITING),
                name="pending_act_waits_once",
                violation_error_message=_("This waits for a second person already."),
            ),
            models.CheckConstraint(
                condition=~Q(state=PendingState.DONE) | ~Q(decided_by=models.F("proposed_by")),
                name="pending_act_by_two_people",
                violation_error_message=_("Somebody else confirms what was proposed."),
            ),
            models.CheckConstraint(
                condition=~Q(proposed_by=models.F("account"))
                & (~Q(state=PendingState.DONE) | ~Q(decided_by=models.F("account"))),
                name="pending_act_by_nobody_who_gains",
                violation_error_message=_("Nobody proposes or confirms what they gain by."),
            ),
            models.CheckConstraint(
                condition=Q(
                    state=PendingState.WAITING, decided_at=None, decided_by=None, witness=""
                )
                | ~Q(state=PendingState.WAITING)
                & Q(decided_at__isnull=False)
                & (Q(decided_by__isnull=False) | ~Q(witness="")),
                name="pending_act_decision_is_signed",
            ),
            models.CheckConstraint(
                condition=~Q(state=PendingState.REFUSED) | ~Q(reason=""),
                name="pending_act_refused_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{label_of(self.kind)} · {self.account}"


class Message(models.Model):
    """What the portal tells one person: written in the transaction of the act, read on a page.

    `kind` is registered with `backstage.notices`, which puts `facts` into words for the reader.
    `once` says what the message is about, so that nobody is told the same twice. `address` is the
    page of this site to which the message leads. One that is withdrawn is seen no more.
    """

    unchained_because = "It tells of an act; the act is what the chain keeps."

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("recipient"),
    )
    kind = models.CharField(_("kind"), max_length=60)
    facts = models.JSONField(default=dict, editable=False)
    address = models.CharField(_("address"), max_length=300)
    once = models.CharField(_("told once"), max_length=200)
    written_at = models.DateTimeField(_("written at"))
    read_at = models.DateTimeField(_("read at"), null=True)
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.UniqueConstraint(
                fields=["recipient", "kind", "once"], name="message_is_written_once"
            ),
            models.CheckConstraint(
                condition=Q(address__startswith="/") & ~Q(address__startswith="//"),
                name="message_leads_into_the_portal",
            ),
        ]
        indexes = [
            # The head of every page counts these.
            models.Index(
                fields=["recipient"],
                name="message_unread",
                condition=Q(read_at__isnull=True, withdrawn_at__isnull=True),
            ),
            models.Index(fields=["kind", "once"], name="message_about"),
            models.Index(fields=["recipient", "-written_at", "-id"], name="message_newest"),
            models.Index(fields=["written_at"], name="message_written"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Delivery(models.Model):
    """A message on its way out by one channel, and what became of it.

    Its state is stored before it is handed over, so it leaves at most once (`backstage.relay`).
    `problem` names the kind of the last failure, never an address or a name.
    """

    unchained_because = "It moves as the message is relayed; no figure rests on it."

    message = models.ForeignKey(
        Message, on_delete=models.CASCADE, related_name="deliveries", verbose_name=_("message")
    )
    channel = models.CharField(_("by way of"), max_length=10, choices=Channel)
    state = models.CharField(
        _("state"), max_length=10, choices=DeliveryState, default=DeliveryState.WAITING
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    due_at = models.DateTimeField(_("due at"))
    tried_at = models.DateTimeField(_("last tried at"), null=True)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    problem = models.CharField(_("problem"), max_length=100, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery of a message")
        verbose_name_plural = _("deliveries of messages")
        constraints = [
            models.UniqueConstraint(
                fields=["message", "channel"], name="delivery_once_per_channel"
            ),
            models.CheckConstraint(
                condition=Q(state=DeliveryState.SENT, sent_at__isnull=False)
                | ~Q(state=DeliveryState.SENT) & Q(sent_at__isnull=True),
                name="delivery_sent_at_a_moment",
            ),
        ]
        indexes = [
            models.Index(
                fields=["channel", "due_at"],
                name="delivery_due",
                condition=Q(state__in=DUE_STATES),
            ),
            # What was sent is most of the table, and nobody looks for it.
            models.Index(
                fields=["state", "tried_at"],
                name="delivery_not_sent",
                condition=~Q(state=DeliveryState.SENT),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} {self.message_id}"


class EmailAddress(models.Model):
    """Where a person wants their messages to be announced; they enter it themselves."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("account"),
    )
    address = models.EmailField(_("e-mail address"))

    class Meta:
        verbose_name = _("e-mail address")
        verbose_name_plural = _("e-mail addresses")
        constraints = [
            models.CheckConstraint(condition=~Q(address=""), name="email_address_is_given"),
        ]

    def __str__(self) -> str:
        return str(self.user)
