"""The published Thai cleaner: numbers in words, Latin letters by their names. docs/systems/vits.md#cleaners"""

from engine.text.th.numbers import in_thai

LETTERS = {
    "a": "เอ", "b": "บี", "c": "ซี", "d": "ดี", "e": "อี", "f": "เอฟ", "g": "จี", "h": "เอช", "i": "ไอ", "j": "เจ",
    "k": "เค", "l": "แอล", "m": "เอ็ม", "n": "เอ็น", "o": "โอ", "p": "พี", "q": "คิว", "r": "แอร์", "s": "เอส", "t": "ที",
    "u": "ยู", "v": "วี", "w": "ดับเบิลยู", "x": "เอ็กซ์", "y": "วาย", "z": "ซี",
}  # fmt: skip
_EITHER_CASE = {ord(each): name for letter, name in LETTERS.items() for each in (letter, letter.upper())}


def thai_cleaners(text: str) -> str:
    """Thai as it is written, without digits and Latin letters."""
    return in_thai(text).translate(_EITHER_CASE)
