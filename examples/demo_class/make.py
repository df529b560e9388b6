"""Write the demo class: what each student did, put into the unit's released notebook.

    python examples/demo_class/make.py TARGET

A file ``students/NAME.py`` holds one student's deeds, in order, each under a line of its own:

    # %% answer id="write_correlate2d"      the student's text of that cell (code, or Markdown for a question)
    # %% like="anna_loops"                  first everything that student did, then the rest
    # %% scratch after="write_correlate2d"  a cell of the student's own (last one first, if two follow one cell)
    # %% delete id="check_correlate2d"      the cell is gone
    # %% duplicate id="write_correlate2d"   the cell twice; the text, if any, is the second one's
    # %% metadata id="check_correlate2d"    JSON, merged into the cell's metadata
    # %% kernel                             JSON, in place of the kernelspec
    # %% strip                              no metadata and no cell ids, as some editors save
    # %% shuffle seed="3"                   the code cells in another order
    # %% file name="notes.txt"              a file handed in beside the notebook
    # %% bytes                              this text is what is handed in, in place of the notebook
    # %% link to="../other"                 a link is handed in, in place of the notebook

The answers are kept, not the notebooks: so the class stays right when the unit's text changes.
"""

from __future__ import annotations

import argparse
import copy
import itertools
import json
import random
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
UNIT = HERE.parents[1] / "course" / "05_convolution" / "05_convolution.ipynb"
DIRECTIVE = re.compile(r'# %%(?: (?P<verb>\w+))?(?P<options>(?: \w+="[^"]*")*)\n?')

Notebook = dict[str, Any]
Options = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing a student did to the released notebook."""

    verb: str
    options: Options
    text: str


def read_deeds(path: Path) -> Iterator[Deed]:
    """The deeds of a student's file, those of the student it is ``like`` first."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    starts = [number for number, line in enumerate(lines) if line.startswith("# %%")]
    for start, stop in itertools.pairwise([*starts, len(lines)]):
        match = DIRECTIVE.fullmatch(lines[start])
        if match is None:
            raise ValueError(f"{path}:{start + 1}: not a directive: {lines[start]!r}")
        options = dict(re.findall(r'(\w+)="([^"]*)"', match["options"]))
        if "like" in options:
            yield from read_deeds(path.with_name(options["like"] + path.suffix))
        else:
            yield Deed(match["verb"] or "answer", options, "".join(lines[start + 1 : stop]).strip("\n"))


def cell_id(cell: Mapping[str, Any]) -> str:
    """What nbgrader calls the cell, else what the notebook format calls it."""
    return str(cell["metadata"].get("nbgrader", {}).get("grade_id") or cell.get("id", ""))


def find(notebook: Notebook, name: str) -> int:
    """Where the cell stands; of copies, the first."""
    for position, cell in enumerate(notebook["cells"]):
        if cell_id(cell) == name:
            return position
    raise LookupError(f"the released notebook has no cell {name!r}")


def text_of(cell: Mapping[str, Any]) -> str:
    return "".join(cell["source"])


def with_docstring(released: str, answer: str) -> str:
    """The answer below the released docstring, as a student's is who only fills the blank."""
    docstring = re.search(r'^def \w+\(.*\n( +"""(?:.|\n)*?""")\n', released, re.MULTILINE)
    name = re.search(r"^def \w+\(", released, re.MULTILINE)
    if docstring is None or name is None or '"""' in answer:
        return answer
    head = re.compile(rf"^{re.escape(name[0])}.*:[ ]*$", re.MULTILINE)
    return head.sub(lambda found: f"{found[0]}\n{docstring[1]}", answer, count=1)


def answer(notebook: Notebook, options: Options, text: str) -> None:
    cell = notebook["cells"][find(notebook, options["id"])]
    cell["source"] = with_docstring(text_of(cell), text)


def scratch(notebook: Notebook, options: Options, text: str) -> None:
    position = find(notebook, options["after"]) + 1
    made = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": text}
    made["id"] = f"own-{len(notebook['cells'])}"
    notebook["cells"].insert(position, made)


