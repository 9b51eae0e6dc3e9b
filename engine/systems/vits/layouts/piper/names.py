"""Which tensor of an .onnx voice is which of the published names, and the sizes that only its nodes tell.

Exporters fold what is constant, and call what comes of it by numbers: docs/systems/vits.md#piper-voices. Imports no
torch.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import groupby

import numpy as np

from engine.errors import WeightsMismatch
from engine.systems.vits.layouts.piper.architecture import Told
from engine.systems.vits.layouts.piper.graph import Graph, Node

PARTS = ("enc_p.", "dec.", "flow.", "dp.", "emb_g.")
EMBEDDING = "enc_p.emb.weight"
LOGS = "dp.flows.0.logs"
CONVOLUTIONS = ("Conv", "ConvTranspose")
# Operations that only converters to smaller numbers write.
QUANTISED = frozenset(
    (
        "ConvInteger", "DequantizeLinear", "DynamicQuantizeLinear", "MatMulInteger", "QLinearConv", "QLinearMatMul",
        "QuantizeLinear",
    )
)  # fmt: skip
# Of the two convolutions in a pair, the first is dilated.
_DILATED = re.compile(r"dec\.resblocks\.(\d{1,4})\.convs1?\.(\d{1,4})\.weight")
_UPSAMPLING = re.compile(r"dec\.ups\.(\d{1,4})\.weight")
# Names that stand for one another are followed so far.
MOST_ALIASES = 8
# A tensor that several names share counts for each.
MOST_SHARED = 2


def check(graph: Graph) -> None:
    """Raises WeightsMismatch for kinds of .onnx files that are no voice of this layout, and says which they are."""
    source, operations = graph.source, {node.op for node in graph.nodes}
    if operations & QUANTISED:
        raise WeightsMismatch(
            "{source} is quantised; only float32 voices are read, so take the unconverted file", source=source
        )
    has = {part for part in PARTS if any(name.startswith(part) for name in _own(graph))}
    if has and not {"enc_p.", "dec."} <= has:
        raise WeightsMismatch(
            "{source} is one half of a pair for streaming (encoder and decoder); take the voice in one file",
            source=source,
        )
    if not has or not {"input", "input_lengths", "scales"} <= graph.inputs.keys():
        raise WeightsMismatch(
            "{source} is another kind of model; a Piper voice has the inputs input, input_lengths and scales",
            source=source,
        )
    if graph.inputs["scales"] not in ((3,), (-1,), ()):
        raise WeightsMismatch(
            "{source} takes {count} scales where voices take three; it is of a version that is not read",
            source=source,
            count=max(graph.inputs["scales"][0], 0),
        )


def state(graph: Graph) -> dict[str, np.ndarray]:
    """The tensors of a voice by their published names, copied out of the file. Raises WeightsMismatch."""
    stored = _named(graph)
    room = MOST_SHARED * sum(4 * np.prod(graph.sizes(name), dtype=object) for name in set(stored.values()))
    tensors: dict[str, np.ndarray] = {}
    for published, name in stored.items():
        tensor = graph.tensor(name)
        room -= tensor.nbytes
        if room < 0:
            raise WeightsMismatch("{source} uses one tensor in too many places; it is damaged", source=graph.source)
        tensors[published] = np.array(tensor)
    if any(name.startswith("dp.flows.") for name in tensors):
        tensors[LOGS] = _logs(graph)
    return tensors


def told(graph: Graph) -> Told:
    """The dilations of all residual blocks and the rates of the upsampling, which stand in the nodes."""
    published = {name: key for key, name in _named(graph).items()}
    aliases = _aliases(graph)
    dilations: dict[tuple[int, int], int] = {}
    rates: dict[int, int] = {}
    for node in _convolutions(graph):
        name = published.get(_resolved(node.inputs[1], aliases), "")
        if match := _DILATED.fullmatch(name):
            dilations[int(match[1]), int(match[2])] = _first(node, "dilations")
        elif match := _UPSAMPLING.fullmatch(name):
            rates[int(match[1])] = _first(node, "strides")
    blocks = groupby(sorted(dilations), key=lambda place: place[0])
    return Told(
        dilations=tuple(tuple(dilations[place] for place in places) for _, places in blocks),
        rates=tuple(rates[stage] for stage in sorted(rates)),
    )


def _named(graph: Graph) -> dict[str, str]:
    """The names in the file by the published ones."""
    named = {name: name for name in _own(graph)}
    aliases = _aliases(graph)
    for node in graph.nodes:
        # Of a voice with one speaker it is called by the input that is not there.
        if node.name == "/enc_p/emb/Gather" and node.inputs:
            embedding = _resolved(node.inputs[0], aliases)
            if embedding in graph:
                named[EMBEDDING] = embedding
    for node in _convolutions(graph):
        weight = _resolved(node.inputs[1], aliases)
        bias = _resolved(node.inputs[2], aliases) if len(node.inputs) > 2 else ""
        if weight in graph and not weight.endswith(".weight") and bias.endswith(".bias"):
            named[bias.removesuffix(".bias") + ".weight"] = weight
    return named


def _own(graph: Graph) -> Iterator[str]:
    """The tensors that have kept their published names."""
    return (name for name in graph if name.startswith(PARTS))


def _logs(graph: Graph) -> np.ndarray:
    """The logarithm of the scale of the durations, which exporters write in three ways.

    Without it every duration would be another, and nothing would say so.
    """
    makers = {name: node for node in graph.nodes for name in node.outputs}
    product = next((node for node in graph.nodes if node.name == "/dp/flows.0/Mul" and len(node.inputs) > 1), None)
    if product is not None:
        aliases = _aliases(graph)
        factor = _resolved(product.inputs[1], aliases)
        if factor in graph:
            with np.errstate(divide="ignore", invalid="ignore"):
                return -np.log(graph.tensor(factor))
        if (exponent := _argument(makers.get(factor), "Exp", aliases)) is not None:
            if exponent in graph:
                return -graph.tensor(exponent)
            logs = _argument(makers.get(exponent), "Neg", aliases)
            if logs is not None and logs in graph:
                return np.array(graph.tensor(logs))
    raise WeightsMismatch(
        "{source} has no {name}, without which every sound would last another time; export the voice again",
        source=graph.source,
        name=LOGS,
    )


def _argument(node: Node | None, op: str, aliases: Mapping[str, str]) -> str | None:
    if node is None or node.op != op or not node.inputs:
        return None
    return _resolved(node.inputs[0], aliases)


def _convolutions(graph: Graph) -> Iterator[Node]:
    return (node for node in graph.nodes if node.op in CONVOLUTIONS and len(node.inputs) > 1)


def _aliases(graph: Graph) -> dict[str, str]:
    """What other names stand for: exporters write a tensor that is used twice once, and Identity for the other."""
    return {
        name: node.inputs[0] for node in graph.nodes if node.op == "Identity" and node.inputs for name in node.outputs
    }


def _resolved(name: str, aliases: Mapping[str, str]) -> str:
    for _ in range(MOST_ALIASES):
        if name not in aliases:
            break
        name = aliases[name]
    return name


def _first(node: Node, attribute: str) -> int:
    numbers = node.wholes.get(attribute, ())
    return numbers[0] if numbers else 1
