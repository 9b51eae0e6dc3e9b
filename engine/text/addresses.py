"""Addresses of pages and mail, names of files, paths, names of people on networks: how they are found and read out."""

import re
from collections.abc import Mapping

ADDRESS = re.compile(
    r"(?<![\w@])(?:(?:https?|ftp)://|www\.)[A-Za-z0-9][A-Za-z0-9\-._~:/?#@!$&'*+=%]*[A-Za-z0-9/]"
    r"|(?<![\w.@%+\-])[A-Za-z0-9._%+\-]+@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)*\.[A-Za-z]{2,}"
    r"|(?<![\w.@\-])(?:[A-Za-z0-9\-]+\.)+(?:com|org|net|edu|gov|io|ai|cn|dev|co|uk|de|jp|info|app)(?:/[\w\-./?=&#%]*)?(?![\w])",
    re.ASCII,
)
_ENDINGS = (
    "aac|avi|bak|bat|bin|bmp|bz2|cc|cfg|cmd|conf|cpp|cs|css|csv|dat|db|dll|dmg|doc|docx|epub|exe|flac|gif|go|gz|heic|"
    "hpp|htm|html|ico|ini|iso|jar|java|jpeg|jpg|js|json|jsonl|jsx|key|kt|lock|log|lua|m4a|md|mid|mkv|mov|mp3|mp4|mpeg|npy|"
    "npz|ods|odt|ogg|onnx|opus|otf|pdf|php|pickle|pkl|pl|png|ppt|pptx|ps1|psd|pt|pth|py|pyc|rar|rb|rs|rst|rtf|"
    "safetensors|sass|scss|sh|sql|srt|svg|swift|tar|tex|tgz|tif|tiff|toml|ts|tsv|tsx|ttf|txt|vue|wav|webm|webp|wma|wmv|"
    "woff|xls|xlsx|xml|yaml|yml|zip|zsh|7z"
)
FILE = re.compile(
    rf"(?<![\w.@])\.?(?=[\w\-]*[A-Za-z_])[\w\-]{{1,120}}(?:\.[\w\-]{{1,60}}){{0,4}}\."
    rf"(?:{_ENDINGS}|{_ENDINGS.upper()}|(?<=[a-z_]{{2}}\.)[ch])(?![\w@])",
    re.ASCII,
)
PATH = re.compile(
    r"(?<![\w/.~<)\]])(?:~|\.{1,2})?/(?=[A-Za-z_.])[\w.\-]{1,200}(?:/[\w.\-]{1,200}){0,40}/?(?<![.\-])"
    r"|(?<![\w\\])(?:[A-Za-z]:\\|\\\\)[\w.\-]{1,200}(?:\\[\w.\-]{1,200}){0,40}\\?(?<![.\-])",
    re.ASCII,
)
HANDLE = re.compile(r"(?<![\w.@/])@(?=\w)([A-Za-z0-9_]{1,40})(?![\w@])", re.ASCII)
TOPIC = re.compile(
    r"(?<![\w#&/])#(?!(?=[A-Fa-f]*[0-9])[0-9A-Fa-f]{6}(?!\w))(?=[A-Za-z]|[0-9]{1,4}[A-Za-z]{3})(\w{1,100})(?!\w)"
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=[0-9])|(?<=[0-9])(?=[A-Za-z])")


_SIGNS = re.compile(r"[@/\\#*]|\.\w")


def has_addresses(text: str) -> bool:
    """Whether there may be any of these in ``text``; a quick look."""
    return bool(_SIGNS.search(text))


def spell_address(address: str, names: Mapping[str, str]) -> str:
    """A URL or an e-mail address read out sign by sign, without its scheme and a closing slash."""
    return (
        re.sub(r"^\w+://|^mailto:", "", address)
        .rstrip("/")
        .translate({ord(sign): name for sign, name in names.items()})
    )


def split_topic(topic: str) -> str:
    """The words that a hashtag runs together, as far as capitals and digits tell."""
    return _CAMEL.sub(" ", topic).replace("_", " ")
