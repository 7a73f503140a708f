"""Which of its two category trees a shop lists in.

The platform does not say, and shops are moved from one tree to the other. It refuses a
call for the wrong one before anything is done, so finding out costs one call.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from apps.integrations.errors import RequestRefused
from apps.integrations.tiktok.products.codes import WRONG_CATEGORY_VERSION
from apps.integrations.tiktok.reading import JsonObject

logger = logging.getLogger(__name__)


# Regions that list in the newer, deeper tree. Others follow; then the platform says so.
_NEWER = frozenset({"US"})


def usual_version(region: str) -> str:
    """The version to try first in a region; empty leaves it to the platform."""
    return "v2" if region.upper() in _NEWER else ""


@dataclass(slots=True)
class CategoryTree:
    """Remembers the version, "v1" or "v2"; empty leaves it to the platform."""

    version: str = ""

    def call(self, send: Callable[[Mapping[str, str]], JsonObject]) -> JsonObject:
        """`send` with {"category_version": …}, once more with the other if refused."""
        try:
            return send(self._named(self.version))
        except RequestRefused as error:
            if error.code != WRONG_CATEGORY_VERSION:
                raise
        other = "v1" if self.version == "v2" else "v2"
        logger.info("category version changed version=%s", other)
        data = send(self._named(other))
        self.version = other
        return data

    @staticmethod
    def _named(version: str) -> Mapping[str, str]:
        return {"category_version": version} if version else {}
