"""Predict before you see: a notebook asks, stores what the student chose, and later shows it beside the result.

Only the standard library is used, and nothing here ever raises because of what a student typed or skipped:
a prediction is for learning, it carries no points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

__all__ = ["Prediction", "Revelation", "predict", "reveal"]

LETTERS = "abcdefghijklmnopqrstuvwxyz"
_FRAME = "border-left:4px solid {colour};padding:0.3em 0.9em;margin:0.3em 0"
_BLUE, _GREEN, _ORANGE = (
    "#0072B2",
    "#009E73",
    "#D55E00",
)  # told apart with any colour vision, on black and white


@dataclass(frozen=True, slots=True)
class Prediction:
    """A question, its options, and the index of the option chosen; None where nothing readable was chosen."""

    name: str
    question: str
    options: tuple[str, ...]
    chosen: int | None = None
    note: str = ""

    @property
    def choice(self) -> str:
        """The option chosen, with its letter, or an empty string."""
        return "" if self.chosen is None else _labelled(self.chosen, self.options[self.chosen])

    def __repr__(self) -> str:
        lines = [
            self.question,
            *(self._mark(i) + _labelled(i, o) for i, o in enumerate(self.options)),
            self.note,
        ]
        return "\n".join(line for line in lines if line)

    def _repr_html_(self) -> str:
        rows = "".join(f"<div>{self._row(i, option)}</div>" for i, option in enumerate(self.options))
        note = f"<div><em>{escape(self.note)}</em></div>" if self.note else ""
        return _framed(_BLUE, f"<div><strong>{escape(self.question)}</strong></div>{rows}{note}")

    def _mark(self, index: int) -> str:
        return "→ " if index == self.chosen else "  "

    def _row(self, index: int, option: str) -> str:
        text = escape(_labelled(index, option))
        return f"→ <strong>{text}</strong>" if index == self.chosen else f"&emsp;{text}"


@dataclass(frozen=True, slots=True)
class Revelation:
    """A prediction beside what came out; `agrees` is None where the two cannot be compared."""

    question: str
    predicted: str
    result: str
    agrees: bool | None

    @property
    def verdict(self) -> str:
        """One short sentence: as predicted, another result, or nothing to compare."""
        verdicts = {
            True: "As you predicted.",
            False: "Not what you predicted: find out why before you go on.",
        }
        return "" if self.agrees is None else verdicts[self.agrees]

    def __repr__(self) -> str:
        lines = (
            self.question,
            f"  you predicted: {self.predicted}",
            f"  it came out:   {self.result}",
            self.verdict,
        )
        return "\n".join(line for line in lines if line)

    def _repr_html_(self) -> str:
        colour = {True: _GREEN, False: _ORANGE, None: _BLUE}[self.agrees]
        question = f"<div>{escape(self.question)}</div>" if self.question else ""
        lines = (
            f"<div>You predicted: <strong>{escape(self.predicted)}</strong></div>",
            f"<div>It came out: <strong>{escape(self.result)}</strong></div>",
            f"<div>{escape(self.verdict)}</div>" if self.verdict else "",
        )
        return _framed(colour, question + "".join(lines))


_made: dict[str, Prediction] = {}


def predict(name: str, question: str, options: Sequence[str], choice: str | None = None) -> Prediction:
    """Ask `question` and store `choice`, an option's letter ("a", "b", …) or its text, for `reveal`."""
    known = tuple(str(option) for option in options)
    chosen = _index(choice, known)
    _made[name] = Prediction(name, question, known, chosen, _note(choice, chosen, len(known)))
    return _made[name]


def reveal(name: str, result: object, answer: str | None = None) -> Revelation:
    """Show the prediction stored under `name` beside `result`.

    `answer` is the letter or text of the option that turned out right; without it, an option equal to `result`
    counts as right, and otherwise nothing is judged.
    """
    made = _made.get(name)
    if made is None or made.chosen is None:
        return Revelation(made.question if made else "", "nothing yet (that is allowed)", str(result), None)
    right = _index(answer if answer is not None else str(result), made.options)
    agrees = None if right is None else right == made.chosen
    return Revelation(made.question, made.choice, str(result), agrees)


def _index(choice: object, options: Sequence[str]) -> int | None:
    """Which option is meant; None for anything that names no option."""
    text = str(choice).strip() if choice is not None else ""
    if text in options:
        return options.index(text)
    letter = text.lower().rstrip(").")
    return LETTERS.index(letter) if len(letter) == 1 and letter in LETTERS[: len(options)] else None


def _note(choice: object, chosen: int | None, count: int) -> str:
    """What to type next."""
    if chosen is not None:
        return "Stored. You see it again beside the result."
    letters = f"choice={LETTERS[0]!r} … choice={LETTERS[count - 1]!r}"
    start = "" if choice is None else f"{choice!r} names no option. "
    return f"{start}Write {letters} in the cell above and run it again."


def _labelled(index: int, option: str) -> str:
    return f"{LETTERS[index]}) {option}"


def _framed(colour: str, inner: str) -> str:
    return f'<div style="{_FRAME.format(colour=colour)}">{inner}</div>'
