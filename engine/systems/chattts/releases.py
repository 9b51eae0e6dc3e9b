"""The public checkpoint, and what of a folder makes one (specification, section 2)."""

from collections.abc import Sequence

from engine.release import Release, RemoteFile, Terms
from engine.systems.chattts.files import NEEDED, PUBLISHED, REPOSITORY

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
    ),
)


def pick(paths: Sequence[str]) -> tuple[str, ...]:
    """The files of a checkpoint among ``paths``; nothing where one that is needed lacks."""
    return tuple(path for path in PUBLISHED if path in paths) if set(NEEDED) <= set(paths) else ()
