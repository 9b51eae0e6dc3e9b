"""Parts of speech, as far as English words are said otherwise for them: a few rules and the words that are closed.

The names are the tags of the Penn Treebank. docs/kokoro-phonemes.md#english
"""

from collections.abc import Sequence

from engine.systems.kokoro.phonemes.listed import listed

OPEN_QUOTES, CLOSE_QUOTES = frozenset("“„«"), frozenset("”»")
PAUSES = frozenset((";", ":", ",", ".", "!", "?", "…", "—", "–", "--", "-"))
_ENDS = frozenset((".", "!", "?", "…"))
_CURRENCY = frozenset("$£€")
_BE = listed("am is are was were be been being isn't aren't wasn't weren't")
_HAVE = listed("have has had having haven't hasn't hadn't i've you've we've they've")
_DO = listed("do does did don't doesn't didn't")
_MODALS = listed(
    "can could will would shall should may might must cannot can't couldn't won't wouldn't shan't "
    "shouldn't mightn't mustn't i'll you'll he'll she'll it'll we'll they'll i'd you'd he'd she'd we'd "
    "they'd let's"
)
_SUBJECTS = listed("i you he she it we they who")
_THIRD_PERSON = listed("he she it who")
_OBJECTS = listed("me you him her it us them")
_CONTRACTED = listed("i'm you're he's she's it's we're they're that's there's who's")
_DETERMINERS = listed(
    "the a an this these those some any no every each either neither another both all such which what"
)
_POSSESSIVES = listed("my your his its our their whose")
_PREPOSITIONS = listed(
    "of in on at by for from with about into over under after before between through during against "
    "without within among across behind beyond near upon toward towards since until till than as like per "
    "via amid inside outside around above below along"
)
_CONJUNCTIONS = listed("and or but nor yet")
_CLAUSES = listed("that if when while because although though where unless whether")
_ADVERBS = listed(
    "not never always often usually sometimes also just still already even really soon now then again so "
    "very too quite rather almost only ever please here there today tomorrow yesterday ago away back"
)
_INTENSIFIERS = frozenset(("very", "so", "too", "how"))
_SKIPPED = _ADVERBS - _INTENSIFIERS
_MOST_ADVERBS = 3  # between a verb and what it belongs to
_PARTICIPLES = listed("done gone been")
_PAST_TIMES = listed("yesterday ago last once earlier previously")
_PAST_VERBS = listed("was were had did said went came told took gave saw knew thought found wrote got made")
_NEAR = 12  # words
# Before a base form as much as "to" before a noun: "according to", "due to".
_TO_SOMETHING = listed("according due close next up thanks owing prior contrary similar access key")
_FORMS_OF_READ = frozenset(("read", "reread"))
_INTRANSITIVE = frozenset(("live", "lives", "close", "closes", "wind", "winds"))
_CLOSE_BY = listed("to by together enough up")
# In capitals among other words, these are spelled.
_INITIALS = frozenset(("US", "IT", "WHO", "AM"))
# Nouns for all that stands behind them.
_NOUNS = frozenset(("minute", "bass", "arsenic", "arithmetic"))


def tags(words: Sequence[str]) -> list[str]:
    """The tag of each of the tokens of a text, which are as they are written."""
    lower = [word.lower().replace("’", "'") for word in words]
    shouts = sum(word.isupper() for word in words if len(word) > 1) > sum(word.islower() for word in words)
    sentence = Sentence(words, lower, shouts=shouts)
    return [sentence.tag(at) for at in range(len(words))]


