"""Idempotency keys: what is sent again under the same one is done once."""


def with_key(key: str) -> dict[str, str]:
    """The query that carries a key; ValueError without one, for such a call may be
    repeated by itself."""
    if not key:
        raise ValueError("a write that may be repeated needs an idempotency key")
    return {"idempotency_key": key}
