"""Decodes pages and texts from the Web, whatever says how their characters are encoded."""

from __future__ import annotations

import codecs
import re
from contextlib import suppress

__all__ = ["BYTE_ORDER_MARKS", "decode"]

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
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "big5": "big5hkscs",
    "euc_kr": "cp949",
}
# Python's names of encodings that pages may have; some of its other codecs are not of text.
_ON_THE_WEB = re.compile(r"(?:utf-(?:8|16|32)|iso|cp\d|koi8|mac-|big5|gb|euc|shift|hz|tis|ascii).*")
# The encodings of pages that name none, by their language, from
# https://html.spec.whatwg.org/multipage/parsing.html, step 9 of determining the encoding. Guessing
# by the bytes alone took every text in Turkish that was tried for one in a Baltic language.
_LANGUAGES = {
    "cp1254": "tr ku az",
    "cp1256": "ar fa",
    "cp1251": "ru bg be ky mk sr tg tt uk",
    "cp1250": "cs hu pl sk sl hr",
    "cp1257": "et lt lv",
    "cp1252": "de en es fr it nl pt da fi sv",
    "cp1253": "el",
    "cp1255": "he",
    "cp932": "ja",
    "cp949": "ko",
    "cp874": "th",
    "cp1258": "vi",
}
_BY_LANGUAGE = {code: name for name, codes in _LANGUAGES.items() for code in codes.split()}
_LANGUAGE = re.compile(rb"""<html[^>]{0,400}?\slang\s*=\s*["']?([a-z]{2})\b""", re.IGNORECASE)
# Bytes within which browsers look for what a page says of its encoding.
_HEAD = 1024
_LABEL = re.compile(
    rb"""<\?xml[^>]{0,99}?\sencoding\s*=\s*["']?([\w.:-]{2,40})
    |<meta[^>]{0,400}?\scharset\s*=\s*["']?\s*([\w.:-]{2,40})
    |<meta[^>]{0,400}?;\s*charset\s*=\s*([\w.:-]{2,40})""",
    re.IGNORECASE | re.VERBOSE,
)


def decode(data: bytes, declared: str | None = None) -> str:
    """Returns the text of a page.

    Its encoding is that of a byte order mark; UTF-8 if the bytes are that; what the server declared
    or else the page itself; what is usual in the page's language; or a guess.
    """
    for mark, encoding in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    # Text in another encoding is never UTF-8 by chance, unless it is all ASCII; servers, however,
    # declare ISO 8859-1 for pages of any kind.
    if not data.isascii():
        with suppress(UnicodeDecodeError):
            return data.decode("utf-8")
    label = _encoding(declared) or _encoding_in_page(data)
    for known in (label, "utf-8", _encoding_of_language(data)):
        if known and (text := _decode_mostly(data, known)) is not None:
            return text
    from charset_normalizer import from_bytes

    best = from_bytes(data).best()
    return str(best) if best else data.decode(label or "utf-8", errors="replace")


def _encoding(label: str | None) -> str | None:
    """Returns Python's name of an encoding of text; None if there is none."""
    try:
        name = codecs.lookup((label or "").strip().removeprefix("x-")).name
    except (LookupError, ValueError):
        return None
    return _MEANT.get(name, name) if _ON_THE_WEB.fullmatch(name) else None


def _encoding_in_page(data: bytes) -> str | None:
    match = _LABEL.search(data[:_HEAD])
    encoding = _encoding(next(filter(None, match.groups())).decode("ascii")) if match else None
    # The label itself could not be read in these.
    return "utf-8" if encoding and encoding.startswith(("utf-16", "utf-32")) else encoding


def _encoding_of_language(data: bytes) -> str | None:
    match = _LANGUAGE.search(data[:_HEAD])
    return _BY_LANGUAGE.get(match[1].decode("ascii").lower()) if match else None


def _decode_mostly(data: bytes, encoding: str) -> str | None:
    """Returns the text if most of what is not ASCII can be read in an encoding."""
    text = data.decode(encoding, errors="replace")
    wrong = text.count("\ufffd")
    # One broken byte does not make a page another encoding's. In a wrong encoding, by contrast,
    # nearly every character is broken: in Turkish of windows-1254, taken for UTF-8, all are.
    right = sum(not character.isascii() for character in text) - wrong if wrong else 0
    # UTF-8 that is none is never right by chance; a page that was cut by bytes has few characters.
    return text if wrong * (1 if encoding == "utf-8" else 10) <= right else None
