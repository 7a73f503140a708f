"""Papers of many packages as one file for the printer."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError

from apps.orders.errors import ActionRefused
from apps.orders.models import ShippingDocument

PDF = "application/pdf"
ZPL = "application/zpl"
# A label is 105 mm wide (A6); a picture of it is put on a page of that width.
_INCHES_WIDE = 105 / 25.4
_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_NOT_ONE_FILE = "PDF and ZPL cannot be one file: print them one after the other."


@dataclass(frozen=True, slots=True)
class Printout:
    """One file for the printer."""

    content: bytes
    content_type: str
    file_name: str


def check_readable(content: bytes, kind: str, format_: str) -> None:
    """Raises ActionRefused for what is no such paper: an error page would be kept as a
    label otherwise."""
    if kind == ShippingDocument.Kind.PICTURE:
        is_right = content.startswith((_PNG, _JPEG, b"%PDF-"))
    elif format_ == ShippingDocument.Format.ZPL:
        is_right = b"^XA" in content[:4_096]
    else:
        is_right = b"%PDF-" in content[:1_024]
    if not is_right:
        raise ActionRefused("TikTok sent something else than the paper asked for.")


def merged(documents: Sequence[ShippingDocument]) -> Printout:
    """One file of all, in their order: PDF and pictures as PDF pages, ZPL as ZPL.

    Raises ActionRefused for none, for a mix of both, and naming the package for a paper
    that cannot be read.
    """
    if not documents:
        raise ActionRefused("There is nothing to print.")
    contents = [bytes(document.content) for document in documents]
    are_zpl = [_is_zpl(document) for document in documents]
    if all(are_zpl):
        lines = b"\n".join(content.strip() for content in contents) + b"\n"
        return Printout(lines, ZPL, "labels.zpl")
    if any(are_zpl):
        raise ActionRefused(_NOT_ONE_FILE)
    writer = PdfWriter()
    for document, content in zip(documents, contents, strict=True):
        _append(writer, document, content)
    stream = io.BytesIO()
    writer.write(stream)
    return Printout(stream.getvalue(), PDF, "labels.pdf")


def as_it_came(document: ShippingDocument) -> Printout:
    """One paper, untouched."""
    content = bytes(document.content)
    if _is_zpl(document):
        return Printout(content, ZPL, "label.zpl")
    for begin, kind in ((_PNG, "png"), (_JPEG, "jpeg")):
        if content.startswith(begin):
            return Printout(content, f"image/{kind}", f"label.{kind}")
    return Printout(content, PDF, "label.pdf")


def _is_zpl(document: ShippingDocument) -> bool:
    is_picture = document.kind == ShippingDocument.Kind.PICTURE
    return document.format == ShippingDocument.Format.ZPL and not is_picture


def _append(writer: PdfWriter, document: ShippingDocument, content: bytes) -> None:
    try:
        if content.startswith((_PNG, _JPEG)):
            content = _page_of(content)
        writer.append(PdfReader(io.BytesIO(content)), import_outline=False)
    except (PyPdfError, OSError, ValueError, Image.DecompressionBombError) as error:
        raise ActionRefused(
            f"The paper of package {document.package} cannot be read: fetch it again."
        ) from error


def _page_of(picture: bytes) -> bytes:
    """A picture as a PDF page as wide as a label."""
    with Image.open(io.BytesIO(picture)) as image:
        stream = io.BytesIO()
        page = image.convert("RGB")
        page.save(stream, format="PDF", resolution=page.width / _INCHES_WIDE)
    return stream.getvalue()
