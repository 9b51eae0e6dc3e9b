"""Voices of one's own over the API: made of a recording, with the consent of who speaks in it, and forgotten.

Whoever manages the studio saves the voice by making it; for others it is kept for a day, as on the page.
"""

import time
from dataclasses import replace
from typing import Any

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response

from engine import voicing
from engine.engine import Engine
from engine.errors import VoiceError
from engine.steps import finish
from engine.system import SystemSpec, Voicing
from engine.voice_shelf import MAX_NAME
from server.answers import as_json
from server.cloning import agreed
from server.guests import Engines
from server.held import Room
from server.made_voices import MadeVoices
from server.openai import models
from server.openai.consents import MAX_RECORDING, Consent, Consents
from server.openai.errors import Mistake
from server.openai.forms import Form, read_form
from server.openai.voices import OWN
from server.rights import Need, Rights, Visitor, visitor_of


class Clones:
    """The handlers; they share the engine, the voices that were made, and the consents."""

    def __init__(self, engines: Engines, voices: MadeVoices, consents: Consents, room: Room, rights: Rights) -> None:
        self._engine = engines.owner
        self._voices = voices
        self._consents = consents
        self._room = room
        self._rights = rights

    async def create(self, request: Request) -> Response:
        """Make a voice of a recording. ``model``, ``text`` (what is said in it) and ``language`` are ours."""
        visitor = visitor_of(request)
        with self._rights.allowance.begin(visitor), self._room.share(visitor.address) as held:
            form = await read_form(request, MAX_RECORDING, held.take)
            if form.fields.get("type", "audio_sample") != "audio_sample" or "prompt" in form.fields:
                raise Mistake("voices are made of recordings here, not of descriptions", param="type")
            consent = self._consents.of(visitor, form.text("consent"))
            form.text("name", most=MAX_NAME)
            return as_json(await anyio.to_thread.run_sync(self._make, visitor, form, consent))

    async def delete(self, request: Request) -> Response:
        """Forget a voice of one's own; one that is saved is the owner's to delete."""
        visitor, voice = visitor_of(request), request.path_params["voice"]
        if voice.startswith(OWN):
            made = voice.removeprefix(OWN)
            self._voices.delete(made if self._rights.owns(visitor, made) else "")
        else:
            self._rights.check(visitor, Need.MANAGE)
            await anyio.to_thread.run_sync(self._delete, voice)
        return as_json({"id": voice, "deleted": True, "object": "audio.voice.deleted"})

    # -- the work, on threads --

    def _make(self, visitor: Visitor, form: Form, consent: Consent) -> dict[str, Any]:
        name, recording = form.text("name", most=MAX_NAME), form.file("audio_sample")
        spec, checkpoint = _cloning(self._engine, form.fields.get("model", ""))
        said, language = form.fields.get("text", ""), form.fields.get("language", "")
        prompt = voicing.from_recording(spec, recording, said, language, checkpoint)
        made = finish(self._engine.make_voice(spec.id, prompt, checkpoint))
        voice = replace(agreed(made, f"{consent.name} ({consent.language}), {consent.id}"), name=name)
        if self._rights.manages(visitor):
            saved = voicing.save(self._engine, voice, name)
            voice_id, created = saved.id, int(saved.saved)
        else:
            voice_id, created = OWN + self._rights.claim(visitor, self._voices.keep(voice)), int(time.time())
        return {
            "id": voice_id,
            "name": name,
            "created_at": created,
            "object": "audio.voice",
            "type": "audio_sample",
            "model": spec.id,
        }

    def _delete(self, voice: str) -> None:
        system, _, name = voice.partition("/")
        try:
            self._engine.shelf.delete(self._engine.system(system).id, name)
        except VoiceError as error:
            raise Mistake("there is no voice {voice!r}", 404, param="voice_id", voice=voice[:80]) from error


def _cloning(engine: Engine, model: str) -> tuple[SystemSpec, Any]:
    """The model that is asked for, or the first that makes voices of recordings, with its checkpoint."""
    asked = models.find(engine, model)
    if asked is not None:
        return asked
    for spec in models.ready(engine):
        for checkpoint in engine.checkpoints(spec.id).values():
            if _voicing(spec, checkpoint).prompt_audio:
                return spec, checkpoint
    raise Mistake(
        "no model that is installed here makes voices of recordings; StyleTTS 2 and ChatTTS do", param="model"
    )


def _voicing(spec: SystemSpec, checkpoint: Any) -> Voicing:
    return spec.voicing_of(checkpoint) if spec.voicing_of else spec.voicing
