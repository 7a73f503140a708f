"""Shipping papers: one page for a package, as PDF, ZPL or a picture.

Their addresses say what is wanted and until when, and are sealed, so nothing needs to
be remembered of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import NamedTuple

from PIL import Image, ImageDraw

from apps.simulator.world.package_rendering import render_package
from apps.simulator.world.packages import Package
from apps.simulator.world.rolls import opaque

LIFE_SECONDS = 24 * 3_600
PICTURE = "SHIPPING_LABEL_PICTURE"
KINDS = (
    "SHIPPING_LABEL", "PACKING_SLIP", "SHIPPING_LABEL_AND_PACKING_SLIP", PICTURE,
    "HAZMAT_LABEL", "INVOICE_LABEL",
)  # fmt: skip
SIZES, FORMATS = ("A6", "A5"), ("PDF", "ZPL")
_POINTS = {"A6": (298, 420), "A5": (420, 595)}
_ROWS_SHOWN = 12
CONTENT_TYPES = {"PDF": "application/pdf", "ZPL": "text/plain", "PNG": "image/png"}


class Paper(NamedTuple):
    kind: str
    size: str
    format: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an address asks for."""

    package_id: str
    paper: Paper
    until: int


def address(seed: int, package_id: str, paper: Paper, now: int) -> str:
    """The path of a paper, good until a day from now."""
    parts = (str(now + LIFE_SECONDS), package_id, *paper)
    return "/".join(("documents", *parts, opaque(22, seed, *parts)))


def read_address(seed: int, path: str) -> Wanted | None:
    """None for one that we have not given out."""
    _, *parts, seal = path.strip("/").split("/")
    if len(parts) != 5 or seal != opaque(22, seed, *parts):
        return None
    until, package_id, kind, size, format_ = parts
    return Wanted(package_id, Paper(kind, size, format_), int(until))


def drawn(package: Package, paper: Paper) -> bytes:
    lines = _lines(package, paper.kind)
    match paper.format:
        case "ZPL":
            return _zpl(lines, str(package.carrier[0] if package.carrier else ""))
        case "PNG":
            return _png(lines)
        case _:
            return _pdf(lines, _POINTS[paper.size])


def _lines(package: Package, kind: str) -> list[str]:
    json = render_package(package)
    recipient = json.get("recipient_address", {})
    lines = [
        kind.replace("_", " "),
        f"Carrier: {json.get('shipping_provider_name', '')}",
        f"Tracking: {json.get('tracking_number', '')}",
        f"Package: {package.id}",
        f"To: {recipient.get('name', '')}",
        recipient.get("full_address", ""),
        f"From: {json['sender_address']['full_address']}",
    ]
    for order in json["orders"]:
        lines.append(f"Order: {order['id']}")
        if "PACKING_SLIP" in kind:
            rows = order["skus"][:_ROWS_SHOWN]
            lines += [f"{row['quantity']} x {row['id']}" for row in rows]
    return lines


def _pdf(lines: Sequence[str], points: tuple[int, int]) -> bytes:
    """One page of text; offsets and lengths are right, so any reader takes it."""
    width, height = points
    shown = "".join(f"({_escaped(line)}) Tj T*\n" for line in lines)
    text = f"BT /F1 10 Tf 14 TL 18 {height - 30} Td\n{shown}ET".encode("latin-1")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>" % (width, height),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica "
        b"/Encoding /WinAnsiEncoding >>",
    ]
    file, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(file))
        file += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    return file + (
        b"xref\n0 %d\n0000000000 65535 f \n%s"
        b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        % (size, table, size, len(file))
    )


def _escaped(line: str) -> str:
    """What the font cannot show becomes a question mark."""
    shown = line.encode("latin-1", "replace").decode("latin-1")
    return shown.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def _zpl(lines: Sequence[str], number: str) -> bytes:
    fields = [
        f"^FO30,{40 + 40 * place}^A0N,28,28^FD{_without_orders(line)}^FS"
        for place, line in enumerate(lines)
    ]
    bars = f"^FO30,{80 + 40 * len(lines)}^BCN,120,Y,N,N^FD{number}^FS"
    return "\n".join(["^XA", "^CI28", *fields, bars, "^XZ", ""]).encode()


def _without_orders(line: str) -> str:
    """Carets and tildes would be commands to the printer."""
    return line.replace("^", " ").replace("~", " ")


def _png(lines: Sequence[str]) -> bytes:
    picture = Image.new("RGB", (596, 840), "white")
    pen = ImageDraw.Draw(picture)
    for place, line in enumerate(lines):
        shown = line.encode("ascii", "replace").decode()
        pen.text((24, 24 + 28 * place), shown, fill="black")
    file = BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()
