"""Listings of one shop, written anew for another of the same client."""

from apps.products.services.copying.listing import copy_listing

__all__ = ["copy_listing"]
