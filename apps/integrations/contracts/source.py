"""Where a fact came from."""

from enum import StrEnum


class Source(StrEnum):
    """Through which door a fact came in."""

    API = "api"
    FILE = "file"
