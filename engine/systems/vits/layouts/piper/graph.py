"""What an .onnx file holds, read without running any of it: nodes, tensors, inputs. Imports no torch.

The format is documented in onnx.ai (Open Neural Network Exchange, IR specification). Files come from anywhere: lengths
and shapes are held to what is there before anything is copied, and subgraphs, functions and data in other files are
not followed. The file is mapped, so that a tensor is read only when it is used.
"""

import math
import mmap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from engine.errors import WeightsMismatch, WeightsMissing
from engine.message import Message
from engine.systems.vits.layouts.piper.protobuf import BYTES, Budget, Damaged, Field, cut_off, fields, whole_numbers

# The largest public voice has 130 MB; newer exporters write 5,000 nodes and some 50,000 fields in all.
MAX_BYTES = 1 << 30
MOST_FIELDS = 250_000
LONGEST_NAME = 1000
MOST_SIZES = 16
FLOAT = 1
TYPES = {
    1: "float32", 2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 6: "int32", 7: "int64", 9: "bool", 10: "float16",
    11: "float64", 16: "bfloat16",
}  # fmt: skip
EXTERNAL = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A tensor as it lies in the file: its sizes, the number of its type, and its bytes."""

    sizes: tuple[int, ...]
    type: int
    data: memoryview
    external: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One operation: the names of what goes in and comes out, and of its attributes the lists of whole numbers."""

    op: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    wholes: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """A whole file, called ``source`` in errors. ``inputs`` are the sizes of what it is given, -1 where they vary."""

    source: str
    nodes: tuple[Node, ...]
    inputs: Mapping[str, tuple[int, ...]]
    _stored: Mapping[str, Stored] = field(repr=False)

    def __contains__(self, name: str) -> bool:
        return name in self._stored

    def __iter__(self) -> Iterator[str]:
        return iter(self._stored)

    def sizes(self, name: str) -> tuple[int, ...]:
        """Those of a tensor that is in the file."""
        return self._stored[name].sizes

    def tensor(self, name: str) -> np.ndarray:
        """A float32 tensor, mapped and read only. Raises WeightsMismatch for one of another kind or size."""
        stored = self._stored[name]
        if stored.external:
            raise WeightsMismatch(
                "{source} keeps the tensor {name} in another file; export the voice as one file",
                source=self.source,
                name=name,
            )
        if stored.type != FLOAT:
            raise WeightsMismatch(
                "{source}: the tensor {name} holds {type}; only float32 voices are read, so take the unconverted file",
                source=self.source,
                name=name,
                type=TYPES.get(stored.type, str(stored.type)),
            )
        count = math.prod(stored.sizes)
        if 4 * count != len(stored.data):
            raise WeightsMismatch(
                "{source}: the tensor {name} claims {claimed:,} bytes and has {held:,}; the file is damaged",
                source=self.source,
                name=name,
                claimed=4 * count,
                held=len(stored.data),
            )
        return np.frombuffer(stored.data, "<f4").reshape(stored.sizes)


def read_graph(path: Path) -> Graph:
    """The graph in ``path``. Raises WeightsMissing when there is no file, WeightsMismatch for what is no such file."""
    if not path.is_file():
        raise WeightsMissing("there is no file {path}", path=path)
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise WeightsMismatch(
            "{path} has {size} MiB; at most {max_bytes} are read",
            path=path.name,
            size=size >> 20,
            max_bytes=MAX_BYTES >> 20,
        )
    try:
        return _model(_mapped(path), path.name)
    except (Damaged, UnicodeDecodeError) as error:
        fault = error if isinstance(error, Damaged) else cut_off()
        raise WeightsMismatch("{path} cannot be read as .onnx: {fault}", path=path.name, fault=fault) from None


def mentions(path: Path, name: bytes) -> bool:
    """Whether ``name`` stands anywhere in a file."""
    if not path.stat().st_size:
        return False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as held:
        return held.find(name) >= 0


def _mapped(path: Path) -> memoryview:
    with path.open("rb") as file:
        head = file.read(64)
        if not head:
            raise WeightsMismatch("{path} is empty; fetch it again", path=path.name)
        if head.startswith(b"version https://git-lfs"):
            raise WeightsMismatch(
                "{path} is only a pointer of Git LFS; fetch the file that it points to", path=path.name
            )
        if head.lstrip()[:1] == b"<":
            raise WeightsMismatch("{path} is a web page, not a checkpoint; fetch the file itself", path=path.name)
        return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))


