"""What a server compressed, unpacked while it arrives; what is cut off is not taken for whole."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

__all__ = ["PACKINGS", "Unpacked"]

# Of either kind, by what they begin with: https://www.zlib.net/manual.html#Advanced
_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32
# Some servers send what "deflate" sounds like: RFC 9110, 8.4.1.2.
_BARE = -zlib.MAX_WBITS
_BEGINNING = b"\x1f"
# Bytes at a time: a small answer may be a very large page.
_STEP = 1_000_000

PACKINGS = frozenset({"gzip", "x-gzip", "deflate"})
"""The values of Content-Encoding that are understood."""


class Unpacked:
    """A body in a compression of `PACKINGS`."""

    def __init__(self) -> None:
        self._unpacker = zlib.decompressobj(_GZIP_OR_ZLIB)
        self._has_begun = self._is_full = False

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing at its end."""
        return self._unpacker.eof or not self._has_begun

    def fed(self, data: bytes) -> Iterator[bytes]:
        """What comes out when more goes in, in pieces of limited size.

        Raises:
            zlib.error: it is not compressed so, or is damaged.
        """
        while data or self._is_full:
            if self._unpacker.eof:
                self._is_full = False
                # Several parts may follow each other (RFC 1952, 2.2); other things say nothing.
                if not data.startswith(_BEGINNING):
                    return
                self._unpacker = zlib.decompressobj(_GZIP_OR_ZLIB)
            try:
                piece = self._unpacker.decompress(data, _STEP)
            except zlib.error:
                if self._has_begun:
                    raise
                self._unpacker = zlib.decompressobj(_BARE)
                piece = self._unpacker.decompress(data, _STEP)
            self._has_begun = True
            # More may come out without more going in.
            self._is_full = len(piece) == _STEP
            yield piece
            data = self._unpacker.unconsumed_tail or self._unpacker.unused_data
