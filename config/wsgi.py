"""Entry point of the web server."""

import gc
import os
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

from config.room import roomy

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


def served() -> Callable[[dict[str, Any], Any], Iterable[bytes]]:
    """The program, which looks for garbage seldom: half a million objects are kept of a large county, and looking through
    them stops it for half a second."""
    handler = get_wsgi_application()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)

    @roomy
    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        return handler(environ, start_response)

    return answer


application = served()