def _model(message: memoryview, source: str) -> Graph:
    budget = Budget(MOST_FIELDS)
    graphs = [each.data for each in fields(message, budget) if each.number == 7 and each.kind == BYTES]
    if len(graphs) != 1:
        raise Damaged(Message("it holds no graph"))
    nodes: list[Node] = []
    stored: dict[str, Stored] = {}
    inputs: dict[str, tuple[int, ...]] = {}
    for part in fields(graphs[0], budget):
        if part.kind != BYTES:
            continue
        if part.number == 1:
            node, constant = _node(part.data, budget)
            nodes.append(node)
            if constant is not None and node.outputs:
                stored[node.outputs[0]] = constant
        elif part.number == 5:
            name, tensor = _tensor(part.data, budget)
            stored[name] = tensor
        elif part.number == 11:
            name, sizes = _input(part.data, budget)
            inputs[name] = sizes
    return Graph(source=source, nodes=tuple(nodes), inputs=inputs, _stored=stored)


def _node(message: memoryview, budget: Budget) -> tuple[Node, Stored | None]:
    """A node, and the tensor of one that is a Constant."""
    op = name = ""
    inputs: list[str] = []
    outputs: list[str] = []
    wholes: dict[str, tuple[int, ...]] = {}
    constant = None
    for part in fields(message, budget):
        match part.number:
            case 1:
                inputs.append(_text(part))
            case 2:
                outputs.append(_text(part))
            case 3:
                name = _text(part)
            case 4:
                op = _text(part)
            case 5:
                key, numbers, tensor = _attribute(_bytes(part), budget)
                wholes[key] = numbers
                constant = tensor if key == "value" and tensor is not None else constant
    node = Node(op=op, name=name, inputs=tuple(inputs), outputs=tuple(outputs), wholes=wholes)
    return node, constant if op == "Constant" else None


def _attribute(message: memoryview, budget: Budget) -> tuple[str, tuple[int, ...], Stored | None]:
    """Its name, its list of whole numbers, and its tensor."""
    name, numbers, tensor = "", list[int](), None
    for part in fields(message, budget):
        match part.number:
            case 1:
                name = _text(part)
            case 5:
                _, tensor = _tensor(_bytes(part), budget)
            case 8 if len(numbers) < MOST_SIZES:
                numbers += whole_numbers(part, budget)
    return name, tuple(numbers[:MOST_SIZES]), tensor


def _tensor(message: memoryview, budget: Budget) -> tuple[str, Stored]:
    """Its name, and where it lies."""
    name, kind, sizes, external = "", 0, list[int](), False
    data, floats = message[:0], list[memoryview]()
    for part in fields(message, budget):
        match part.number:
            case 1:
                sizes += whole_numbers(part, budget)
            case 2:
                kind = part.value
            case 4:
                floats.append(part.data)
            case 8:
                name = _text(part)
            case 9:
                data = _bytes(part)
            case 14:
                external = part.value == EXTERNAL
    if len(sizes) > MOST_SIZES or any(size < 0 for size in sizes):
        raise cut_off()
    if floats and not len(data):
        # In one piece where they are packed; alone, each has four bytes.
        data = floats[0] if len(floats) == 1 else memoryview(bytearray().join(floats))
    return name, Stored(sizes=tuple(sizes), type=kind, data=data, external=external)


def _input(message: memoryview, budget: Budget) -> tuple[str, tuple[int, ...]]:
    """Name and sizes of what the graph is given: ValueInfoProto, its type, the tensor's shape, each size."""
    name, sizes = "", list[int]()
    for part in fields(message, budget):
        if part.number == 1:
            name = _text(part)
        elif part.number == 2:
            for kind in _within(_within(_within([part], budget, 1), budget, 2), budget, 1):
                known = [each.value for each in fields(kind.data, budget) if each.number == 1]
                sizes.append(known[0] if known else -1)
    return name, tuple(sizes)


def _within(parts: "Iterator[Field] | list[Field]", budget: Budget, number: int) -> Iterator[Field]:
    """The messages under ``number`` in each of some messages."""
    for part in parts:
        for inner in fields(_bytes(part), budget):
            if inner.number == number and inner.kind == BYTES:
                yield inner


def _bytes(part: Field) -> memoryview:
    if part.kind != BYTES:
        raise cut_off()
    return part.data


def _text(part: Field) -> str:
    data = _bytes(part)
    if len(data) > LONGEST_NAME:
        raise cut_off()
    return str(data, "utf-8")
