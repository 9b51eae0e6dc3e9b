"""The public checkpoint (docs/systems/chattts.md#the-checkpoint)."""

from collections.abc import Mapping

from engine.release import Merits, Release, RemoteFile, Terms
from engine.systems.chattts.files import REPOSITORY

# The sha256 of each published file.
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
# The files' exact sizes, as far as they are published.
SIZES = {
    "asset/gpt/config.json": 762,
    "asset/tokenizer/special_tokens_map.json": 7_847,
    "asset/tokenizer/tokenizer_config.json": 11_028,
    "asset/tokenizer/tokenizer.json": 448_604,
}
ABOUT_BYTES = 1_120_000_000

NON_COMMERCIAL = Terms(
    name="CC BY-NC 4.0",
    summary="Not for commercial use: you may speak, share and adapt for research and for yourself, naming 2Noise, but "
    "nothing that it speaks may be sold or serve a business. A little noise was added in training on purpose.",
    restricted=True,
    commercial=False,
)

RELEASES = (
    Release(
        name="chattts",
        title="ChatTTS, Chinese and English",
        repo=REPOSITORY,
        # No commit of it is known; the hash of every file is.
        revision="main",
        files=tuple(RemoteFile(path=path, size=SIZES.get(path), sha256=sha256) for path, sha256 in PUBLISHED.items()),
        languages=("zh", "en"),
        terms=NON_COMMERCIAL,
        source=f"https://huggingface.co/{REPOSITORY}",
        modelscope="AI-ModelScope/ChatTTS",
        about_bytes=ABOUT_BYTES,
        merits={"": Merits(naturalness=3, speed=2)},
    ),
)
