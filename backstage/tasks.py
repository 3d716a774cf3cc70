"""Scheduled work of this app."""

from celery import shared_task
from django.utils import timezone

from backstage import files, jobs
from backstage.idempotency import sweep_keys


@shared_task(name="backstage.sweep_idempotency_keys")
def sweep_idempotency_keys() -> int:
    """Forget old idempotency keys; returns how many."""
    return sweep_keys(at=timezone.now())


@shared_task(name="backstage.run_job")
def run_job(job_id: int) -> None:
    """Carry out one job."""
    jobs.run_job(job_id=job_id, clock=timezone.now)


@shared_task(name="backstage.requeue_stale")
def requeue_stale() -> int:
    """Ring again for jobs whose bell was lost or whose worker died; returns how many."""
    return jobs.requeue_stale(at=timezone.now())


@shared_task(name="backstage.sweep_jobs")
def sweep_jobs() -> int:
    """Forget jobs that have been over for long; returns how many."""
    return jobs.sweep_jobs(at=timezone.now())


@shared_task(name="backstage.sweep_files")
def sweep_files() -> int:
    """Delete expired files; returns how many."""
    return files.sweep_files(at=timezone.now())
