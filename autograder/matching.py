"""Which cell of a submission is which cell of the assignment.

Evidence is tried from the strongest to the weakest: nbgrader's grade_id, the cell's id, the same text, the
functions it defines, similar text, and its place between cells already found. Editors strip ids and
metadata, people copy and swap them; so a claim by id is refused where the cell's own text says otherwise.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from nbformat import NotebookNode

from autograder.source import ANSWERS, RESTORED, SourceCell

DEFINITION = re.compile(r"^(?:async\s+)?(?:def|class)\s+(\w+)", re.MULTILINE)
TOKEN = re.compile(r"\w+|[^\w\s]")
COMPARED_CHARS = 20_000  # texts of a stranger: the work done on them is bounded
COMPARED_TOKENS = 1_000
MAX_PAIRS = 20_000
FEW_TOKENS = 4  # shorter texts are alike by chance
SIMILAR_ENOUGH = {"restored": 0.8, "answer": 0.6, "plain": 0.6}


@dataclass(slots=True)
class Alignment:
    """``chosen``: source index → submission index; ``copies``: submission index of a copy → source index."""

    chosen: dict[int, int] = field(default_factory=dict)
    copies: dict[int, int] = field(default_factory=dict)


def align(source: Sequence[SourceCell], cells: Sequence[NotebookNode]) -> Alignment:
    """Find each source cell in a submission's ``cells`` (as ``read_notebook`` gives them); pure."""
    matcher = _Matcher(source, cells)
    for stage in STAGES:
        stage(matcher)
    return matcher.found


def same_text(one: str, other: str) -> bool:
    """Whether two texts differ only in blanks at line ends and blank lines at the ends."""
    return _trimmed(one) == _trimmed(other)


def similarity(one: str, other: str) -> float:
    """The share of words and signs two texts have in common, from 0 to 1, in linear time."""
    return _overlap(_tokens(one), _tokens(other))


def claimed_id(cell: NotebookNode) -> str | None:
    """The grade_id a submission's cell claims, if it is text at all."""
    claim = cell.metadata.get("nbgrader")
    name = claim.get("grade_id") if isinstance(claim, dict) else None
    return name if isinstance(name, str) and name else None


def _trimmed(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.split("\n")).strip("\n")


def _tokens(text: str) -> Counter[str]:
    return Counter(TOKEN.findall(text[:COMPARED_CHARS])[:COMPARED_TOKENS])


def _overlap(one: Counter[str], other: Counter[str]) -> float:
    total = one.total() + other.total()
    return 2 * (one & other).total() / total if total else 1.0


def _group(cell: SourceCell) -> str:
    return "restored" if cell.kind in RESTORED else "answer" if cell.kind in ANSWERS else "plain"


class _Matcher:
    """What is known so far; every stage looks at the source cells not found and the cells still free."""

    def __init__(self, source: Sequence[SourceCell], cells: Sequence[NotebookNode]) -> None:
        self.source = source
        self.cells = cells
        self.found = Alignment()
        self.texts = [_trimmed(cell.source) for cell in cells]
        self.releases = [_trimmed(cell.release) for cell in source]
        self.by_id = {cell.id: cell.index for cell in source if cell.metadata}
        self.by_release = _positions(self.releases)
        self.owners = _owners(source)
        self.defines = [self._owned_by(text) for text in self.texts]

    def _owned_by(self, text: str) -> set[int]:
        names = DEFINITION.findall(text[:COMPARED_CHARS])
        return {self.owners[name] for name in names if name in self.owners}

    def missing(self) -> list[SourceCell]:
        return [cell for cell in self.source if cell.index not in self.found.chosen]

    def free(self) -> list[int]:
        taken = {*self.found.chosen.values(), *self.found.copies}
        return [index for index in range(len(self.cells)) if index not in taken]

    def edited(self, cell: SourceCell, index: int) -> bool:
        return self.texts[index] != self.releases[cell.index]

    def plausible(self, cell: SourceCell, index: int) -> bool:
        """False where the text is plainly another cell's: its functions, or its released text."""
        owned = self.defines[index]
        if owned and cell.index not in owned and not (owned & self._names_within(cell)):
            return False
        same = self.by_release.get(self.texts[index], [])
        return not same or cell.index in same

    def _names_within(self, cell: SourceCell) -> set[int]:
        """A test that defines the same name as a solution is no evidence against itself."""
        return self._owned_by(cell.release) | self._owned_by(cell.source)

    def choose(self, cell: SourceCell, candidates: Sequence[int], *, copies: bool = False) -> None:
        """Take the first edited candidate, else the first; with ``copies`` the others count as its copies."""
        if not candidates:
            return
        pick = next((index for index in candidates if self.edited(cell, index)), candidates[0])
        self.found.chosen[cell.index] = pick
        if copies:
            self.found.copies.update({index: cell.index for index in candidates if index != pick})


def _positions(texts: Iterable[str]) -> dict[str, list[int]]:
    positions = defaultdict(list)
    for index, text in enumerate(texts):
        if text:
            positions[text].append(index)
    return dict(positions)


