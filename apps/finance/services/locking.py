"""One at a time writes a shop's money: a file and a pull may tell of the same line."""

from apps.platforms.models import Shop


def lock_shop(shop: Shop) -> Shop:
    """Inside a transaction; others may still write rows that point at the shop."""
    return Shop.objects.select_for_update(of=["self"], no_key=True).get(pk=shop.pk)
