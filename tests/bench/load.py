"""Loads the made county into an empty database."""

from django.db import connection

from measures.models import Campaign
from tests.bench.county import County, Size, found
from tests.bench.numbers import add_numbers
from tests.bench.work import add_work


def load(size: Size) -> County:
    """A county of this size; its campaigns are closed, but for this year's and the last one's."""
    county = found(size)
    add_work(county)
    add_numbers(county)
    county.stock.store()
    Campaign.objects.filter(last_day__year__lt=county.today.year - 1).update(closed=True)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return county
