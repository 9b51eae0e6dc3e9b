"""Kana to the IPA of Kokoro's Japanese. docs/kokoro-phonemes.md#japanese"""

import unicodedata

_VOWELS = "aiɯeo"
_BEFORE_GLIDES = ("kʲ", "ɡʲ", "ɕ", "ʥ", "ʨ", "ʥ", "ɲ", "ç", "bʲ", "pʲ", "mʲ", "ɾʲ")
TABLE = {
    **dict(zip("あいうえおぁぃぅぇぉ", "aiɯeo" * 2, strict=True)),
    "か": "ka", "き": "kʲi", "く": "kɯ", "け": "ke", "こ": "ko",
    "が": "ɡa", "ぎ": "ɡʲi", "ぐ": "ɡɯ", "げ": "ɡe", "ご": "ɡo",
    "さ": "sa", "し": "ɕi", "す": "sɨ", "せ": "se", "そ": "so",
    "ざ": "ʣa", "じ": "ʥi", "ず": "zɨ", "ぜ": "ʣe", "ぞ": "ʣo",
    "た": "ta", "ち": "ʨi", "つ": "ʦɨ", "て": "te", "と": "to",
    "だ": "da", "ぢ": "ʥi", "づ": "zɨ", "で": "de", "ど": "do",
    "な": "na", "に": "ɲi", "ぬ": "nɯ", "ね": "ne", "の": "no",
    "は": "ha", "ひ": "çi", "ふ": "ɸɯ", "へ": "he", "ほ": "ho",
    "ば": "ba", "び": "bʲi", "ぶ": "bɯ", "べ": "be", "ぼ": "bo",
    "ぱ": "pa", "ぴ": "pʲi", "ぷ": "pɯ", "ぺ": "pe", "ぽ": "po",
    "ま": "ma", "み": "mʲi", "む": "mɯ", "め": "me", "も": "mo",
    "や": "ja", "ゆ": "jɯ", "よ": "jo", "ゃ": "ja", "ゅ": "jɯ", "ょ": "jo",
    "ら": "ɾa", "り": "ɾʲi", "る": "ɾɯ", "れ": "ɾe", "ろ": "ɾo",
    "わ": "βa", "ゎ": "βa", "ゐ": "i", "ゑ": "e", "を": "o", "ゔ": "vɯ", "ゕ": "ka", "ゖ": "ke",
    "ヷ": "va", "ヸ": "vʲi", "ヹ": "ve", "ヺ": "vo",
    "いぇ": "je", "うぃ": "βi", "うぇ": "βe", "うぉ": "βo", "きぇ": "kʲe",
    "くぁ": "kᵝa", "くぃ": "kᵝi", "くぇ": "kᵝe", "くぉ": "kᵝo",
    "ぐぁ": "ɡᵝa", "ぐぃ": "ɡᵝi", "ぐぇ": "ɡᵝe", "ぐぉ": "ɡᵝo",
    "しぇ": "ɕe", "じぇ": "ʥe", "ちぇ": "ʨe", "にぇ": "ɲe", "ひぇ": "çe",
    "つぁ": "ʦa", "つぃ": "ʦʲi", "つぇ": "ʦe", "つぉ": "ʦo",
    "てぃ": "tʲi", "てゅ": "tʲɨ", "でぃ": "dʲi", "でゅ": "dʲɨ", "とぅ": "tɯ", "どぅ": "dɯ",
    "ふぁ": "ɸa", "ふぃ": "ɸʲi", "ふぇ": "ɸe", "ふぉ": "ɸo", "ふゅ": "ɸʲɨ", "ふょ": "ɸʲo",
    "ゔぁ": "va", "ゔぃ": "vʲi", "ゔぇ": "ve", "ゔぉ": "vo", "ゔゅ": "bʲɨ", "ゔょ": "bʲo",
    **{
        row + small: consonant + vowel
        for row, consonant in zip("きぎしじちぢにひびぴみり", _BEFORE_GLIDES, strict=True)
        for small, vowel in zip("ゃゅょ", "aɨo", strict=True)
    },
}  # fmt: skip
_SMALL = frozenset("ゃゅょぁぃぅぇぉゎ")
_NASALS = (("mpb", "m"), ("kɡ", "ŋ"), ("ɲʨʥ", "ɲ"), ("ntdɾz", "n"))
_BEFORE_NOTHING = "ɴ"
_PHONETIC = dict(zip("ㇰㇱㇲㇳㇴㇵㇶㇷㇸㇹㇺㇻㇼㇽㇾㇿ", "クシストヌハヒフヘホムラリルレロ", strict=True))
_FIRST, _LAST, _TO_HIRAGANA = ord("ァ"), ord("ヶ"), ord("ァ") - ord("ぁ")
_REPEATS, _VOICED_REPEATS = frozenset("ゝヽ"), frozenset("ゞヾ")
_VOICING = "\u3099"


def plain_kana(text: str) -> str:
    """``text`` with small phonetic katakana as plain ones."""
    return "".join(_PHONETIC.get(sign, sign) for sign in text)


def hiragana(text: str) -> str:
    """``text`` with katakana as hiragana, and with what the signs of repetition stand for."""
    said: list[str] = []
    for sign in text:
        before = said[-1] if said else ""
        if sign in _REPEATS and before:
            said.append(before)
        elif sign in _VOICED_REPEATS and before:
            said.append(unicodedata.normalize("NFC", unicodedata.normalize("NFD", before)[:1] + _VOICING))
        else:
            said.append(chr(ord(sign) - _TO_HIRAGANA) if _FIRST <= ord(sign) <= _LAST else sign)
    return "".join(said)


def ipa(word: str) -> str:
    """A ``word`` in kana as IPA; "" of what is no kana."""
    word = hiragana(word)
    said: list[str] = []
    at = 0
    while at < len(word):
        pair, sign = word[at : at + 2], word[at]
        if len(pair) > 1 and pair in TABLE:
            said.append(TABLE[pair])
            at += 2
            continue
        if sign in _SMALL and said and said[-1][-1:] in (*_VOWELS, "ɨ"):
            # The sound of the two together is that of the small one, behind the consonant of the other.
            said[-1] = said[-1][:-1]
        said.append({"ー": "ː", "っ": "ʔ", "ん": _BEFORE_NOTHING}.get(sign) or TABLE.get(sign, ""))
        at += 1
    return _assimilated(said)


def _assimilated(sounds: list[str]) -> str:
    """ん as what follows it sounds."""
    after = ""
    for at in reversed(range(len(sounds))):
        if sounds[at] == _BEFORE_NOTHING:
            sounds[at] = next((nasal for signs, nasal in _NASALS if after and after in signs), _BEFORE_NOTHING)
        after = sounds[at][:1] or after
    return "".join(sounds)
