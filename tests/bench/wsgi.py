"""The product as gunicorn serves it, with what the bench puts around it."""

from django.conf import settings
from django.core.wsgi import get_wsgi_application

HERE = "tests.bench.middleware"
settings.MIDDLEWARE = [f"{HERE}.CountingMiddleware", *settings.MIDDLEWARE, f"{HERE}.KeepingMiddleware"]
settings.TEMPLATES = [
    {**engine, "BACKEND": f"{HERE}.Templates", "NAME": "django"} for engine in settings.TEMPLATES
]
application = get_wsgi_application()
