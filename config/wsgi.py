"""The entry point for WSGI servers, by default with the production settings."""

import os

from django.core.wsgi import get_wsgi_application

from config.lib.garbage import freeze_gc

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")

application = get_wsgi_application()
freeze_gc()
