"""Scheduled tasks of this app."""

from celery import shared_task
from django.utils import timezone

from backstage import files, job_parts, jobs, notices, operations
from backstage.idempotency import sweep_keys
from backstage.relay import relay_notices as relay_due
from backstage.trail_feed import feed_trail as feed_new_entries


@shared_task(name="backstage.sweep_idempotency_keys")
def sweep_idempotency_keys() -> int:
    """Delete old idempotency keys; return how many."""
    return sweep_keys(at=timezone.now())


@shared_task(name="backstage.run_job")
def run_job(job_id: int) -> None:
    """Run one job."""
    jobs.run_job(job_id=job_id, clock=timezone.now)


@shared_task(name="backstage.run_part")
def run_part(part_id: int) -> None:
    """Run one part of a job."""
    job_parts.run_part(part_id=part_id, clock=timezone.now)


@shared_task(name="backstage.requeue_stale")
def requeue_stale() -> int:
    """Enqueue jobs and parts again that lost their message or their worker; return how many."""
    return jobs.requeue_stale(at=timezone.now())


@shared_task(name="backstage.sweep_jobs")
def sweep_jobs() -> int:
    """Delete jobs that have been over for long; return how many."""
    return jobs.sweep_jobs(at=timezone.now())


@shared_task(name="backstage.sweep_files")
def sweep_files() -> int:
    """Delete expired files; return how many."""
    return files.sweep_files(at=timezone.now())


@shared_task(name="backstage.tick")
def tick() -> None:
    """Leave the trace that beat and a worker are at work."""
    operations.tick(at=timezone.now())


@shared_task(name="backstage.feed_trail")
def feed_trail() -> int:
    """Send new entries of the trail to `TRAIL_FEED`; return how many."""
    return feed_new_entries(at=timezone.now())


@shared_task(name="backstage.relay_notices")
def relay_notices() -> int:
    """Announce messages by e-mail and SMS; return how many."""
    return relay_due(clock=timezone.now)


@shared_task(name="backstage.sweep_messages")
def sweep_messages() -> int:
    """Delete old messages; return how many rows."""
    return notices.sweep_messages(at=timezone.now())
