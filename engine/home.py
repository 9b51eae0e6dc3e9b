"""Speech for Home Assistant: a server of the Wyoming protocol, which streams both the text and the sound.

The protocol knows no password, so who reaches the server may speak with it. A client says one thing at a time; when it
goes, its work ends at the next event. What it sends is bounded, and so is how long it may keep sound waiting.
docs/serving.md#home-assistant says how it is set up.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Generator
from typing import Any

import numpy as np
from wyoming import audio, info, ping, tts
from wyoming.error import Error
from wyoming.event import Event as Sent
from wyoming.server import AsyncEventHandler

from engine.engine import Engine
from engine.errors import EngineError, TextError
from engine.events import AudioChunk, Event
from engine.request import SynthesisRequest
from engine.roster import Offered, find, roster
from engine.text.segment import SENTENCE_PAUSE_S, sentences

VERSION = "0.1.0"
# Characters of what is said at once, bytes of one event, clients at once.
MOST_TEXT, MOST_BYTES, MOST_CLIENTS = 20_000, 2**20, 32
# So long may a client say nothing while nothing is said for it, and leave sound untaken, in seconds.
IDLE_S, PATIENCE_S = 300.0, 20.0
# A sentence that is longer is spoken before its end has come.
LONGEST_SENTENCE = 1000


class Home:
    """What all clients share. ``voice`` is spoken with where a client names none: an id or a name, "" for the first."""

    def __init__(self, engine: Engine, voice: str = "") -> None:
        self.engine = engine
        self.clients = 0
        self._voice = voice

    def client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> "Client":
        """Somebody who has connected."""
        return Client(self, reader, writer)

    def info(self) -> info.Info:
        """The voices, as the protocol tells them."""
        voices = [
            info.TtsVoice(
                name=each.id,
                description=", ".join(filter(None, (str(each.title), str(each.character)))),
                languages=list(each.languages),
                **_made(),
            )
            for each in roster(self.engine)
        ]
        program = info.TtsProgram(
            name="polyphone",
            description="Polyphone",
            voices=voices,
            supports_synthesize_streaming=True,
            **_made(),
        )
        return info.Info(tts=[program])

    def offered(self, voice: str, language: str) -> Offered:
        """The voice that a client asks for by its name, or by a language. Raises VoiceError."""
        return find(roster(self.engine), voice or ("" if language else self._voice), language)

    def events(self, offer: Offered, text: str, language: str) -> Generator[Event, None, None]:
        """What saying ``text`` yields. Raises what `Engine.synthesize` raises."""
        checkpoint = self.engine.checkpoints(offer.system)[offer.model] if offer.model else None
        options = self.engine.options(offer.system, {}, checkpoint)
        return self.engine.synthesize(
            SynthesisRequest(
                system=offer.system,
                text=text,
                options=options,
                voice=offer.voice,
                language=language if offer.speaks(language) else "",
                checkpoint=checkpoint,
            )
        )


class Client(AsyncEventHandler):
    """One connection: reads what is to be said while another task says it."""

    def __init__(self, home: Home, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        super().__init__(_Bounded(reader, lambda: self._speaks()), writer)  # type: ignore[arg-type] # as much of one as is used
        self._home = home
        self._work: asyncio.Task[None] | None = None
        self._said: asyncio.Queue[str | None] = asyncio.Queue()
        self._sentences = Sentences()
        self._streams = False
        self._over = False

    async def run(self) -> None:
        """Serve until the client goes, or sends what is no event."""
        self._home.clients += 1
        try:
            if self._home.clients > MOST_CLIENTS:
                await self._refuse("Busy", "too many clients are connected already; try again in a moment")
                self.writer.close()
                return
            # What is no event ends in any of these, depending on what it is instead.
            with contextlib.suppress(OSError, TimeoutError, RecursionError, AttributeError, TypeError, KeyError):
                await super().run()
        finally:
            self._home.clients -= 1

    async def disconnect(self) -> None:
        """The client has gone: its work ends."""
        if self._work is not None:
            self._work.cancel()

    async def handle_event(self, event: Sent) -> bool:
        """One event of the client's. What is not known is passed over, as the protocol wants it."""
        if info.Describe.is_type(event.type):
            await self._write((await asyncio.to_thread(self._home.info)).event())
        elif ping.Ping.is_type(event.type):
            await self._write(ping.Pong().event())
        elif tts.SynthesizeStart.is_type(event.type):
            await self._begin(event, streams=True)
        elif tts.SynthesizeChunk.is_type(event.type) and self._streams:
            await self._add(event)
        elif tts.SynthesizeStop.is_type(event.type) and self._streams:
            self._streams = False
            self._said.put_nowait(self._sentences.rest())
            self._said.put_nowait(None)
        elif tts.Synthesize.is_type(event.type) and not self._streams:
            # While a text is streamed, the whole of it is sent, too, for servers that cannot take it so.
            await self._begin(event, streams=False)
        return True

    def _speaks(self) -> bool:
        return self._work is not None and not self._work.done()

    async def _begin(self, event: Sent, *, streams: bool) -> None:
        text, voice = event.data.get("text", ""), event.data.get("voice") or {}
        if self._speaks():
            await self._refuse("Busy", "something is being said on this connection already; wait for its end")
        elif event.data.get("text_format") not in (None, "text"):
            await self._refuse("TextError", "only plain text is spoken; leave the markup out")
        elif not isinstance(text, str) or not isinstance(voice, dict) or len(text) > MOST_TEXT:
            await self._refuse("TextError", f"the text must be a text of at most {MOST_TEXT:,} characters")
        else:
            name, language = (str(voice.get(key) or "")[:200] for key in ("name", "language"))
            self._said, self._sentences, self._streams, self._over = asyncio.Queue(), Sentences(), streams, False
            if not streams:
                self._said.put_nowait(text)
                self._said.put_nowait(None)
            speaking = self._speak(self._said, name, language, streams=streams)
            self._work = asyncio.create_task(speaking, name="wyoming speech")

    async def _add(self, event: Sent) -> None:
        text = event.data.get("text", "")
        if self._over:
            return  # and what comes until the end of the text
        if not isinstance(text, str) or self._sentences.count + len(text) > MOST_TEXT:
            self._over = True
            self._said.put_nowait(None)
            await self._refuse("TextError", f"the text must be a text of at most {MOST_TEXT:,} characters")
            return
        for sentence in self._sentences.add(text):
            self._said.put_nowait(sentence)

    async def _speak(self, said: "asyncio.Queue[str | None]", name: str, language: str, *, streams: bool) -> None:
        """Say each text of a queue until a None comes; whatever goes wrong, the client is told that it is over."""
        rate, unsaid = 0, None
        try:
            offer = await asyncio.to_thread(self._home.offered, name, language)
            while (text := await said.get()) is not None:
                if not text and streams:
                    continue
                try:
                    rate = await self._say(self._home.events(offer, text, language), rate)
                except TextError as error:
                    # A sentence of marks alone is passed over, unless it is all that there is.
                    unsaid = error
            if unsaid and not rate:
                raise unsaid
        except EngineError as error:
            await self._refuse(type(error).__name__, str(error))
        except (OSError, TimeoutError):
            self.writer.close()  # nobody takes the sound: the reader sees the end of it
            return
        if rate:
            await self._write(audio.AudioStop().event())
        if streams:
            await self._write(tts.SynthesizeStopped().event())

    async def _say(self, events: Generator[Event, None, None], rate: int) -> int:
        """Send the sound of some events, of which others were before if there is a ``rate``; returns its rate."""
        begun = False
        async with contextlib.aclosing(drawn(events)) as drawing:
            async for event in drawing:
                if not isinstance(event, AudioChunk):
                    continue
                if not rate:
                    rate = event.sample_rate
                    await self._write(audio.AudioStart(rate=rate, width=2, channels=1).event())
                elif not begun:
                    # Sentences that came one by one are put together here.
                    await self._write(_sound(np.zeros(round(SENTENCE_PAUSE_S * rate), np.float32), rate))
                begun = True
                await self._write(_sound(event.samples, rate))
        return rate

    async def _refuse(self, code: str, text: str) -> None:
        await self._write(Error(text=" ".join(text.split())[:1000], code=code).event())

    async def _write(self, event: Sent) -> None:
        async with asyncio.timeout(PATIENCE_S):
            await self.write_event(event)


