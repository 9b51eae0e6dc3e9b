"""English in cleaners of several languages: by a dictionary, not by espeak. docs/systems/vits.md#cleaners"""

from engine.text.en import dictionary
from engine.text.en.published_numbers import in_english
from engine.text.english import plain_english

# One after the other, as published.
_LAZY = (
    ("r", "ɹ"), ("æ", "e"), ("ɑ", "a"), ("ɔ", "o"), ("ð", "z"), ("θ", "s"), ("ɛ", "e"), ("ɪ", "i"), ("ʊ", "u"),
    ("ʒ", "ʥ"), ("ʤ", "ʥ"), ("ˈ", "↓"),
)  # fmt: skip
_FEW_VOWELS = str.maketrans("ɑɔɛɪʊ", "aoeiu")


def english_to_lazy_ipa(text: str) -> str:
    """IPA in few symbols, ↓ where the stress falls. Raises TextError for a number that is too long to be said."""
    return lazy(looked_up(text))


def english_to_ipa2(text: str) -> str:
    """IPA with dark l. Raises TextError as well."""
    return dictionary.ipa(looked_up(text))


def looked_up(text: str) -> str:
    """``text`` with abbreviations and numbers in words, and these as the dictionary has them, or with an asterisk."""
    return dictionary.looked_up(in_english(plain_english(text)))


def sounded(text: str) -> str:
    """Ours of `looked_up`: text in words, of which those that the dictionary lacks are as espeak has them."""
    return dictionary.WORD.sub(dictionary.sound, dictionary.plain(text))


def lazy(said: str) -> str:
    """The dictionary's symbols in few."""
    for written, symbols in _LAZY:
        said = said.replace(written, symbols)
    return said


def with_few_vowels(said: str) -> str:
    """`dictionary.ipa` with the vowels that other languages have."""
    return dictionary.ipa(said).translate(_FEW_VOWELS)
