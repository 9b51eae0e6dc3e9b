"""What all requests of a hub share: whom to ask, with which token and patience, and what is known of them."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from engine.hub.endpoints import Endpoint, Ranking
from engine.hub.transfer import Patience, Request, Transfer


def free_space(folder: Path) -> int:
    """Bytes that may still be written in ``folder``."""
    return shutil.disk_usage(folder).free


@dataclass(slots=True)
class Network:
    """Endpoints and how to ask them; ``free_space`` tells the bytes that may still be written in a folder."""

    endpoints: Sequence[Endpoint]
    token: str | None = field(repr=False)
    patience: Patience
    ranking: Ranking
    free_space: Callable[[Path], int]

    def ask(
        self,
        endpoint: Endpoint,
        url: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        secret: bool = True,
    ) -> Transfer:
        """Send a request; the token goes to hubs of Hugging Face's kind alone, and only where it may be needed."""
        token = self.token if secret and not endpoint.modelscope else None
        return Transfer(Request(url=url, method=method, headers=headers or {}, token=token), self.patience)
