"""Production settings. Everything that differs between sites is read from the environment.

Required: SECRET_KEY, DATABASE_URL, ENCRYPTION_KEYS, ALLOWED_HOSTS. Optional: DATABASE_OWNER_URL,
DIGEST_KEY, REDIS_URL, TRUSTED_PROXIES, XUETANG_VAR, IDLE_MINUTES, ACTIVATION_DAYS,
NETWORK_GUESSES, SECOND_FACTOR, SITE_ADDRESS, DOCUMENT_PREFIX, BACKUP_DIR, EMAIL_URL, EMAIL_FROM,
SMS_GATEWAY. To watch the site:
LOG_LEVEL, LOG_FORMAT, METRICS_FROM, TRAIL_FEED.
"""

import tomllib
from pathlib import Path
from typing import Any

import environ
import lona_html5_qrcode
from bootstrap_wrapper import get_bootstrap_dir
from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP
from django.utils.translation import gettext_lazy as _

from config.lib.broker_keys import key_prefix
from config.lib.mail_settings import mailers_of
from config.schedule import SCHEDULE

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parents[2]
VAR_DIR = Path(env.str("XUETANG_VAR", default=str(BASE_DIR / "var"))).resolve()

# In the foot of the pages, in backups, and at the head of CHANGELOG.md.
VERSION = tomllib.loads((BASE_DIR / "pyproject.toml").read_text("utf-8"))["project"]["version"]

DEBUG = False
SECRET_KEY = env.str("SECRET_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])

# Demo accounts have published passwords: only the dev and test settings may enable them.
DEMO = False
if env.bool("DEMO", default=False) and env.str("DJANGO_SETTINGS_MODULE", default="") == (
    "config.settings.base"
):
    raise ImproperlyConfigured("DEMO=1 is refused by the production settings.")

# Encryption keys: "version:base64 key", newest first. Older keys only decrypt.
ENCRYPTION_KEYS = env.list("ENCRYPTION_KEYS")
# The key of look-up hashes and digests, in base64; by default the oldest encryption key. It must
# stay the same for good, because stored digests cannot change (ADR 18).
DIGEST_KEY = env.str("DIGEST_KEY", default="")
# Whether keys may be published ones; `config.keys` refuses them otherwise.
KEYS_PROTECT_NOTHING = False

INSTALLED_APPS = [
    "config.apps.ConfigConfig",
    "accounts.apps.AccountsConfig",
    "backstage.apps.BackstageConfig",
    "schools.apps.SchoolsConfig",
    "instructors.apps.InstructorsConfig",
    "trainees.apps.TraineesConfig",
    "hours.apps.HoursConfig",
    "courses.apps.CoursesConfig",
    "dispatch.apps.DispatchConfig",
    "classes.apps.ClassesConfig",
    "rolls.apps.RollsConfig",
    "studies.apps.StudiesConfig",
    "quotas.apps.QuotasConfig",
    "years.apps.YearsConfig",
    "reports.apps.ReportsConfig",
    "funding.apps.FundingConfig",
    "fund_reports.apps.FundReportsConfig",
    "config.apps.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_htmx",
]

MIDDLEWARE = [
    "config.lib.request_watch.RequestWatchMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "accounts.middleware.MomentMiddleware",
    "backstage.middleware.UploadLimitMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "accounts.middleware.ChosenLanguageMiddleware",
    "backstage.middleware.ReadOnlyMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "accounts.middleware.AccountMiddleware",
    "accounts.middleware.IdleSignOutMiddleware",
    "accounts.middleware.SignInRequiredMiddleware",
    "accounts.middleware.SecondFactorMiddleware",
    "accounts.middleware.NoStoreMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "backstage.middleware.NoPageMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
# The portal is at the root of its host. This ignores a SCRIPT_NAME header from a browser, which
# would otherwise get into cached addresses (`render_cached`, STATIC_URL) for all users.
FORCE_SCRIPT_NAME = ""

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "schools.context_processors.navigation",
                "backstage.context_processors.portal",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# The application's role may not change append-only tables; the owner migrates.
ENGINE = "config.lib.postgresql"
DATABASES = {"default": env.db("DATABASE_URL", engine=ENGINE)}
DATABASES["default"].update(CONN_MAX_AGE=600, CONN_HEALTH_CHECKS=True)
DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
OWNER_URL = env.str("DATABASE_OWNER_URL", default="") or env.str("DATABASE_URL")
KNOWS_OWNER = bool(env.str("DATABASE_OWNER_URL", default=""))
DATABASE_OWNER = DATABASES["default"] | env.db_url_config(OWNER_URL, engine=ENGINE)
for _database in (DATABASES["default"], DATABASE_OWNER):
    if "search_path" in str(_database["OPTIONS"]):
        raise ImproperlyConfigured(
            "DATABASE_URL and DATABASE_OWNER_URL must not set search_path: each district has a "
            "database of its own, not a schema."
        )
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.PhoneOrNumberBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", **extra}
    for name, extra in (
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"OPTIONS": {"min_length": 10}}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    )
]
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "accounts:sign_in"

