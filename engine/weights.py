"""Reading checkpoint files that nobody vouches for, and loading them strictly.

Nothing in a file is ever run: pickles pass through torch's restricted unpickler. Besides what that allows, numbers of
numpy are let in, and what trainers are known to leave beside their weights becomes plain data or an `Inert`. Every
failure is one WeightsMismatch with one line.
"""

import contextlib
import pickle
import re
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from threading import Lock, get_ident
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import init
from torch.nn.modules.module import register_module_parameter_registration_hook
from torch.optim import lr_scheduler
from torch.overrides import TorchFunctionMode

from engine.errors import WeightsMismatch, WeightsMissing
from engine.message import Message, chained

MAX_BYTES = 8 << 30
# What a network may have beyond its checkpoint before the two are taken for strangers.
SPARE_NUMBERS = 1 << 25
# What tensors may be of; other kinds of numbers no network of ours can take.
DTYPES = frozenset({
    torch.float32, torch.float16, torch.bfloat16, torch.float64,
    torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64,
})  # fmt: skip
# How many bytes the tensors of a file may have for each byte of it: networks that share a tensor each count it.
MOST_SHARED = 8
_LETTING_IN = Lock()

# (what stands in for it, its name in the file)
Aliases = Sequence[tuple[Any, str]]

_BEYOND_MEMORY = re.compile("memory|overflow", re.IGNORECASE)
# What a damaged file can make the readers raise.
_DAMAGE = (
    RuntimeError, pickle.UnpicklingError, EOFError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError,
    AssertionError, ImportError, MemoryError, OSError, zipfile.BadZipFile, SafetensorError,
)  # fmt: skip


FILLING = (init.uniform_, init.normal_, init.kaiming_uniform_)


