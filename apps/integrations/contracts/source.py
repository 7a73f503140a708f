"""Where a fact came from."""

from enum import StrEnum


class Source(StrEnum):
    """Through which door a fact came in.

    A webhook is news that an object changed; what is then stored was read through the
    API, so both speak for the platform as it is, and a file for what it once was.
    """

    API = "api"
    WEBHOOK = "webhook"
    FILE = "file"

    @property
    def is_platform(self) -> bool:
        """Whether the platform itself was asked."""
        return self is not Source.FILE