# After five wrong passwords a name waits (accounts/guessing.py), after this many its network.
NETWORK_GUESSES = env.int("NETWORK_GUESSES", default=30)
# Whether everybody with a granted role signs in with a second factor (accounts/second_factor.py).
SECOND_FACTOR = env.bool("SECOND_FACTOR", default=True)
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])

IDLE_MINUTES = env.int("IDLE_MINUTES", default=30)
# The number of days for which the activation code on a slip is valid.
ACTIVATION_DAYS = env.int("ACTIVATION_DAYS", default=30)
# The portal's address on slips and documents; by default the address of the request.
SITE_ADDRESS = env.str("SITE_ADDRESS", default="")
# The prefix of document numbers.
DOCUMENT_PREFIX = env.str("DOCUMENT_PREFIX", default="XQ")

# How messages are announced by e-mail, and from whom; without a server none leaves the portal.
MAILERS = mailers_of(env.str("EMAIL_URL", default=""))
# A site without a mail server is no mistake, and nothing but messages is sent.
SILENCED_SYSTEM_CHECKS = ["mail.W001"]
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", default="xuetang@localhost")
# The dotted path of a function (phone, text) that sends an SMS (backstage/channels.py).
SMS_GATEWAY = env.str("SMS_GATEWAY", default="")

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
FORMAT_MODULE_PATH = "config.formats"

STATIC_URL = "static/"
STATIC_ROOT = env.path("STATIC_ROOT", default=str(BASE_DIR / "static-collected"))()
# Bootstrap's wheel keeps its files in an importable folder without code.
QR_DECODER_DIR = Path(lona_html5_qrcode.__file__).parent / "static/lona-html5-qrcode/dist"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("bootstrap", get_bootstrap_dir()),
    ("html5-qrcode", QR_DECODER_DIR),
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "config.lib.static_files.ModuleStorage"},
}
# A roll sends up to three fields per trainee.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
# The largest request; the announced length is checked before the body is read.
UPLOAD_MAX_BYTES = 20 * 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "backstage.uploads.CleanUploadHandler",
]
MEDIA_ROOT = VAR_DIR / "files"
# The heads of the chain stand outside the database too (`accounts.chain.sealing`).
CHAIN_HEADS = VAR_DIR / "chain-heads.jsonl"
# The folder with a site's backups, each in a folder of its own; the monthly drill takes the newest.
BACKUP_DIR = env.str("BACKUP_DIR", default="")

SECURE_CSP = {
    "default-src": [CSP.SELF],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
    "report-uri": ["/csp-report/"],
}
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SECURE_SSL_REDIRECT = True
# A load balancer and a collector of metrics call these behind TLS.
SECURE_REDIRECT_EXEMPT = [r"^healthz(/live|/ready)?$", r"^metrics$"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if env.bool("BEHIND_TLS_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_NAME = "__Host-csrf"
LANGUAGE_COOKIE_NAME = "__Host-language"
# Names the accounts that signed in with a browser before (accounts/devices.py).
DEVICE_COOKIE_NAME = "__Host-device"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# Addresses and networks that may read /metrics; for all others there is no such page.
METRICS_FROM = env.list("METRICS_FROM", default=["127.0.0.1", "::1"])
# Where each entry of the audit trail is also sent (backstage/trail_feed.py).
TRAIL_FEED = env.str("TRAIL_FEED", default="")

# Without Redis, a file transport (config/file_broker.py) stores the queue below var/.
REDIS_URL = env.str("REDIS_URL", default="")
BROKER_DIR = VAR_DIR / "broker"
if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
        # Several sites may use one Redis: none gets the messages of another.
        "global_keyprefix": key_prefix(SECRET_KEY, DATABASES["default"]["NAME"]),
        "visibility_timeout": 3600,
        "socket_timeout": 5,
        "socket_connect_timeout": 2,
    }
else:
    CELERY_BROKER_URL = "files://localhost"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(BROKER_DIR / "queue"),
        "data_folder_out": str(BROKER_DIR / "queue"),
        "control_folder": str(BROKER_DIR / "control"),
        "unreadable_folder": str(BROKER_DIR / "unreadable"),
        "polling_interval": 0.25,
    }
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
# Child processes share a lock; one that is killed never releases it, so the others would hang.
CELERY_WORKER_POOL = "threads"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE = SCHEDULE

# `line` for people, `json` for collectors.
LOG_FORMAT = env.str("LOG_FORMAT", default="line")
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "config.lib.logs.Lines"},
        "json": {"()": "config.lib.logs.JsonLines"},
    },
    "filters": {
        "routes": {"()": "config.lib.logs.RoutesForAddresses"},
        "request_id": {"()": "config.lib.logs.RequestIdFilter"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": LOG_FORMAT,
            "filters": ["routes", "request_id"],
        }
    },
    "loggers": {},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
}
if LOG_FORMAT not in LOGGING["formatters"]:
    raise ImproperlyConfigured("LOG_FORMAT is line or json.")
