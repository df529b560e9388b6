"""The number in the README: what one friendly input would accept."""

from __future__ import annotations

import re

from benchmarks.checks import by_unit


def test_the_readme_says_what_one_friendly_input_accepts(root):
    said = re.search(r"of our ([\d,]+) known mistakes it accepts (\d+) %", (root / "README.md").read_text())
    mistakes, accepted = (sum(counts) for counts in zip(*by_unit().values(), strict=True))
    assert said, "the README says it no longer"
    assert (said[1], said[2]) == (f"{mistakes:,}", f"{100 * accepted / mistakes:.0f}")
