"""In which scripts and languages a text is written, and what of it a voice cannot read.

The script decides first: Hangul is Korean, and Chinese characters among kana are Japanese. Text in Latin letters is
taken for English unless its words say otherwise (`engine.text.latin`), so that a name, a loan word or a quotation in
an English sentence counts as English.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.errors import TextError
from engine.message import Message, listed
from engine.text.latin import NAMES as LATIN_NAMES
from engine.text.latin import language_of

NAMES = {
    "zh": "Chinese", "ja": "Japanese", "ko": "Korean", "ar": "Arabic", "fa": "Persian", "ur": "Urdu", "he": "Hebrew",
    "ru": "Russian", "uk": "Ukrainian", "el": "Greek", "hi": "Hindi", "bn": "Bengali", "pa": "Punjabi",
    "gu": "Gujarati",
    "or": "Odia", "ta": "Tamil",
    "te": "Telugu", "kn": "Kannada", "ml": "Malayalam", "si": "Sinhala", "th": "Thai",
    "lo": "Lao", "bo": "Tibetan", "my": "Burmese", "ka": "Georgian", "hy": "Armenian", "am": "Amharic", "km": "Khmer",
    "mn": "Mongolian", "chr": "Cherokee", "iu": "Inuktitut", "dv": "Dhivehi", "syr": "Syriac", "ii": "Yi",
    "sa": "Sanskrit",
    **LATIN_NAMES,
}  # fmt: skip
# The ranges of letters in each script, and the language that is meant where nothing else tells.
_SCRIPTS = {
    "Han": ("zh", "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"),
    "Kana": ("ja", "\u3041-\u3096\u309d\u309e\u30a1-\u30fa\u30fc-\u30fe\u31f0-\u31ff\uff66-\uff9f"),
    "Hangul": ("ko", "\u1100-\u11ff\u3131-\u318e\ua960-\ua97c\uac00-\ud7fb\uffa1-\uffdc"),
    "Bopomofo": ("zh", "\u3105-\u312f\u31a0-\u31bf"),
    "Arabic": (
        "ar",
        "\u0620-\u064a\u066e-\u06d3\u06d5\u06ee\u06ef\u06fa-\u06ff\u0750-\u077f\u08a0-\u08c9\ufb50-\ufdfb\ufe70-\ufefc",
    ),
    "Hebrew": ("he", "\u05d0-\u05f2\ufb1d-\ufb4f"),
    "Cyrillic": ("ru", "\u0400-\u0481\u048a-\u052f\u1c80-\u1c88\u2de0-\u2dff\ua640-\ua66e"),
    "Greek": ("el", "\u0370-\u0373\u0376-\u0377\u037b-\u037d\u0386\u0388-\u03ff\u1f00-\u1fff"),
    "Devanagari": ("hi", "\u0904-\u0939\u0958-\u0961\u0971-\u097f"),
    "Bengali": ("bn", "\u0985-\u09b9\u09ce\u09dc-\u09e1\u09f0\u09f1"),
    "Gurmukhi": ("pa", "\u0a05-\u0a39\u0a59-\u0a5e\u0a72-\u0a74"),
    "Gujarati": ("gu", "\u0a85-\u0ab9\u0ad0-\u0ae1"),
    "Odia": ("or", "\u0b05-\u0b39\u0b5c-\u0b61\u0b71"),
    "Tamil": ("ta", "\u0b83-\u0bb9\u0bd0"),
    "Telugu": ("te", "\u0c05-\u0c39\u0c58-\u0c61"),
    "Kannada": ("kn", "\u0c85-\u0cb9\u0cde-\u0ce1"),
    "Malayalam": ("ml", "\u0d05-\u0d3a\u0d54-\u0d61\u0d7a-\u0d7f"),
    "Sinhala": ("si", "\u0d85-\u0dc6"),
    "Thai": ("th", "\u0e01-\u0e30\u0e32\u0e33\u0e40-\u0e46"),
    "Lao": ("lo", "\u0e81-\u0eb0\u0eb2\u0eb3\u0ebd-\u0ec6\u0edc-\u0edf"),
    "Tibetan": ("bo", "\u0f00\u0f40-\u0f6c\u0f88-\u0f8c"),
    "Burmese": ("my", "\u1000-\u102a\u103f\u1050-\u1055"),
    "Georgian": ("ka", "\u10a0-\u10ff\u1c90-\u1cbf\u2d00-\u2d2d"),
    "Armenian": ("hy", "\u0531-\u0556\u0561-\u0588"),
    "Ethiopic": ("am", "\u1200-\u135a\u1380-\u138f\u2d80-\u2dde\uab01-\uab2e"),
    "Khmer": ("km", "\u1780-\u17b3\u17d7\u17dc"),
    "Mongolian": ("mn", "\u1820-\u18aa"),
    "Cherokee": ("chr", "\u13a0-\u13fd\uab70-\uabbf"),
    "Canadian": ("iu", "\u1401-\u166c\u166f-\u167f"),
    "Thaana": ("dv", "\u0780-\u07a5"),
    "Syriac": ("syr", "\u0710-\u072f"),
    "Yi": ("ii", "\ua000-\ua48c"),
}  # fmt: skip
_LATIN = "A-Za-z\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff\uff21-\uff3a\uff41-\uff5a"
_RUNS = re.compile("|".join(f"(?P<{name}>[{ranges}]+)" for name, (_, ranges) in _SCRIPTS.items()))
_HAS_OTHERS = re.compile("[" + "".join(ranges for _, ranges in _SCRIPTS.values()) + "]")
_HAN_SIGNS = re.compile(f"[{_SCRIPTS['Han'][1]}]+")
_HAS_LATIN = re.compile(f"[{_LATIN}]")
_LATIN_RUN = re.compile(f"[{_LATIN}]+")
# Letters that only one of the languages of a script has.
_TELLING = {"Arabic": (("ur", "ٹڈڑںےھ"), ("fa", "پچژگکی")), "Cyrillic": (("uk", "іїєґІЇЄҐ"),)}
# What is taken for another language where nothing but the script tells.
_SAME_SCRIPT = {"sa": ("hi",)}
# A Greek letter alone is a sign of mathematics.
_SHORTEST_GREEK = 2
# So much of a line is kana in Japanese; a single の in a Chinese name is none.
_KANA_SHARE = 0.1
_LEAST_KANA = 2
_MOST_SPANS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What of a text is in one language: how many letters, and where the first hundred stretches of them lie.

    ``perhaps`` is another that may be meant as well, "" for none: Chinese characters alone may be Japanese.
    """

    language: str
    letters: int
    spans: tuple[tuple[int, int], ...]
    perhaps: str = ""

    @property
    def name(self) -> Message:
        """The English name of the language."""
        name = NAMES.get(self.language, "")
        return Message(name) if name else Message("in another language")