def _owners(source: Sequence[SourceCell]) -> dict[str, int]:
    """Function or class name → the one answer cell in which it is to be written."""
    owners: dict[str, int] = {}
    doubtful: set[str] = set()
    for cell in source:
        if cell.kind in ANSWERS and cell.cell_type == "code":
            for name in set(DEFINITION.findall(f"{cell.release}\n{cell.source}")):
                doubtful |= {name} if name in owners else set()
                owners[name] = cell.index
    return {name: index for name, index in owners.items() if name not in doubtful}


def _by_claim(matcher: _Matcher, fits: Callable[[SourceCell, int], bool]) -> None:
    claims = defaultdict(list)
    for index in matcher.free():
        claims[matcher.by_id.get(claimed_id(matcher.cells[index]))].append(index)
    for cell in matcher.missing():
        matcher.choose(cell, [index for index in claims[cell.index] if fits(cell, index)], copies=True)


def _by_grade_id(matcher: _Matcher) -> None:
    _by_claim(matcher, lambda cell, i: _same_type(cell, matcher.cells[i]) and matcher.plausible(cell, i))


def _by_grade_id_retyped(matcher: _Matcher) -> None:
    """Text under a code cell's name is believed only where no code was found for it."""
    _by_claim(matcher, matcher.plausible)


def _by_doubtful_grade_id(matcher: _Matcher) -> None:
    """An answer cell that holds another cell's function, and nothing better was found for it."""
    _by_claim(matcher, lambda cell, _: cell.kind in ANSWERS)


def _by_cell_id(matcher: _Matcher) -> None:
    claims = {matcher.cells[index].id: index for index in matcher.free()}
    for cell in matcher.missing():
        index = claims.get(cell.cell_id)
        claimed = None if index is None else matcher.by_id.get(claimed_id(matcher.cells[index]))
        if index is not None and claimed in (None, cell.index) and matcher.plausible(cell, index):
            matcher.choose(cell, [index])


def _by_same_text(matcher: _Matcher) -> None:
    """Only texts that one missing cell has: equal stubs are told apart by their place."""
    free = _positions(matcher.texts)
    unused = set(matcher.free())
    wanted = Counter(matcher.releases[cell.index] for cell in matcher.missing())
    for cell in matcher.missing():
        text = matcher.releases[cell.index]
        if wanted[text] == 1:
            matcher.choose(cell, [index for index in free.get(text, []) if index in unused][:1])


def _by_definition(matcher: _Matcher) -> None:
    for cell in matcher.missing():
        if cell.kind in ANSWERS:
            matcher.choose(cell, [index for index in matcher.free() if cell.index in matcher.defines[index]])


def _by_similarity(matcher: _Matcher) -> None:
    missing = [cell for cell in matcher.missing() if matcher.releases[cell.index]]
    free = matcher.free()[: MAX_PAIRS // max(len(missing), 1)]
    tokens = {index: _tokens(matcher.texts[index]) for index in free}
    scored = []
    for cell in missing:
        released = _tokens(matcher.releases[cell.index])
        fitting = (i for i in free if _same_type(cell, matcher.cells[i]) and matcher.plausible(cell, i))
        scored += [(-_likeness(released, tokens[i]), cell.index, i) for i in fitting]
    used: set[int] = set()
    for score, position, index in sorted(scored):
        cell = matcher.source[position]
        if -score < SIMILAR_ENOUGH[_group(cell)] or index in used or position in matcher.found.chosen:
            continue
        matcher.choose(cell, [index])
        used.add(index)


def _likeness(released: Counter[str], text: Counter[str]) -> float:
    """Like ``_overlap``; a long released text that is whole inside a longer answer is found as well."""
    few = released.total() < FEW_TOKENS
    if few:
        return 0.0
    within = (released & text).total() / released.total() if released.total() >= 2 * FEW_TOKENS else 0.0
    return max(_overlap(released, text), within - 0.15)


def _same_type(cell: SourceCell, other: NotebookNode) -> bool:
    return (cell.cell_type == "code") == (other.cell_type == "code")


def _by_place(matcher: _Matcher) -> None:
    """An answer that kept nothing of its stub: the free cell between the neighbours that were found."""
    for cell in matcher.missing():
        if cell.kind not in ANSWERS:
            continue
        low, high = _gap(matcher, cell.index)
        if (low, high) == (-1, len(matcher.cells)):
            continue  # no neighbour was found: any cell could be meant
        between = [index for index in matcher.free() if low < index < high and matcher.texts[index]]
        fitting = [i for i in between if _same_type(cell, matcher.cells[i]) and matcher.plausible(cell, i)]
        matcher.choose(cell, fitting[:1])


def _gap(matcher: _Matcher, position: int) -> tuple[int, int]:
    chosen = matcher.found.chosen
    before = [chosen[index] for index in range(position) if index in chosen]
    after = [chosen[index] for index in range(position + 1, len(matcher.source)) if index in chosen]
    return before[-1] if before else -1, after[0] if after else len(matcher.cells)


STAGES: tuple[Callable[[_Matcher], None], ...] = (
    _by_grade_id,
    _by_cell_id,
    _by_same_text,
    _by_definition,
    _by_grade_id_retyped,
    _by_similarity,
    _by_place,
    _by_doubtful_grade_id,
)
