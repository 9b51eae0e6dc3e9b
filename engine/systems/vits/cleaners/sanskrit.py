"""The published Sanskrit cleaner: Devanagari as it is written, and IPA for models of several languages.

docs/systems/vits.md#cleaners
"""

import re

from engine.text.devanagari import iast

# One after the other, as published.
_IPA = (
    ("a", "ə"), ("ā", "aː"), ("ī", "iː"), ("ū", "uː"), ("ṛ", "ɹ`"), ("ṝ", "ɹ`ː"), ("ḷ", "l`"), ("ḹ", "l`ː"),
    ("e", "eː"), ("o", "oː"), ("k", "k⁼"), ("k⁼h", "kʰ"), ("g", "g⁼"), ("g⁼h", "gʰ"), ("ṅ", "ŋ"), ("c", "ʧ⁼"),
    ("ʧ⁼h", "ʧʰ"), ("j", "ʥ⁼"), ("ʥ⁼h", "ʥʰ"), ("ñ", "n^"), ("ṭ", "t`⁼"), ("t`⁼h", "t`ʰ"), ("ḍ", "d`⁼"),
    ("d`⁼h", "d`ʰ"), ("ṇ", "n`"), ("t", "t⁼"), ("t⁼h", "tʰ"), ("d", "d⁼"), ("d⁼h", "dʰ"), ("p", "p⁼"), ("p⁼h", "pʰ"),
    ("b", "b⁼"), ("b⁼h", "bʰ"), ("y", "j"), ("ś", "ʃ"), ("ṣ", "s`"), ("r", "ɾ"), ("l̤", "l`"), ("h", "ɦ"), ("'", ""),
    ("~", "^"), ("ṃ", "^"),
)  # fmt: skip
_OM = ("ॐ", "ओम्")
_VISARGA = re.compile("(.)(ː?)ḥ")
_ENDED = re.compile(r"(?<=[^।])\Z")


def sanskrit_cleaners(text: str) -> str:
    """Devanagari with one mark, the danda, which also ends the text."""
    text = text.replace("॥", "।").replace(*_OM)
    return _ENDED.sub("।", text)


def devanagari_to_ipa(text: str) -> str:
    """IPA in the symbols of models of several languages; after a visarga its vowel sounds again."""
    said = iast(text.replace(*_OM)).replace("॥", ".").replace("।", ".")
    for written, symbols in _IPA:
        said = said.replace(written, symbols)
    return _VISARGA.sub(r"\1\2h\1*", said)
