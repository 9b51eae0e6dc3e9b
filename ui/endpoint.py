"""The named Gradio endpoint ``synthesize``: a finished file for scripts, and for browsers without WebAudio."""

import html
import json
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from typing import Any

import gradio as gr
from gradio.route_utils import get_root_url
from starlette.requests import Request

from engine.engine import Engine
from engine.events import Event
from engine.request import SynthesisRequest
from engine.speech import Collector
from server.backend import Backend
from server.body import read
from server.errors import RequestError, readable
from server.guests import OwnVoices
from server.requests import Speak, read_request
from server.takes import Take
from ui.listening import while_heard

# Says a request with the engine of whoever asks.
Speaking = Callable[[Engine, SynthesisRequest], Generator[Event, None, None]]


def add_endpoint(backend: Backend, speaking: Speaking = Engine.synthesize) -> None:
    """Add the endpoint and its hidden components to the blocks that are being built.

    The page uses it, too, where it cannot hear the stream: the script presses ``#studio-endpoint``, and hears of the
    answer.
    """

    def synthesize(
        text: str,
        system: str,
        voice: str = "",
        language: str = "",
        seed: float = 0,
        options: str = "{}",
        model: str = "",
        made: str = "",
        request: gr.Request = None,  # type: ignore[assignment] # Gradio puts it in, and knows it by its type
    ) -> Iterator[Any]:
        """Speak a text; returns a WAV file.

        Args:
            text: What to say.
            system: The id of a system, such as "vits".
            voice: The name of a voice of the system's or of a saved one, or a string that stands for one, such as
                "seed:7" where the system draws voices; "" is the system's default.
            language: A language code; "" is the system's first.
            seed: The same seed gives the same sound.
            options: A JSON object of the system's options.
            model: The name of an installed checkpoint; "" is the first.
            made: The id of a voice that was made on this server, instead of a voice.
        """
        try:
            visitor = backend.rights.visitor(_asked(request).scope)
            engine, own = backend.engines.of(visitor), OwnVoices(backend.voices, backend.rights, visitor)
            body = {"text": text, "system": system, "seed": seed or 0, "options": _object(options)}
            names = {"model": model or "", "voice": voice or "", "made": made or "", "language": language or ""}
            asked = read_request(engine, read(Speak, body | names), own)
            collector = Collector(asked.request)
            going = backend.rights.allowance.begin(visitor, asked.request.text)
            spoken = going.watch(collector.watch(speaking(engine, asked.request)))
            with going, closing(while_heard(spoken)) as events:
                for _ in events:
                    yield gr.skip()  # where Gradio closes us when nobody waits any more
            speech = collector.speech()
            take = speech and backend.takes.keep(asked, speech)
            if take:
                backend.rights.claim(visitor, take.id)
            yield _file(request, take) if take else gr.skip()
        except Exception as error:
            # Gradio shows it as HTML, whoever wrote what is in it.
            message = html.escape(backend.rights.told(readable(error).message), quote=False)
            raise gr.Error(message, print_exception=False) from error

    text, system = gr.Textbox(visible=False), gr.Textbox(visible=False)
    # A value makes it optional for scripts.
    voice, language, model, made = (gr.Textbox("", visible=False) for _ in range(4))
    seed, options = gr.Number(0, visible=False), gr.Textbox("{}", visible=False)
    # The script plays what it says; visible=False would keep the page from hearing of it.
    sound = gr.Audio(visible="hidden", elem_id="studio-endpoint-sound", interactive=False)
    trigger = gr.Button("", elem_id="studio-endpoint", visible="hidden")
    asked = trigger.click(
        synthesize,
        [text, system, voice, language, seed, options, model, made],
        sound,
        js="() => window.polyphone.asked()",
        api_name="synthesize",
        concurrency_limit=None,
        postprocess=False,
    )
    asked.success(None, sound, None, js="(sound) => window.polyphone.answered(sound)", api_visibility="private")
    asked.failure(None, None, None, js="() => window.polyphone.answered(null)", api_visibility="private")
    stop = gr.Button("", elem_id="studio-endpoint-stop", visible="hidden")
    stop.click(None, None, None, cancels=[asked], api_visibility="private")


def _asked(request: gr.Request) -> Request:
    """What came over HTTP; nobody calls the endpoint otherwise."""
    if request.request is None:
        raise RequestError("this endpoint answers requests over HTTP alone")
    return request.request


def _file(request: gr.Request, take: Take) -> dict[str, Any]:
    """A take as Gradio names files, by the address under which we serve it: it is neither copied nor given a path."""
    asked = _asked(request)
    root = get_root_url(asked, asked.url.path, None)
    url = f"{root}/studio/takes/{take.id}.wav"
    return {"path": url, "url": url, "orig_name": f"{take.stem}.wav", "meta": {"_type": "gradio.FileData"}}


def _object(options: Any) -> Any:
    try:
        return json.loads(options or "{}")
    except (TypeError, ValueError) as error:
        raise RequestError('options must be a JSON object, such as {"speed": 1.2}') from error
