"""The second factor of signing in: the app on somebody's phone."""

import time
from binascii import hexlify, unhexlify
from os import urandom

from django.db import models
from django_otp.models import Device, ThrottlingMixin, TimestampMixin
from django_otp.oath import TOTP

from apps.core.fields import EncryptedTextField
from apps.users.models.people import User

# A code lives half a minute; the one before and the one after are taken too, for
# clocks that are a little off.
STEP_SECONDS = 30
TOLERANCE = 1
DIGITS = 6


def fresh_key() -> str:
    return hexlify(urandom(20)).decode()


class Authenticator(TimestampMixin, ThrottlingMixin, Device):  # type: ignore[misc]
    """An app that makes codes from a key we share with it. One a person; until its
    first code is given (`confirmed`) it counts for nothing.

    The library's own TOTP device keeps the key in clear; here it is encrypted, and
    `rotate_keys` finds it.
    """

    user = models.OneToOneField(User, models.CASCADE, related_name="authenticator")
    key = EncryptedTextField(default=fresh_key)
    # The same code never works twice: only later steps than this are taken.
    last_step = models.BigIntegerField(default=-1)

    def __str__(self) -> str:
        return f"Authenticator of {self.user}"

    @property
    def binary_key(self) -> bytes:
        return unhexlify(self.key)

    def get_throttle_factor(self) -> int:
        """After n wrong codes the next one has to wait 2ⁿ⁻¹ seconds."""
        return 1

    def verify_token(self, token: str) -> bool:
        """Whether it is the right code now; if so, it is used up. Call under a lock."""
        allowed, _ = self.verify_is_allowed()
        if not allowed:
            return False
        totp = TOTP(self.binary_key, STEP_SECONDS, digits=DIGITS)
        totp.time = time.time()
        is_code = token.isdecimal() and len(token) == DIGITS
        if not (is_code and totp.verify(int(token), TOLERANCE, self.last_step + 1)):
            self.throttle_increment()
            return False
        self.last_step = totp.t()
        self.throttle_reset(commit=False)
        self.set_last_used_timestamp(commit=False)
        self.save()
        return True
