"""Entry point of the web server."""

import gc
import os

from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


def served() -> WSGIHandler:
    """The program, which looks for garbage seldom: half a million objects are kept of a large county, and looking through
    them stops it for half a second."""
    application = get_wsgi_application()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    return application


application = served()
