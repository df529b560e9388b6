"""nnlib.data goes to students as a whole, before most of nnlib does."""

import ast
from pathlib import Path

import nnlib.data


def test_nothing_of_nnlib_is_imported_but_arrays_and_the_package_itself():
    folder = Path(nnlib.data.__file__).parent
    nodes = [node for path in folder.glob("*.py") for node in ast.walk(ast.parse(path.read_text()))]
    imported = {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
    imported |= {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    own = {name for name in imported if name.split(".")[0] == "nnlib"}
    assert "nnlib.arrays" in own
    assert [name for name in own if not name.startswith(("nnlib.arrays", "nnlib.data"))] == []
