"""Whether text in Latin letters is English, and if not, what it looks like.

A dictionary of English decides (simplemma's, MIT, kept, without dependencies: it takes 20 MB of memory and a fraction
of a second to open, where statistical identifiers such as py3langid take 75 MB and seconds, and are at a loss with a
handful of words). Names are left out of the count: whatever has a capital and begins no sentence. The commonest words
of a language name it.
"""

import re
from collections import Counter
from functools import lru_cache

NAMES = {
    "en": "English", "de": "German", "fr": "French", "es": "Spanish", "it": "Italian", "pt": "Portuguese",
    "nl": "Dutch", "sv": "Swedish", "da": "Danish", "no": "Norwegian", "fi": "Finnish", "pl": "Polish", "cs": "Czech",
    "hu": "Hungarian", "ro": "Romanian", "tr": "Turkish", "vi": "Vietnamese", "id": "Indonesian", "la": "Latin",
    "xx": "foreign",
}  # fmt: skip
# The commonest words that are no English ones, and what people greet and thank with.
_COMMON = {
    "de": (
        "der die das und ist nicht ich ein eine mit für auf wir sie von zu den dem des im wie heute sehr aber "
        "auch noch guten morgen tag abend danke bitte hallo gute nacht ja nein"
    ),
    "fr": (
        "le la les et est un une je vous nous pas que qui dans pour sur avec il elle au aux du des ce cette "
        "très mais bonjour bonsoir merci salut tout oui non"
    ),
    "es": (
        "el la los las y es un una no que en por para con yo está muy pero del al se su como más donde dónde "
        "qué buenos buenas días tardes noches gracias hola señor"
    ),
    "it": (
        "il lo la gli le e è un una non che di per con sono molto ma del della dei oggi come più questo "
        "buongiorno buonasera grazie ciao prego sul sulla nel nella alla è bello dorme"
    ),
    "pt": (
        "o os as e é um uma não que de em por para com eu está muito mas do da dos das hoje como mais você "
        "bom boa dia tarde noite obrigado obrigada olá todos"
    ),
    "nl": (
        "de het een en is niet ik je van op voor met zijn maar ook dat deze wij erg vandaag naar goedemorgen "
        "dank goede avond dag"
    ),
    "sv": ("och är det en ett inte jag du på för med som av att har idag mycket god tack hej vi till"),
    "da": ("og er det en et ikke jeg du på for med som af at har meget god tak hej vi til dag"),
    "no": ("og er det en et ikke jeg du på for med som av å har veldig god takk hei vi til dag"),
    "fi": ("ja on ei se hän minä sinä mutta myös tämä oli että kun kanssa hyvää huomenta päivää kiitos moi hei kaunis"),
    "pl": ("i w jest nie się na do to że z jak ale po za ten dzień dobry dziękuję proszę cześć bardzo dziś"),
    "cs": ("a je se na to že s v do ale jak jsem ten dobrý den děkuji prosím ahoj velmi dnes"),
    "hu": ("a az és nem hogy egy is van ez jó napot reggelt köszönöm szia nagyon ma de meg"),
    "ro": ("și este nu un o în la cu pe care pentru mai din bună ziua dimineața mulțumesc foarte azi sunt"),
    "tr": ("ve bir bu için çok ile ne ben sen değil var günaydın merhaba teşekkürler bugün hava güzel iyi ama"),
    "vi": ("và là của không có một tôi bạn cho với được này các những rất hôm nay xin chào cảm ơn buổi sáng trời"),
    "id": ("dan yang di ini itu tidak dengan untuk saya kamu ada dari ke akan sangat selamat pagi terima kasih hari"),
    "la": ("et in est non ad cum sed quod qui ut sunt ipsum dolor sit amet lorem per esse"),
}
# A raised digit is part of a formula and of no word.
_LETTERS = r"[^\W\d_²³¹⁰-₉]+"
_WORD = re.compile(rf"(?<![^\W_]){_LETTERS}(?:['’]{_LETTERS})?(?![^\W_])")
_NOT_PROSE = re.compile(r"\[\w{1,20}\]|\S{1,200}[@/\\]\S{1,200}|\b(?:\w{1,60}\.){1,5}[A-Za-z]{2,10}\b")
_SENTENCE_END = ".!?:…\n"
# So many words of a paragraph tell as much as its end would.
_LOOKED_AT = 200
_LOOKED_AT_CHARS = 4_000
# Below this many words a paragraph says nothing by itself.
_LONG = 6
# Of English, more words than this are in the dictionary, whatever jargon it is ...
_ENGLISH_SHARE = 0.5
# ... what no language is known for must have fewer still ...
_STRANGE_SHARE = 0.25
# ... and between these, words that another language has in common with English need words of its own beside them.
_SURE_SHARE = 0.8
_FEW, _ENOUGH_COMMON = 4, 3


