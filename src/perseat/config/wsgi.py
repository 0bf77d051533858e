"""The web application, for granian or any other WSGI server."""

from __future__ import annotations

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ["DJANGO_SETTINGS_MODULE"] = "perseat.config.settings"

application = get_wsgi_application()
settings.SERVES_PAGES = True  # this process asks Microsoft while somebody waits
