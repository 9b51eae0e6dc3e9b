"""One request on its way: the ids of each segment to sound, in pieces that leave as soon as they are decoded."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from engine.events import AudioChunk, Notice, Progress
from engine.systems.vits.front_end import PreparedSegment
from engine.systems.vits.networks.model import Scales, Vits
from engine.systems.vits.options import Options

# Multiplications that one piece of sound may cost, about 0.3 s of one core. It is made in a dozen steps, after each of
# which a request can stop.
PIECE_WORK = 16e9
PIECE_FRAMES = (16, 1024)
FIRST_FRAMES = 32


class Synthesizer:
    """A network with the size of the pieces that it decodes. Nothing of a request stays in it."""

    def __init__(self, model: Vits, sample_rate: int) -> None:
        self.model, self.sample_rate = model, sample_rate
        least, most = PIECE_FRAMES
        margins, frame = model.dec.work(0), model.dec.work(1) - model.dec.work(0)
        self.piece_frames = min(max(int((PIECE_WORK - margins) / frame), least), most)

    def speak(
        self,
        read: Iterable[PreparedSegment | Notice],
        total: int,
        number: int | None,
        options: Options,
        rng: torch.Generator,
    ) -> Iterator[AudioChunk | Progress | Notice]:
        """Speak ``total`` segments with the voice ``number``: chunks, a Progress after each segment, and the Notices.

        Each segment is taken from ``read`` only when its turn comes. Raises what that raises.
        """
        scales = Scales(noise=options.noise_scale, noise_w=options.noise_scale_w, length=options.length_scale)
        silent = True
        index = 0
        for item in read:
            if isinstance(item, Notice):
                yield item
                continue
            if item.encoded.spoken:
                first_frames = FIRST_FRAMES if silent else self.piece_frames
                silent = False
                for samples in self.decode(item.encoded.ids, number, scales, rng, first_frames):
                    if samples is None:
                        yield Progress(done=index, total=total, label="speaking")
                    else:
                        yield AudioChunk(samples=samples, sample_rate=self.sample_rate, segment=index)
            index += 1
            yield Progress(done=index, total=total, label="speaking")

    def decode(
        self, ids: Sequence[int], number: int | None, scales: Scales, rng: torch.Generator, first_frames: int
    ) -> Iterator[np.ndarray | None]:
        """The sound of one segment in pieces, the first of ``first_frames``: float32 arrays (n,).

        None stands for a step on the way to the next, where the work may be stopped.
        """
        device = self.model.device
        batch = torch.tensor([ids], device=device)
        lengths = torch.tensor([len(ids)], device=device)
        sid = None if number is None else torch.tensor([number], device=device)
        latents = yield from self.model.latents_in_steps(batch, lengths, rng=rng, sid=sid, scales=scales)
        yield from self.sound(latents.z * latents.mask, sid, first_frames)

    def sound(self, z: Tensor, sid: Tensor | None, first_frames: int) -> Iterator[np.ndarray | None]:
        """The sound of latents ``z`` (1, c, F) in the voice ``sid`` (1,), as `decode` gives it."""
        for audio in self.model.dec.decode_chunks(z, self.model.speaker(sid), first_frames, self.piece_frames):
            yield None if audio is None else audio.reshape(-1).float().cpu().numpy()
