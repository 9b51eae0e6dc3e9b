"""Text to token ids and back, and the prompts around it.

docs/systems/chattts.md#control-tokens, docs/systems/chattts.md#prompts
"""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from tokenizers import Tokenizer as WordPieces

from engine.errors import WeightsMismatch
from engine.systems.chattts.tokens import CONTROLS, STRUCTURE

_REMOVED = re.compile(r"\[Stts\]|\[spk_emb\]|\[empty_spk\]")
# The published clean-up, in this order, over the whole text.
_CLEAN_UP = (
    (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"), (" 's", "'s"),
    (" 've", "'ve"), (" 're", "'re"),
)  # fmt: skip


class Tokenizer:
    """The published tokenizer. ``end_of_text`` closes a refined text, ``speaker`` is where a voice's vector goes.

    ``characters`` are those that it knows as tokens of their own: every other Chinese character is one and the same
    unknown token, which the model garbles.
    """

    def __init__(self, path: Path) -> None:
        """Read tokenizer.json. Raises WeightsMismatch when it is none, or lacks a token of ChatTTS."""
        try:
            self._pieces = WordPieces.from_file(str(path))
        # The library knows no narrower class.
        except Exception as error:  # noqa: BLE001
            raise WeightsMismatch("{path} is no tokenizer: {error}", path=path.name, error=str(error)[:200]) from None
        # The file cuts at 256 tokens and fills up to them, which the reference does not.
        self._pieces.no_truncation()
        self._pieces.no_padding()
        numbers = self._pieces.get_vocab()
        lacking = [name for name in (*STRUCTURE, *CONTROLS) if name not in numbers]
        if lacking:
            raise WeightsMismatch(
                "{path} lacks {lacking}; fetch asset/tokenizer again", path=path.name, lacking=", ".join(lacking[:5])
            )
        self.size = self._pieces.get_vocab_size()
        self.end_of_text = numbers["[Ebreak]"]
        self.speaker = numbers["[spk_emb]"]
        self._first_level = numbers["[break_0]"]
        self.characters = frozenset(token for token in numbers if len(token) == 1)

    def encode(self, text: str) -> list[int]:
        """The ids of ``text``, without special tokens but those in it. Lone surrogates become question marks."""
        text = text.encode("utf-8", "replace").decode("utf-8")
        return self._pieces.encode(text, add_special_tokens=False).ids

    def decode(self, ids: Iterable[int]) -> str:
        """The text of ``ids``: Chinese comes back with spaces between its characters, and all in lower case."""
        tokens = [self._pieces.id_to_token(number) or "[UNK]" for number in ids]
        text = " ".join(tokens).replace(" ##", "")
        for spaced, joined in _CLEAN_UP:
            text = text.replace(spaced, joined)
        return text

    def decode_refined(self, ids: Iterable[int]) -> str:
        """The text that the refining stage wrote, without the levels that only prompts hold."""
        return self.decode(number for number in ids if number < self._first_level)


def levels(oral: int, laugh: int, breaks: int) -> str:
    """The refining prompt for three levels; a negative one is left to the model."""
    return "".join(
        f"[{name}_{level}]" for name, level in (("oral", oral), ("laugh", laugh), ("break", breaks)) if level >= 0
    )


def speed(level: int, prompt: str) -> str:
    """The code prompt: the user's tokens, after those for the speed unless they set one."""
    return prompt if level < 0 or "[speed_" in prompt else f"[speed_{level}]{prompt}"


def refine_prompt(text: str, prompt: str) -> str:
    """What the refining stage reads."""
    return f"[Sbreak]{text}[Pbreak]{prompt}"


def code_prompts(texts: Sequence[str], prompt: str, *, has_speaker: bool, transcript: str = "") -> list[str]:
    """What the code stage reads for each text; ``transcript`` is what is said in the sample whose codes follow."""
    speaker = "[spk_emb]" if has_speaker else "[empty_spk]"
    return [f"[Stts]{speaker}{transcript}{prompt}{_REMOVED.sub('', text).strip()}[Ptts]" for text in texts]
