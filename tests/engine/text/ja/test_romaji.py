"""Open JTalk's phonemes and accents to the symbols of the model: the published tables, in their order."""

import pytest

from engine.text.ja import romaji as module
from engine.text.ja.romaji import ipa, romaji
from tests.engine.systems.vallex.vectors import rows
from tests.engine.text.open_jtalk import install


def test_the_tables_are_the_published_ones() -> None:
    published = rows("vallex_g2p_tables.json")["japanese"]
    rules = [[rule.pattern, replacement] for rule, replacement in module._RULES]
    assert rules == [*published["sokuon"], *published["hatsuon"]]
    assert [list(row) for row in module._IPA] == published["romaji_to_ipa2"]
    assert module.READ.pattern == f"({published['character_class']}+)"


def test_accents_and_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch)
    # Low, high, and a space between two phrases; marks as in ASCII.
    assert romaji("こんにちは、世界。") == "ko↑Nniʧiwa, se↓kai."
    assert romaji("！？…") == "!?..."


def test_geminates_and_nasals_sound_as_what_follows() -> None:
    assert ipa("ga↑Qkoo") == "ga↑k#koo"
    assert ipa("kiQ↑pu") == "kip#↑pɯ"
    assert ipa("ʃiNbuN") == "ʃimbɯN"
    assert ipa("iQ...") == "iQ…"
    assert ipa("desU hito hyaku niNja") == "desɯ* çito çakɯ n^in^dʑa"
