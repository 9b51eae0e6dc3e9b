"""The files of a checkpoint in the public layout, and whether they are the published ones. Imports no torch.

Specification, section 2. The reference refuses files with other hashes; here fine-tuned weights are welcome, and only
named as such.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.errors import WeightsMissing

REPOSITORY = "2Noise/ChatTTS"
# What a whole checkpoint consists of, and the sha256 of each published file.
PUBLISHED: Mapping[str, str] = {
    "asset/Decoder.safetensors": "77aa55e0a977949c4733df3c6f876fa85860d3298cba63295a7bc6901729d4e0",
    "asset/DVAE.safetensors": "1d0b044a8368c0513100a2eca98456b289e6be6a18b7a63be1bcaa315ea874d9",
    "asset/Embed.safetensors": "2ff0be7134934155741b643b74e32fb6bf3eec41257984459b2ed60cdb4c48b0",
    "asset/Vocos.safetensors": "07e5561491cce41f7f90cfdb94b2ff263ff5742c3d89339db99b17ad82cc3f44",
    "asset/gpt/config.json": "0aaa1ecd96c49ad4f473459eb1982fa7ad79fa5de08cde2781bf6ad1f9a0c236",
    "asset/gpt/model.safetensors": "cd0806fd971f52f6a22c923ec64982b305e817bcc41ca83417fcf9141b984a0f",
    "asset/tokenizer/special_tokens_map.json": "bd0ac9d9bb1657996b5c5fbcaa7d80f8de530d01a283da97f89deae5b1b8d011",
    "asset/tokenizer/tokenizer_config.json": "43e9d658b554fa5ee8d8e1d763349323bfef1ed7a89c0794220ab8861387d421",
    "asset/tokenizer/tokenizer.json": "843838a64e121e23e774cc75874c6fe862198d9f7dd43747914633a8fd89c20e",
}
# These two only repeat what tokenizer.json holds, and nothing reads them.
SURPLUS = ("asset/tokenizer/special_tokens_map.json", "asset/tokenizer/tokenizer_config.json")
NEEDED = tuple(name for name in PUBLISHED if name not in SURPLUS)


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
        raise WeightsMissing(f"there is no folder {checkpoint}; name the one that holds asset/ of {REPOSITORY}")
    missing = [name for name in NEEDED if not (asset / name.removeprefix("asset/")).is_file()]
    if missing:
        legacy = ", of the old layout with .pt files, which are not read" if any(asset.glob("*.pt")) else ""
        raise WeightsMissing(f"{asset} lacks {', '.join(missing)}; fetch asset/ of {REPOSITORY} again{legacy}")
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


def altered(files: Files) -> Iterator[str]:
    """The names of the files that are there but are not the published ones, each as soon as it has been hashed."""
    for name, published in PUBLISHED.items():
        path = files.asset / name.removeprefix("asset/")
        if path.is_file():
            with path.open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != published:
                    yield name
