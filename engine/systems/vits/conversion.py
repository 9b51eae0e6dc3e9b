"""A recording of one speaker said in the voice of another: docs/systems/vits.md#voice-conversion.

Everything on the way looks at a bounded number of frames, so it is made in windows that join to the whole, and memory
does not grow with the recording but for its latents.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from engine.audio.stft import magnitudes, reflected
from engine.events import Progress
from engine.systems.vits.config import AudioConfig
from engine.systems.vits.networks.model import Vits

# Of one window, without what is looked at around it.
FRAMES = 1024


def latents(
    model: Vits, audio: AudioConfig, samples: Tensor, source: Tensor, target: Tensor, rng: torch.Generator
) -> Iterator[Tensor | Progress]:
    """The decoder's input (1, c, F) for ``samples`` (n,) of speaker ``source`` (1,) in the voice of ``target`` (1,).

    It comes last, after a Progress for each window. ``rng`` is a CPU generator. ``samples`` are at the model's rate,
    and longer than half a frame.
    """
    assert model.enc_q is not None
    g_source, g_target = model.speaker(source), model.speaker(target)
    padded = reflected(samples[None], audio.filter_length, audio.hop_length)
    total, around = len(samples) // audio.hop_length, model.conversion_context
    noise = model.posterior_noise(1, total, rng)
    made: list[Tensor] = []
    for start in range(0, total, FRAMES):
        end = min(start + FRAMES, total)
        first, last = max(0, start - around), min(total, end + around)
        heard = padded[:, first * audio.hop_length : (last - 1) * audio.hop_length + audio.filter_length]
        spectrogram = magnitudes(heard.to(model.device), audio.filter_length, audio.hop_length, audio.win_length)
        mask = spectrogram.new_ones(1, 1, last - first)
        z = model.enc_q(spectrogram, mask, noise[..., first:last].to(spectrogram), g_source).z
        z = model.flow.reverse(model.flow(z, mask, g_source), mask, g_target)
        made.append(z[..., start - first : end - first])
        yield Progress(done=end, total=total, label="listening")
    yield torch.cat(made, dim=-1)
