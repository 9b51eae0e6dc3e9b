"""The named Gradio endpoint gives scripts a finished file, and the rest of the page is no API."""

from pathlib import Path

import pytest
import soundfile
from gradio_client import Client
from gradio_client.exceptions import AppError

from engine.audio.label import facts
from ui.app import Studio


@pytest.fixture
def client(studio: Studio, tmp_path: Path) -> Client:
    return Client(studio.url, verbose=False, download_files=tmp_path, analytics_enabled=False)


def test_a_script_gets_a_labelled_file_and_clear_errors(client: Client) -> None:
    result = client.predict("Hello there.", "fake", "bass", "en", 3, '{"level": 0.25}', api_name="/synthesize")
    path = Path(result["value"] if isinstance(result, dict) else result)
    with soundfile.SoundFile(path) as file:
        assert file.frames > 1000
        assert facts(file.comment)["options"]["level"] == 0.25
    for arguments, says in [
        (["", "fake"], "spoken"),
        (["Hello.", "nobody"], "no system"),
        (["Hello.", "fake", "tenor"], "tenor"),
        (["Hello.", "fake", "", "", 0, "{"], "JSON"),
    ]:
        with pytest.raises(AppError, match=says):
            client.predict(*arguments, *["", "", 0, "{}"][len(arguments) - 2 :], api_name="/synthesize")


def test_only_the_endpoint_is_public(client: Client) -> None:
    assert list(client.view_api(return_format="dict")["named_endpoints"]) == ["/synthesize"]
