"""Decodes pages and texts from the Web, whatever says how their characters are encoded."""

from __future__ import annotations

import codecs
import re
from contextlib import suppress

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8-sig"),
)
"""Byte order marks and their encodings; UTF-32's begins with UTF-16's, so it comes first."""
# Labels that mean a larger character set on the Web: https://encoding.spec.whatwg.org
_MEANT = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    # A label that could be read is not in one of these.
    "utf-16": "utf-8",
    "utf-32": "utf-8",
}
# Bytes within which browsers look for what a page says of its encoding.
_HEAD = 1024
_LABEL = re.compile(
    rb"""<(?:\?xml|meta)\b[^>]{0,400}?(?:encoding|charset)\s*=\s*["']?\s*([\w.:-]{2,40})""",
    re.IGNORECASE,
)


def decode(data: bytes, declared: str | None = None) -> str:
    """Returns the text of a page.

    Its encoding is that of a byte order mark; UTF-8 if the bytes are that; what the server declared
    or else the page itself; or a guess.
    """
    for mark, encoding in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    # Text in another encoding is never UTF-8 by chance, unless it is all ASCII; servers, however,
    # declare ISO 8859-1 for pages of any kind.
    if not data.isascii():
        with suppress(UnicodeDecodeError):
            return data.decode("utf-8")
    in_page = _LABEL.search(data[:_HEAD])
    for label in (declared, in_page and in_page[1].decode("ascii"), "utf-8"):
        if label and (text := _decode_mostly(data, label)) is not None:
            return text
    from charset_normalizer import from_bytes

    best = from_bytes(data).best()
    return str(best) if best else data.decode("utf-8", errors="replace")


def _decode_mostly(data: bytes, label: str) -> str | None:
    """Returns the text if most of what is not ASCII can be read in an encoding."""
    try:
        name = codecs.lookup(label.strip().removeprefix("x-")).name
        text = data.decode(_MEANT.get(name, name), errors="replace")
    # Some codecs of Python's are not of text.
    except (LookupError, ValueError):
        return None
    # One broken byte does not make a page another encoding's. In a wrong encoding, by contrast,
    # nearly every character is broken: in Turkish of windows-1254, taken for UTF-8, all are.
    wrong = text.count("\ufffd")
    right = sum(not character.isascii() for character in text) - wrong if wrong else 0
    return text if 2 * wrong <= right else None
