"""A price sheet as a file: CSV as Partner Center gives it, plain or packed, opened as text without holding it whole."""

from __future__ import annotations

import csv
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from perseat.ports.price_sheets import SheetUnreadable

_MOST_BYTES = 1_000_000_000
_MOST_LINES = 3_000_000
_LONGEST_LINE = 1 << 20
_PIECE = 65_536
# What the libraries say of packed files: damaged, locked by a password, or packed in a way that they do not know.
_CANNOT_UNPACK = (zlib.error, lzma.LZMAError, zipfile.BadZipFile, EOFError, OSError, RuntimeError, ValueError)
_AGAIN = "Download it again from Partner Center, and do not save it with another program."


def read_rows(content: BinaryIO) -> Iterator[tuple[int, list[str]]]:
    """The rows with the number of the line on which each ends, from 1.

    :raises SheetUnreadable: (ports.price_sheets) for what is no CSV.
    """
    try:
        text = io.TextIOWrapper(io.BufferedReader(_Limited(_unpack(content)), _PIECE), encoding="utf-8", newline="")
        first = text.readline(_LONGEST_LINE)
        _must_be_csv(first)
        reader = csv.reader(_from(first.lstrip("\ufeff"), text), delimiter=_delimiter(first))
        for row in reader:
            if any(row):
                yield reader.line_num, row
    except SheetUnreadable:
        raise
    except UnicodeDecodeError as error:
        raise SheetUnreadable(f"The file is not in UTF-8, as price sheets are. {_AGAIN}") from error
    except csv.Error as error:
        raise SheetUnreadable(f"The file is no CSV ({error}). {_AGAIN}") from error
    except _CANNOT_UNPACK as error:
        raise SheetUnreadable(f"The packed file is damaged or locked. {_AGAIN}") from error


class _Limited(io.RawIOBase):
    """A stream that ends with a sentence rather than fill the memory."""

    def __init__(self, inner: BinaryIO) -> None:
        self._inner = inner
        self._left = _MOST_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        piece = self._inner.read(len(buffer))
        self._left -= len(piece)
        if self._left < 0:
            raise SheetUnreadable("The file is longer than any price sheet: over one gigabyte when unpacked.")
        buffer[: len(piece)] = piece
        return len(piece)


class _Inflated(io.RawIOBase):
    """A deflated stream, with zlib's header or without."""

    def __init__(self, inner: BinaryIO, *, has_header: bool) -> None:
        self._inner = inner
        self._inflater = zlib.decompressobj(zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        while not self._inflater.eof:
            packed = self._inflater.unconsumed_tail or self._inner.read(_PIECE)
            piece = self._inflater.decompress(packed, len(buffer))
            if piece or not packed:
                buffer[: len(piece)] = piece
                return len(piece)
        return 0


def _unpack(content: BinaryIO) -> BinaryIO:
    content.seek(0)
    start = content.read(4)
    content.seek(0)
    if not start:
        raise SheetUnreadable("The file is empty.")
    if start.startswith(b"PK"):
        return _first_of_zip(content)
    if start.startswith(b"\x1f\x8b"):
        return gzip.GzipFile(fileobj=content)  # type: ignore[return-value]
    if start.startswith((b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")):
        return _Inflated(content, has_header=True)  # type: ignore[return-value]
    return content


def _first_of_zip(content: BinaryIO) -> BinaryIO:
    packed = zipfile.ZipFile(content)
    names = [name for name in packed.namelist() if name.casefold().endswith(".csv")]
    if any(name.startswith("xl/") for name in packed.namelist()):
        raise SheetUnreadable(f"This is an Excel workbook, not the CSV file. {_AGAIN}")
    if len(names) != 1:
        raise SheetUnreadable(f"The packed file has {len(names)} CSV files; a price sheet is one.")
    return packed.open(names[0])  # type: ignore[return-value]


def _must_be_csv(first: str) -> None:
    start = first.lstrip("\ufeff \t\r\n").casefold()
    if start.startswith(("<!doctype", "<html", "<?xml", "<head")):
        raise SheetUnreadable(
            "This is a web page saved as a file, not a price sheet: sign in to Partner Center and download it again."
        )
    if start.startswith(("{", "[")):
        raise SheetUnreadable("This is JSON, not a price sheet. Download the CSV file from Partner Center.")


def _delimiter(first: str) -> str:
    return max(",;\t", key=first.count)


def _from(first: str, rest: io.TextIOWrapper) -> Iterator[str]:
    """Line by line, none of them and not all together longer than memory and patience are."""
    line, count = first, 1
    while line:
        if len(line) == _LONGEST_LINE or count > _MOST_LINES:
            raise SheetUnreadable(f"The file has longer lines, or more of them, than any price sheet. {_AGAIN}")
        yield line
        line, count = rest.readline(_LONGEST_LINE), count + 1
