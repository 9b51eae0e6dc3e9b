"""One request on its way: the ids of each segment to sound, in pieces that leave as soon as they are decoded."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from engine.events import AudioChunk, Notice, Progress
from engine.systems.vits.front_end import PreparedSegment
from engine.systems.vits.networks.model import Scales, Vits
from engine.systems.vits.options import Options
from engine.systems.vits.text import Encoded

# Multiplications that one piece of sound may cost, about 0.3 s of one core. It is made in a dozen steps, after each of
# which a request can stop.
PIECE_WORK = 16e9
PIECE_FRAMES = (16, 1024)
FIRST_FRAMES = 32
# The peak of a few syllables that is aimed at, which leaves room for louder ones, and how far that may go.
LEVEL, SILENCE = 0.6, 1e-3
GAINS = (0.25, 4.0)


class Synthesizer:
    """A network with the size of the pieces that it decodes, and how loud its voices are.

    The level of a voice is brought near LEVEL by one factor for all that it says, which is found by speaking ``trial``
    once; without one it is left as it is. Nothing of a request stays here.
    """

    def __init__(self, model: Vits, sample_rate: int, trial: Encoded | None) -> None:
        self.model, self.sample_rate, self._trial = model, sample_rate, trial
        self._gains: dict[int | None, float] = {}
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
        gain = 1.0 if options.compat else self.gain(number)
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
                        yield AudioChunk(samples=samples, sample_rate=self.sample_rate, segment=index, gain=gain)
            index += 1
            yield Progress(done=index, total=total, label="speaking")

    def gain(self, number: int | None) -> float:
        """The factor for the voice ``number``."""
        if self._trial is None:
            return 1.0
        if number not in self._gains:
            still = Scales(noise=0.0, noise_w=0.0)
            sound = self.decode(self._trial.ids, number, still, torch.Generator(), FIRST_FRAMES)
            peak = max((float(np.abs(piece).max()) for piece in sound if piece is not None and piece.size), default=0.0)
            least, most = GAINS
            self._gains[number] = min(max(LEVEL / peak, least), most) if peak > SILENCE else 1.0
        return self._gains[number]

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
