"""The named Gradio endpoints, for scripts: `docs/serving.md#gradio` lists them.

``synthesize`` has hidden components, since the page asks it where it cannot hear the stream: the script presses
``#studio-endpoint``, and hears of the answer. The others have none.
"""

import html
import json
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any

import gradio as gr
from gradio.route_utils import get_root_url
from starlette.requests import Request

from engine.engine import Engine
from engine.events import Event, Rewritten
from engine.recognition.transcript import Transcript
from server.backend import Backend
from server.body import read
from server.desk import Clone, Listen, Rewrite, Say, WhichVoices
from server.errors import RequestError, readable
from server.requests import Speak
from server.rights import Visitor
from server.takes import Take
from ui.listening import while_heard

NAMES = ("synthesize", "clone_voice", "list_voices", "list_systems", "refine_text", "transcribe")
# Gradio puts the request in, and knows it by its type.
NONE: gr.Request = None  # type: ignore[assignment]


def add_endpoints(backend: Backend, say: Say = Engine.synthesize) -> None:
    """Add the endpoints of `NAMES`, and their hidden components, to the blocks that are being built."""
    _add_synthesize(backend, say)
    _add_clone_voice(backend)
    _add_lists(backend)
    _add_refine_text(backend)
    _add_transcribe(backend)


def _add_synthesize(backend: Backend, say: Say) -> None:
    desk = backend.desk()

    def synthesize(
        text: str,
        system: str,
        voice: str = "",
        language: str = "",
        seed: float = 0,
        options: str = "{}",
        model: str = "",
        made: str = "",
        request: gr.Request = NONE,
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
        with _answering(backend, request) as visitor:
            body = {"text": text, "system": system, "seed": seed or 0, "options": _object(options)}
            names = {"model": model or "", "voice": voice or "", "made": made or "", "language": language or ""}
            with desk.speak(visitor, read(Speak, body | names), say) as speaking:
                for _ in while_heard(speaking.events):
                    yield gr.skip()  # where Gradio closes us when nobody waits any more
                take = speaking.take()
            yield _file(request, take) if take else gr.skip()

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


def _add_clone_voice(backend: Backend) -> None:
    desk = backend.desk()

    def clone_voice(
        recording: str,
        consent: str,
        name: str = "",
        transcript: str = "",
        language: str = "",
        system: str = "",
        model: str = "",
        save: bool = False,
        request: gr.Request = NONE,
    ) -> dict[str, Any]:
        """Make a voice of a recording; returns {"system", "made", "name", "saved", "traits", "voice"}.

        Args:
            recording: The bytes of a sound file, as base64.
            consent: What the speaker has agreed to, in a few words; it stays with the voice.
            name: What to call the voice.
            transcript: What is said in the recording; with it the likeness is better in most systems.
            language: The language code of the recording.
            system: The id of a system that clones; "" is the first that is ready.
            model: The name of an installed checkpoint; "" is the first.
            save: Keep the voice for good, under its name; for the owner alone. Others have it for their visit.
        """
        with _answering(backend, request) as visitor:
            said = {"name": name or "", "transcript": transcript or "", "language": language or ""}
            which = {"system": system or "", "model": model or "", "save": save or False}
            return desk.clone(visitor, read(Clone, {"recording": recording, "consent": consent, **said, **which}))

    gr.api(clone_voice, api_name="clone_voice", concurrency_limit=None)


def _add_lists(backend: Backend) -> None:
    desk = backend.desk()

    def list_voices(
        system: str = "", language: str = "", limit: float = 200, request: gr.Request = NONE
    ) -> dict[str, Any]:
        """The voices that can speak at once; returns {"voices": [...], "total"}.

        Args:
            system: The id of a system; "" is every one.
            language: A language code; "" is any.
            limit: How many to tell at most.
        """
        with _answering(backend, request) as visitor:
            which = {"system": system or "", "language": language or "", "limit": limit}
            return desk.voices(visitor, read(WhichVoices, which))

    def list_systems(request: gr.Request = NONE) -> list[dict[str, Any]]:
        """Every system, whether it can speak now, and its options with their bounds."""
        with _answering(backend, request) as visitor:
            return desk.systems(visitor)

    gr.api(list_voices, api_name="list_voices", concurrency_limit=None)
    gr.api(list_systems, api_name="list_systems", concurrency_limit=None)


def _add_refine_text(backend: Backend) -> None:
    desk = backend.desk()

    def refine_text(
        text: str,
        system: str = "",
        language: str = "",
        seed: float = 0,
        options: str = "{}",
        model: str = "",
        request: gr.Request = NONE,
    ) -> Iterator[Any]:
        """Write pauses, laughter and fillers into a text, without speaking it; returns {"text", "options"}.

        With these options changed, synthesize speaks the text as it stands, edited or not.

        Args:
            text: What to rewrite.
            system: The id of a system that rewrites; "" is the first that is ready.
            language: A language code; "" is the system's first.
            seed: For systems whose wording depends on it.
            options: A JSON object of the system's options.
            model: The name of an installed checkpoint; "" is the first.
        """
        with _answering(backend, request) as visitor:
            said = {"text": text, "system": system or "", "language": language or "", "model": model or ""}
            more = {"seed": seed or 0, "options": _object(options)}
            for event in while_heard(desk.rewrite(visitor, read(Rewrite, said | more))):
                written = {"text": event.text, "options": dict(event.options)} if isinstance(event, Rewritten) else None
                yield written  # at each event Gradio closes us when nobody waits any more

    gr.api(refine_text, api_name="refine_text", concurrency_limit=None)


def _add_transcribe(backend: Backend) -> None:
    desk = backend.desk()

    def transcribe(
        recording: str, language: str = "", recogniser: str = "", request: gr.Request = NONE
    ) -> Iterator[Any]:
        """What is said in a recording; returns {"text", "language", "words", ...}.

        Args:
            recording: The bytes of a sound file, as base64.
            language: A language code; "" leaves it to the recogniser.
            recogniser: The id of a recogniser; "" is the best that is here.
        """
        with _answering(backend, request) as visitor:
            asked = {"recording": recording, "language": language or "", "recogniser": recogniser or ""}
            heard: list[Transcript] = []

            def listening() -> Generator[Event, None, None]:
                heard.append((yield from desk.transcribe(visitor, read(Listen, asked))))

            for _ in while_heard(listening()):
                yield None
            yield heard[0].describe()

    gr.api(transcribe, api_name="transcribe", concurrency_limit=None)


@contextmanager
def _answering(backend: Backend, request: gr.Request) -> Iterator[Visitor]:
    """For the body to serve the visitor who sent ``request``; what it raises becomes an error that Gradio shows."""
    try:
        yield backend.rights.visitor(_asked(request).scope)
    except Exception as error:
        # Gradio shows it as HTML, whoever wrote what is in it.
        message = html.escape(backend.rights.told(readable(error).message), quote=False)
        raise gr.Error(message, print_exception=False) from error


def _asked(request: gr.Request) -> Request:
    """What came over HTTP; nobody calls the endpoints otherwise."""
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