def language_of(text: str, *, long: bool = False) -> str:
    """The code of the language that the Latin words of ``text`` are in; "xx" is none of `NAMES`, "" cannot be told.

    Only the beginning is looked at. ``long`` tells nothing of a text with fewer than six words.
    """
    head = _NOT_PROSE.sub(" ", text[:_LOOKED_AT_CHARS])
    every = [match for match in _WORD.finditer(head) if match[0].isascii() or _is_latin(match[0])][:_LOOKED_AT]
    words = [match[0].lower() for match in every if _is_prose(head, match)]
    if long and len(words) < _LONG:
        return ""
    if len(words) < 2:
        return _greeting([match[0].lower() for match in every]) if not long else ""
    share = sum(map(_is_english, words)) / len(words)
    if share >= _SURE_SHARE:
        return "en"
    language, hits = _commonest(words)
    if (share < _ENGLISH_SHARE and hits) or (share == _ENGLISH_SHARE and hits == len(words)):
        return language
    if share < _STRANGE_SHARE and len(words) >= _FEW:
        return "xx"
    return language if hits >= _ENOUGH_COMMON and hits > sum(map(_is_english, words)) - hits else "en"


def _is_prose(text: str, match: re.Match[str]) -> bool:
    """Whether a word is written small, or begins a sentence and is no abbreviation."""
    word = match[0]
    if len(word) < 2:
        return False
    if word[1:].lower() != word[1:]:
        return False
    if word[0].islower():
        return True
    before = text[max(0, match.start() - 6) : match.start()].rstrip(" \"'“‘(¡¿«„*#-")
    return not before or before[-1] in _SENTENCE_END


def _greeting(words: list[str]) -> str:
    """Of two or three words with capitals only those are no names that everybody says."""
    if not 2 <= len(words) <= 3 or any(map(_is_english, words)):
        return ""
    language, hits = _commonest(words)
    return language if hits else ""


def _commonest(words: list[str]) -> tuple[str, int]:
    """The language that has the most of ``words`` among its commonest, and how many; "" where none has any."""
    hits: Counter[str] = Counter()
    weights: Counter[str] = Counter()
    for word in words:
        languages = _languages().get(word, ())
        hits.update(languages)
        # A word that many languages have tells little.
        weights.update(dict.fromkeys(languages, 1 / max(1, len(languages))))
    best = max(weights, key=weights.__getitem__, default="")
    return best, hits[best]


@lru_cache(maxsize=1)
def _languages() -> dict[str, tuple[str, ...]]:
    """The languages that have a word among their commonest."""
    found: dict[str, tuple[str, ...]] = {}
    for language, words in _COMMON.items():
        for word in words.split():
            found[word] = (*found.get(word, ()), language)
    return found


@lru_cache(maxsize=4096)
def _is_english(word: str) -> bool:
    # The dictionary is opened with the first word that is asked for.
    from simplemma import is_known

    stem = re.sub(r"['’](?:s|t|m|d|re|ve|ll)$", "", word)
    return (
        is_known(word, lang="en") or is_known(stem, lang="en") or stem in ("don", "won", "isn", "didn", "doesn", "ok")
    )


def _is_latin(word: str) -> bool:
    return all(
        character < "\u0250" or "\u1e00" <= character <= "\u1eff" or not character.isalpha() for character in word
    )