class Sentences:
    """Whole sentences out of a text that comes in pieces, cut anywhere. Takes time linear in it."""

    def __init__(self) -> None:
        self.count = 0
        self._pending = ""

    def add(self, piece: str) -> list[str]:
        """The sentences that are whole now, since something else has begun behind them."""
        self.count += len(piece)
        self._pending += piece
        *whole, last = sentences(self._pending) or [""]
        # The blanks behind it part it from what comes next.
        blank = self._pending[len(self._pending.rstrip()) :]
        if len(last) > LONGEST_SENTENCE:
            head, _, tail = last.rpartition(" ")
            whole, last = [*whole, head or last], tail if head else ""
        self._pending = last + blank
        return [each for each in whole if each]

    def rest(self) -> str:
        """What is left at the end."""
        rest, self._pending = self._pending.strip(), ""
        return rest


async def drawn(events: Generator[Event, None, None]) -> AsyncGenerator[Event, None]:
    """The events of long work, each drawn on a thread. Closing it closes them, as soon as the step at work is done."""
    step: asyncio.Future[Event | None] | None = None

    async def close() -> None:
        if step is not None:
            await asyncio.wait([step])
        await asyncio.to_thread(events.close)

    try:
        while True:
            step = asyncio.ensure_future(asyncio.to_thread(next, events, None))
            event = await asyncio.shield(step)
            if event is None:
                return
            yield event
    finally:
        await asyncio.shield(asyncio.ensure_future(close()))


class _Bounded:
    """What of a StreamReader the protocol's package uses, with bounds on size and time."""

    def __init__(self, reader: asyncio.StreamReader, busy: Callable[[], bool]) -> None:
        self._reader = reader
        self._busy = busy
        self.feed_eof = reader.feed_eof

    async def readline(self) -> bytes:
        """A line of at most 64 KiB, which is asyncio's bound. Raises ValueError, which ends the connection."""
        while True:
            try:
                async with asyncio.timeout(IDLE_S):
                    return await self._reader.readline()
            except TimeoutError:
                if not self._busy():
                    raise ValueError("nothing was said for long") from None

    async def readexactly(self, count: int) -> bytes:
        """Bytes that a line has announced. Raises ValueError for too many of them, or when they do not come."""
        if not isinstance(count, int) or count > MOST_BYTES:
            raise ValueError("this event is too large")
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await self._reader.readexactly(count)
        except (TimeoutError, EOFError) as error:
            raise ValueError("the rest of an event has not come") from error


def _sound(samples: np.ndarray, rate: int) -> Sent:
    """Samples (n,) in [-1, 1] as 16-bit little-endian sound."""
    pcm = np.round(samples.clip(-1, 1) * 32_767).astype("<i2").tobytes()
    return audio.AudioChunk(rate=rate, width=2, channels=1, audio=pcm).event()


def _made() -> dict[str, Any]:
    """What the protocol wants to know of everything."""
    return {"attribution": info.Attribution(name="Polyphone", url=""), "installed": True, "version": VERSION}
