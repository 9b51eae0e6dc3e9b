"""What languages are called: their ISO 639-3 codes, their English names, and their own names.

The table ships as a file. It was made by `derive` from iso639-lang 2.6.3 (MIT), which has the tables of ISO 639-3, and
language-data 1.4.0 (MIT), which has the own names of Unicode's CLDR.
``python -m engine.text.language_names`` makes it again.
"""

import gzip
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

SHIPPED = Path(__file__).parents[2] / "assets" / "languages.tsv.gz"
# Of what somebody types, so much is looked at.
MOST_TYPED = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """A language: its ISO 639-3 ``code``, its name in English and its ``own`` name, "" where nobody has noted it.

    ``short`` is the code of two letters that it, or the group of languages that it counts to, has in ISO 639-1; "" for
    none.
    """

    code: str
    short: str
    english: str
    own: str

    @property
    def tag(self) -> str:
        """The code by which it goes elsewhere in the studio: the short one, where there is one."""
        return self.short or self.code


@lru_cache(maxsize=1)
def languages() -> Mapping[str, Language]:
    """Every language of ISO 639-3 by its code, in the order of the codes."""
    with gzip.open(SHIPPED, "rt", encoding="utf-8") as lines:
        rows = (line.rstrip("\n").split("\t") for line in lines)
        return {code: Language(code=code, short=short, english=english, own=own) for code, short, english, own in rows}


def tag_of(code: str) -> str:
    """The code by which a language of ISO 639-3 goes elsewhere in the studio: ``en`` of ``eng``, ``kab`` of ``kab``.

    What follows the language in a code (``azj-script_latin``) does not count; what is no such code stays as it is.
    """
    language = code.lower().replace("_", "-").partition("-")[0]
    found = languages().get(language)
    return found.tag if found else language


def search(typed: str, among: Iterable[Language] | None = None) -> Iterator[Language]:
    """The languages that have what somebody typed as their code or in one of their names, the best first.

    ``among`` is by default every one. Accents and capitals do not count. Nothing fits an empty text.
    """
    wanted = _plain(typed[:MOST_TYPED].strip())
    if not wanted:
        return
    ranked = []
    for language in languages().values() if among is None else among:
        codes, names = (language.code, language.short), (_plain(language.english), _plain(language.own))
        if wanted in codes:
            ranked.append((0, language))
        elif wanted in names:
            ranked.append((1, language))
        elif any(name.startswith(wanted) for name in names):
            ranked.append((2, language))
        elif any(wanted in name for name in names):
            ranked.append((3, language))
    yield from (language for _, language in sorted(ranked, key=lambda each: (each[0], each[1].english)))


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def render(table: Iterable[Language]) -> bytes:
    """The shipped file."""
    rows = ("\t".join((each.code, each.short, each.english, each.own)) for each in table)
    return gzip.compress("".join(f"{row}\n" for row in rows).encode("utf-8"), 9, mtime=0)


def derive() -> list[Language]:
    """The table as it follows from the packages."""
    import langcodes
    from iso639 import iter_langs

    return [
        Language(
            code=lang.pt3,
            short=lang.pt1 or (group.pt1 if (group := lang.macro()) else ""),
            english=_bare(lang.name),
            own=_own_name(langcodes.Language.get(lang.pt3)),
        )
        for lang in sorted(iter_langs(), key=lambda each: each.pt3)
        if lang.pt3
    ]


def _bare(name: str) -> str:
    """A name without what tells a language from the group that is called so, too; a country stays."""
    return name.removesuffix(" (individual language)").removesuffix(" (macrolanguage)")


def _own_name(language: Any) -> str:
    # Where CLDR has none, its answer is the English name, which is also what English calls itself.
    own, english = _bare(language.autonym()), _bare(language.display_name())
    return own if own != english or language.language == "en" else ""


if __name__ == "__main__":
    SHIPPED.write_bytes(render(derive()))
