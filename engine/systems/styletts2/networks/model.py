"""The whole network: its parts as named fields, and the ways from phonemes to sound through them.

StyleTTS 2 (arXiv 2306.07691); specification, section 5. Letters: B batch, T phonemes, L frames of 25 ms, H channels,
S size of one half of a style, N samples.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from engine.steps import Steps, finish
from engine.systems.styletts2.config import DecoderKind, ModelConfig
from engine.systems.styletts2.networks.decoder import Decoder
from engine.systems.styletts2.networks.diffusion import StyleDiffusion
from engine.systems.styletts2.networks.plbert import PLBert
from engine.systems.styletts2.networks.prosody import ProsodyPredictor, delayed, durations, stretch
from engine.systems.styletts2.networks.style import StyleEncoder
from engine.systems.styletts2.networks.text_encoder import TextEncoder, length_mask


@dataclass(frozen=True, slots=True)
class EncodedText:
    """What phonemes become, of B texts, of which ``lengths`` (B,) count.

    ``acoustic`` (B, H, T) is for the decoder; ``bert`` (B, T, E) is what the style listens to, and ``prosodic``
    (B, H, T) the same for the prosody.
    """

    lengths: Tensor
    acoustic: Tensor
    bert: Tensor
    prosodic: Tensor


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How long the phonemes of one text take: ``frames`` (T,), whole, and what that was read from."""

    frames: Tensor
    logits: Tensor
    encoded: Tensor


@dataclass(frozen=True, slots=True)
class Score:
    """What the decoder plays: ``text`` (1, H, L), ``pitch`` in Hz and log ``energy`` (1, 2L)."""

    text: Tensor
    pitch: Tensor
    energy: Tensor


class StyleTTS2(nn.Module):
    """The network. Attribute names are the published ones."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        hidden, style, bert = config.hidden_dim, config.style_dim, config.plbert
        self.bert = PLBert(bert)
        self.bert_encoder = nn.Linear(bert.hidden_size, hidden)
        self.text_encoder = TextEncoder(config.n_token, hidden, config.n_layer)
        self.style_encoder = StyleEncoder(config.dim_in, hidden, style)
        self.predictor_encoder = StyleEncoder(config.dim_in, hidden, style)
        self.diffusion = StyleDiffusion(
            config.diffusion, 2 * style, bert.hidden_size, bert.max_position_embeddings, reference=config.multispeaker
        )
        self.predictor = ProsodyPredictor(style, hidden, config.n_layer, config.max_dur)
        self.decoder = Decoder(config.decoder, hidden, style)

    def encode_text(self, ids: Tensor, lengths: Tensor) -> EncodedText:
        """``ids`` (B, T), of which ``lengths`` (B,) count; T at most ``bert.max_length``."""
        acoustic = self.text_encoder(ids, lengths)
        bert = self.bert(ids, length_mask(lengths, ids.shape[1]))
        return EncodedText(lengths, acoustic, bert, self.bert_encoder(bert).transpose(1, 2))

    def encode_style(self, mel: Tensor) -> Tensor:
        """The style (B, 2S), acoustic half first, of a normalised ``mel`` (B, 1, M, F)."""
        return torch.cat((self.style_encoder(mel), self.predictor_encoder(mel)), dim=-1)

    def rhythm(self, text: EncodedText, style: Tensor, *, speed: float = 1.0) -> Rhythm:
        """The durations of one text in ``style`` (1, 2S)."""
        encoded = self.predictor.encode(text.prosodic, self.prosodic(style), text.lengths)
        logits = self.predictor.duration_logits(encoded, text.lengths)
        return Rhythm(durations(logits, speed).squeeze(0), logits, encoded)

    def score(self, text: EncodedText, rhythm: Rhythm, style: Tensor, frames: Tensor | None = None) -> Score:
        """Pitch and energy of one text; ``frames`` (T,) instead of those of ``rhythm`` where given."""
        frames = rhythm.frames if frames is None else frames
        encoded = stretch(rhythm.encoded.transpose(1, 2), frames)
        acoustic = stretch(text.acoustic, frames)
        if self.config.decoder.kind is DecoderKind.HIFIGAN:
            encoded, acoustic = delayed(encoded), delayed(acoustic)
        return Score(acoustic, *self.predictor.contours(encoded, self.prosodic(style)))

    def sound(self, score: Score, style: Tensor, noise: Tensor) -> Tensor:
        """Samples (1, 1, N), N = 600·L, with the source's ``noise`` (1, N, 9), its end not yet cut."""
        return finish(self.playing(score, style, noise))

    def playing(self, score: Score, style: Tensor, noise: Tensor) -> Steps[Tensor]:
        """The same in steps."""
        return self.decoder.playing(score.text, score.pitch, score.energy, self.acoustic(style), noise)

    def acoustic(self, style: Tensor) -> Tensor:
        """The half (B, S) of a style (B, 2S) that the decoder hears."""
        return style[:, : self.config.style_dim]

    def prosodic(self, style: Tensor) -> Tensor:
        """The half (B, S) of a style (B, 2S) that durations, pitch and energy follow."""
        return style[:, self.config.style_dim :]
