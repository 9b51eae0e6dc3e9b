"""MMS-TTS: a release for each of its 1,100 languages, listed by the publisher's own card. docs/systems/vits.md#mms-tts.

The list comes from the hub and is held to its form. Imports no torch.
"""

import re

from engine.catalogue import Catalogue, Entry
from engine.errors import Corrupt
from engine.release import Merits, Release, RemoteFile, Terms
from engine.text.language_names import Language, languages, tag_of

REPOSITORY = "facebook/mms-tts"
MOST_CODES = 5_000
ABOUT_BYTES = 145_500_000  # of float32 weights, posterior encoder included

TERMS = Terms(
    name="CC BY-NC 4.0",
    summary="Not for commercial use: you may speak, share and adapt for research and for yourself, naming Meta AI, but "
    "nothing that it speaks may be sold or serve a business.",
    restricted=True,
    commercial=False,
)
# Clear as far as the recordings of a language are; the network is that of the original VITS.
MERITS = Merits(naturalness=2, speed=2)

# A language of ISO 639-3, and for a few which script or dialect of it.
_CODE = r"[a-z]{3}(?:-[a-z]{1,20}_[a-z0-9_]{1,40})?"
_NAME = re.compile(rf"mms-tts-(?P<code>{_CODE})")
_ITEM = re.compile(rf"[-*] +(?P<code>{_CODE}) *")
_HEADING = "Supported Languages"
_FILES = (
    RemoteFile(path="config.json"),
    RemoteFile(path="vocab.json"),
    RemoteFile(path="tokenizer_config.json"),
    RemoteFile(path="special_tokens_map.json", optional=True),
    RemoteFile(path="model.safetensors"),
)


def read(card: bytes) -> tuple[Entry, ...]:
    """The languages that the card of the collection lists, one a line. Raises Corrupt where it lists none."""
    # Before its heading, tags are listed in the same form.
    lines = card.decode("utf-8", "replace").partition(_HEADING)[2].splitlines()
    items = (found["code"] for line in lines if (found := _ITEM.fullmatch(line.strip())))
    codes = dict.fromkeys(code for code in items if code[:3] in languages())
    if not 0 < len(codes) <= MOST_CODES:
        raise Corrupt("the card of {repo} lists no languages in a form that is known here", repo=REPOSITORY)
    return tuple(map(entry, codes))


def entry(code: str) -> Entry:
    """What is known of the model of a language, whether there is one or not."""
    language = languages().get(code[:3]) or Language(code=code[:3], short="", english=code, own="")
    kind = code[4:].replace("_", " ")
    return Entry(
        name=f"mms-tts-{code}",
        title=f"MMS {language.english}, {kind}" if kind else f"MMS {language.english}",
        language=tag_of(code),
        spoken=(language.english, language.own),
        aliases=(code, language.code),
        repo=f"{REPOSITORY}-{code}",
        files=_FILES,
        about_bytes=ABOUT_BYTES,
        terms=TERMS,
        merits=MERITS,
    )


def published(repo: str) -> Release | None:
    """What a repository is, if it is called as those of MMS are: also of a language that no list has. Else None."""
    owner, _, name = repo.partition("/")
    found = _NAME.fullmatch(name)
    return entry(found["code"]).release(TERMS, "main") if owner == "facebook" and found else None


MMS = Catalogue(
    id="mms",
    title="MMS",
    names=_NAME,
    repo=REPOSITORY,
    index="README.md",
    most_bytes=1 << 20,
    read=read,
)
