"""The stock project for gunicorn, whatever settings the environment names for the portal."""

import os

from django.core.wsgi import get_wsgi_application

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.stock.settings"

application = get_wsgi_application()
