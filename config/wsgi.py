"""The entry for WSGI servers, by default with the production settings."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")

application = get_wsgi_application()

# What is loaded by now stays for good: the garbage collector need not look at it time and again.
gc.collect()
gc.freeze()
