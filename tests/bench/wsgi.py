"""The product as gunicorn serves it, with what the bench puts around it."""

from django.conf import settings

from config.wsgi import served
from tests.bench.middleware import around, keeping

settings.MIDDLEWARE = around(settings.MIDDLEWARE)
settings.TEMPLATES = keeping(settings.TEMPLATES)
application = served()
