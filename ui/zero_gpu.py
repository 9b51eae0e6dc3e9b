"""Speaking on a ZeroGPU Space, whose accelerator is lent for moments: docs/hosting.md#zerogpu.

A call is computed in a forked process. It finds the models that the parent had when it was forked, and what it changes
is lost with it; so they are loaded when the studio starts, into an engine of their own that the parent never asks
again: nothing of it is in use at a fork. All else (reading texts, making voices, other models) is the work of the
studio's own engine, on the processor.
"""

import logging
import os
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import gradio as gr

from engine import registry
from engine.engine import Engine
from engine.errors import EngineError
from engine.events import Event, Notice
from engine.library import Library
from engine.message import Message
from engine.request import SynthesisRequest
from engine.steps import finish
from engine.system import SystemSpec

logger = logging.getLogger(__name__)

# Seconds that the host is asked for: for the way there, and for a character before any was spoken. A short wish is
# granted sooner, one that is too short is cut off.
BEGIN_S, CHARACTER_S = 10.0, 0.1
LEAST_S, MOST_S = 15, 120
MARGIN = 1.5


class LentAway(EngineError):
    """The accelerator was taken away in the middle of a request."""


def is_zero_gpu(env: Mapping[str, str] = os.environ) -> bool:
    """Whether this is a ZeroGPU Space: the host says so in the environment, as its package reads it."""
    return env.get("SPACES_ZERO_GPU", "").lower() in ("1", "t", "true")


class Estimate:
    """How many seconds of the accelerator a request will take, by what others of its system have taken."""

    def __init__(self) -> None:
        self._per_character: dict[str, float] = {}

    def __call__(self, request: SynthesisRequest) -> int:
        """What to ask the host for, in LEAST_S..MOST_S."""
        rate = self._per_character.get(request.system, CHARACTER_S)
        return round(min(max(BEGIN_S + MARGIN * rate * len(request.text), LEAST_S), MOST_S))

    def learn(self, request: SynthesisRequest, seconds: float) -> None:
        """It took so long. A longer time counts at once, a shorter one by and by."""
        rate, known = seconds / max(len(request.text), 20), self._per_character.get(request.system, 0.0)
        self._per_character[request.system] = max(rate, 0.8 * known)


class ZeroGpu:
    """The models that are on the accelerator while it is lent. Made on the main thread, before the server starts."""

    def __init__(self, library: Library, specs: tuple[SystemSpec, ...] | None = None, *, device: str = "cuda") -> None:
        """Load the first checkpoint of each of ``specs`` that has one. What cannot be loaded so is told in the log."""
        # First of all: it stands in for the accelerator while there is none, and must know torch before others do.
        import spaces

        specs = registry.systems() if specs is None else specs
        self._engine = Engine(specs, library=library, device=device, models=len(specs))
        first = {spec.id: next(iter(library.installed(spec.id).values()), None) for spec in specs}
        self._loaded: set[tuple[str, Path]] = set()
        for system, checkpoint in first.items():
            if checkpoint is None:
                continue
            try:
                finish(self._engine.prepare(system, checkpoint))
            except Exception:
                logger.exception("%s stays on the processor", system)
            else:
                self._loaded.add((system, checkpoint.resolve()))
        self._estimate = Estimate()
        self._lent: Callable[[SynthesisRequest], Generator[Event | Exception, None, None]] = spaces.GPU(
            self._work, duration=self._estimate
        )

    def speak(self, engine: Engine, request: SynthesisRequest) -> Generator[Event, None, None]:
        """What `Engine.synthesize` yields; to be drawn within a call of Gradio's, by which the host knows the visitor.

        ``engine`` is the studio's own: it says what is wrong with a request before anything is lent, and speaks itself
        with models that are not on the accelerator, and where none is to be had. Raises what `Engine.synthesize`
        raises, and LentAway.
        """
        if not self.has(engine, request):
            yield from engine.synthesize(request)
            return
        request, began, refused = self._checked(engine, request), False, ""
        started = time.monotonic()
        try:
            with closing(self._lent(request)) as events:
                for event in events:
                    if isinstance(event, Exception):
                        raise event
                    began = True
                    yield event
            self._estimate.learn(request, time.monotonic() - started)
        except gr.Error as error:  # the host's own words: no quota is left, no accelerator is free, time is up
            refused = " ".join(str(error.message).split())
            logger.warning("ZeroGPU: %s", refused)
            if began:
                raise LentAway(
                    "the accelerator was taken away: {reason}; try a shorter text", reason=refused
                ) from error
        if refused:
            yield Notice(message=Message("spoken without an accelerator, which takes longer: {reason}", reason=refused))
            yield from engine.synthesize(request)

    @property
    def loaded(self) -> frozenset[str]:
        """The systems that speak with the accelerator."""
        return frozenset(system for system, _ in self._loaded)

    def has(self, engine: Engine, request: SynthesisRequest) -> bool:
        """Whether the model of a request is on the accelerator. Raises UnknownSystem."""
        checkpoint: Path | None = request.checkpoint or next(iter(engine.checkpoints(request.system).values()), None)
        return checkpoint is not None and (request.system, checkpoint.resolve()) in self._loaded

    @staticmethod
    def _checked(engine: Engine, request: SynthesisRequest) -> SynthesisRequest:
        """The request with its saved voice in it, since the child may not know whose it is; its mistakes are raised."""
        if isinstance(request.voice, str) and request.prompt is None:
            engine.check_voice(request.system, request.voice, request.checkpoint)
            if saved := engine.saved(request.system, request.voice, request.checkpoint):
                request = replace(request, voice=saved)
        next(engine.reading(request), None)
        return request

    def _work(self, request: SynthesisRequest) -> Iterator[Event | Exception]:
        """In the child. Of what is raised there the host hands on no more than the name, so errors are yielded."""
        try:
            yield from self._engine.synthesize(request)
        except Exception as error:  # noqa: BLE001 - it is raised by `speak`, in the parent
            yield error
