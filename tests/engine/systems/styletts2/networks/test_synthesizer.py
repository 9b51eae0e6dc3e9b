"""The text encoders together, and the networks apart from the system, so that another one may share them."""

import ast
from pathlib import Path

import pytest

from engine.systems.styletts2 import networks
from tests.engine.systems.styletts2.closeness import close

FOLDER = Path(networks.__file__).parent


def test_texts_are_encoded_with_their_lengths(net, text_path):
    encoded = net.encode_text(text_path["tokens"], text_path["lengths"])
    close(encoded.bert, text_path["bert"], 1e-4)
    close(encoded.prosodic, text_path["d_en"], 1e-4)
    close(encoded.acoustic, text_path["text_encoder"], 1e-4)


def test_the_ids_of_one_text_are_encoded_as_a_batch_of_one(net, text_path):
    ids = text_path["tokens"][0, : text_path["lengths"][0]]
    close(
        net.encode_ids(ids.tolist()).acoustic, net.encode_text(ids.unsqueeze(0), ids.new_tensor([len(ids)])).acoustic, 0
    )


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.py")), ids=lambda file: file.stem)
def test_a_network_imports_nothing_of_the_system(file: Path) -> None:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module.startswith("engine.systems"):
            assert node.module.startswith(networks.__name__), f"{file.name} imports {node.module}"
