"""A SQLite file read page by page, for when SQLite itself gives up. Nothing in it is trusted, nothing is written.

Source: https://www.sqlite.org/fileformat2.html (pages, cells, records, freelist, write-ahead log).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from .wal import WriteAheadLog

Value = int | str | bytes | None
Read = Callable[[int, int], bytes]

INDEX_INTERIOR, TABLE_INTERIOR, INDEX_LEAF, TABLE_LEAF = 2, 5, 10, 13
KINDS = (INDEX_INTERIOR, TABLE_INTERIOR, INDEX_LEAF, TABLE_LEAF)
USUAL_SIZE = 4096
SIZES: tuple[int, ...] = tuple(2**power for power in range(9, 17))


class BadPage(ValueError):
    """A page, or a cell of it, that cannot be what it should be."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table, with its rowid, or an entry of an index, whose key is 0."""

    key: int
    values: tuple[Value, ...]


class SqliteFile:
    """The pages of a database as the last commit left them, those in its write-ahead log included.

    Attributes:
        size: Bytes of a page; where the header does not say it, as the pages look.
        count: Pages there are, the last one perhaps incomplete.
        reached: One byte a page: 1 where a walk came by.
        bad: Pages that a walk could not read.
        lost: Cells that could not be read in pages that could.
    """

    def __init__(self, path: Path) -> None:
        self._file: BinaryIO = path.open("rb")
        self._bytes = path.stat().st_size
        self.log = WriteAheadLog.beside(path)
        first = self._read(0, 100)
        self.size = self.log.size if self.log.frames else _page_size(first, self._read)
        reserved = first[20] if len(first) > 20 else 0
        self._usable = self.size - (reserved if reserved <= 32 else 0)
        self.count = max(-(-self._bytes // self.size), max(self.log.frames, default=0))
        self.reached = bytearray(self.count + 1)
        self.bad: set[int] = set()
        self.lost = 0

    def close(self) -> None:
        """Closes the files."""
        self._file.close()
        self.log.close()

    def __enter__(self) -> SqliteFile:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    def page(self, number: int) -> bytes:
        """A whole page. Raises `BadPage` where the file has none of this number."""
        if not 1 <= number <= self.count:
            raise BadPage(f"there is no page {number}")
        found = self.log.page(number) or self._read((number - 1) * self.size, self.size)
        if len(found) < self.size:
            raise BadPage(f"page {number} is cut off")
        return found

    def walk(self, root: int) -> Iterator[Row]:
        """Every row below a root, in order, whatever of it can be read; what cannot goes into `bad` and `lost`."""
        try:
            page = self.page(root)
            if self.reached[root]:
                raise BadPage(f"page {root} is reached twice")
            self.reached[root] = 1
            tree = _Tree(page, 100 if root == 1 else 0, self.size)
        except BadPage:
            self.bad.add(root)
            return
        yield from self._below(tree)

    def _below(self, tree: _Tree) -> Iterator[Row]:
        for at in tree.cells():
            if not tree.leaf:
                with suppress(IndexError):
                    yield from self.walk(_number(tree.page, at))
            if tree.kind != TABLE_INTERIOR:
                yield from self._cell(tree, at)
        if not tree.leaf:
            yield from self.walk(_number(tree.page, tree.start + 8))

    def orphans(self) -> Iterator[tuple[int, list[Row]]]:
        """Leaves of tables that no walk came by: their interior page is damaged.

        Pages of the freelist are none. They may hold what was erased: without a whole list nobody is told apart.
        """
        free = self.freelist()
        if free is None:
            return
        for number in range(2, self.count + 1):
            if not self.reached[number] and number not in free:
                with suppress(BadPage):
                    tree = _Tree(self.page(number), 0, self.size)
                    if tree.kind == TABLE_LEAF:
                        yield number, list(self._below(tree))

    def freelist(self) -> set[int] | None:
        """Pages that are not in use, None where their list is damaged."""
        found: set[int] = set()
        try:
            first = self.page(1)
            trunk = _number(first, 32)
            while trunk and trunk not in found:
                found.add(trunk)
                page = self.page(trunk)
                leaves = min(_number(page, 4), self._usable // 4 - 2)
                found.update(_number(page, 8 + 4 * at) for at in range(leaves))
                trunk = _number(page, 0)
        except BadPage:
            return None
        return found if len(found) == _number(first, 36) and max(found, default=0) <= self.count else None

    def _cell(self, tree: _Tree, at: int) -> Iterator[Row]:
        try:
            row = self._row(tree, at)
        except (BadPage, IndexError):
            self.lost += 1
        else:
            yield row

    def _row(self, tree: _Tree, at: int) -> Row:
        at += 0 if tree.leaf else 4
        length, at = varint(tree.page, at)
        key = 0
        if tree.kind == TABLE_LEAF:
            key, at = varint(tree.page, at)
            key = key - 2**64 if key >= 2**63 else key
        return Row(key, record(self._payload(tree, at, length)))

    def _payload(self, tree: _Tree, at: int, length: int) -> bytes:
        """What a cell holds, the pages that it overflows into included."""
        most = self._usable - 35 if tree.kind == TABLE_LEAF else (self._usable - 12) * 64 // 255 - 23
        if length <= most:
            return _slice(tree.page, at, length)
        least = (self._usable - 12) * 32 // 255 - 23
        kept = least + (length - least) % (self._usable - 4)
        kept = kept if kept <= most else least
        if length > self.count * self.size:
            raise BadPage("a cell is larger than the file")
        pieces, left = [_slice(tree.page, at, kept)], length - kept
        following = _number(tree.page, at + kept)
        while left > 0:
            page = self.page(following)
            self.reached[following] = 1
            pieces.append(page[4 : 4 + min(left, self._usable - 4)])
            left -= len(pieces[-1])
            following = _number(page, 0)
        return b"".join(pieces)

    def _read(self, at: int, length: int) -> bytes:
        self._file.seek(at)
        return self._file.read(length)


class _Tree:
    """A page of a b-tree: its kind, and where its cells are."""

    def __init__(self, page: bytes, start: int, size: int) -> None:
        self.page, self.start = page, start
        self.kind = page[start]
        if self.kind not in KINDS:
            raise BadPage("no page of a b-tree")
        self.leaf = self.kind in (INDEX_LEAF, TABLE_LEAF)
        self._first = start + (8 if self.leaf else 12)
        self._count = int.from_bytes(page[start + 3 : start + 5], "big")
        if self._first + 2 * self._count > size:
            raise BadPage("more cells than a page has room for")

    def cells(self) -> Iterator[int]:
        for at in range(self._first, self._first + 2 * self._count, 2):
            yield int.from_bytes(self.page[at : at + 2], "big")


def record(payload: bytes) -> tuple[Value, ...]:
    """The values of a record. Raises `BadPage`, IndexError."""
    end, at = varint(payload, 0)
    kinds = []
    if end > len(payload):
        raise BadPage("a record's header is longer than the record")
    while at < end:
        kind, at = varint(payload, at)
        kinds.append(kind)
    at, values = end, []
    for kind in kinds:
        value, at = _value(payload, at, kind)
        values.append(value)
    return tuple(values)


_INTEGERS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}


def _value(payload: bytes, at: int, kind: int) -> tuple[Value, int]:
    if kind >= 12:
        held = _slice(payload, at, (kind - 12) // 2)
        return (held.decode("utf-8", "replace") if kind % 2 else held), at + len(held)
    if kind in _INTEGERS:
        length = _INTEGERS[kind]
        return int.from_bytes(_slice(payload, at, length), "big", signed=True), at + length
    if kind in (0, 8, 9):
        return {0: None, 8: 0, 9: 1}[kind], at
    # Nothing that a store holds is a fraction (7); 10 and 11 are in no file.
    raise BadPage(f"a value of kind {kind}")


def varint(page: bytes, at: int) -> tuple[int, int]:
    """A number of one to nine bytes, and where it ends. Raises IndexError."""
    value = 0
    for place in range(8):
        byte = page[at + place]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + place + 1
    return value << 8 | page[at + 8], at + 9


def _slice(page: bytes, at: int, length: int) -> bytes:
    found = page[at : at + length]
    if len(found) < length:
        raise BadPage("it ends beyond its page")
    return found


def _number(page: bytes, at: int) -> int:
    return int.from_bytes(page[at : at + 4], "big")


def _page_size(header: bytes, read: Read) -> int:
    """What the header says, unless what stands there is no size: then the size that the pages look like."""
    told = int.from_bytes(header[16:18], "big")
    told = 65536 if told == 1 else told
    if told in SIZES:
        return told
    likely = [USUAL_SIZE, *SIZES]
    looks = [_looks_like(size, read) for size in likely]
    return likely[looks.index(max(looks))]


def _looks_like(size: int, read: Read) -> float:
    """The share of the first pages after page 1 that begin as pages of b-trees do."""
    starts = [read(number * size, 8) for number in range(1, 17)]
    there = [start for start in starts if len(start) == 8 and any(start)]
    good = sum(start[0] in KINDS for start in there)
    return good / len(there) if there else 0.0