def delete(notebook: Notebook, options: Options, text: str) -> None:
    del notebook["cells"][find(notebook, options["id"])]


def duplicate(notebook: Notebook, options: Options, text: str) -> None:
    position = find(notebook, options["id"])
    twin = copy.deepcopy(notebook["cells"][position])
    twin["source"] = text or twin["source"]
    twin["id"] = f"copy-{len(notebook['cells'])}"
    notebook["cells"].insert(position + 1, twin)


def merged(old: Any, new: Any) -> Any:
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return new
    return old | {key: merged(old.get(key), value) for key, value in new.items()}


def metadata(notebook: Notebook, options: Options, text: str) -> None:
    cell = notebook["cells"][find(notebook, options["id"])]
    cell["metadata"] = merged(cell["metadata"], json.loads(text))


def kernel(notebook: Notebook, options: Options, text: str) -> None:
    notebook["metadata"]["kernelspec"] = json.loads(text)


def strip(notebook: Notebook, options: Options, text: str) -> None:
    notebook["nbformat_minor"] = 0
    notebook["metadata"] = {"colab": {"provenance": []}}
    for cell in notebook["cells"]:
        cell["metadata"] = {}
        cell.pop("id", None)


def shuffle(notebook: Notebook, options: Options, text: str) -> None:
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    random.Random(int(options["seed"])).shuffle(code)  # noqa: S311 - an order, not a secret
    notebook["cells"] = [code.pop() if cell["cell_type"] == "code" else cell for cell in notebook["cells"]]


EDITS: Mapping[str, Callable[[Notebook, Options, str], None]] = {
    "answer": answer,
    "scratch": scratch,
    "delete": delete,
    "duplicate": duplicate,
    "metadata": metadata,
    "kernel": kernel,
    "strip": strip,
    "shuffle": shuffle,
}


def hand_in(folder: Path, released: Notebook, name: str, deeds: list[Deed]) -> None:
    """Write one student's folder: the notebook, edited, and what else the student put there."""
    folder.mkdir(parents=True)
    notebook = copy.deepcopy(released)
    for deed in deeds:
        if deed.verb in EDITS:
            EDITS[deed.verb](notebook, deed.options, deed.text)
    path = folder / f"{name}.ipynb"
    path.write_text(json.dumps(notebook, indent=1) + "\n", encoding="utf-8")
    for deed in deeds:
        if deed.verb == "file":
            (folder / deed.options["name"]).parent.mkdir(parents=True, exist_ok=True)
            (folder / deed.options["name"]).write_text(deed.text, encoding="utf-8")
        elif deed.verb == "bytes":
            path.write_text(deed.text, encoding="utf-8")
        elif deed.verb == "link":
            path.unlink()
            path.symlink_to(deed.options["to"])


def make(target: Path, students: Path = HERE / "students", notebook: Path = UNIT) -> list[str]:
    """Write ``target/STUDENT/ASSIGNMENT/ASSIGNMENT.ipynb`` for every student; returns their names."""
    released = json.loads(notebook.read_text(encoding="utf-8"))
    names = []
    for path in sorted(students.glob("*.py")):
        deeds = list(read_deeds(path))
        unknown = {deed.verb for deed in deeds} - {*EDITS, "file", "bytes", "link"}
        if unknown:
            raise ValueError(f"{path}: unknown: {', '.join(sorted(unknown))}")
        hand_in(target / path.stem / notebook.stem, released, notebook.stem, deeds)
        names.append(path.stem)
    return names


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("target", type=Path, help="folder to write (as nbgrader's submitted/)")
    parser.add_argument("--students", type=Path, default=HERE / "students")
    parser.add_argument("--notebook", type=Path, default=UNIT, help="the released notebook")
    given = parser.parse_args()
    print(f"{len(make(given.target, given.students, given.notebook))} submissions in {given.target}")
