"""WSGI entry point."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "utilization.settings")

# Files that the server writes, such as columns for a preview, hold patients' data: for their owner alone.
os.umask(0o077)

application = get_wsgi_application()
