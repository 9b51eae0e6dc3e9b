"""The tags of an Ogg Opus file, written anew (RFC 3533 for pages, RFC 7845 section 5.2 for the packet).

FFmpeg gives the tag ``comment`` the name DESCRIPTION in Ogg, where libsndfile and other readers look for COMMENT.
"""

import struct
from collections.abc import Mapping

# capture pattern, version, kind, granule position, serial number, page number, checksum, segments
_HEADER = struct.Struct("<4sBBqIIIB")
_SEGMENT = 255
_POLYNOMIAL = 0x04C11DB7


def with_tags(opus: bytes, tags: Mapping[str, str], *, vendor: str) -> bytes:
    """The file with ``tags`` in the place of those that it has; they must fit into one page (64 kB)."""
    head_end, tags_end = _page_end(opus, 0), _page_end(opus, _page_end(opus, 0))
    comments = [f"{name.upper()}={value}".encode() for name, value in tags.items()]
    fields = (vendor.encode(), *comments)
    lengths = [struct.pack("<I", len(field)) + field for field in fields]
    packet = b"OpusTags" + lengths[0] + struct.pack("<I", len(comments)) + b"".join(lengths[1:])
    return opus[:head_end] + _page(packet, like=opus[head_end:tags_end]) + opus[tags_end:]


def _page_end(data: bytes, start: int) -> int:
    segments = _HEADER.unpack_from(data, start)[-1]
    body = start + _HEADER.size + segments
    return body + sum(data[start + _HEADER.size : body])


def _page(packet: bytes, like: bytes) -> bytes:
    """A page with one whole ``packet``, and the rest of its header as that of another one."""
    pattern, version, kind, granule, serial, number, _, _ = _HEADER.unpack_from(like)
    full, rest = divmod(len(packet), _SEGMENT)
    segments = bytes([_SEGMENT] * full + [rest])
    blank = _HEADER.pack(pattern, version, kind, granule, serial, number, 0, len(segments)) + segments + packet
    return blank[:22] + struct.pack("<I", _checksum(blank)) + blank[26:]


def _checksum(page: bytes) -> int:
    crc = 0
    for byte in page:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1) ^ (_POLYNOMIAL if crc & 0x8000_0000 else 0)
        crc &= 0xFFFF_FFFF
    return crc
