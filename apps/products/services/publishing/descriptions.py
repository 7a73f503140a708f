"""Descriptions are HTML; the platform takes pictures in it that it keeps itself."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass

_PICTURE = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
_ADDRESS = re.compile(r"""\bsrc\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+))""", re.I)
_MARKUP = re.compile(r"</?[a-zA-Z][^>]*>")


@dataclass(frozen=True, slots=True)
class Picture:
    """What takes the place of another; sizes None where nobody knows."""

    address: str
    width: int | None = None
    height: int | None = None


def pictures_in(description: str) -> frozenset[str]:
    """The addresses of its pictures."""
    found = (_address_of(tag) for tag in _PICTURE.findall(description))
    return frozenset(address for address in found if address)


def with_pictures(description: str, pictures: Mapping[str, Picture]) -> str:
    """With other pictures in the place of those named by address."""

    def replaced(match: re.Match[str]) -> str:
        picture = pictures.get(_address_of(match.group()))
        return _tag(picture) if picture else match.group()

    return _PICTURE.sub(replaced, description)


def as_html(text: str) -> str:
    """Our own description, a paragraph a line; one that has markup stays as it is."""
    if _MARKUP.search(text):
        return text
    # Escapes are refused, and angle brackets would be read as markup.
    lines = [line.strip() for line in re.sub("[<>]", "", text).splitlines()]
    return "".join(f"<p>{line}</p>" for line in lines if line)


def _address_of(tag: str) -> str:
    match = _ADDRESS.search(tag)
    told = next((group for group in match.groups() if group), "") if match else ""
    return html.unescape(told).strip()


def _tag(picture: Picture) -> str:
    # Width and height are demanded of each picture.
    width, height = picture.width or 800, picture.height or 800
    return f'<img src="{picture.address}" width="{width}" height="{height}" />'
