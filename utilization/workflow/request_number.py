"""Numbers that people quote: dense within a site and year, drawn inside the transaction that uses them."""

from datetime import datetime

from django.db.models import F

from utilization.models import NumberSeries, Site

REQUEST, AUTHORIZATION = "IVIG", "AUTH"


def next_number(prefix: str, site: Site, at: datetime) -> str:
    """The next number of `prefix` at `site`: PREFIX-SITE-YEAR-00001. A rolled back transaction gives it back."""
    year = site.date_at(at).year
    series, _ = NumberSeries.objects.get_or_create(site=site, prefix=prefix, year=year)
    # The update locks the row until commit, so two transactions never read the same count.
    NumberSeries.objects.filter(pk=series.pk).update(last=F("last") + 1)
    series.refresh_from_db(fields=["last"])
    return f"{prefix}-{site.code.upper()}-{year}-{series.last:05d}"
