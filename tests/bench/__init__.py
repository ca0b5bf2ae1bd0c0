"""A made county and what each page costs there: `make bench`."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()  # before any module here imports a model
