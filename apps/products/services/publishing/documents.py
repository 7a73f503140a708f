"""Documents of a listing: PDFs that prove what a certificate says.

They are sent when they are chosen, and a draft names them as the platform does.
"""

import unicodedata
from pathlib import PurePath
from typing import IO, Any

from apps.products.errors import DraftRefuses
from apps.products.services.publishing.channel import Channel

LARGEST_BYTES = 10 * 1024 * 1024
LONGEST_NAME = 100
# Readers find a PDF's first words among so many bytes.
_HEAD_BYTES = 1024


def upload_document(channel: Channel, file: IO[bytes], name: str) -> dict[str, Any]:
    """One of `certifications[].files`: {id, name, format}.

    Raises DraftRefuses for what is no PDF the platform takes, before anything is sent;
    PlatformError.
    """
    content = file.read(LARGEST_BYTES + 1)
    name = document_name(name)
    check_document(content, name)
    if not name.casefold().endswith(".pdf"):
        name = f"{name}.pdf"
    kept = channel.writes.upload_document(content, name=name)
    return {"id": kept.remote_id, "name": kept.name, "format": kept.format}


def check_document(content: bytes, name: str) -> None:
    """Raises DraftRefuses for what the platform would not take."""
    if not content:
        raise DraftRefuses(f"“{name}” is empty. Choose the file again.")
    if len(content) > LARGEST_BYTES:
        raise DraftRefuses(
            f"“{name}” has more than 10 MB. Save a smaller PDF, then try again."
        )
    if b"%PDF-" not in content[:_HEAD_BYTES]:
        raise DraftRefuses(
            f"“{name}” is no PDF. Save it as one, or add it to the product's pictures "
            "and choose it there."
        )


def document_name(told: str) -> str:
    """A file's name without its folders and what no name should have; not too long."""
    name = PurePath(told.replace("\\", "/")).name
    plain = "".join(char for char in name if unicodedata.category(char)[0] != "C")
    stem, suffix = plain.strip(), ""
    if stem.casefold().endswith(".pdf"):
        stem, suffix = stem[:-4].strip(), stem[-4:]
    return f"{stem[: LONGEST_NAME - 4] or 'document'}{suffix}"
