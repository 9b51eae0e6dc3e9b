"""The student's prosody: durations, pitch and energy from phonemes, as the teacher's.

A plain regression: the teacher has no randomness in them. docs/bundled-voice.md#prosody
"""

import math
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from engine.events import Progress
from engine.style_tts.source import VOICED_ABOVE_HZ
from engine.style_tts.synthesizer import Synthesizer
from engine.style_tts.text_encoder import length_mask
from engine.training.checkpoint import save
from engine.training.ema import moving_average
from recipes.bundled_voice import clock, student
from recipes.bundled_voice.corpus import SPEAKERS, Corpus, Example

RATE = 1e-3
BATCH = 8
DROPOUT = 0.1
# In training the last layer gives hundreds of Hz, so that its weights are of the size of others; `build` puts it in.
PITCH_SCALE = 100.0
LOWEST_HZ = 30.0
WEIGHTS = {"duration": 1.0, "pitch": 2.0, "slope": 2.0, "energy": 1.0}


class Prosody(nn.Module):
    """What is trained here: the prosodic half of the styles (speakers, S), PL-BERT and the predictor."""

    def __init__(self, whole: Synthesizer) -> None:
        super().__init__()
        self.styles = nn.Parameter(0.3 * torch.randn(len(SPEAKERS), student.STYLE))
        self.bert, self.bert_encoder, self.predictor = whole.bert, whole.bert_encoder, whole.predictor
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, ids: Tensor, lengths: Tensor, speakers: Tensor, index: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Expected frames (B, T), pitch over PITCH_SCALE and energy (B, 2L); ``index`` (B, L) are frames' phonemes."""
        style = self.styles[speakers]
        bert = self.bert(ids, length_mask(lengths, ids.shape[1]))
        text = self.bert_encoder(self.dropout(bert)).transpose(1, 2)
        encoded = self.predictor.encode(text, style, lengths)
        expected = torch.sigmoid(self.predictor.duration_logits(self.dropout(encoded), lengths)).sum(-1)
        frames = encoded.gather(1, index.unsqueeze(-1).expand(-1, -1, encoded.shape[-1]))
        pitch, energy = self.predictor.contours(frames.transpose(1, 2), style)
        return expected, pitch, energy


def batches(examples: Sequence[Example], seed: int) -> Iterator[list[Example]]:
    """Endless batches of up to BATCH pieces that take just as long as each other: the norms count every frame."""
    source = random.Random(seed)
    by_length: dict[int, list[Example]] = defaultdict(list)
    for example in examples:
        by_length[example.length].append(example)
    while True:
        found = []
        for items in by_length.values():
            source.shuffle(items)
            found += [items[i : i + BATCH] for i in range(0, len(items), BATCH)]
        source.shuffle(found)
        yield from found


def losses(model: Prosody, examples: Sequence[Example]) -> dict[str, Tensor]:
    """L1 distances for examples of one length: of the root of durations, pitch in its own unit, its steps, energy."""
    ids, wanted = (
        pad_sequence([torch.from_numpy(getattr(example, name)) for example in examples], batch_first=True)
        for name in ("ids", "expected")
    )
    lengths = torch.tensor([len(example.ids) for example in examples])
    speakers = torch.tensor([example.speaker for example in examples])
    index = torch.stack([example.index for example in examples])
    pitch, energy = (
        torch.stack([torch.from_numpy(getattr(example, name)) for example in examples]) for name in ("pitch", "energy")
    )
    pitch = pitch / PITCH_SCALE
    expected, ours, energy_ours = model(ids.long(), lengths, speakers, index)
    mask = length_mask(lengths, ids.shape[1])
    # An octave weighs the same, high or low.
    voiced = pitch > VOICED_ABOVE_HZ / PITCH_SCALE
    weight = torch.where(voiced, 1 / pitch.clamp_min(LOWEST_HZ / PITCH_SCALE), 0.5)
    return {
        "duration": (((expected - wanted).abs() / (wanted + 1).sqrt()) * mask).sum() / mask.sum(),
        "pitch": ((ours - pitch).abs() * weight).mean(),
        "slope": ((ours.diff(dim=1) - pitch.diff(dim=1)).abs() * weight[:, 1:]).mean(),
        "energy": (energy_ours - energy).abs().mean(),
    }


class Stage:
    """Prosody in training: the network, its moving average, its progress. Saved whole, so it resumes."""

    def __init__(self) -> None:
        self.model = Prosody(student.build())
        self._optimizer = torch.optim.AdamW(self.model.parameters(), RATE, betas=(0.9, 0.98))
        self.average = moving_average(self.model)
        self.step, self.minutes = 0, 0.0

    def load(self, path: Path) -> None:
        """Go on from what `save` wrote."""
        state = torch.load(path, weights_only=True)
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        self._optimizer.load_state_dict(state["optimizer"])
        self.step, self.minutes = state["step"], state["minutes"]

    def save(self, path: Path) -> None:
        """Write everything to ``path`` in one step."""
        parts = {"model": self.model, "average": self.average, "optimizer": self._optimizer}
        state = {name: part.state_dict() for name, part in parts.items()}
        save(path, state | {"step": self.step, "minutes": self.minutes})

    def set_rate(self, share: float) -> None:
        """Warm up over 300 steps, then fall as a cosine to 2 % when ``share`` of the time is over (0..1)."""
        rate = RATE * min(1.0, (self.step + 1) / 300) * (0.02 + 0.49 * (1 + math.cos(math.pi * share)))
        for group in self._optimizer.param_groups:
            group["lr"] = rate

    def learn(self, examples: Sequence[Example]) -> dict[str, float]:
        """One step; the losses by name."""
        self.model.train()
        parts = losses(self.model, examples)
        loss = sum(weight * parts[name] for name, weight in WEIGHTS.items())
        self._optimizer.zero_grad(set_to_none=True)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        if torch.isfinite(norm):
            self._optimizer.step()
            self.average.update_parameters(self.model)
        self.step += 1
        return {name: float(value.detach()) for name, value in parts.items()}


def train(corpus: Corpus, checkpoint: Path, *, minutes: float) -> Iterator[Progress]:
    """Train for ``minutes`` of wall time in all, saving to ``checkpoint`` and resuming from it."""
    torch.manual_seed(1234)
    stage = Stage()
    learned, held_out = corpus.parted()
    yield from clock.train(
        stage,
        lambda: batches(learned, seed=stage.step + 1),
        checkpoint,
        minutes=minutes,
        evaluate=lambda: evaluate(stage.average.module, held_out),
    )


@torch.no_grad()
def evaluate(model: Prosody, examples: Sequence[Example]) -> dict[str, float]:
    """The losses on held-out pieces."""
    model.eval()
    rows = [losses(model, [example]) for example in examples[:100]]
    return {name: float(np.mean([float(row[name]) for row in rows])) for name in rows[0]} if rows else {}
