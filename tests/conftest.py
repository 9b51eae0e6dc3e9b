"""A fake system that speaks sine waves: everything above the systems is tested with it, without weights.

`fake_spec` is one with its defaults; `make_fake_spec` makes more, slower or failing. Both follow `engine.system`.
"""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest

from engine.errors import TextError, VoiceError, WeightsMismatch
from engine.events import AudioChunk, Notice, Progress, Rewritten
from engine.message import Message
from engine.options import choice, slider, text, toggle
from engine.publisher import Licences
from engine.request import Segment, Voice, VoicePrompt
from engine.system import Reading, SystemSpec, Voicing
from engine.text.segment import split

FAKE_RATE = 22_050
FAKE_PITCHES = {"alto": 440.0, "bass": 110.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeOptions:
    """One option of every kind; two of them in a group."""

    level: float = slider(0.5, 0.0, 1.0, step=0.01, help="Peak of the sine.")
    partials: int = slider(1, 1, 4, step=1, help="How many harmonics.")
    shape: str = choice("sine", ("sine", "square"), help="Form of the wave.")
    label: str = text(
        "", max_length=20, help="Shown nowhere.", suggestions=(("Happy", "What a day!"), ("Sad", "Oh no."))
    )
    compat: bool = toggle(False, help="As the reference does it.")
    rewrite: bool = toggle(False, help="Put a hum before the text.", group="Rewriting")
    hum: str = text("Hm,", max_length=20, help="What is put before it.", group="Rewriting")


class FakeFrontEnd:
    """Reads & as a word, and no snowman; its phonemes are capitals, under ``compat`` it has none."""

    languages = ("en", "zh")

    def segment(self, text: str, language: str, options: FakeOptions) -> list[Segment]:  # noqa: ARG002
        return split(text, language or "en")

    def read(self, segments: Sequence[Segment], options: FakeOptions) -> Iterator[Reading | Notice]:
        for segment in segments:
            if "☃" in segment.text:
                yield Notice(message=Message("there is no sound for {symbol}", symbol="☃"))
            said = segment.text.replace("&", "and").replace("☃", "")
            if not any(map(str.isalnum, said)):
                raise TextError("there is no sound for any of this")
            left_out = ("☃",) if "☃" in segment.text else ()
            yield Reading(text=said, phonemes=None if options.compat else said.upper(), left_out=left_out)

    def caveats(self, options: FakeOptions) -> tuple[str, ...]:
        return (Message("a hum is put before it"),) if options.rewrite else ()


@dataclass(slots=True, kw_only=True)
class FakeSystem:
    """Speaks every character as ``seconds_per_character`` of tone, in chunks of ``chunk_s``, ``delay`` s before each.

    With ``failure`` set it raises that after its first chunk. ``log`` receives 'loaded', then 'started' and 'finished'
    or 'closed' for each synthesis. A snowman in the text is answered by a Notice, ``rewrite`` by a Rewritten.

    Every voice is a pitch: of a name, of ``seed:N`` (100 + N Hz), of a string ``pitch:HZ``, of a recording's crossings
    of zero.
    """

    id: str = "fake"
    sample_rate: int = FAKE_RATE
    delay: float = 0.0
    chunk_s: float = 0.1
    seconds_per_character: float = 0.02
    failure: Exception | None = None
    log: list[str] = field(default_factory=list)
    front_end: FakeFrontEnd = field(default_factory=FakeFrontEnd)

    def parameters(self) -> Iterator[Any]:
        import torch

        yield torch.zeros(1000)

    def voices(self) -> tuple[str, ...]:
        return tuple(FAKE_PITCHES)

    def voice(self, name: str) -> Voice:
        return _named(name)

    def encode_voice(self, prompt: VoicePrompt) -> Voice:
        crossings = np.count_nonzero(np.diff(np.signbit(prompt.samples)))
        pitch = crossings / 2 / (len(prompt.samples) / prompt.sample_rate)
        return replace(fake_voice("prompt", pitch, transcript=prompt.transcript), system=self.id)

    def segment(self, text: str, language: str, options: FakeOptions) -> list[Segment]:
        return self.front_end.segment(text, language, options)

    def synthesize(
        self, segments: Sequence[Segment], voice: Voice, options: FakeOptions, rng: Any
    ) -> Iterator[AudioChunk | Progress | Notice | Rewritten]:
        import torch

        self.log.append("started")
        phase = float(torch.rand(1, generator=rng)) * 2 * np.pi
        finished = False
        if options.rewrite:
            text = " ".join([options.hum, *(segment.text for segment in segments)])
            yield Rewritten(text=text, options={"rewrite": False})
        try:
            index = -1
            for item in self.front_end.read(segments, options):
                if isinstance(item, Notice):
                    yield item
                    continue
                index += 1
                segment = segments[index]
                yield Progress(done=index, total=len(segments), label="speaking")
                tone = self._tone(segment, voice, options, phase)
                size = round(self.chunk_s * self.sample_rate)
                for start in range(0, len(tone), size):
                    time.sleep(self.delay)
                    yield AudioChunk(samples=tone[start : start + size], sample_rate=self.sample_rate, segment=index)
                    if self.failure is not None:
                        raise self.failure
            finished = True
        finally:
            self.log.append("finished" if finished else "closed")

    def convert(self, samples: np.ndarray, source: Voice, target: Voice, rng: Any) -> Iterator[AudioChunk | Progress]:  # noqa: ARG002
        """The tone of ``target`` for as long as the recording lasts."""
        self.log.append("started")
        finished = False
        try:
            size = round(self.chunk_s * self.sample_rate)
            for start in range(0, len(samples), size):
                time.sleep(self.delay)
                seconds = np.arange(start, min(start + size, len(samples))) / self.sample_rate
                tone = 0.3 * np.sin(2 * np.pi * fake_pitch(target) * seconds)
                yield AudioChunk(samples=tone.astype(np.float32), sample_rate=self.sample_rate)
                yield Progress(done=start, total=len(samples), label="speaking")
            finished = True
        finally:
            self.log.append("finished" if finished else "closed")

    def _tone(self, segment: Segment, voice: Voice, options: FakeOptions, phase: float) -> np.ndarray:
        seconds = np.arange(round(len(segment.text) * self.seconds_per_character * self.sample_rate)) / self.sample_rate
        angle = 2 * np.pi * fake_pitch(voice) * seconds + phase
        tone = sum(np.sin(angle * n) / n for n in range(1, options.partials + 1))
        tone = np.sign(tone) if options.shape == "square" else tone / max(1.0, np.abs(tone).max(initial=0.0))
        return (options.level * tone).astype(np.float32)


def fake_voice(name: str, pitch: float, **meta: str) -> Voice:
    """The voice of a pitch in Hz."""
    return Voice(system="fake", name=name, tensors={"pitch": np.array([pitch], np.float32)}, meta=meta)


def fake_pitch(voice: Voice) -> float:
    """The pitch of a voice. Raises VoiceError when it has none."""
    if "pitch" not in voice.tensors or voice.tensors["pitch"].shape != (1,):
        raise VoiceError(f"the voice {voice.name} has no pitch")
    return float(voice.tensors["pitch"][0])


def _named(name: str) -> Voice:
    name = name or "alto"
    kind, _, number = name.partition(":")
    if kind in ("seed", "pitch") and number.isdecimal() and len(number) < 10:
        return fake_voice(name, float(number) + (100 if kind == "seed" else 0))
    if name not in FAKE_PITCHES:
        raise VoiceError(
            "there is no voice {name!r}; the voices are {voices}", name=name, voices=", ".join(FAKE_PITCHES)
        )
    return fake_voice(name, FAKE_PITCHES[name])


def _check_name(name: str, checkpoint: Path | None) -> None:  # noqa: ARG001
    _named(name)


def _blend(parts: Sequence[tuple[Voice, float]]) -> Voice:
    return fake_voice("a blend", sum(weight * fake_pitch(voice) for voice, weight in parts))


def _join(voices: Sequence[Voice]) -> Voice:
    said = " ".join(voice.meta.get("transcript", "") for voice in voices).strip()
    return fake_voice("several", sum(map(fake_pitch, voices)) / len(voices), transcript=said)


def _speakers(checkpoint: Path) -> tuple[str, ...]:
    try:
        return tuple(json.loads(checkpoint.read_text())["voices"])
    except (ValueError, KeyError, OSError) as error:
        raise WeightsMismatch(f"{checkpoint.name} is no checkpoint of a fake system: {error}") from error


def _front_end(checkpoint: Path | None) -> FakeFrontEnd:
    if checkpoint is not None:
        _speakers(checkpoint)
    return FakeFrontEnd()


def _train(config: Path) -> Iterator[Progress]:
    steps = json.loads(config.read_text()).get("steps", 3)
    for step in range(1, steps + 1):
        yield Progress(done=step, total=steps, label=f"loss {1 / step:.3f}")


@pytest.fixture
def make_fake_spec(tmp_path: Path) -> Callable[..., SystemSpec]:
    """A function that makes specs: (id='fake', load_delay=0.0, gate=None, bundled=True, **fields of FakeSystem).

    Loading takes ``load_delay`` s, and goes on after its first step only when ``gate`` is set.
    """

    def make(
        id: str = "fake",  # noqa: A002
        *,
        load_delay: float = 0.0,
        gate: Event | None = None,
        bundled: bool = True,
        **fields: Any,
    ) -> SystemSpec:
        checkpoint = tmp_path / f"{id}.json"
        checkpoint.write_text(json.dumps({"voices": list(FAKE_PITCHES)}))

        def load(path: Path, device: Any, dtype: Any) -> Any:  # noqa: ARG001
            _speakers(path)
            for done in range(2):
                yield Progress(done=done, total=2, label="loading")
                time.sleep(load_delay / 2)
                assert gate is None or gate.wait(60)
            system = FakeSystem(id=id, **fields)
            system.log.append("loaded")
            return system

        return SystemSpec(
            id=id,
            name=f"The {id} system",
            purpose="Hums",
            summary="Sine waves.",
            languages=("en", "zh"),
            sample_rate=fields.get("sample_rate", FAKE_RATE),
            options=FakeOptions,
            voicing=Voicing(
                presets=True, prompt_audio=True, prompt_text=True, random=True, strings="A pitch, such as pitch:300."
            ),
            licences=Licences(code="Apache-2.0", weights="none"),
            load=load,
            speakers=_speakers,
            check_name=_check_name,
            front_end=_front_end,
            voice_string=lambda voice: f"pitch:{fake_pitch(voice):.0f}",
            blend=_blend,
            join=_join,
            verbatim=lambda options: options.compat,
            rewrites="rewrite",
            tokens={"[laugh]": "A laugh.", "[pause]": "A short pause."},
            bundled=checkpoint if bundled else None,
            samples={"en": ("The quick brown fox.", "Another one."), "zh": ("你好。",)},
            train=_train,
        )

    return make


@pytest.fixture
def fake_spec(make_fake_spec: Callable[..., SystemSpec]) -> SystemSpec:
    """The fake system with its defaults: no delay, two voices, a bundled checkpoint."""
    return make_fake_spec()


@pytest.fixture
def choirs(tmp_path: Path) -> Path:
    """A folder of models with two more checkpoints of the fake system: one with the bass first, and a broken one."""
    folder = tmp_path / "models" / "fake"
    folder.mkdir(parents=True)
    (folder / "choir").write_text(json.dumps({"voices": ["bass", "alto"]}))
    (folder / "shards").write_text("nothing")
    return folder.parent
