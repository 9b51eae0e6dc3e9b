"""base16384: bytes as Chinese characters, 14 bits each (docs/systems/chattts.md#voices).

Seven bytes are four characters from U+4E00 on. What is left over is padded with zero bits on the right, and a last
character, U+3D00 plus its number of bytes, says how long it was.
"""

from engine.errors import VoiceError

_FIRST = 0x4E00
_REMAINDER = 0x3D00
_BITS = 14


def encode(data: bytes) -> str:
    """``data`` as text."""
    whole, rest = divmod(len(data), 7)
    count = 4 * whole + -(-8 * rest // _BITS)
    value = int.from_bytes(data, "big") << (_BITS * count - 8 * len(data))
    # Digits of a large number are taken from a string of bits: linear in the data, where dividing is not.
    bits = f"{value:0{_BITS * count}b}" if count else ""
    text = "".join(chr(_FIRST + int(bits[at : at + _BITS], 2)) for at in range(0, len(bits), _BITS))
    return text + chr(_REMAINDER + rest) if rest else text


def decode(text: str) -> bytes:
    """The bytes that `encode` made ``text`` of. Raises VoiceError for anything that it cannot have made."""
    rest = ord(text[-1]) - _REMAINDER if text and _REMAINDER < ord(text[-1]) <= _REMAINDER + 6 else 0
    digits = [ord(character) - _FIRST for character in (text[:-1] if rest else text)]
    stray = next((at for at, digit in enumerate(digits) if not 0 <= digit < 1 << _BITS), None)
    if stray is not None:
        raise VoiceError(
            "the voice's string has {text!r} as character {stray}, which no such string has; copy it anew",
            text=text[stray],
            stray=stray + 1,
        )
    tail = -(-8 * rest // _BITS)
    if len(digits) % 4 != tail % 4:
        raise VoiceError("the voice's string is cut: it ends after {count} characters; copy all of it", count=len(text))
    size = (len(digits) - tail) // 4 * 7 + rest
    bits = "".join(f"{digit:0{_BITS}b}" for digit in digits)
    padding = bits[8 * size :]
    if "1" in padding:
        raise VoiceError("the voice's string is damaged; copy all of it")
    return int(bits[: 8 * size] or "0", 2).to_bytes(size, "big")
