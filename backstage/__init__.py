"""What runs behind the pages: idempotency keys, the task list, scheduled tasks."""
