"""What is left of who bought, once a score's shop has been read."""

from django.db import models

from apps.orders.models import Order


class BuyerMark(models.Model):
    """Keyed hashes of an order's buyer and address, kept where the order itself no
    longer tells them (see services.minimising). Empty: not known."""

    order = models.OneToOneField(
        Order, models.CASCADE, primary_key=True, related_name="buyer_mark"
    )
    buyer_hash = models.CharField(max_length=64, blank=True)
    address_hash = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"Who bought {self.order_id}, as hashes"
