"""What a host watches: numbers in Prometheus' text format. None of them names a person or says a word of a text."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from engine.engine import Engine
from server.allowance import Meter

MEDIA_TYPE = CONTENT_TYPE_PLAIN_0_0_4
FIRST_SOUND_S = (0.1, 0.2, 0.35, 0.5, 0.8, 1.2, 2, 3, 5, 8, 13, 20, 30, 60)


class Metrics(Meter):
    """The numbers of one server, in a registry of its own."""

    def __init__(self, engine: Engine) -> None:
        self._registry = registry = CollectorRegistry()
        self._requests = Counter(
            "polyphone_http_requests", "Requests that were answered.", ["method", "route", "status"], registry=registry
        )
        self._spoken = Counter("polyphone_speech_requests", "Requests that have begun to speak.", registry=registry)
        self._running = Gauge("polyphone_speech_running", "Those that run or wait now.", registry=registry)
        self._characters = Counter("polyphone_text_characters", "Characters of their texts.", registry=registry)
        self._seconds = Counter("polyphone_sound_seconds", "Seconds of sound that were made.", registry=registry)
        self._first = Histogram(
            "polyphone_first_sound_seconds",
            "From a request to its first sound, with waiting and loading.",
            buckets=FIRST_SOUND_S,
            registry=registry,
        )
        models = Gauge("polyphone_models_loaded", "Models in memory.", registry=registry)
        models.set_function(lambda: len(engine.loaded()))
        ProcessCollector(registry=registry)

    def text(self) -> bytes:
        """All of them, as they are now."""
        return generate_latest(self._registry)

    def answered(self, method: str, route: str, status: int) -> None:
        """A request was answered."""
        self._requests.labels(method, route, str(status)).inc()

    def began(self, characters: int) -> None:
        """A request has begun, with a text of so many characters."""
        self._spoken.inc()
        self._running.inc()
        self._characters.inc(characters)

    def first_sound(self, seconds: float) -> None:
        """So long after its beginning a request has brought its first sound."""
        self._first.observe(seconds)

    def sounded(self, seconds: float) -> None:
        """So much sound has been made."""
        self._seconds.inc(seconds)

    def ended(self) -> None:
        """A request runs no more."""
        self._running.dec()
