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