def survey(text: str) -> tuple[Found, ...]:
    """What languages ``text`` is in, the most letters first. Takes linear time.

    Chinese characters in a line with kana are Japanese, in one with more Hangul Korean. Latin letters are of the
    language that their paragraph, or where it is short the whole text, is in: English where nothing speaks against it.
    """
    letters: Counter[str] = Counter()
    spans: dict[str, list[tuple[int, int]]] = {}
    of_japan = True
    for language, start, end in _stretches(text):
        letters[language] += end - start
        of_japan = of_japan and (language != "zh" or is_of_japan(text[start:end]))
        found = spans.setdefault(language, [])
        if found and found[-1][1] == start:
            found[-1] = (found[-1][0], end)
        elif len(found) < _MOST_SPANS:
            found.append((start, end))
    return tuple(
        Found(
            language=language,
            letters=count,
            spans=tuple(spans[language]),
            perhaps="ja" if language == "zh" and of_japan else "",
        )
        for language, count in letters.most_common()
    )


def is_of_japan(text: str) -> bool:
    """Whether all Chinese characters of ``text`` are in the character set of Japan: most simplified ones are not."""
    try:
        "".join(_HAN_SIGNS.findall(text)).encode("cp932")
    except UnicodeEncodeError:
        return False
    return True


def mismatch(text: str, languages: Sequence[str]) -> tuple[Found, ...]:
    """What of ``text`` is in none of ``languages``, the most letters first; nothing where no language is named.

    Latin letters are only looked at where English, or no language that is written in them, is among ``languages``.
    """
    if not languages:
        return ()
    # Most text is in one language, and to see that takes a tenth of the time.
    if not _HAS_OTHERS.search(text) and _codes(languages).issuperset(filter(None, _latin_languages(text.splitlines()))):
        return ()
    return strange(survey(text), languages)


def strange(parts: Sequence[Found], languages: Sequence[str]) -> tuple[Found, ...]:
    """What of a surveyed text is in none of ``languages``, as `mismatch` has it.

    Nothing, where one of them is none of `NAMES`: nobody knows here how it is written.
    """
    known = _codes(languages)
    if not known or not known <= NAMES.keys():
        return ()
    others_in_latin = bool(known & LATIN_NAMES.keys() - {"en"})
    return tuple(
        found
        for found in parts
        if known.isdisjoint((found.language, found.perhaps)) and not (others_in_latin and found.language in LATIN_NAMES)
    )


def _codes(languages: Sequence[str]) -> set[str]:
    codes = {language.lower().replace("_", "-").partition("-")[0] for language in languages}
    return codes.union(*(_SAME_SCRIPT.get(code, ()) for code in codes))


