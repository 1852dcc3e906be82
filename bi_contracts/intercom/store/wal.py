"""SQLite's write-ahead log, read by its own rules: which frames count, and whether any of them was damaged.

Source: https://www.sqlite.org/fileformat2.html section 4.
"""

from __future__ import annotations

import struct
import sys
from array import array
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

_HEADER, _FRAME = 32, 24
_MAGIC = (0x377F0682, 0x377F0683)


@dataclass
class WriteAheadLog:
    """The pages that are committed in a log.

    Attributes:
        size: Bytes of a page, 0 where there is no log.
        frames: Page -> where its newest committed image begins.
        damaged: Frames that were committed after the first one whose checksum is wrong: what they held is lost.
    """

    size: int = 0
    frames: dict[int, int] = field(default_factory=dict)
    damaged: int = 0
    _file: BinaryIO | None = None

    @classmethod
    def beside(cls, database: Path) -> WriteAheadLog:
        """The log of a database, an empty one where it has none."""
        path = database.with_name(f"{database.name}-wal")
        try:
            file = path.open("rb")
        except OSError:
            return cls()
        log = cls(_file=file)
        log._read_frames(file)
        return log

    def page(self, number: int) -> bytes:
        """The newest image of a page, b"" where the log has none."""
        at = self.frames.get(number)
        if at is None or self._file is None:
            return b""
        self._file.seek(at)
        return self._file.read(self.size)

    def close(self) -> None:
        """Closes the file."""
        if self._file is not None:
            self._file.close()

    def _read_frames(self, file: BinaryIO) -> None:
        header = file.read(_HEADER)
        if len(header) < _HEADER:
            return
        magic, _, size, _, salt1, salt2, sum1, sum2 = struct.unpack(">8I", header)
        big = magic & 1 == 1
        sums = _checksum(header[:24], (0, 0), big) if magic in _MAGIC else None
        if sums != (sum1, sum2) or size not in (2**power for power in range(9, 17)):
            self.damaged = 1
            return
        pending: dict[int, int] = {}
        at, intact = _HEADER, True
        while len(head := file.read(_FRAME)) == _FRAME and len(page := file.read(size)) == size:
            number, commit, *told = struct.unpack(">6I", head)
            if told[:2] != [salt1, salt2]:
                break
            if intact:
                sums = _checksum(page, _checksum(head[:8], sums, big), big)
                intact = list(sums) == told[2:]
            if intact:
                pending[number] = at + _FRAME
                if commit:
                    self.size = size
                    self.frames |= pending
                    pending = {}
            elif commit:
                self.damaged += 1
            at += _FRAME + size


def _checksum(data: bytes, start: tuple[int, int], big: bool) -> tuple[int, int]:
    words = array("I", data)
    if big != (sys.byteorder == "big"):
        words.byteswap()
    first, second = start
    for at in range(0, len(words), 2):
        first = (first + words[at] + second) & 0xFFFFFFFF
        second = (second + words[at + 1] + first) & 0xFFFFFFFF
    return first, second
