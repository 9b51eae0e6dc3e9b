"""Consents, with the client's own calls."""

from collections.abc import Callable

import openai
import pytest

from tests.server.openai.test_clones import agree


def test_consents_are_listed_renamed_and_deleted(client: openai.OpenAI) -> None:
    ids = [agree(client, f"Speaker {number}") for number in range(5)]
    one = client.audio.voice_consents.retrieve(ids[0])
    assert (one.name, one.language, one.object) == ("Speaker 0", "en-GB", "audio.voice_consent")
    assert [each.id for each in client.audio.voice_consents.list()] == ids[::-1]
    page = client.audio.voice_consents.list(limit=2)
    assert [each.id for each in page.data] == ids[:2:-1]
    assert [each.id for each in page] == ids[::-1]  # the client asks for the pages that follow
    assert client.audio.voice_consents.update(ids[0], name=" Ann   Smith ").name == "Ann Smith"
    assert client.audio.voice_consents.retrieve(ids[0]).name == "Ann Smith"
    deleted = client.audio.voice_consents.delete(ids[0])
    assert (deleted.deleted, deleted.id) == (True, ids[0])
    assert len(list(client.audio.voice_consents.list())) == 4


def test_one_that_is_not_there_is_told(client: openai.OpenAI) -> None:
    calls: list[Callable[[str], object]] = [
        client.audio.voice_consents.retrieve,
        client.audio.voice_consents.delete,
        lambda consent: client.audio.voice_consents.update(consent, name="Ann"),
    ]
    for call in calls:
        with pytest.raises(openai.NotFoundError, match="no consent 'cons_x' of yours"):
            call("cons_x")
    with pytest.raises(openai.BadRequestError, match="needs a name"):
        client.audio.voice_consents.update(agree(client), name=" ")
