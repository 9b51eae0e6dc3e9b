"""Codes for texts: the first codebook frame by frame, drawn; then the others, stage by stage, taken.

Letters: B texts, S text ids, T frames of the prompt, G generated frames, Q codebooks.
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.codec_lm.config import CodecLMConfig
from engine.codec_lm.model import Loaded
from engine.errors import TextError, VoiceError
from engine.events import Progress
from engine.nn.decoding.loop import Generated, generate
from engine.nn.decoding.sampling import Noise, Sampling
from engine.nn.decoding.weights import FULL

# Of a recording that is to be continued, what the stages get as a prompt at most: three seconds.
LONGEST_PREFIX = 225


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """Text ids (S,) of the prompt's transcript and of what is to be said, together; the first ``enrolled`` are its.

    ``languages`` (S,) are those of the ids, in the model's own numbers, None for a model that is not told.
    """

    ids: tuple[int, ...]
    enrolled: int
    languages: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Take:
    """One draw of the first codebook: ``codes`` (G,), whether it ended by itself, and its score among others."""

    codes: Tensor
    ended: bool
    score: float


def longest(config: CodecLMConfig, utterance: Utterance) -> int:
    """The frames at which the reference stops: sixteen for every text id of prompt and text."""
    return 16 * len(utterance.ids) + (not config.begin)


def first_codebook(
    loaded: Loaded,
    utterances: Sequence[Utterance],
    prompt: Tensor,
    sampling: Sampling,
    noise: Noise,
    *,
    weights: str = FULL,
    copies: int = 1,
    limits: Sequence[int],
    stride: int | None = None,
) -> Iterator[Generated]:
    """Draw the first codebook of several texts after one ``prompt`` (T,), of each ``copies``, as one batch.

    ``limits`` are the most frames of each text. Yields as `engine.nn.decoding.loop.generate`, closing it cancels.
    Raises TextError, and VoiceError where there is neither a prompt nor an id that begins.
    """
    ar, device = loaded.model.ar, loaded.device
    if not len(prompt) and not loaded.model.config.begin:
        raise VoiceError("this model cannot speak without a voice; give it a recording of three seconds and its text")
    texts = [ar.text(*_text(utterance, device)) for utterance in utterances]
    audio = ar.prompt(prompt.to(device).unsqueeze(0))
    if loaded.model.config.cross:
        # A text is a memory, and those of several texts have several lengths.
        text = texts[0] if len(texts) == 1 else None
        if text is None:
            raise TextError("this model speaks one text at a time")
        columns, visible, mutual = audio, torch.ones(audio.shape[:2], dtype=torch.bool, device=device), 0
        network = ar.network(text)
    else:
        columns, visible = _side_by_side(texts, audio)
        mutual, network = max(text.shape[1] for text in texts), ar.network(texts[0])
    return generate(
        network, ar.vocabulary(audio.shape[1]), columns, visible, sampling, noise,
        weights=None if loaded.weights is None else loaded.weights.get(weights),
        stride=stride, mutual=mutual, copies=copies, limits=limits,
    )  # fmt: skip


def takes(result: Generated, rows: range, limit: int, seen: int, length_penalty: float = 1.0) -> list[Take]:
    """What ``rows`` of a finished batch have come to, cut to ``limit`` frames, with scores if they were asked for.

    A score is the log-probability over the length to the power of ``length_penalty``, where the ``seen`` columns of the
    prompt count as well.
    """
    found = []
    for row in rows:
        codes = result.ids(row)[:limit, 0]
        score = result.log_probability(row) / (seen + len(codes)) ** length_penalty if result.scored else 0.0
        found.append(Take(codes, result.ended[row], score))
    return found


def best(found: Sequence[Take]) -> Take:
    """The take of the best score, the first of several."""
    return max(found, key=lambda take: take.score)


@torch.inference_mode()
def all_codebooks(
    loaded: Loaded, utterance: Utterance, prompt: Tensor, first: Tensor, *, half: bool = False
) -> Generator[Progress, None, Tensor]:
    """All codebooks (G, Q) from the ``first`` (G,) after a ``prompt`` (T, Q): Progress after each stage, and in it.

    ``half`` multiplies in bfloat16.
    """
    mode, device = loaded.model.config.prefix_mode, loaded.device
    ids, languages = _text(utterance, device)
    if mode in (2, 4) and utterance.enrolled:
        # Trained with prompts whose text is not told, these modes see the beginning and the new text alone.
        kept = torch.tensor([0, *range(utterance.enrolled - 1, ids.shape[1])], device=device)
        ids, languages = ids[:, kept], None if languages is None else languages[:, kept]
    return (yield from _stages(loaded, ids, languages, prompt, first, half=half))


@torch.inference_mode()
def continual(loaded: Loaded, ids: Sequence[int], codes: Tensor) -> Generator[Progress, None, Tensor]:
    """The codes (G, Q) of a recording's rest, of which only the first codebook is kept, after its own beginning.

    ``codes`` (T, Q) are the recording's and ``ids`` all of its text. The beginning is its first half, three seconds at
    most. Raises VoiceError where the model has fewer than eight codebooks or cannot do it.
    """
    config = loaded.model.config
    if config.cross or config.n_codebooks != 8:
        raise VoiceError("this model cannot continue a recording; only VALL-E with eight codebooks can")
    begun = min(len(codes) // 2, LONGEST_PREFIX)
    text = torch.tensor([list(ids)], device=loaded.device)
    late = config.prefix_mode == 0
    return (yield from _stages(loaded, text, None, codes[:begun], codes[begun:, 0], late_prenet=late))


def _stages(
    loaded: Loaded,
    ids: Tensor,
    languages: Tensor | None,
    prompt: Tensor,
    first: Tensor,
    *,
    late_prenet: bool = False,
    half: bool = False,
) -> Generator[Progress, None, Tensor]:
    nar, books = loaded.model.nar, loaded.model.config.n_codebooks
    found = [first.to(loaded.device)]
    if books > 1 and len(first):
        text = nar.text(ids, languages)
        prompt = prompt.to(loaded.device)[None, :, :books]
        for codes in nar(text, prompt, found[0].unsqueeze(0), late_prenet=late_prenet, half=half):
            if codes is not None:
                found.append(codes)
            yield Progress(done=len(found), total=books, label="refining the sound")
    elif books > 1:
        found *= books
    return torch.stack(found, dim=1)


def _text(utterance: Utterance, device: torch.device) -> tuple[Tensor, Tensor | None]:
    languages = None if utterance.languages is None else torch.tensor([utterance.languages], device=device)
    return torch.tensor([utterance.ids], device=device), languages


def _side_by_side(texts: Sequence[Tensor], audio: Tensor) -> tuple[Tensor, Tensor]:
    """Texts (1, S, H) and the prompt's ``audio`` (1, T, H) as one batch padded on the left, and what is no padding."""
    length = max(text.shape[1] for text in texts)
    columns = audio.new_zeros(len(texts), length + audio.shape[1], audio.shape[2])
    visible = torch.zeros(columns.shape[:2], dtype=torch.bool, device=audio.device)
    for row, text in enumerate(texts):
        columns[row, length - text.shape[1] : length] = text[0]
        visible[row, length - text.shape[1] :] = True
    columns[:, length:] = audio
    return columns, visible
