"""The published files to the networks: names, fused matrices, folded weight norm; strict throughout."""

import logging
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from vocos.pretrained import Vocos

from engine.errors import OptionError, WeightsMismatch
from engine.events import Progress
from engine.systems.chattts.config import (
    Shapes,
    decoder_config,
    dvae_config,
    embed_config,
    gpt_config,
    read_json,
    vocos_config,
)
from engine.systems.chattts.files import Files, altered, locate
from engine.systems.chattts.gpt import Gpt
from engine.systems.chattts.networks.dvae import Dvae, MelDecoder
from engine.systems.chattts.networks.embed import Embed
from engine.systems.chattts.networks.quantizer import ROUNDINGS
from engine.systems.chattts.networks.vocoder import Vocoder, build_vocos
from engine.systems.chattts.quantize import EIGHT_BIT, FULL, Prepared, Weights
from engine.weights import load_strictly, read_checkpoint

logger = logging.getLogger(__name__)

State = dict[str, Tensor]
NORM = ".parametrizations.weight.original"
# Parameters from which on a transformer is larger than any processor's cache, so that reading it is what takes time.
LARGE = 50_000_000
# Wrappers of other libraries around the same modules.
DVAE_NAMES = {"preprocessor_mel.mel_spec.": "mel.", "vq_layer.quantizer.": "quantizer."}


@dataclass(frozen=True, slots=True, kw_only=True)
class Networks:
    """All networks of a checkpoint, on one device. ``altered`` names the files that are not the published ones."""

    gpt: Gpt
    embed: Embed
    decoder: MelDecoder
    dvae: Dvae
    vocos: Vocos
    device: torch.device
    prepared: Prepared
    altered: tuple[str, ...] = ()

    def weights(self, which: str) -> Weights | None:
        """The transformer for compiled steps; None where it has none: on another device, or in another precision.

        ``which`` is full, 8-bit, or auto: 8-bit if the transformer is so large that memory is the bound. They are made
        when they are first asked for. Raises OptionError for 8-bit where that is not possible.
        """
        if self.device.type != "cpu" or self.gpt.dtype != torch.float32:
            if which == EIGHT_BIT:
                here = f"{self.device.type} in {str(self.gpt.dtype).removeprefix('torch.')}"
                raise OptionError(f"weights=8-bit is for the CPU in float32, and this runs on {here}; choose auto")
            return None
        if which == "auto":
            which = EIGHT_BIT if sum(p.numel() for p in self.gpt.parameters()) >= LARGE else FULL
        return self.prepared.get(which)

    def vocoder(self, *, use_decoder: bool) -> Vocoder:
        """The way to sound from hidden states (T, H), or, without the decoder, from codes (T, K)."""
        if use_decoder:
            return Vocoder(to_mel=self.decoder, mel_reach=self.decoder.reach, vocos=self.vocos)
        return Vocoder(
            to_mel=lambda codes: self.dvae.decode(codes.transpose(1, 2)), mel_reach=self.dvae.reach, vocos=self.vocos
        )


def load(checkpoint: Path, device: torch.device, dtype: torch.dtype) -> Generator[Progress, None, Networks]:
    """The networks of a checkpoint in the public layout; ``dtype`` is the precision of the transformer's matrices.

    Raises WeightsMissing, WeightsMismatch and ConfigError.
    """
    labels = ("checking the files", "text model", "embeddings", "decoder", "audio encoder", "vocoder")
    steps = (Progress(done=done, total=len(labels), label=f"loading: {label}") for done, label in enumerate(labels))
    files = locate(checkpoint)
    yield next(steps)
    changed = tuple(altered(files))
    if changed:
        logger.warning("not the published files, so possibly fine-tuned or damaged: %s", ", ".join(changed))
    yield next(steps)
    gpt = load_gpt(files)
    gpt.reduce_precision(dtype)
    yield next(steps)
    embed = load_embed(files)
    yield next(steps)
    decoder = load_decoder(files)
    yield next(steps)
    dvae = load_dvae(files)
    yield next(steps)
    vocos = load_vocos(files)
    _check_together(gpt, embed, decoder, dvae, vocos)
    parts = {"gpt": gpt, "embed": embed, "decoder": decoder, "dvae": dvae, "vocos": vocos}
    ready = {name: part.to(device).eval().requires_grad_(False) for name, part in parts.items()}
    yield Progress(done=len(labels), total=len(labels), label="loading: done")
    return Networks(**ready, device=device, prepared=Prepared(ready["gpt"]), altered=changed)


