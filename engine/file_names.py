"""What may be the name of a file or a folder on every system that people have, and not only on this one.

Windows takes some names for devices, whatever stands behind their first dot, and drops dots and spaces at the end of
any other. Nearly every file system holds a name of 255 bytes and no longer one.
"""

import re

# With an ending and what a file is called while it is written, still within 255 bytes.
MAX_BYTES = 180

_DEVICE = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|clock\$|(com|lpt)[0-9¹²³]) *(\..*)?", re.IGNORECASE | re.DOTALL
)


def is_portable(name: str) -> bool:
    """Whether a name without slashes means the same file everywhere: no device of Windows, no dot or space at its end.

    It is at most `MAX_BYTES` long in UTF-8, which a lone surrogate has no place in.
    """
    try:
        size = len(name.encode())
    except UnicodeEncodeError:
        return False
    return 0 < size <= MAX_BYTES and name[-1] not in " ." and not _DEVICE.fullmatch(name)


def portable(name: str, default: str, *, most: int = MAX_BYTES) -> str:
    """A name like ``name`` that is one everywhere, of at most ``most`` bytes; ``default`` where nothing of it is left.

    What a device is called gets "my-" in front.
    """
    kept = name.encode("utf-8", "ignore")[:most].decode("utf-8", "ignore").strip().rstrip(" .") or default
    return f"my-{kept}" if _DEVICE.fullmatch(kept) else kept
