"""How texts of a product may look.

Source: Partner Center, error table of Create Product: no HTML escapes, no emoji, no
control characters, not symbols alone, nothing more than nine times in a row.
"""

import re

_ESCAPE = re.compile(r"&(#\d+|#x[0-9a-f]+|[a-z]+\d*);", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_EMOJI = re.compile(
    "[\U0001f000-\U0001faff\u2600-\u26ff\u2700-\u27bf\u2b50\u2b55\ufe0f\u200d]"
)
_REPEATED = re.compile(r"(\S)\1{9}")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_TAG = re.compile(r"<[^>]*>")


def breach(text: str) -> str:
    """Which rule a text breaks; empty for none."""
    if _ESCAPE.search(text):
        return "HTML escape characters are not allowed."
    if _CONTROL.search(text):
        return "Control characters are not allowed."
    if _EMOJI.search(text):
        return "Emojis are not allowed."
    if not any(character.isalnum() for character in text):
        return "It consists of symbols only."
    if _REPEATED.search(text):
        return "A character is repeated more than 9 times."
    return ""


def html_breach(html: str) -> str:
    """The same of what is between the tags; pictures alone are a description too."""
    text = _TAG.sub(" ", html)
    if not text.strip():
        return "" if "<img" in html else "It has no content."
    return breach(text)


def has_chinese(text: str) -> bool:
    return bool(_CHINESE.search(text))
