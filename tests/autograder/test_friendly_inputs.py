"""The number in the README: what one friendly input would accept."""

from __future__ import annotations

import re
import runpy


def test_the_readme_says_what_one_friendly_input_accepts(root):
    said = re.search(r"of more than ([\d,]+) known mistakes it accepts half", (root / "README.md").read_text())
    by_unit = runpy.run_path(str(root / "benchmarks" / "checks.py"))["by_unit"]  # no package of the project
    mistakes, accepted = (sum(counts) for counts in zip(*by_unit().values(), strict=True))
    assert said, "the README says it no longer"
    assert 0 <= mistakes - int(said[1].replace(",", "")) < 200
    assert 0.48 < accepted / mistakes < 0.56  # some of the mistakes draw at random