def load_gpt(files: Files) -> Gpt:
    """The transformer, float32 on the CPU."""
    state = gpt_state(_read(files.gpt))
    return _fill(Gpt(gpt_config(read_json(files.gpt_config), _shapes(state))), fuse_gpt(state), files.gpt)


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


def gpt_state(state: State) -> State:
    """The transformer's tensors without a ``model.`` prefix and the token embedding, which this model never uses."""
    bare = {key.removeprefix("model."): value for key, value in state.items()}
    bare.pop("embed_tokens.weight", None)
    return bare


def dvae_state(state: State) -> State:
    """The autoencoder's tensors without the names of wrappers."""
    renamed = {}
    for key, value in state.items():
        prefix = next((prefix for prefix in DVAE_NAMES if key.startswith(prefix)), "")
        renamed[DVAE_NAMES.get(prefix, "") + key.removeprefix(prefix)] = value
    return renamed


def fuse_gpt(state: State) -> State:
    """The same transformer with queries, keys and values in one matrix, and gate and up in another."""
    fused = dict(state)
    for layer in sorted({key.split(".")[1] for key in state if key.startswith("layers.")}):
        attention, mlp = f"layers.{layer}.self_attn", f"layers.{layer}.mlp"
        _join(fused, [f"{attention}.{part}_proj.weight" for part in "qkv"], f"{attention}.qkv_proj.weight")
        _join(fused, [f"{mlp}.{part}_proj.weight" for part in ("gate", "up")], f"{mlp}.gate_up_proj.weight")
    return fused


def fuse_embed(state: State, n_codebooks: int) -> State:
    """The same tables and heads with all codebooks in one, and the heads' weight norm folded.

    A head's weight is original0 · original1/‖original1‖ by rows; original0 holds the lengths, original1 the directions.
    """
    fused = dict(state)
    for head in ("head_text", *(f"head_code.{codebook}" for codebook in range(n_codebooks))):
        length, direction = f"{head}{NORM}0", f"{head}{NORM}1"
        if length in fused and direction in fused and fused[length].shape == (len(fused[direction]), 1):
            rows = fused.pop(direction).float()
            scale = fused.pop(length).float() / torch.linalg.vector_norm(rows, dim=1, keepdim=True)
            fused[f"{head}.weight"] = rows * scale
    for name in ("emb_code", "head_code"):
        _join(fused, [f"{name}.{codebook}.weight" for codebook in range(n_codebooks)], f"{name}.weight")
    return {key.removesuffix(".weight") if key.startswith("emb_") else key: value for key, value in fused.items()}


def _join(state: State, parts: Sequence[str], name: str) -> None:
    """Replace ``parts`` by one tensor ``name`` with all their rows. Raises WeightsMismatch when one is missing.

    Where they differ in width they stay as they are, and the strict load names them.
    """
    missing = [part for part in parts if part not in state]
    if missing:
        raise WeightsMismatch(f"there is no tensor {missing[0]}; the checkpoint is incomplete, so fetch it again")
    found = [state[part] for part in parts]
    if len({value.shape[1:] for value in found}) == 1:
        for part in parts:
            del state[part]
        state[name] = torch.cat(found)


def _read(path: Path) -> State:
    state = read_checkpoint(path)
    if not isinstance(state, Mapping) or not all(isinstance(value, Tensor) for value in state.values()):
        raise WeightsMismatch(f"{path.name} holds more than tensors; it is no file of ChatTTS")
    return dict(state)


def _shapes(state: State) -> Shapes:
    return {key: tuple(value.shape) for key, value in state.items()}


def _fill(module: nn.Module, state: State, path: Path) -> nn.Module:
    load_strictly(module, {key: value.float() for key, value in state.items()}, path.name)
    return module


def _check_together(gpt: Gpt, embed: Embed, decoder: MelDecoder, dvae: Dvae, vocos: Vocos) -> None:
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
            raise WeightsMismatch(f"{what} {found}, but the other files need {expected}; they are of different models")
