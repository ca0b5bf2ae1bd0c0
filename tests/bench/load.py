"""Loads the made county into an empty database."""

from django.db import connection

from measures.models import Campaign
from tests.bench.county import County, Size, found
from tests.bench.numbers import add_numbers
from tests.bench.work import add_work


def load(size: Size) -> County:
    """A county of this size; its past campaigns are closed."""
    county = found(size)
    add_work(county)
    add_numbers(county)
    county.stock.store()
    Campaign.objects.filter(last_day__lt=county.today).update(closed=True)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return county
