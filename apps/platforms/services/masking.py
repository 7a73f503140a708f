"""What may be kept of a platform's JSON: no secret, nobody's name or address.

Fields are judged by their names, wherever they stand, and when in doubt hidden: a new
field called `courier_contact` must not need a release. Only as much is walked as is
kept, so a page of a hundred orders costs no more than a short answer.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

LONGEST = 2_000
HIDDEN = "***"
_HIDDEN_JSON = f'"{HIDDEN}"'
_NOTHING: tuple[Any, ...] = (None, "", [], {})
_encode = json.JSONEncoder(ensure_ascii=False, default=str).encode
_quoted = json.encoder.encode_basestring

# Names as `_plain` spells them. Page tokens open nothing and help to follow a walk.
_PAGING = frozenset({"pagetoken", "nextpagetoken"})
_SECRETS = re.compile(
    r"token|secret|cipher|password|passwd|credential|authcode|authorizationcode"
    r"|apikey|cookie|signature|^sign$|^state$|^auth(orization)?$"
    r"|docurl"  # whoever has it has the label
)
# What ends in "name" is a person's unless it is known to be a thing's.
_THING = re.compile(
    r"(product|sku|shop|warehouse|provider|option|category|brand|event|field|file|app"
    r"|template|attribute|value|promotion|activity|package|service|method|type|status"
    r"|code|level)name$"
)
_PEOPLE = re.compile(
    r"namelocalscript$|phone|mobile|telephone|e?mail|address|recipient|buyer"
    r"|consignee|contact|nickname|message|note|remark|comment|handle|birth|gender"
    r"|zip|postal|postcode|posttown|district|cpf|cnpj|taxid|passport|idcard|idnumber"
    r"|^userid$|tracking|cardnumber|bankaccount|iban|latitude|longitude"
    # Files of orders have a column for each part of an address.
    r"|^(regencyand)?city$|^province$|^municipality$|^commune$|^villages?$|^barangay$"
    r"|deliveryinstruction|deliverypreference|shippinginformation"
)
_MAIL = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+")
# The platform's tokens and ciphers; also one that has been replaced meanwhile.
_TOKEN = re.compile(r"\b[A-Z]{3,4}_[\w-]{16,}")
# In a sentence, whatever is longer than any id or code.
_OPAQUE = re.compile(r"(?=[a-zA-Z_+/-]*\d)[\w+/-]{32,}={0,2}")
# 8 to 15 digits however grouped; the platform's ids have more, its codes no grouping.
_PHONE = re.compile(r"(?<![\w.])(?:\+\d|\(?\d{2,4}\)?[ -])[\d ()-]{6,16}\d(?!\w)")


def masked(value: Any, secrets: Iterable[str] = (), limit: int = LONGEST) -> str:
    """`value` as JSON without what must not be kept, at most `limit` characters."""
    writer = _Writer(limit, tuple(filter(None, secrets)))
    try:
        writer.write(value)
    except _Full:
        return "".join(writer.pieces)[: limit - 1] + "…"
    return "".join(writer.pieces)


def masked_text(text: str, secrets: Iterable[str] = ()) -> str:
    """A sentence without the secrets, mail addresses and phone numbers in it."""
    text = _OPAQUE.sub(HIDDEN, _without(text, tuple(filter(None, secrets))))
    return _PHONE.sub(HIDDEN, text)


def is_hidden(name: str) -> bool:
    """Whether a field of this name may tell a secret or something about a person."""
    plain = re.sub(r"[\W_]", "", name).lower()
    if plain in _PAGING:
        return False
    if _SECRETS.search(plain):
        return True
    if _PEOPLE.search(plain):
        return True
    return plain.endswith("name") and not _THING.search(plain)


class _Full(Exception):
    """There is enough; the rest need not be walked."""


@dataclass(slots=True)
class _Writer:
    """Writes JSON until there is no room left."""

    room: int
    secrets: tuple[str, ...]
    pieces: list[str] = field(default_factory=list)

    def write(self, value: Any) -> None:
        if isinstance(value, str):
            self._put(_quoted(_without(value, self.secrets)))
        elif isinstance(value, dict):
            self._write_object(value)
        elif isinstance(value, list | tuple):
            before = "["
            for entry in value:
                self._put(before)
                self.write(entry)
                before = ", "
            self._put("]" if value else "[]")
        else:
            self._put(_encode(value))

    def _write_object(self, row: dict[Any, Any]) -> None:
        before = "{"
        # Beside a code, a message is the platform's own, about what went wrong.
        has_code = "code" in row
        for name, entry in row.items():
            key, hides = _key(str(name))
            self._put(before + key)
            before = ", "
            if hides and entry not in _NOTHING:
                if has_code and name == "message" and isinstance(entry, str):
                    self._put(_quoted(masked_text(entry, self.secrets)))
                else:
                    self._put(_HIDDEN_JSON)
            else:
                self.write(entry)
        self._put("}" if row else "{}")

    def _put(self, piece: str) -> None:
        self.pieces.append(piece)
        self.room -= len(piece)
        if self.room < 0:
            raise _Full


@lru_cache(maxsize=4096)
def _key(name: str) -> tuple[str, bool]:
    """A field's name as JSON, and whether its value is hidden."""
    return f"{_quoted(name)}: ", is_hidden(name)


def _without(text: str, secrets: tuple[str, ...]) -> str:
    for secret in secrets:
        if secret in text:
            text = text.replace(secret, HIDDEN)
    if "_" in text:
        text = _TOKEN.sub(HIDDEN, text)
    return _MAIL.sub(HIDDEN, text) if "@" in text else text
