"""The colours of a picture that a browser took."""

import struct
import zlib
from collections import Counter
from pathlib import Path


def colours(png: Path) -> tuple[tuple[int, int], Counter[str]]:
    """Width and height, and how many pixels have each colour: of eight bits a channel, not interlaced."""
    data, at, body = png.read_bytes(), 8, b""
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if data[at + 4 : at + 8] == b"IDAT":
            body += data[at + 8 : at + 8 + size]
        at += 12 + size
    width, height, depth, form, *_, interlaced = struct.unpack(">IIBBBBB", data[16:29])
    assert (depth, interlaced) == (8, 0)
    channels = {2: 3, 6: 4}[form]
    raw, line = zlib.decompress(body), channels * width
    before, found = bytearray(line), Counter()
    for row in range(height):
        start = row * (line + 1)
        now = unfiltered(raw[start], bytearray(raw[start + 1 : start + 1 + line]), before, channels)
        found.update(now[k : k + 3].hex() for k in range(0, line, channels))
        before = now
    return (width, height), found


def unfiltered(kind: int, now: bytearray, above: bytearray, channels: int) -> bytearray:
    """A line of bytes as they were before PNG's filter of this kind (PNG 1.2, section 6)."""
    for k in range(len(now)):
        left = now[k - channels] if k >= channels else 0
        corner = above[k - channels] if k >= channels else 0
        nearest = min((left, above[k], corner), key=lambda one: abs(left + above[k] - corner - one))
        now[k] = (now[k] + (0, left, above[k], (left + above[k]) // 2, nearest)[kind]) % 256
    return now
