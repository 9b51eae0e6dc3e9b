"""Of ``models``: what can be found in the catalogues of the systems, and which model to take."""

import argparse
import json

from engine.cli.output import answer
from engine.library import Library
from engine.library.advice import Advised, Wish, advise
from engine.library.card import in_bytes
from engine.library.catalogues import Listed, Wanted

MOST = 40


def add_search(parser: argparse.ArgumentParser) -> None:
    """Declare what `search` takes."""
    parser.add_argument("words", nargs="*", metavar="WORD", help="of a language, a country or a name")
    parser.add_argument("--system", default="", help="of this system alone")
    parser.add_argument("--language", default="", metavar="CODE", help="in this language alone, such as de")
    parser.add_argument("--quality", default="", help="of this quality alone, as it is listed")
    parser.add_argument("--speakers", type=int, default=0, metavar="N", help="with so many voices or more")
    parser.add_argument("--max-mb", type=float, default=0, metavar="MB", help="at most so large")
    parser.add_argument("--limit", type=int, default=MOST, metavar="N", help=f"list so many at most; {MOST} by default")


def add_recommend(parser: argparse.ArgumentParser) -> None:
    """Declare what `recommend` takes."""
    parser.add_argument("language", metavar="LANGUAGE", help="its code, such as de or pt-BR")
    parser.add_argument("--fast", action="store_true", help="sound at once rather than the most natural voice")
    parser.add_argument("--commercial", action="store_true", help="under a licence that allows selling what is spoken")


def search(library: Library, chosen: argparse.Namespace) -> None:
    """List what is found, the best fitting first."""
    wanted = Wanted(
        query=" ".join(chosen.words),
        language=chosen.language,
        quality=chosen.quality,
        speakers=chosen.speakers,
        most_bytes=round(chosen.max_mb * 1e6),
    )
    found = library.catalogues.search(wanted, max(1, chosen.limit), chosen.system)
    if chosen.json:
        answer(json.dumps(found.describe(), indent=2))
        return
    rows = [_row(listed) for listed in found.entries]
    left = found.total - len(rows)
    more = [f"... and {left} more; name more words, or a higher --limit"] if left > 0 else []
    answer("\n".join([*_table(rows), *more, *map(str, found.notes)] or ["nothing is found; try fewer words"]))


def show(library: Library, chosen: argparse.Namespace) -> None:
    """Tell what a checkpoint is and under which licence, before it is downloaded."""
    card = library.card(chosen.id)
    if chosen.json:
        answer(json.dumps(card.describe(), indent=2))
        return
    size = f"{'' if card.exact else '~'}{in_bytes(card.size)}" if card.size else "unknown"
    terms = card.terms
    sold = {True: "yes", False: "no", None: "nobody says so"}[terms.commercial]
    rows = [
        ["state", card.state],
        ["languages", ", ".join(card.languages)],
        ["size", size],
        ["licence", f"{terms.name}{' (accept it with --accept)' * (terms.restricted and not card.accepted)}"],
        ["", str(terms.summary)],
        ["commercial use", sold],
        ["from", card.source or card.note or "-"],
    ]
    answer("\n".join([f"{card.id}: {card.title}", *(f"  {line}" for line in _table(rows))]))


def recommend(library: Library, chosen: argparse.Namespace) -> None:
    """Name the best models for a language, the best first."""
    language, _, region = chosen.language.replace("_", "-").partition("-")
    wish = Wish(language=language.lower(), region=region.upper(), fast=chosen.fast, commercial=chosen.commercial)
    advice = advise(library, wish)
    if chosen.json:
        facts = [{**each.card.describe(), "voice": each.merits.voice} for each in advice.options]
        answer(json.dumps(facts, indent=2))
        return
    lines = _table([_advised(each) for each in advice.options])
    answer("\n".join([*lines, *map(str, advice.notes)] or [f"nothing here speaks {chosen.language} on these terms"]))


def _row(listed: Listed) -> list[str]:
    entry = listed.entry
    voices = "1 voice" if entry.speakers == 1 else f"{entry.speakers} voices"
    size = in_bytes(entry.size) if entry.size else "-"
    return [listed.id, ", ".join(filter(None, entry.spoken)), entry.quality or "-", voices, size]


def _advised(advised: Advised) -> list[str]:
    card = advised.card
    natural = ("", "plainly a machine", "clear", "natural", "like a person")[advised.merits.naturalness]
    speed = ("", "slow", "as fast as real time", "fast", "at once")[advised.merits.speed]
    return [card.id, card.state, natural, speed, card.terms.name, card.title]


def _table(rows: list[list[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)] if rows else []
    return ["  ".join([*map(str.ljust, row[:-1], widths), row[-1]]).rstrip() for row in rows]
