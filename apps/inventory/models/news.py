"""What the pushes to shops have still to look at."""

from django.db import models

from apps.products.models import Variant


class StockNews(models.Model):
    """What shops are told of a variant may be another number now.

    Written in the transaction that made it so, and deleted in the one that took note:
    none is lost, whatever dies in between. Many of one variant are looked at once.
    """

    variant = models.ForeignKey(Variant, models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = "stock news"

    def __str__(self) -> str:
        return f"News of {self.variant_id}"
