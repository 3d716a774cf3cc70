"""A developer's machine: plain HTTP on 127.0.0.1, keys that protect nothing, demo accounts."""

import os

# These values are published, so production refuses to start without its own.
os.environ.setdefault("SECRET_KEY", "development-only-key-that-protects-nothing-at-all")
# Each encrypted text carries the key version `dev`, and this key decrypts no data of a real site.
os.environ.setdefault("ENCRYPTION_KEYS", "dev:ZGV2ZWxvcG1lbnQtb25seS1rZXktMzItYnl0ZXMhISE=")

from .base import *  # noqa: F403
from .base import BROKER_DIR, LOGGING, env, mailers_of

KEYS_PROTECT_NOTHING = True
DEBUG = env.bool("DEBUG", default=False)
DEMO = env.bool("DEMO", default=False)
SECOND_FACTOR = env.bool("SECOND_FACTOR", default=not DEMO)
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]

MAILERS = mailers_of(env.str("EMAIL_URL", default="console:"))

SECURE_SSL_REDIRECT = False
SECURE_HSTS_SECONDS = 0
SESSION_COOKIE_NAME = "session"
CSRF_COOKIE_NAME = "csrf"
LANGUAGE_COOKIE_NAME = "language"
DEVICE_COOKIE_NAME = "device"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = False

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

for folder in ("queue", "control"):
    (BROKER_DIR / folder).mkdir(parents=True, exist_ok=True)

# The terminal of `make run` shows faults, not every request.
LOGGING["loggers"]["xuetang.access"] = {"level": "WARNING"}
