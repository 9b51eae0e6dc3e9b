"""Building the networks of a checkpoint and filling them strictly."""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import torch
from torch import Tensor, nn
from vocos.pretrained import Vocos

from engine.config_file import read_json
from engine.errors import WeightsMismatch
from engine.events import Progress
from engine.message import Message
from engine.nn.decoding.weights import LazyWeights
from engine.nn.llama import Llama
from engine.systems.chattts.config import Shapes, decoder_config, dvae_config, embed_config, gpt_config, vocos_config
from engine.systems.chattts.files import Files, locate
from engine.systems.chattts.networks.dvae import Dvae, MelDecoder
from engine.systems.chattts.networks.embed import Embed
from engine.systems.chattts.networks.quantizer import ROUNDINGS
from engine.systems.chattts.networks.vocoder import Vocoder, build_vocos
from engine.systems.chattts.weights import State, dvae_state, fuse_embed, fuse_gpt, gpt_state
from engine.weights import load_strictly, read_checkpoint

M = TypeVar("M", bound=nn.Module)
PARTS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Networks:
    """All networks of a checkpoint, on one device; ``weights`` are the transformer's for compiled steps."""

    gpt: Llama
    embed: Embed
    decoder: MelDecoder
    dvae: Dvae
    vocos: Vocos
    device: torch.device
    weights: LazyWeights

    def vocoder(self, *, use_decoder: bool) -> Vocoder:
        """The way to sound from hidden states (T, H), or, without the decoder, from codes (T, K)."""
        if use_decoder:
            return Vocoder(to_mel=self.decoder, mel_reach=self.decoder.reach, vocos=self.vocos)
        return Vocoder(
            to_mel=lambda codes: self.dvae.decode(codes.transpose(1, 2)), mel_reach=self.dvae.reach, vocos=self.vocos
        )


def read(checkpoint: Path, device: torch.device, dtype: torch.dtype) -> Generator[Progress, None, Networks]:
    """The networks of a checkpoint in the public layout; ``dtype`` is the precision of the transformer's matrices.

    Raises WeightsMissing, WeightsMismatch and ConfigError.
    """
    files = locate(checkpoint)

    def part(done: int, path: Path, load: Callable[[Files], M]) -> Generator[Progress, None, M]:
        yield Progress(done=done, total=PARTS, label=Message("reading {file}", file=path.name))
        return load(files)

    gpt = yield from part(0, files.gpt, load_gpt)
    gpt.reduce_precision(dtype)
    embed = yield from part(1, files.embed, load_embed)
    decoder = yield from part(2, files.decoder, load_decoder)
    dvae = yield from part(3, files.dvae, load_dvae)
    vocos = yield from part(4, files.vocos, load_vocos)
    _check_together(gpt, embed, decoder, dvae, vocos)
    parts = {"gpt": gpt, "embed": embed, "decoder": decoder, "dvae": dvae, "vocos": vocos}
    yield Progress(done=PARTS, total=PARTS, label="moving the network to its device")
    ready = {name: part.to(device).eval().requires_grad_(False) for name, part in parts.items()}
    return Networks(**ready, device=device, weights=LazyWeights(ready["gpt"].parts()))


def load_gpt(files: Files) -> Llama:
    """The transformer, float32 on the CPU."""
    state = gpt_state(_read(files.gpt))
    gpt = Llama(gpt_config(read_json(files.gpt_config), _shapes(state)))
    # It takes these tensors themselves, which halves the work; none may be the file's, which somebody could change.
    own = {key: value.float().clone() if key in state else value.float() for key, value in fuse_gpt(state).items()}
    load_strictly(gpt, own, files.gpt.name, assign=True)
    return gpt


def load_embed(files: Files) -> Embed:
    """Embeddings and heads, on the CPU."""
    state = _read(files.embed)
    config = embed_config(_shapes(state))
    return _fill(Embed(config), fuse_embed(state, config.n_codebooks), files.embed)


def load_decoder(files: Files) -> MelDecoder:
    """Hidden states to mel, on the CPU."""
    state = _read(files.decoder)
    return _fill(MelDecoder(decoder_config(_shapes(state))), state, files.decoder)


def load_dvae(files: Files) -> Dvae:
    """The audio autoencoder, on the CPU."""
    state = dvae_state(_read(files.dvae))
    return _fill(Dvae(dvae_config(_shapes(state))), state, files.dvae)


def load_vocos(files: Files) -> Vocos:
    """The vocoder, on the CPU. Its published names are those of the library."""
    state = _read(files.vocos)
    return _fill(build_vocos(vocos_config(_shapes(state))), state, files.vocos)


def _read(path: Path) -> State:
    state = read_checkpoint(path)
    if not isinstance(state, Mapping) or not all(isinstance(value, Tensor) for value in state.values()):
        raise WeightsMismatch("{path} holds more than tensors; it is no file of ChatTTS", path=path.name)
    return dict(state)


def _shapes(state: State) -> Shapes:
    return {key: tuple(value.shape) for key, value in state.items()}


def _fill(module: M, state: State, path: Path) -> M:
    load_strictly(module, {key: value.float() for key, value in state.items()}, path.name)
    return module


def _check_together(gpt: Llama, embed: Embed, decoder: MelDecoder, dvae: Dvae, vocos: Vocos) -> None:
    """Raises WeightsMismatch when files of different models have been mixed."""
    hidden, codebooks = gpt.config.hidden, embed.config.n_codebooks
    mels = vocos.backbone.embed.in_channels
    pairs = {
        "Embed.safetensors has a width of": (embed.config.hidden, hidden),
        "Decoder.safetensors reads a width of": (2 * decoder.decoder.conv_in[0].in_channels, hidden),
        "Decoder.safetensors makes mel bins:": (decoder.out_conv.out_channels, mels),
        "DVAE.safetensors makes mel bins:": (dvae.out_conv.out_channels, mels),
        "DVAE.safetensors has codebooks:": (ROUNDINGS * len(dvae.quantizer.rvqs), codebooks),
    }
    for what, (found, expected) in pairs.items():
        if found != expected:
            raise WeightsMismatch(
                "{what} {found}, but the other files need {expected}; they are of different models",
                what=what,
                found=found,
                expected=expected,
            )
