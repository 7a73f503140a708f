"""What a process remembers of deliveries is forgotten before each test."""

import pytest

from apps.webhooks.services.signers import forget_signers
from apps.webhooks.services.unwelcome import quota


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    forget_signers()
    quota.forget()
