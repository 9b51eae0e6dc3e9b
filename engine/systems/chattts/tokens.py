"""The tokens in brackets: what a user may write, and what structures the prompts.

docs/systems/chattts.md#control-tokens
"""

import re
from collections.abc import Mapping

# For the text of a request. The model's authors stand for [uv_break], [lbreak] and [laugh]; the others are in its
# vocabulary.
IN_TEXT: Mapping[str, str] = {
    "[uv_break]": "A short pause.",
    "[lbreak]": "A long pause; at the end of a text it lets the last word come out whole.",
    "[laugh]": "A laugh.",
    "[v_break]": "Another short pause. Nobody promises that it is heard.",
    "[llbreak]": "A longer pause. Nobody promises that it is heard.",
    "[music]": "Music behind the voice. Nobody promises that it is heard.",
    "[pure]": "A voice without music. Nobody promises that it is heard.",
}
# All that a user may write: beside these, what the prompts of the options are made of.
CONTROLS = (
    *IN_TEXT,
    "[undefine]",
    *(f"[break_{level}]" for level in range(8)),
    *(f"[laugh_{level}]" for level in range(3)),
    *(f"[oral_{level}]" for level in range(10)),
    *(f"[speed_{level}]" for level in range(10)),
)
# In the text of a user these would derail the model.
STRUCTURE = (
    "[Sasr]", "[Pasr]", "[Easr]", "[Stts]", "[Ptts]", "[Etts]", "[Sbreak]", "[Pbreak]", "[Ebreak]", "[spk_emb]",
    "[empty_spk]", "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]",
)  # fmt: skip
CONTROL = re.compile("(" + "|".join(map(re.escape, CONTROLS)) + ")", re.IGNORECASE)

# As people write them: capitals, spaces or hyphens for the low line or none at all, brackets of other widths.
_WRITTEN = re.compile(r"[\[［【]\s?([A-Za-z][A-Za-z0-9 _\-]{0,20}?)\s?[\]］】]")
_LEVELLED = re.compile(r"(break|laugh|oral|speed)([0-9]{1,4})")
_SPACE = re.compile(r"[\s_\-]+")
_KNOWN = {_SPACE.sub("", token[1:-1]).lower(): token for token in (*CONTROLS, *STRUCTURE)}
# With a level that there is not.
UNKNOWN = re.compile(r"\[(?:break|laugh|oral|speed)_[0-9]{1,4}\]")


def respelled(text: str) -> str:
    """``text`` with every token as the model knows it, however it is written."""
    return _WRITTEN.sub(_respell, text)


def unknown(text: str) -> tuple[str, ...]:
    """The tokens of a respelled ``text`` whose level the model does not have, each once."""
    return tuple(dict.fromkeys(token for token in UNKNOWN.findall(text) if token not in CONTROLS))


def _respell(match: re.Match[str]) -> str:
    name = _SPACE.sub("", match[1]).lower()
    if levelled := _LEVELLED.fullmatch(name):
        name = levelled[1] + (levelled[2].lstrip("0") or "0")
        return _KNOWN.get(name, f"[{levelled[1]}_{levelled[2]}]")
    return _KNOWN.get(name, match[0])
