"""The text of pages, whose characters may be encoded in any way, from what says how."""

from __future__ import annotations

import codecs
import re

__all__ = ["BYTE_ORDER_MARKS", "decode"]

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8-sig"),
)
"""Byte order marks and their encodings; UTF-32's begins with UTF-16's, so it comes first."""
# No mark, but no text of one byte a character begins so.
_UNMARKED = (
    (re.compile(rb"(?:[\t\n\r ]\0)*<\0"), "utf-16-le"),
    (re.compile(rb"(?:\0[\t\n\r ])*\0<"), "utf-16-be"),
)
# Labels that stand for a larger set of characters, on the Web: https://encoding.spec.whatwg.org
_MEANT = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "big5": "big5hkscs",
    "euc_kr": "cp949",
}
# And those that Python does not know.
_OTHER_LABELS = {
    **dict.fromkeys(("windows-31j", "x-sjis", "ms_kanji"), "cp932"),
    "x-gbk": "gb18030",
    "windows-874": "cp874",
    "x-euc-jp": "euc_jp",
    "ks_c_5601-1987": "cp949",
    "x-cp1251": "cp1251",
    **dict.fromkeys(("x-mac-cyrillic", "x-mac-ukrainian"), "mac_cyrillic"),
}
_NOT_ON_THE_WEB = frozenset(
    "idna punycode unicode-escape raw-unicode-escape utf-7 undefined mbcs oem".split()
)
# What pages that say nothing of their characters are in, by their language; the table is from
# https://html.spec.whatwg.org/multipage/parsing.html, step 9 of determining the encoding. A guess
# by the bytes alone took every text in Turkish that was tried for one in a Baltic language.
_BY_LANGUAGE = {
    **dict.fromkeys(("tr", "ku", "az"), "cp1254"),
    **dict.fromkeys(("ar", "fa"), "cp1256"),
    **dict.fromkeys(("ru", "bg", "be", "ky", "mk", "sr", "tg", "tt", "uk"), "cp1251"),
    **dict.fromkeys(("cs", "hu", "pl", "sk", "sl", "hr"), "cp1250"),
    **dict.fromkeys(("et", "lt", "lv"), "cp1257"),
    **dict.fromkeys(("de", "en", "es", "fr", "it", "nl", "pt", "da", "fi", "sv"), "cp1252"),
    "el": "cp1253",
    "he": "cp1255",
    "ja": "cp932",
    "ko": "cp949",
    "th": "cp874",
    "vi": "cp1258",
}
_LANGUAGE = re.compile(rb"""<html[^>]{0,400}?\slang\s*=\s*["']?([a-z]{2})\b""", re.IGNORECASE)
# Bytes within which a page says its characters; browsers look at so many.
_HEAD = 1024
_SAID = re.compile(
    rb"""<\?xml[^>]{0,99}?\sencoding\s*=\s*["']?([\w.:-]{2,40})
    |<meta[^>]{0,400}?\scharset\s*=\s*["']?\s*([\w.:-]{2,40})
    |<meta[^>]{0,400}?;\s*charset\s*=\s*([\w.:-]{2,40})""",
    re.IGNORECASE | re.VERBOSE,
)


def decode(data: bytes, declared: str | None = None) -> str:
    """The text that the bytes of a page or a text from the Web hold.

    By a byte order mark; as UTF-8 if they are that; by what the server declared or else the page
    says of itself; or by what they look like.
    """
    for mark, encoding in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    for beginning, encoding in _UNMARKED:
        if beginning.match(data):
            return data.decode(encoding, errors="replace")
    said = _known(declared) or _said(data)
    # Text in another encoding is never UTF-8 by chance, unless it is all ASCII; servers, however,
    # declare ISO 8859-1 for pages of any kind.
    if not data.isascii() and (exact := _exact(data, "utf-8")) is not None:
        return exact
    for named in (said, "utf-8", _of_language(data)):
        if named and (text := _nearly(data, named)) is not None:
            return text
    return _guessed(data) or data.decode(said or "utf-8", errors="replace")


def _said(data: bytes) -> str | None:
    """What a page says of its characters, if there is such an encoding."""
    match = _SAID.search(data[:_HEAD])
    encoding = _known(next(filter(None, match.groups())).decode("ascii")) if match else None
    # These words could not be read if it was so.
    return "utf-8" if encoding and encoding.startswith(("utf-16", "utf-32")) else encoding


def _of_language(data: bytes) -> str | None:
    match = _LANGUAGE.search(data[:_HEAD])
    return _BY_LANGUAGE.get(match[1].decode("ascii").lower()) if match else None


def _known(label: str | None) -> str | None:
    """Python's name of an encoding of text, None if there is none."""
    try:
        label = (label or "").strip().lower()
        name = codecs.lookup(_OTHER_LABELS.get(label, label)).name
        "".encode(name)  # some of Python's codecs are no encodings of text
    except (LookupError, ValueError):
        return None
    return None if name.replace("_", "-") in _NOT_ON_THE_WEB else _MEANT.get(name, name)


def _exact(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _nearly(data: bytes, encoding: str) -> str | None:
    """The text, if most of what is not ASCII can be read in an encoding."""
    text = data.decode(encoding, errors="replace")
    wrong = text.count("\ufffd")
    # One broken character does not make a page another encoding's. In a wrong one, by contrast,
    # nearly every character is broken: in Turkish of windows-1254, taken for UTF-8, all are.
    right = sum(not character.isascii() for character in text) - wrong if wrong else 0
    # UTF-8 that is none is never right by chance; a page that was cut by bytes has few characters.
    return text if wrong * (1 if encoding == "utf-8" else 10) <= right else None


def _guessed(data: bytes) -> str | None:
    from charset_normalizer import from_bytes

    best = from_bytes(data).best()
    return str(best) if best else None
