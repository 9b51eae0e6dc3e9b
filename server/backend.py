"""All that stands behind a page: the engine, what requests share, and the routes over them. Any app can mount it."""

import sys
from dataclasses import dataclass, field
from pathlib import Path

from engine.comparing import store as comparing
from engine.comparing.store import Store as Grids
from engine.engine import Engine
from engine.keys import FILE, Keys
from engine.listening import store as listening
from engine.listening.store import Store
from server.catalogue_routes import CatalogueRoutes
from server.codec_routes import CodecRoutes
from server.conversion_routes import ConversionRoutes
from server.desk import Desk
from server.discretion import Discretion
from server.grid_routes import GridRoutes
from server.grid_work import GridWork
from server.guard import Guarded
from server.guests import Engines
from server.jobs import Jobs
from server.lexicon_routes import LexiconRoutes
from server.library_routes import LibraryRoutes
from server.listening_routes import ListeningRoutes
from server.made_voices import MadeVoices
from server.mcp_routes import McpRoutes
from server.metrics import Metrics
from server.monitor_routes import MonitorRoutes
from server.openai.routes import OpenAIRoutes
from server.recording_routes import RecordingRoutes
from server.rights import Policy, Rights
from server.sign_in import SignIn
from server.speak_routes import SpeakRoutes
from server.takes import Takes
from server.tasks import Tasks
from server.text_routes import TextRoutes
from server.transcription_routes import TranscriptionRoutes
from server.uploads import Uploads
from server.verdict_routes import VerdictRoutes
from server.voice_routes import VoiceRoutes
from server.warmup import WarmUp

ROOT = Path(__file__).parents[1]
TAKES, PUBLIC_TAKES = 100, 2000  # how many are kept; one visitor must not drive out those of the others


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """What the requests of one server share. `over` makes one."""

    engine: Engine
    engines: Engines
    grids: Grids
    grid_work: GridWork
    listening: Store
    metrics: Metrics
    rights: Rights
    takes: Takes
    uploads: Uploads
    voices: MadeVoices
    warm_up: WarmUp
    jobs: Jobs = field(default_factory=Jobs)
    tasks: Tasks = field(default_factory=Tasks)

    @classmethod
    def over(cls, engine: Engine, folder: Path, policy: Policy | None = None) -> "Backend":
        """A backend that keeps its results under ``folder``, which nobody else should be able to read.

        ``policy`` says who may do what; by default whoever comes is the owner.
        Uploads wait beside the models, on the disk where they are to stay. Raises OSError when a folder cannot be made.
        """
        models, policy = engine.library.folder, policy or Policy()
        engine.library.sweep()
        discretion = Discretion([models, folder, ROOT, Path(sys.prefix), Path.cwd(), Path.home()])
        keys, metrics = Keys(models and models / FILE), Metrics(engine)
        rights = Rights(policy, keys=keys, discretion=discretion, meter=metrics)
        engines, voices = Engines.over(engine, shared=policy.share_voices), MadeVoices()
        grids = Grids(models and models / comparing.FILE)
        grid_work = GridWork(grids, engines, voices, rights)
        grid_work.resume()
        return cls(
            engine=engine,
            engines=engines,
            grids=grids,
            grid_work=grid_work,
            listening=Store(models and models / listening.FILE),
            metrics=metrics,
            rights=rights,
            takes=Takes(folder / "takes", limit=PUBLIC_TAKES if policy.public else TAKES),
            uploads=Uploads(models and models / ".uploads"),
            voices=voices,
            warm_up=WarmUp(engine),
        )

    def routes(self) -> list[Guarded]:
        """Every route: the page's below /studio/, the programs' below /v1/ and at /mcp, and those of `MonitorRoutes`.

        Where there are visitors, `Entrance` must stand around the app that mounts them: it gives a visit its cookie.
        """
        return [
            *SignIn(self.rights).table(),
            *self._speaking().table(),
            *TextRoutes(self.engine, self.rights).table(),
            *LexiconRoutes(self.engine.lexicons, self.rights).table(),
            *LibraryRoutes(self.engines, self.tasks, self.uploads, self.warm_up, self.rights).table(),
            *CatalogueRoutes(self.engine, self.rights).table(),
            *RecordingRoutes(self.rights).table(),
            *ConversionRoutes(self.engine, self.rights).table(),
            *TranscriptionRoutes(self.engine, self.rights).table(),
            *CodecRoutes(self.engine, self.rights).table(),
            *VerdictRoutes(self.engine, self.takes, self.rights).table(),
            *ListeningRoutes(self.listening, self.takes, self.grids, self.rights).table(),
            *GridRoutes(self.grids, self.grid_work, self.engines, self.voices, self.rights).table(),
            *VoiceRoutes(self.engines, self.voices, self.rights).table(),
            *MonitorRoutes(self.engine, self.warm_up, self.metrics, self.rights).table(),
            *OpenAIRoutes(self.engines, self.jobs, self.voices, self.rights).table(),
            *McpRoutes(self.desk(), self.jobs, self.rights).table(),
        ]

    def takes_under(self, path: str) -> Guarded:
        """A route to takes under another address, which ends in {take}.{ending}."""
        return self._speaking().takes_under(path)

    def desk(self) -> Desk:
        """What serves programs that come through a door of their own."""
        return Desk(self.engines, self.takes, self.voices, self.rights)

    def _speaking(self) -> SpeakRoutes:
        return SpeakRoutes(self.engines, self.jobs, self.takes, self.voices, self.rights)

    def close(self) -> None:
        """End every job, every download and what is being encoded."""
        self.grid_work.close()
        self.jobs.end_all()
        self.tasks.end_all()
        self.takes.close()
        self.uploads.close()
