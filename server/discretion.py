"""What is said to strangers names no folder of the machine: a path is shown without what leads to it."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

# From a root to the last name. Addresses (https://...), fractions and "and/or" are none: something stands before them.
_PATH = re.compile(r"""(?<![\w:/.\\])(?:~|[A-Za-z]:)?(?:[/\\]+[^/\\\s'",;:()<>|]+)+[/\\]*""")


class Discretion:
    """Knows the ``folders`` of this machine that may come up, with spaces in their names or not."""

    def __init__(self, folders: Iterable[Path | None] = ()) -> None:
        known = {str(way) for folder in folders if folder for way in (folder, folder.absolute(), folder.resolve())}
        longest = sorted((name for name in known if len(name) > 1 and Path(name).is_absolute()), key=len, reverse=True)
        self._known = [
            (re.compile(re.escape(name) + r"[/\\]+"), re.compile(re.escape(name) + r"(?![\w-])"), Path(name).name)
            for name in longest
        ]

    def plain(self, content: Any) -> Any:
        """The same plain data, every text in it without folders."""
        if isinstance(content, str):
            return self.text(content)
        if isinstance(content, dict):
            # A template is ours, and the key of its translations; without values it is the whole sentence.
            ours = {"template"} if content.get("values") else set()
            return {name: value if name in ours else self.plain(value) for name, value in content.items()}
        if isinstance(content, list | tuple):
            return [self.plain(value) for value in content]
        return content

    def text(self, text: str) -> str:
        """A sentence without folders: what lies in one of ours by its way from there, anything else by its name."""
        for inside, itself, name in self._known:
            text = itself.sub(name, inside.sub("", text))
        return _PATH.sub(lambda found: re.split(r"[/\\]+", found[0].rstrip("/\\"))[-1], str(text))
