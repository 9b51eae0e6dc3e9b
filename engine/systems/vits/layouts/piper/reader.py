"""How a voice reads text: what its file says of symbols, language and kind. docs/systems/vits.md#piper-voices.

Imports no torch.
"""

import unicodedata

from engine.errors import ConfigError
from engine.message import Message
from engine.systems.vits.layouts.piper.compat import PiperText
from engine.systems.vits.layouts.piper.pinyin import PinyinEncoder
from engine.systems.vits.layouts.piper.sentences import Sentence, sentences
from engine.systems.vits.layouts.piper.symbols import PhonemeEncoder
from engine.systems.vits.layouts.piper.text import OurText, Symbols
from engine.systems.vits.layouts.piper.voice import PhonemeType, VoiceConfig
from engine.systems.vits.options import Options
from engine.systems.vits.reader import Pieces
from engine.systems.vits.text import Encoded
from engine.text.clauses import clauses
from engine.text.segment import sentences as split_sentences

# Languages that espeak-ng calls otherwise than the rest of the world.
LANGUAGES = {"cmn": "zh", "yue": "zh", "hak": "zh", "nb": "no", "nn": "no"}
# What the voices of a kind would need that is not here.
MISSING = {
    "hebrew": Message("Nakdimon, which adds the vowels"),
    "japanese": Message("Open JTalk with marks for the pitch"),
}
# So much is spoken to learn how loud a voice is: sounds that nearly all languages have.
_TRIAL = "mˈama lˈina sˈotu, tˈila nˈomi sˈamu."
_LEAST_TRIAL = 8


class PiperReader:
    """The reader of one voice. It speaks the language of its file, whatever language a request names."""

    def __init__(self, config: VoiceConfig) -> None:
        self.config = config
        self.encoder: PhonemeEncoder | PinyinEncoder = (
            PinyinEncoder(config) if config.type is PhonemeType.PINYIN else PhonemeEncoder(config)
        )

    @property
    def languages(self) -> tuple[str, ...]:
        """That of its espeak voice, or else what the file says; none where it does not."""
        return (self.language,) if self.language else ()

    @property
    def language(self) -> str:
        """The same as a code, or ""."""
        if self.config.type is PhonemeType.PINYIN:
            return "zh"
        named = self.config.espeak if self.config.type is PhonemeType.ESPEAK else self.config.language
        code = (named or self.config.espeak).lower().replace("_", "-").partition("-")[0]
        return LANGUAGES.get(code, code)

    def check(self) -> None:
        """Raises ConfigError for a kind of front end that is not here."""
        if self.config.type is None:
            raise ConfigError(
                "this voice reads text in the way called {kind} ({needs}), which is not there; there are espeak, text "
                "and pinyin, and with cleaned=true a text in the voice's own symbols",
                kind=repr(self.config.type_name),
                needs=MISSING.get(self.config.type_name, Message("a front end of its own")),
            )

    def pieces(self, options: Options) -> Pieces:
        """Ours, or Piper's."""
        if options.cleaned:
            return Symbols(self.encoder, self.language, whole=options.compat)
        return PiperText(self) if options.compat else OurText(self)

    def warm_up(self) -> None:
        """Start espeak, or whatever reads."""
        self.sentences("warm 1")

    def trial(self) -> Encoded:
        """A few syllables, or of a voice with other symbols some of its letters."""
        encoded = self.encoder.encode(_TRIAL)
        if encoded.spoken >= _LEAST_TRIAL:
            return encoded
        letters = [symbol for symbol in self.config.ids if symbol.isalpha()]
        return self.encoder.encode((" " if isinstance(self.encoder, PinyinEncoder) else "").join(letters[:16]))

    def sentences(self, text: str) -> list[Sentence]:
        """The sentences as Piper has them, each with its symbols; what has none is left out. Raises EngineError."""
        if isinstance(self.encoder, PinyinEncoder):
            return [Sentence(each, self.encoder.read(each)) for each in split_sentences(text)]
        if self.config.type is PhonemeType.ESPEAK:
            return sentences(text, self.config.espeak)
        letters = unicodedata.normalize("NFD", text)
        return [Sentence(text, letters)] if letters.strip() else []

    def unread(self, text: str) -> tuple[str, ...]:
        """The signs in ``text`` that espeak passes over without a word, each once."""
        if self.config.type is not PhonemeType.ESPEAK:
            return ()
        signs = dict.fromkeys(sign for sign in text if unicodedata.category(sign) in ("So", "Sm", "Sc"))
        return tuple(sign for sign in signs if not any(each.phonemes for each in clauses(sign, self.config.espeak)))
