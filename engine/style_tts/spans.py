"""Which frames of each stage of a generator have a part in a stretch of its sound.

Letters: P pitch values.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A stage: frames out for each one in, how far its residual blocks reach, those of the source and the others.

    ``extra`` frames stand in front of those that its upsampling gives.
    """

    rate: int
    source_reach: int
    reach: int
    extra: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StageSpans:
    """The frames of one stage: what it is ``given`` (at the rate before it), and what it must compute.

    Its residual blocks see ``seen`` and are exact in ``made``; those of the source see ``source``. Statistics are
    those of ``core``, which belongs to the sound itself.
    """

    given: range
    source: range
    seen: range
    made: range
    core: range


def stage_spans(stages: Sequence[Stage], core: range, values: int, reach: int) -> list[StageSpans]:
    """For each stage, what the sound of the pitch values ``core``, of ``values``, needs.

    ``reach`` is how far the layers after the last stage reach, in its frames. Where nothing stands before or after
    ``core``, nothing is added to it.
    """
    sizes = [values]
    for stage in stages:
        sizes.append(sizes[-1] * stage.rate + stage.extra)
    multiple = 1
    cores = []
    for stage, size in zip(stages, sizes[1:], strict=True):
        multiple *= stage.rate
        cores.append(range(core.start * multiple, size if core.stop == values else core.stop * multiple))
    spans: list[StageSpans] = []
    made = _wider(cores[-1], reach + stages[-1].extra, sizes[-1])
    for stage, size, before, counted in reversed(list(zip(stages, sizes[1:], sizes[:-1], cores, strict=True))):
        seen = _wider(made, stage.reach, size)
        # The kernel of the upsampling is twice its stride, so that a frame reaches into the next one's.
        given = range((seen.start - stage.extra) // stage.rate, -(-seen.stop // stage.rate))
        given = _wider(given, 1, before)
        spans.append(
            StageSpans(given=given, source=_wider(seen, stage.source_reach, size), seen=seen, made=made, core=counted)
        )
        made = given
    return spans[::-1]


def within(span: range, outer: range) -> slice:
    """Where ``span`` lies in what begins and ends as ``outer`` does."""
    return slice(span.start - outer.start, span.stop - outer.start)


def _wider(span: range, by: int, size: int) -> range:
    return range(max(span.start - by, 0), min(span.stop + by, size))
