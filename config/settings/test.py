"""Tests: the development settings with fast hashing and eager tasks."""

from .dev import *  # noqa: F403
from .dev import DATABASES

# Tests need no durability.
DATABASES["default"]["OPTIONS"]["options"] = "-c synchronous_commit=off"

DEMO = True
SECOND_FACTOR = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
# Each test client starts its own portal, which need not scan all static files.
WHITENOISE_AUTOREFRESH = True
