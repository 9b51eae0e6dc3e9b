"""Phonemes in a given style to sound: the parts of StyleTTS 2 (arXiv 2306.07691) that its whole family shares.

Letters: B batch, T phonemes, L frames of 25 ms, H channels, E channels of PL-BERT, S size of one half of a style, N
samples. A style (B, 2S) is its acoustic, then its prosodic half.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from engine.steps import Steps, finish
from engine.style_tts.adain import AdainResBlk1d
from engine.style_tts.config import DecoderConfig, DecoderKind, HarmonicConfig, SynthesizerConfig
from engine.style_tts.decoder import Decoder
from engine.style_tts.generator import ISTFTGenerator
from engine.style_tts.harmonic import HarmonicDecoder
from engine.style_tts.plbert import PLBert
from engine.style_tts.prosody import ProsodyPredictor, expand, frame_counts, shift_right
from engine.style_tts.text_encoder import TextEncoder, length_mask


@dataclass(frozen=True, slots=True)
class EncodedText:
    """What phonemes become, of B texts, of which ``lengths`` (B,) count.

    ``acoustic`` (B, H, T) is for the decoder; ``bert`` (B, T, E) conditions the style, and ``prosodic`` (B, H, T) is
    the same for the prosody.
    """

    lengths: Tensor
    acoustic: Tensor
    bert: Tensor
    prosodic: Tensor


@dataclass(frozen=True, slots=True)
class Durations:
    """How long the phonemes of one text take: ``frames`` (T,), whole, and what that was predicted from.

    ``logits`` (1, T, max_dur); ``encoded`` (1, T, H + S) are the phonemes with the style in them.
    """

    frames: Tensor
    logits: Tensor
    encoded: Tensor


@dataclass(frozen=True, slots=True)
class DecoderInputs:
    """What the decoder makes sound of: ``text`` (1, H, L), ``pitch`` in Hz and log ``energy`` (1, 2L)."""

    text: Tensor
    pitch: Tensor
    energy: Tensor


class Synthesizer(nn.Module):
    """Text encoders, prosody predictor and decoder. Attribute names are the published ones."""

    def __init__(self, config: SynthesizerConfig) -> None:
        super().__init__()
        self.config = config
        hidden, style, bert = config.hidden_dim, config.style_dim, config.plbert
        self.bert = PLBert(bert)
        self.bert_encoder = nn.Linear(bert.hidden_size, hidden)
        self.text_encoder = TextEncoder(config.n_token, hidden, config.n_layer)
        self.predictor = ProsodyPredictor(style, hidden, config.n_layer, config.max_dur)
        self.decoder = _decoder(config.decoder, hidden, style)
        for module in self.modules():
            if isinstance(module, AdainResBlk1d | ISTFTGenerator):
                module.float32_constants = config.float32_constants

    def encode_text(self, ids: Tensor, lengths: Tensor) -> EncodedText:
        """``ids`` (B, T), of which ``lengths`` (B,) count; T at most ``bert.max_length``."""
        return finish(self.encode_steps(ids, lengths))

    def encode_steps(self, ids: Tensor, lengths: Tensor) -> Steps[EncodedText]:
        """The same in steps."""
        acoustic = self.text_encoder(ids, lengths)
        yield
        bert = yield from self.bert.forward_steps(ids, length_mask(lengths, ids.shape[1]))
        return EncodedText(lengths, acoustic, bert, self.bert_encoder(bert).transpose(1, 2))

    def encode_ids(self, ids: Sequence[int]) -> EncodedText:
        """The same for the ids of one text, on the device of the network."""
        return finish(self.encode_ids_steps(ids))

    def encode_ids_steps(self, ids: Sequence[int]) -> Steps[EncodedText]:
        """The same in steps."""
        batch = torch.tensor([list(ids)], device=self.bert_encoder.weight.device)
        return (yield from self.encode_steps(batch, torch.tensor([len(ids)], device=batch.device)))

    def predict_durations(self, text: EncodedText, style: Tensor, *, speed: float = 1.0) -> Durations:
        """The durations of one text in ``style`` (1, 2S)."""
        encoded = self.predictor.encode(text.prosodic, self.prosodic(style), text.lengths)
        logits = self.predictor.duration_logits(encoded, text.lengths)
        return Durations(frame_counts(logits, speed).squeeze(0), logits, encoded)

    def predict_contours(
        self, text: EncodedText, durations: Durations, style: Tensor, frames: Tensor | None = None
    ) -> DecoderInputs:
        """Pitch and energy of one text; ``frames`` (T,) instead of those of ``durations`` where given."""
        frames = durations.frames if frames is None else frames
        encoded = expand(durations.encoded.transpose(1, 2), frames)
        acoustic = expand(text.acoustic, frames)
        if self.config.decoder.kind is DecoderKind.HIFIGAN:
            encoded, acoustic = shift_right(encoded), shift_right(acoustic)
        return DecoderInputs(acoustic, *self.predictor.contours(encoded, self.prosodic(style)))

    def decode(self, inputs: DecoderInputs, style: Tensor, noise: Tensor) -> Tensor:
        """Samples (1, 1, N), N = 600·L, with the ``noise`` of `draw_noise`, its end not yet cut."""
        return finish(self.decode_steps(inputs, style, noise))

    def decode_steps(self, inputs: DecoderInputs, style: Tensor, noise: Tensor) -> Steps[Tensor]:
        """The same in steps."""
        return self.decoder.forward_steps(inputs.text, inputs.pitch, inputs.energy, self.acoustic(style), noise)

    def decode_pieces(
        self, inputs: DecoderInputs, style: Tensor, noise: Tensor
    ) -> Generator[Tensor | None, None, None]:
        """The same as it is decoded, in pieces (1, 1, n); None where it may be stopped."""
        return self.decoder.piece_steps(inputs.text, inputs.pitch, inputs.energy, self.acoustic(style), noise)

    def draw_noise(self, pitch_values: int, rng: torch.Generator) -> Tensor:
        """The noise that the decoder wants for so many pitch values, on the CPU."""
        return self.decoder.draw_noise(pitch_values, rng)

    def acoustic(self, style: Tensor) -> Tensor:
        """The half (B, S) of a style (B, 2S) that the decoder follows."""
        return style[:, : self.config.style_dim]

    def prosodic(self, style: Tensor) -> Tensor:
        """The half (B, S) of a style (B, 2S) that durations, pitch and energy follow."""
        return style[:, self.config.style_dim :]


def _decoder(config: DecoderConfig | HarmonicConfig, hidden_dim: int, style_dim: int) -> Decoder | HarmonicDecoder:
    if isinstance(config, HarmonicConfig):
        return HarmonicDecoder(config, hidden_dim, style_dim)
    return Decoder(config, hidden_dim, style_dim)
