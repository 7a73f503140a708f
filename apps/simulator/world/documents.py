"""What kind of document or video some bytes are, told from their first bytes."""

_MATROSKA = b"\x1a\x45\xdf\xa3"
CONTENT_TYPES = {
    "PDF": "application/pdf", "MP4": "video/mp4", "MOV": "video/quicktime",
    "WEBM": "video/webm", "MKV": "video/x-matroska", "AVI": "video/x-msvideo",
}  # fmt: skip


def document_format(data: bytes) -> str | None:
    """In the platform's words; None for what is neither a PDF nor a video."""
    if data.startswith(b"%PDF-"):
        return "PDF"
    if data[4:8] == b"ftyp" and data[8:12] not in (b"heic", b"mif1", b"avif"):
        return "MOV" if data[8:10] == b"qt" else "MP4"
    if data.startswith(_MATROSKA):
        return "WEBM" if b"webm" in data[:64] else "MKV"
    if data[:4] == b"RIFF" and data[8:12] == b"AVI ":
        return "AVI"
    return None