def remarks(text: str, name: str, languages: Sequence[str]) -> list[Message]:
    """What to tell of a text that is given to ``name`` (a system or a voice), which speaks ``languages``.

    Raises TextError where all letters of the text are in scripts that it does not read, so that nothing is left.
    """
    found = mismatch(text, languages)
    if not found:
        return []
    speaks = listed([NAMES.get(language.partition("-")[0], language) for language in languages])
    in_scripts = [part for part in found if part.language not in LATIN_NAMES]
    if in_scripts and not _readable_left(text, found):
        raise TextError(
            "{name} speaks {languages}, and the text is {found}; choose another system",
            name=name,
            languages=speaks,
            found=listed([part.name for part in in_scripts]),
        )
    return [
        _remark(part, name=name, languages=speaks)
        for part in (*in_scripts, *(part for part in found if part.language in LATIN_NAMES))
    ]


def _remark(part: Found, *, name: str, languages: Message) -> Message:
    if part.language == "xx":
        return Message("{name} speaks {languages}; the text does not look English", name=name, languages=languages)
    language = part.name
    if part.language in LATIN_NAMES:
        return Message(
            "{name} speaks {languages}; the text looks {language}", name=name, languages=languages, language=language
        )
    if part.letters == 1:
        return Message(
            "{name} speaks {languages}; 1 character is {language}", name=name, languages=languages, language=language
        )
    return Message(
        "{name} speaks {languages}; {count:,} characters are {language}",
        name=name,
        languages=languages,
        count=part.letters,
        language=language,
    )


def _readable_left(text: str, found: Sequence[Found]) -> bool:
    """Whether there is a letter or a digit in ``text`` besides those of ``found`` that are in other scripts."""
    strange = sum(part.letters for part in found if part.language not in LATIN_NAMES)
    letters = sum(part.letters for part in survey(text))
    return letters > strange or any(map(str.isdecimal, set(text)))


def _stretches(text: str) -> Iterator[tuple[str, int, int]]:
    """Language, start and end of each run of letters in one script."""
    lines = list(_lines(text))
    latin = _latin_languages([line for _, line in lines])
    is_japanese = _kana_in(text)
    own = {script: language for script, (language, _) in _SCRIPTS.items()}
    signs = set(text)
    for script, options in _TELLING.items():
        own[script] = next((language for language, telling in options if not signs.isdisjoint(telling)), own[script])
    for (offset, line), spoken in zip(lines, latin, strict=True):
        if _HAS_OTHERS.search(line):
            yield from _other_scripts(line, offset, own, is_japanese=is_japanese)
        if spoken:
            for match in _LATIN_RUN.finditer(line):
                yield spoken, offset + match.start(), offset + match.end()


def _lines(text: str) -> Iterator[tuple[int, str]]:
    at = 0
    for line in text.splitlines(keepends=True):
        yield at, line
        at += len(line)


def _latin_languages(lines: Sequence[str]) -> list[str]:
    """The language of the Latin letters in each line; a short line is in that of them all, "" is for none."""
    found = {at: language_of(line, long=True) for at, line in enumerate(lines) if _HAS_LATIN.search(line)}
    whole = "" if all(found.values()) else language_of(" ".join(lines[at] for at in found)) or "en"
    return [(found[at] or whole) if at in found else "" for at in range(len(lines))]


def _kana_in(text: str) -> bool:
    """Whether a text is Japanese on the whole, so that a line without kana is, too."""
    kana, han = (sum(map(len, re.findall(f"[{_SCRIPTS[name][1]}]+", text))) for name in ("Kana", "Han"))
    return kana >= _LEAST_KANA and kana > 2 * _KANA_SHARE * (kana + han)


def _other_scripts(
    line: str, offset: int, usual: Mapping[str, str], *, is_japanese: bool
) -> Iterator[tuple[str, int, int]]:
    # A run always has a name: it is one of the alternatives.
    runs = [(match.lastgroup or "", match.start(), match.end()) for match in _RUNS.finditer(line)]
    sizes: Counter[str] = Counter()
    for script, start, end in runs:
        sizes[script] += end - start
    kana, han, hangul = sizes["Kana"], sizes["Han"], sizes["Hangul"]
    own = dict(usual)
    if kana >= _LEAST_KANA and kana >= _KANA_SHARE * (kana + han):
        own["Han"] = "ja"
    elif hangul > han:
        own["Han"] = "ko"
    elif is_japanese and not hangul:
        own["Han"] = "ja"
    elif kana and han:
        own["Kana"] = own["Han"]
    for script, start, end in runs:
        if script != "Greek" or end - start >= _SHORTEST_GREEK:
            yield own[script], offset + start, offset + end
