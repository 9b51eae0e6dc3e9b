"""Every exception that the engine raises on purpose.

EngineError
├── UserError            a mistake that whoever made the request can mend
│   ├── UnknownSystem    no system has this id
│   ├── OptionError      an option that does not exist, has the wrong type or is out of bounds
│   ├── TextError        nothing in the text can be spoken, or there is too much of it
│   ├── VoiceError       a voice that the system or the checkpoint does not have, or that cannot be read
│   ├── AudioError       a recording that cannot be read, or breaks a limit
│   ├── DeviceError      a device or a precision that this machine does not have
│   ├── WeightsMissing   there is no checkpoint where one was expected
│   ├── WeightsMismatch  a checkpoint that is damaged, hostile, or of another architecture
│   ├── TermsNotAccepted a licence that restricts use, and has not been accepted yet
│   ├── InUse            a model that cannot be removed while it is in memory
│   ├── ConfigError      a configuration file that cannot be read or contradicts itself
│   ├── PackageMissing   an optional package that is not installed
│   └── SaveError        the result cannot be written where it should go
├── DownloadError        a file that could not be fetched
│   ├── Offline          it is not here, and the network may not be asked
│   ├── NotFound         no endpoint has this repository, revision or file
│   ├── Gated            its owner wants a licence accepted first, or a token
│   ├── RateLimited      every endpoint that has it asks to come back later
│   ├── Corrupt          what arrived is not the published file
│   ├── DiskFull         it does not fit where it should go
│   └── AllEndpointsFailed  none of the endpoints could be used
├── Busy                 every place, waiting places included, is taken
└── OutOfMemory          the device's memory does not hold the model or the request

Each message says what happened, to which thing, and what to do about it, in one line. It is written as a template with
the values that stand in it, so that it can be said in the reader's language:

    raise OptionError("steps={steps} is outside 1..50 for {name}", steps=steps, name=spec.name)
"""

from typing import Any

from engine.message import Message


class EngineError(Exception):
    """The root: whoever catches this has caught everything that the engine foresees."""

    def __init__(self, template: str, /, **values: Any) -> None:
        self.message = Message(template, **values)
        super().__init__(self.message)


class UserError(EngineError):
    """A mistake that whoever made the request can mend."""


class UnknownSystem(UserError):
    """No registered system has this id."""


class OptionError(UserError):
    """An option that does not exist, has the wrong type or is out of bounds."""


class TextError(UserError):
    """Nothing in the text can be spoken, or there is too much of it."""


class VoiceError(UserError):
    """A voice that the system or the checkpoint does not have, or a voice file that cannot be read."""


class AudioError(UserError):
    """A recording that cannot be read, or that breaks a limit of length, size, rate or channels."""


class DeviceError(UserError):
    """A device or a precision that this machine does not have."""


class WeightsMissing(UserError):
    """There is no checkpoint where one was expected."""


class WeightsMismatch(UserError):
    """A checkpoint that is damaged, hostile, or made for another architecture."""


class TermsNotAccepted(UserError):
    """The licence of these weights restricts their use, and nobody has accepted it yet."""


class InUse(UserError):
    """The model is in memory, so its files stay."""


class ConfigError(UserError):
    """A configuration file that cannot be read or contradicts itself."""


class PackageMissing(UserError):
    """An optional package, or what belongs to it, is not installed on this machine, and the request needs it."""


class SaveError(UserError):
    """The result cannot be written where it should go: no such folder, no right, no space, no such format."""


class DownloadError(EngineError):
    """A file that could not be fetched. What arrived of it is kept where it is sound, and the next try goes on."""


class Offline(DownloadError):
    """The file is not here, and the network may not be asked."""


class NotFound(DownloadError):
    """No endpoint has this repository, this revision or this file."""


class Gated(DownloadError):
    """The owner of the repository wants its licence accepted first, or a token that says who asks."""


class RateLimited(DownloadError):
    """Every endpoint that has the file asks to come back later: in ``wait_s`` seconds, where it says so."""

    def __init__(self, template: str, wait_s: float | None = None, /, **values: Any) -> None:
        super().__init__(template, **values)
        self.wait_s = wait_s


class Corrupt(DownloadError):
    """What arrived is not the file that was published. Nothing of it is kept."""


class DiskFull(DownloadError):
    """The file does not fit where it should go: ``needed`` bytes more, of which ``free`` are there."""

    def __init__(self, template: str, needed: int | None = None, free: int | None = None, /, **values: Any) -> None:
        super().__init__(template, **values)
        self.needed, self.free = needed, free


class AllEndpointsFailed(DownloadError):
    """None of the endpoints could be used; ``reasons`` are pairs of an endpoint's host and what became of it."""

    def __init__(self, template: str, reasons: tuple[tuple[str, str], ...] = (), /, **values: Any) -> None:
        super().__init__(template, **values)
        self.reasons = reasons


class Busy(EngineError):
    """Every place is taken, waiting places included. Try again in a moment."""


class OutOfMemory(EngineError):
    """The device's memory does not hold the model or the request."""