class Sentence:
    """Tokens of a text with what is said of them all."""

    def __init__(self, words: Sequence[str], lower: Sequence[str], *, shouts: bool) -> None:
        self._words, self._lower, self._shouts = words, lower, shouts

    def tag(self, at: int) -> str:
        """The tag of the token ``at`` its place."""
        written, word = self._words[at], self._lower[at]
        if not any(map(str.isalnum, written)):
            return self._tag_of_mark(written)
        if written[0].isdigit():
            return "CD"
        in_capitals = len(written) > 1 and written.isupper() and written.isalpha() and not self._shouts
        closed = self._closed(at, word)
        if closed and not (in_capitals and written in _INITIALS):
            return closed
        if in_capitals:
            return "NNP"
        if written[0].isupper() and not self._begins(at) and not (self._shouts and written.isupper()):
            return "NNP"
        return self._open(at, word)

    @staticmethod
    def _tag_of_mark(mark: str) -> str:
        if mark in _CURRENCY:
            return "$"
        if mark in OPEN_QUOTES or mark in CLOSE_QUOTES or mark == '"':
            return "``" if mark in OPEN_QUOTES else "''"
        return ":" if mark in PAUSES else "SYM"

    def _closed(self, at: int, word: str) -> str:
        before, after = self._before(at), self._after(at)
        if word == "a":
            # The letter: vitamin A, and wherever nothing follows.
            is_letter = self._words[at] == "A" and at > 0 and not self._begins(at)
            return "NN" if is_letter or after in PAUSES or not after else "DT"
        if word == "that":
            return self._that(at)
        if word == "am":
            return "NN" if before[:1].isdigit() else "VBP"
        for words, tag in (
            (_DETERMINERS, "DT"), (_POSSESSIVES, "PRP$"), (_SUBJECTS | _OBJECTS | _CONTRACTED, "PRP"),
            (_MODALS, "MD"), (_CONJUNCTIONS, "CC"), (_BE | _HAVE | _DO, "VBP"),
        ):  # fmt: skip
            if word in words:
                return tag
        if word == "to":
            return "TO"
        if word in ("vs", "vs."):
            return "IN"
        if word in ("overall", "underground", "uphill"):
            return "RB" if self._ends_clause(at) and before not in _DETERMINERS else "JJ"
        if word in _PREPOSITIONS and word not in ("inside", "like"):
            return "IN"
        return ""

    def _that(self, at: int) -> str:
        before, after = self._before(at), self._after(at)
        if self._begins(at) or self._ends_clause(at) or before in _BE | _PREPOSITIONS | _CONJUNCTIONS:
            return "DT"
        return "IN" if self._is_plain(before) or after in _SUBJECTS | _DETERMINERS | _POSSESSIVES | _BE else "DT"

    def _open(self, at: int, word: str) -> str:
        before, after = self._before(at, skips_adverbs=True), self._after(at)
        if word == "used":
            return self._used(at)
        if word in _FORMS_OF_READ or word == "wound":
            return self._past_or_present(at, before, word)
        if word == "close" and after in _CLOSE_BY:
            return "RB"
        plural = word.endswith("s") and not word.endswith("ss")
        if before == "to":
            return "NNS" if plural else "NN" if self._before(at, 2) in _TO_SOMETHING else "VB"
        if before in _MODALS or before in _DO:
            return "VB"
        if before in _BE or before in _CONTRACTED:
            return "VBG" if word.endswith("ing") else "VBN" if word.endswith("ed") else "NNS" if plural else "JJ"
        if before in _HAVE:
            return "VBN" if word.endswith("ed") else "NNS" if plural else "NN"
        if before in _SUBJECTS - _THIRD_PERSON or (before in _THIRD_PERSON and plural):
            return "VBZ" if plural else "VBP"
        if before in _DETERMINERS | _POSSESSIVES or before in _INTENSIFIERS:
            return self._named(at, word, after, plural)
        if before in _PREPOSITIONS or before.endswith("'s"):
            return "NNS" if plural else "NN"
        return self._between(at, word, after, plural)

    def _named(self, at: int, word: str, after: str, plural: bool) -> str:
        """Behind a determiner: an adjective where a noun follows."""
        if self._before(at) in _INTENSIFIERS:
            return "JJ"
        is_adjective = not plural and self._is_plain(after) and word not in _NOUNS
        return "JJ" if is_adjective else "NNS" if plural else "NN"

    def _between(self, at: int, word: str, after: str, plural: bool) -> str:
        """Behind a noun, or where a clause begins: a verb where an object follows."""
        before = self._before(at, skips_adverbs=True)
        has_object = after in _DETERMINERS | _POSSESSIVES | _OBJECTS
        if self._begins(at) or before in _CONJUNCTIONS | {",", "please", "then"}:
            return "VB" if has_object and not plural else "NNS" if plural else "JJ" if self._is_plain(after) else "NN"
        many = before.endswith("s") or before in ("people", "children", "men", "women")
        if self._is_plain(before) and many != plural:
            has_place = after in _PREPOSITIONS - {"of"} or after in ("to", "alone", "together") or after in _ADVERBS
            has_noun = many and self._is_plain(after)
            if has_object or has_noun or (has_place and word in _INTRANSITIVE):
                return "VBZ" if plural else "VBP"
        if word == "use" and self._is_plain(before) and self._is_plain(after):
            return "VBP"
        return "NNS" if plural else "NN"

    def _used(self, at: int) -> str:
        """VBD where it is a habit, or what one is accustomed to."""
        if self._after(at) != "to":
            return "VBN"
        after = self._after(at, 2)
        is_tool = self._before(at) in _BE and not after.endswith("ing") and after not in _DETERMINERS | _POSSESSIVES
        return "VBN" if is_tool and after not in _OBJECTS else "VBD"

    def _past_or_present(self, at: int, before: str, word: str) -> str:
        before_it = self._before(at)
        if word == "wound":
            is_noun = before in _DETERMINERS | _POSSESSIVES | _PREPOSITIONS or before in _MODALS or before == "to"
            is_past = not is_noun and not self._begins(at) and self._after(at) in ("up", "down", "around")
            return "VBD" if is_past else "NN"
        if before in _HAVE or before in _BE or before in ("well", "been"):
            return "VBN"
        if before == "to" or before in _MODALS or before in _DO:
            return "VB"
        if before in _DETERMINERS | _POSSESSIVES:
            return "NN"
        if before in _SUBJECTS and self._before(at, 2) in _DO | _MODALS:
            return "VB"
        if self._begins(at) or before_it == "please":
            return "VB"
        near = self._near(at)
        told = any(each in _PAST_VERBS or (each.endswith("ed") and len(each) > len("need")) for each in near)
        if before_it in _THIRD_PERSON or _PAST_TIMES & set(near) or (self._is_plain(before) and told):
            return "VBD"
        return "VB"

    def _near(self, at: int) -> Sequence[str]:
        """The words around, as far as the sentence goes and not too far."""
        start = next((begin + 1 for begin in range(at - 1, max(at - _NEAR, -1), -1) if self._words[begin] in _ENDS), 0)
        end = next(
            (end for end in range(at, min(at + _NEAR, len(self._words))) if self._words[end] in _ENDS), at + _NEAR
        )
        return self._lower[max(start, at - _NEAR) : end]

    def _before(self, at: int, count: int = 1, *, skips_adverbs: bool = False) -> str:
        """The ``count``-th word before, "" where the text begins."""
        at -= count
        last = max(at - _MOST_ADVERBS, 0) if skips_adverbs else at
        while at > last and (self._lower[at] in _SKIPPED or self._lower[at].endswith("ly")):
            at -= 1
        return self._lower[at] if at >= 0 else ""

    def _after(self, at: int, count: int = 1) -> str:
        return self._lower[at + count] if at + count < len(self._lower) else ""

    def _begins(self, at: int) -> bool:
        """Whether a sentence begins here."""
        at -= 1
        while at >= 0 and self._words[at] in {'"', "'", "(", *OPEN_QUOTES}:
            at -= 1
        return at < 0 or self._words[at] in (".", "!", "?", "…", ":", ";")

    def _ends_clause(self, at: int) -> bool:
        after = self._after(at)
        return not after or after in PAUSES or after in {'"', ")", *CLOSE_QUOTES}

    @staticmethod
    def _is_plain(word: str) -> bool:
        """Whether it is a word of no closed class."""
        closed = _BE | _HAVE | _DO | _MODALS | _SUBJECTS | _OBJECTS | _CONTRACTED | _DETERMINERS | _POSSESSIVES
        others = _PREPOSITIONS | _CONJUNCTIONS | _CLAUSES | _ADVERBS | _PARTICIPLES
        return word[:1].isalpha() and word not in closed and word not in others and word != "to"
