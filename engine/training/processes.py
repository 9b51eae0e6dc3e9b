"""One or several processes: joining a group, averaging gradients, starting the others.

A launcher such as torchrun sets RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT. Those of `spawn` meet at a file: a port
that was free may be somebody else's by the time that the first of them is there.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty
from typing import Any

import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from torch import nn

from engine.errors import ConfigError, EngineError
from engine.events import Progress
from engine.owned import temporary

# Where the processes of `spawn` meet, as an address for torch.
_MEETING = "POLYPHONE_MEETING"


@contextmanager
def group(device: torch.device) -> Iterator[tuple[int, int]]:
    """Join the group that the environment describes: yields (rank, number of processes), (0, 1) when it is alone.

    nccl where every process has a GPU of its own, gloo everywhere else.
    """
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1:
        yield 0, 1
        return
    rank = int(os.environ["RANK"])
    backend = "nccl" if device.type == "cuda" and dist.is_nccl_available() else "gloo"
    dist.init_process_group(backend, init_method=os.environ.get(_MEETING), rank=rank, world_size=size)
    try:
        yield rank, size
    finally:
        dist.destroy_process_group()


def local_device(device: torch.device) -> torch.device:
    """The device of this process: with several on one machine, GPU number LOCAL_RANK."""
    if device.type != "cuda" or device.index is not None:
        return device
    local = int(os.environ.get("LOCAL_RANK", os.environ.get("RANK", "0")))
    device = torch.device("cuda", local % torch.cuda.device_count())
    torch.cuda.set_device(device)
    return device


def average_gradients(parameters: Iterable[nn.Parameter]) -> None:
    """Replace every gradient by its mean over the group, in one exchange. Alone, nothing happens."""
    if not dist.is_initialized():
        return
    gradients = [p.grad for p in parameters if p.grad is not None]
    flat = torch.cat([gradient.flatten() for gradient in gradients])
    dist.all_reduce(flat)
    flat /= dist.get_world_size()
    for gradient, mean in zip(gradients, flat.split([g.numel() for g in gradients]), strict=True):
        gradient.copy_(mean.view_as(gradient))


def add_up(tensor: torch.Tensor) -> None:
    """Replace ``tensor`` by its sum over the group. Alone, nothing happens."""
    if dist.is_initialized():
        dist.all_reduce(tensor)


def broadcast(tensor: torch.Tensor) -> None:
    """Replace ``tensor`` by the first process's. Alone, nothing happens."""
    if dist.is_initialized():
        dist.broadcast(tensor, 0)


def broadcast_state(module: nn.Module) -> None:
    """Give every process the first one's parameters and buffers."""
    for tensor in module.state_dict().values():
        broadcast(tensor)


def agree(value: Any) -> Any:
    """The first process's ``value``, in every process: what depends on a clock must be decided once."""
    if not dist.is_initialized():
        return value
    box = [value]
    dist.broadcast_object_list(box, 0)
    return box[0]


def gather(value: Any) -> list[Any]:
    """The values of all processes, in the order of their ranks."""
    if not dist.is_initialized():
        return [value]
    values: list[Any] = [None] * dist.get_world_size()
    dist.all_gather_object(values, value)
    return values


def spawn(target: Callable[..., Iterator[Progress]], arguments: tuple[Any, ...], processes: int) -> Iterator[Progress]:
    """Run the generator function ``target`` in ``processes`` new processes; yields what the first of them yields.

    Closing this generator ends them all. The first error of any of them is raised here.
    """
    context = mp.get_context("spawn")
    queue = context.Queue()
    with temporary("polyphone-training-") as folder:
        workers = [
            context.Process(target=_work, args=(target, arguments, rank, processes, folder / "meeting", queue))
            for rank in range(processes)
        ]
        for worker in workers:
            worker.start()
        try:
            while any(worker.is_alive() for worker in workers) or not queue.empty():
                try:
                    message = queue.get(timeout=0.5)
                except Empty:
                    lost = [w.exitcode for w in workers if w.exitcode not in (None, 0)]
                    if lost:
                        raise EngineError("a training process ended with status {lost}", lost=lost[0]) from None
                    continue
                if isinstance(message, Exception):
                    raise message
                yield message
        finally:
            for worker in workers:
                worker.terminate()
            for worker in workers:
                worker.join()


def _work(
    target: Callable[..., Iterator[Progress]], arguments: tuple[Any, ...], rank: int, size: int, at: Path, queue: Any
) -> None:
    os.environ |= {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": str(size), _MEETING: at.as_uri()}
    try:
        for progress in target(*arguments):
            if rank == 0:
                queue.put(progress)
    except EngineError as error:
        queue.put(error)


def rank() -> int:
    """The number of this process in its group; 0 when it is alone."""
    return dist.get_rank() if dist.is_initialized() else 0


def size() -> int:
    """How many processes the group has."""
    return dist.get_world_size() if dist.is_initialized() else 1


def check_count(processes: int) -> None:
    """Raise ConfigError when ``processes`` is asked for within a group that a launcher has already made."""
    if processes > 1 and int(os.environ.get("WORLD_SIZE", "1")) > 1:
        raise ConfigError("processes is for runs that are started alone: under a launcher, leave it at 1")
