"""Chance that repeats itself: the same words give the same numbers, anywhere."""

import base64
import hashlib
import random

MASK = (1 << 64) - 1


def roll(*words: object) -> int:
    """64 bits that depend on the words alone."""
    text = "\x1f".join(map(str, words)).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big")


def rng(*words: object) -> random.Random:
    return random.Random(roll(*words))


def next_roll(state: int) -> int:
    """One step of a linear congruential generator; use the high bits."""
    return (state * 6364136223846793005 + 1442695040888963407) & MASK


def digits(prefix: str, length: int, *words: object) -> str:
    """A decimal id of `length` digits that starts with `prefix`."""
    rest = length - len(prefix)
    return f"{prefix}{roll(prefix, *words) % 10**rest:0{rest}d}"


def opaque(length: int, *words: object) -> str:
    """Base64url text without padding, `length` characters."""
    raw = b"".join(
        roll("opaque", part, *words).to_bytes(8, "big")
        for part in range(length * 3 // 32 + 1)
    )
    return base64.urlsafe_b64encode(raw).decode()[:length]
