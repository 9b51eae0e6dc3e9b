"""All that stands behind a page: the engine, what requests share, and the routes over them. Any app can mount it."""

from dataclasses import dataclass, field
from pathlib import Path

from starlette.routing import Route

from engine.engine import Engine
from server.jobs import Jobs
from server.library_routes import LibraryRoutes
from server.made_voices import MadeVoices
from server.speak_routes import SpeakRoutes
from server.takes import Takes
from server.tasks import Tasks
from server.uploads import Uploads
from server.voice_routes import VoiceRoutes
from server.warmup import WarmUp


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """What the requests of one server share. `over` makes one."""

    engine: Engine
    takes: Takes
    uploads: Uploads
    warm_up: WarmUp
    jobs: Jobs = field(default_factory=Jobs)
    tasks: Tasks = field(default_factory=Tasks)
    voices: MadeVoices = field(default_factory=MadeVoices)

    @classmethod
    def over(cls, engine: Engine, folder: Path) -> "Backend":
        """A backend that keeps its results under ``folder``, which nobody else should be able to read.

        Uploads wait beside the models, on the disk where they are to stay. Raises OSError when a folder cannot be made.
        """
        models = engine.library.folder
        return cls(
            engine=engine,
            takes=Takes(folder / "takes"),
            uploads=Uploads(models and models / ".uploads"),
            warm_up=WarmUp(engine),
        )

    def routes(self) -> list[Route]:
        """Every route, all below /studio/."""
        return [
            *SpeakRoutes(self.engine, self.jobs, self.takes, self.voices).table(),
            *LibraryRoutes(self.engine, self.tasks, self.uploads, self.warm_up).table(),
            *VoiceRoutes(self.engine, self.voices).table(),
        ]

    def close(self) -> None:
        """End every job, every download and what is being encoded."""
        self.jobs.end_all()
        self.tasks.end_all()
        self.takes.close()
