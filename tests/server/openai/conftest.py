"""Clients of the API, as people have them."""

from collections.abc import Callable, Iterator

import openai
import pytest

from engine.system import SystemSpec
from tests.server.conftest import Served, serve_studio, studio

__all__ = ["serve_studio", "studio"]


@pytest.fixture
def connect() -> Iterator[Callable[..., openai.OpenAI]]:
    """A function that makes clients: (a served studio, key="any", **arguments); all are closed."""
    clients: list[openai.OpenAI] = []

    def make(served: Served, key: str = "any", **arguments: object) -> openai.OpenAI:
        clients.append(openai.OpenAI(base_url=f"{served.url}v1", api_key=key, max_retries=0, timeout=60, **arguments))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def client(studio: Served, connect: Callable[..., openai.OpenAI]) -> openai.OpenAI:
    """A client of a studio with the fake system."""
    return connect(studio)


@pytest.fixture
def log() -> list[str]:
    """What happened inside the fake system."""
    return []


@pytest.fixture
def slow(serve_studio: Callable[..., Served], make_fake_spec: Callable[..., SystemSpec], log: list[str]) -> Served:
    """A studio whose system needs 50 ms for each 100 ms of sound, for one listener at a time and none waiting."""
    return serve_studio(make_fake_spec(delay=0.05, seconds_per_character=0.05, log=log), places=1, queue=0)
