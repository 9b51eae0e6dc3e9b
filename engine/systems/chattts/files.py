"""Where a checkpoint's files lie, in the public layout, and what they say of voices. Imports no torch.

docs/systems/chattts.md#the-checkpoint
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.config_file import read_json, whole
from engine.errors import WeightsMissing
from engine.systems.chattts.voices import PRESETS, check_string

REPOSITORY = "2Noise/ChatTTS"
NEEDED = (
    "asset/Decoder.safetensors",
    "asset/DVAE.safetensors",
    "asset/Embed.safetensors",
    "asset/Vocos.safetensors",
    "asset/gpt/config.json",
    "asset/gpt/model.safetensors",
    "asset/tokenizer/tokenizer.json",
)
# These two only repeat what tokenizer.json holds, and nothing reads them.
SURPLUS = ("asset/tokenizer/special_tokens_map.json", "asset/tokenizer/tokenizer_config.json")
# The transformer's width, of which the speakers' statistics are known.
PUBLISHED_WIDTH = 768


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Where the parts of a checkpoint are. ``asset`` is the folder that holds them all."""

    asset: Path
    decoder: Path
    dvae: Path
    embed: Path
    vocos: Path
    gpt: Path
    gpt_config: Path
    tokenizer: Path


def locate(checkpoint: Path) -> Files:
    """The files of a checkpoint: the folder that holds ``asset``, or ``asset`` itself. Raises WeightsMissing."""
    asset = checkpoint / "asset" if (checkpoint / "asset").is_dir() else checkpoint
    if not asset.is_dir():
        raise WeightsMissing(
            "there is no folder {checkpoint}; name the one that holds asset/ of {repository}",
            checkpoint=checkpoint,
            repository=REPOSITORY,
        )
    missing = [name for name in NEEDED if not (asset / name.removeprefix("asset/")).is_file()]
    if missing:
        lacking = {"asset": asset, "missing": ", ".join(missing), "repository": REPOSITORY}
        if any(asset.glob("*.pt")):
            raise WeightsMissing(
                "{asset} lacks {missing}, and its .pt files, of the old layout, are not read; "
                "fetch asset/ of {repository} again",
                **lacking,
            )
        raise WeightsMissing("{asset} lacks {missing}; fetch asset/ of {repository} again", **lacking)
    return Files(
        asset=asset,
        decoder=asset / "Decoder.safetensors",
        dvae=asset / "DVAE.safetensors",
        embed=asset / "Embed.safetensors",
        vocos=asset / "Vocos.safetensors",
        gpt=asset / "gpt" / "model.safetensors",
        gpt_config=asset / "gpt" / "config.json",
        tokenizer=asset / "tokenizer" / "tokenizer.json",
    )


def pick(paths: Sequence[str]) -> tuple[str, ...]:
    """The files of a checkpoint among ``paths``; nothing where one that is needed lacks."""
    return tuple(path for path in (*NEEDED, *SURPLUS) if path in paths) if set(NEEDED) <= set(paths) else ()


def speakers(checkpoint: Path) -> tuple[str, ...]:
    """The names of a checkpoint's voices: the presets where it has the published width, else none.

    Raises WeightsMissing and ConfigError.
    """
    raw = read_json(locate(checkpoint).gpt_config)
    return tuple(PRESETS) if raw.get("hidden_size") == PUBLISHED_WIDTH else ()


def check_name(name: str, checkpoint: Path | None) -> None:
    """Raises VoiceError for a name or a string that stands for no voice of a checkpoint (None: of the published).

    Raises WeightsMissing and ConfigError, too.
    """
    width = PUBLISHED_WIDTH if checkpoint is None else whole(read_json(locate(checkpoint).gpt_config), "hidden_size")
    check_string(name, width)