class Unfilled(TorchFunctionMode):
    """Under it parameters get no random numbers, which takes seconds, because a checkpoint will fill them all.

    The meta device would do too, but for that torch imports its compiler, which takes longer.
    """

    def __torch_function__(
        self, func: Callable, _types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        return None if func in FILLING else func(*args, **(kwargs or {}))


class Inert:
    """Stands in for an object that nobody needs: takes any arguments and any state, keeps none, does nothing."""

    def __new__(cls, *_args: object) -> "Inert":
        return super().__new__(cls)

    def __init__(self, *_args: object) -> None:
        pass

    def __setstate__(self, state: object) -> None:
        pass


def read_checkpoint(path: Path, *, aliases: Aliases = (), max_bytes: int = MAX_BYTES) -> Any:
    """What a torch file (zip or legacy) or a safetensors file holds, on the CPU.

    Tensors may be mapped from the file and are only read when used. ``aliases`` are pairs (stand-in, "module.Name") for
    what a system's files hold besides: `Inert`, dict, or a function that only builds plain data. Raises WeightsMissing
    when there is no file, and WeightsMismatch when it is too large, damaged, not a checkpoint, wants to run code, or
    holds a tensor that is not dense, has no data, or claims more memory than its file has.
    """
    if not path.is_file():
        raise WeightsMissing("there is no file {path}", path=path)
    size = path.stat().st_size
    if size > max_bytes:
        raise WeightsMismatch(
            "{path} has {size} MiB; at most {max_bytes} are read",
            path=path.name,
            size=size >> 20,
            max_bytes=max_bytes >> 20,
        )
    kind = _sniff(path)
    try:
        if kind == "safetensors":
            held = load_file(path)
            _check_tensors(held, path.name, size)
            return held
        if kind == "zip":
            _check_members(path, size)
        # torch keeps what it lets in for the whole process, so one thread at a time changes it.
        let_in = [*_numpy_globals(), *_bookkeeping(), *aliases]
        with _LETTING_IN, torch.serialization.safe_globals(let_in), warnings.catch_warnings():
            # It warns of a newer pickle protocol, which is no matter where only plain tensors are read.
            warnings.simplefilter("ignore", UserWarning)
            held = torch.load(path, map_location="cpu", weights_only=True, mmap=kind == "zip")
        _check_tensors(held, path.name, size)
        return held
    except _DAMAGE as error:
        raise WeightsMismatch(_explain(path, error)) from None


def load_strictly(module: nn.Module, state: Mapping[str, Tensor], source: str, *, assign: bool = False) -> None:
    """Fill ``module`` with ``state``, which must have exactly its keys and shapes and only finite numbers.

    A module on the meta device takes the tensors themselves, any other only where ``assign`` says so. Raises
    WeightsMismatch, whose line says what is missing, unexpected, or of another shape.
    """
    check_shapes({key: value.shape for key, value in module.state_dict().items()}, state, source)
    check_finite(state, source)
    module.load_state_dict(
        state, strict=True, assign=assign or any(parameter.is_meta for parameter in module.parameters())
    )


def check_shapes(own: Mapping[str, Sequence[int]], state: Mapping[str, Tensor], source: str) -> None:
    """Raises WeightsMismatch, whose line says what is missing, unexpected, or of another shape than the ``own``."""
    missing, unexpected = own.keys() - state.keys(), state.keys() - own.keys()
    misshapen = [
        f"{key} {list(state[key].shape)} instead of {list(own[key])}"
        for key in sorted(own.keys() & state.keys())
        if tuple(state[key].shape) != tuple(own[key])
    ]
    complaints = [
        Message("{count} {what} ({names})", count=len(found), what=what, names=_some(found))
        for what, found in (
            (Message("missing"), missing),
            (Message("unexpected"), unexpected),
            (Message("of another shape"), misshapen),
        )
        if found
    ]
    if complaints:
        raise WeightsMismatch(
            "{source} does not fit its configuration: of {count} tensors {complaints}",
            source=source,
            count=len(own),
            complaints=chained(complaints),
        )


@contextlib.contextmanager
def bounded(state: Mapping[str, Tensor], source: str) -> Iterator[None]:
    """While a network is built in the body, it may not grow far beyond the tensors that are to fill it.

    A configuration costs whoever writes it nothing, and the memory that it asks for could take the machine down.
    Raises WeightsMismatch before such memory is touched.
    """
    room = 4 * sum(value.numel() for value in state.values()) + SPARE_NUMBERS
    builder = get_ident()

    def too_large() -> WeightsMismatch:
        return WeightsMismatch(
            "{source} does not fit its configuration, which describes a far larger network; put the configuration "
            "beside it that it was trained with",
            source=source,
        )

    def count(_module: nn.Module, _name: str, parameter: Tensor | None) -> None:
        nonlocal room
        if parameter is not None and get_ident() == builder:
            room -= parameter.numel()
            if room < 0:
                raise too_large()

    hook = register_module_parameter_registration_hook(count)
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        # One parameter alone can be more than there is, and torch says so before it is counted.
        if isinstance(error, MemoryError) or _BEYOND_MEMORY.search(str(error)):
            raise too_large() from None
        raise
    finally:
        hook.remove()


def check_finite(state: Mapping[str, Tensor], source: str) -> None:
    """Raises WeightsMismatch when a tensor holds NaN or infinity."""
    bad = [key for key, value in state.items() if value.is_floating_point() and not _is_finite(value)]
    if bad:
        raise WeightsMismatch(
            "{source} holds numbers that are not finite in {count} tensors ({bad})",
            source=source,
            count=len(bad),
            bad=_some(bad),
        )


def _is_finite(value: Tensor) -> bool:
    """The least and the greatest are finite only if all are: ten times as fast as asking each."""
    return value.numel() == 0 or bool(torch.isfinite(torch.stack(torch.aminmax(value))).all())


def _sniff(path: Path) -> str:
    """'zip', 'pickle' or 'safetensors', from the first bytes."""
    with path.open("rb") as file:
        head = file.read(64)
    if not head:
        raise WeightsMismatch("{path} is empty; fetch it again", path=path.name)
    if head.startswith(b"version https://git-lfs"):
        raise WeightsMismatch("{path} is only a pointer of Git LFS; fetch the file that it points to", path=path.name)
    if head.lstrip()[:1] == b"<":
        raise WeightsMismatch("{path} is a web page, not a checkpoint; fetch the file itself", path=path.name)
    if head.startswith(b"PK"):
        return "zip"
    # Before pickles: the first byte is of the header's length, and one in 32 begins as they do.
    if head[8:9] == b"{":
        return "safetensors"
    if head.startswith(b"\x80"):
        return "pickle"
    raise WeightsMismatch("{path} is neither a torch file nor a safetensors file", path=path.name)


def _check_members(path: Path, size: int) -> None:
    """Torch stores, never compresses: a compressed or overlapping member is there to exhaust the memory."""
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
    if any(member.compress_type != zipfile.ZIP_STORED for member in members):
        raise ValueError("its members are compressed, which no torch file is")
    if sum(member.file_size for member in members) > 1.01 * size:
        raise ValueError("its members claim more bytes than the file has")


def _check_tensors(held: object, source: str, size: int) -> None:
    """Raises WeightsMismatch when tensors in ``held`` are of another kind, or claim far more than a file's ``size``.

    Nothing of them is read or copied for that.
    """
    room = MOST_SHARED * size
    for name, value in _tensors(held):
        if fault := _fault(value):
            raise WeightsMismatch(
                "{source} was refused: the tensor {name} {fault}", source=source, name=name, fault=fault
            )
        room -= value.numel() * value.element_size()
        if room < 0:
            raise WeightsMismatch(
                "{source} was refused: its tensors claim more than {most_shared} times its size",
                source=source,
                most_shared=MOST_SHARED,
            )


def _fault(value: Tensor) -> Message | None:
    """What is wrong with a tensor, and what to do about it; None for a plain one."""
    if value.is_nested:
        return Message("is nested; save its parts as plain tensors")
    if value.layout is not torch.strided:
        return Message("is sparse; save it dense")
    if value.is_meta:
        return Message("has a shape but no data; save the network with its weights")
    if value.is_quantized:
        return Message("is quantised; save it in float32 or float16")
    if value.dtype not in DTYPES:
        dtype = str(value.dtype).removeprefix("torch.")
        return Message("holds {dtype}; save it in float32 or float16", dtype=dtype)
    claimed, held = value.numel() * value.element_size(), value.untyped_storage().nbytes()
    if claimed > held:
        return Message(
            "claims {claimed:,} bytes and has {held:,}; save a copy instead of an expanded view",
            claimed=claimed,
            held=held,
        )
    return None


def _tensors(held: object) -> Iterator[tuple[str, Tensor]]:
    """Every tensor within dicts and lists, with the path of its keys."""
    todo: list[tuple[str, object]] = [("", held)]
    seen: set[int] = set()
    while todo:
        name, value = todo.pop()
        if isinstance(value, Tensor):
            yield " ".join(name.split())[:200], value
        elif isinstance(value, Mapping | list | tuple | set | frozenset) and id(value) not in seen:
            seen.add(id(value))
            items = value.items() if isinstance(value, Mapping) else enumerate(value)
            todo += [(f"{name[:200]}.{key!s:.200}" if name else f"{key!s:.200}", each) for key, each in items]


def _numpy_globals() -> list[Any]:
    """What a pickled number of numpy needs (trainers store losses so), under the names of numpy 2 and of numpy 1."""
    multiarray: Any = np._core.multiarray  # type: ignore[attr-defined]  # private, and what pickles name
    dtypes = [type(np.dtype(name)) for name in ("bool", "int32", "int64", "float16", "float32", "float64")]
    old = [(multiarray.scalar, "numpy.core.multiarray.scalar")]
    old += [(multiarray._reconstruct, "numpy.core.multiarray._reconstruct")]
    return [multiarray.scalar, multiarray._reconstruct, np.ndarray, np.dtype, *dtypes, *old]


def _bookkeeping() -> list[tuple[Any, str]]:
    """What trainers leave beside weights: schedulers with bound methods, paths, name spaces, Lightning's dicts.

    Checkpoints of StyleTTS 2 (docs/systems/styletts2.md#files), VALL-E and Lightning's trainers have them.
    """
    kinds = [kind for kind in vars(lr_scheduler).values() if isinstance(kind, type)]
    inert = [
        "builtins.getattr",
        *(f"builtins.{name}" for name in ("list", "dict", "tuple", "int", "float", "str")),
        *(f"{kind.__module__}.{kind.__name__}" for kind in kinds if kind.__module__ == lr_scheduler.__name__),
        "argparse.Namespace",
        "pytorch_lightning.callbacks.model_checkpoint.ModelCheckpoint",
    ]
    paths = ("PosixPath", "WindowsPath", "PurePosixPath", "PureWindowsPath")
    dicts = [
        f"{package}.AttributeDict"
        for package in (
            "pytorch_lightning.utilities.parsing",
            "lightning.pytorch.utilities.parsing",
            "lightning_fabric.utilities.data",
            "lightning.fabric.utilities.data",
        )
    ]
    return [
        *((Inert, name) for name in inert),
        *((_joined, f"{module}.{name}") for module in ("pathlib", "pathlib._local") for name in paths),
        *((dict, name) for name in dicts),
        (_empty_dict, "collections.defaultdict"),
    ]


def _joined(*parts: str) -> str:
    """A path as a text: a path of another system cannot be made here."""
    return "/".join(parts).replace("//", "/", 1)


def _empty_dict(*_factory: object) -> dict:
    return {}


def _explain(path: Path, error: BaseException) -> Message:
    """One line of what is wrong. torch's own explanation is a dozen, and advises to switch the guard off."""
    if wanted := re.search(r"GLOBAL ([\w.]+)", str(error)):
        return Message(
            "{path} was refused: it holds {held}, which could run code; only plain tensors are read",
            path=path.name,
            held=wanted[1],
        )
    if isinstance(error, pickle.UnpicklingError):
        return Message("{path} is damaged, or holds more than plain tensors; fetch or save it again", path=path.name)
    reason = next(iter(str(error).splitlines()), "") or type(error).__name__
    return Message("{path} cannot be read as a checkpoint: {reason}", path=path.name, reason=reason[:200])


def _some(names: Iterable[str]) -> str:
    names = sorted(names)
    return ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
