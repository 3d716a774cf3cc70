"""Tasks of Celery beat, in Asia/Shanghai time: by crontab or at an interval in seconds."""

from typing import Any

from celery.schedules import crontab

SCHEDULE: dict[str, dict[str, Any]] = {
    "verify-ledger": {"task": "hours.verify_ledger", "schedule": crontab(hour=2, minute=0)},
    # Also when a day or a year begins; lists judge live what waits for it.
    "settle-balances": {
        "task": "hours.settle_balances",
        "schedule": 20.0,
        "options": {"expires": 20},
    },
    "take-up-names": {"task": "schools.take_up_names", "schedule": crontab(hour=0, minute=1)},
    "sweep-idempotency-keys": {
        "task": "backstage.sweep_idempotency_keys",
        "schedule": 3600.0,
    },
    "requeue-jobs": {"task": "backstage.requeue_stale", "schedule": 20.0},
    # A tick that waited for a worker says nothing about beat, so it is dropped.
    "tick": {"task": "backstage.tick", "schedule": 60.0, "options": {"expires": 60}},
    "feed-trail": {
        "task": "backstage.feed_trail",
        "schedule": 20.0,
        "options": {"expires": 20},
    },
    "relay-notices": {
        "task": "backstage.relay_notices",
        "schedule": 20.0,
        "options": {"expires": 20},
    },
    "seal-acts": {"task": "accounts.seal_acts", "schedule": 60.0, "options": {"expires": 60}},
    "close-rolls": {"task": "rolls.close_rolls", "schedule": crontab(minute=10)},
    "lapse-engagements": {
        "task": "dispatch.lapse_engagements",
        "schedule": crontab(minute="*/10"),
    },
    "note-taught-letters": {
        "task": "dispatch.note_taught_letters",
        "schedule": crontab(hour=0, minute=20),
    },
    "rehearse-reconciliation": {
        "task": "quotas.rehearse_reconciliation",
        "schedule": crontab(day_of_month=28, month_of_year="3,6,9,12", hour=1, minute=0),
    },
    "warn-of-shortfalls": {
        "task": "quotas.warn_of_shortfalls",
        "schedule": crontab(hour=6, minute=30),
    },
    "sweep-imports": {"task": "trainees.sweep_imports", "schedule": crontab(hour=3, minute=30)},
    "sweep-jobs": {"task": "backstage.sweep_jobs", "schedule": crontab(hour=3, minute=45)},
    "sweep-messages": {
        "task": "backstage.sweep_messages",
        "schedule": crontab(hour=3, minute=50),
    },
    "sweep-files": {"task": "backstage.sweep_files", "schedule": 3600.0},
    "sweep-activation-codes": {
        "task": "accounts.sweep_activation_codes",
        "schedule": 3600.0,
    },
    "sweep-cards": {"task": "rolls.sweep_cards", "schedule": 3600.0},
    "restore-drill": {
        "task": "config.restore_drill",
        "schedule": crontab(day_of_month=1, hour=4, minute=0),
    },
    "sweep-sessions": {"task": "accounts.sweep_sessions", "schedule": crontab(hour=3, minute=0)},
}
