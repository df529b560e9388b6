"""Whole notebooks across the boundary, in real sandboxes."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from pathlib import Path

import numpy as np
import pytest
from boundary import QUICK, run
from nbformat import NotebookNode
from nbgrader.utils import determine_grade

from autograder import kernel, runner
from autograder.errors import GraderError
from autograder.kernel import private_folder
from autograder.runner import Limits
from autograder.sandbox import bubblewrap
from autograder.sandbox.room import PACKAGE, StudentView, furnished

IMPORTS = ("plain", "import numpy as np\nfrom numpy.testing import assert_allclose")
RELU = "def relu(x): return np.maximum(x, 0)"
TEST = """
x = np.linspace(-1, 1, 35).reshape(5, 7)
before = x.copy()
assert_allclose(relu(x), np.maximum(x, 0))
assert_allclose(x, before)
"""
SECOND = ("solution", "def three(): return 3"), ("test", "assert three() == 3")


def grade(course, submitted, *, test=TEST, **more):
    return run(course, IMPORTS, ("solution", RELU, submitted), ("test", test), *SECOND, **more)


def statuses(result):
    return [cell.status for cell in result.cells]


@pytest.mark.parametrize("sandbox", ["bubblewrap", "none"])
def test_a_right_answer_passes(course, sandbox):
    assert statuses(grade(course, RELU, sandbox=sandbox)) == ["passed", "passed"]


def test_a_wrong_answer_fails_with_the_tests_line_and_costs_nothing_else(course):
    result = grade(course, "def relu(x): return x")
    assert statuses(result) == ["failed", "passed"]
    assert "line 3 of the test" not in result.cells[0].message
    assert any("assert_allclose(relu(x)" in line for line in result.notebook.cells[2].outputs[-1].traceback)


def test_an_input_changed_in_place_is_noticed(course):
    assert statuses(grade(course, "def relu(x):\n    x[x < 0] = 0\n    return x"))[0] == "failed"


def test_an_exception_shows_the_students_own_lines(course):
    result = grade(course, "def relu(x):\n    return helper(x)\n\ndef helper(x):\n    raise ValueError('odd')")
    text = "\n".join(result.notebook.cells[2].outputs[-1].traceback)
    assert "line 2, in relu:  return helper(x)" in text
    assert "line 5, in helper" in text
    assert "/course" not in text


HONEST = {
    "prints": "print('hello')\n" + RELU.replace("return", "print('in'); return"),
    "warnings and stderr": "import sys, warnings\nwarnings.warn('old')\nprint('x', file=sys.stderr)\n"
    + RELU.replace("return", "warnings.warn('w'); print('e', file=sys.stderr); return"),
    "log of zero": "np.log(np.zeros(3))\n" + RELU,
    "a magic": "%config InlineBackend.figure_format = 'png'\n" + RELU,
    "exit and quit": "exit()\nquit()\n" + RELU + "\nexit(0)",
    "an error after the definition": RELU + "\nrelu(undefined)",
}


@pytest.mark.parametrize("habit", HONEST)
def test_honest_habits_cost_nothing(course, habit):
    result = grade(course, HONEST[habit])
    assert statuses(result) == ["passed", "passed"]
    assert determine_grade(result.notebook.cells[2]) == (2.0, 2.0)


def test_a_test_above_the_cell_it_needs_is_judged_at_the_end(course):
    result = run(course, ("test", "assert f() == 1"), ("solution", "def f(): return 1"))
    assert statuses(result) == ["passed"]


ENDED = {
    "endless call": ("def relu(x):\n    while True: pass", "did not return within 2 s", 0),
    "endless cell": (RELU + "\nwhile True: pass", "", 1),
    "exit": (RELU + "\nimport os; os._exit(0)", "not defined", 1),
    "exit while called": ("import os\ndef relu(x): os._exit(0)", "process was stopped", 1),
    "endless message": (
        "socket = get_ipython().kernel.iopub_thread.socket\ndef relu(x):\n"
        "    import time\n    socket.send_multipart([bytes(1 << 20)] * 300, copy=False)\n    time.sleep(4)",
        "process was stopped: it sent more than 128 MiB of messages",
        1,
    ),
    "uninterruptible": (
        "import signal, time\ndef relu(x):\n    signal.signal(signal.SIGINT, signal.SIG_IGN)\n    time.sleep(60)",
        "ran longer than 2 s and could not be interrupted",
        1,
    ),
    "memory": (
        "def relu(x):\n    import os, time\n    for _ in range(20):\n        if os.fork() == 0:\n"
        "            a = bytearray(2 * 10**8); a[::4096] = b'x' * len(a[::4096]); time.sleep(30); os._exit(0)\n"
        "    time.sleep(4)",
        "process was stopped",
        1,
    ),
}


@pytest.mark.parametrize("name", ENDED)
def test_what_must_be_ended_is_ended_and_the_rest_goes_on(course, name):
    submitted, message, notes = ENDED[name]
    patient = Limits(cell_seconds=5, call_seconds=5)
    result = grade(course, submitted, limits=patient if name in ("memory", "endless message") else QUICK)
    assert statuses(result)[1] == "passed"
    assert message in result.cells[0].message
    assert len(result.notes) == notes


BOUNDED = {
    "a large array is a MemoryError": "try:\n    np.ones(10**10)\nexcept MemoryError:\n    ok = True\nassert ok\n",
    "a fork bomb runs dry": (
        "import os, time\nmade = 0\ntry:\n    for made in range(200):\n        if os.fork() == 0: time.sleep(60); os._exit(0)\n"
        "except OSError: pass\nassert made < 100\n"
    ),
    "the disk is full soon": (
        "try:\n    for i in range(100): open(f'f{i}', 'wb').write(b'x' * 20_000_000)\nexcept OSError: ok = True\nassert ok\n"
    ),
    "the network is unreachable": (
        "import socket\ntry:\n    socket.create_connection(('127.0.0.1', PORT), 2)\nexcept OSError: ok = True\nassert ok\n"
    ),
    "the first process cannot be killed": "import os\ntry: os.kill(1, 9)\nexcept OSError: pass\n",
    "the folder of its sockets is closed": (
        "import os\nfrom ipykernel.connect import get_connection_file\nhere = os.path.dirname(get_connection_file())\n"
        "for path in (here + '/x', here + '/kernel.json'):\n    try:\n        open(path, 'wb')\n"
        "    except OSError: continue\n    raise SystemExit(path)\n"
    ),
    "system folders are read-only": "try:\n    open('/usr/x', 'w')\nexcept OSError: ok = True\nassert ok\n",
}


@pytest.mark.parametrize("name", BOUNDED)
def test_resources_are_bounded(course, name):
    with socket.create_server(("127.0.0.1", 0)) as server:
        code = BOUNDED[name].replace("PORT", str(server.getsockname()[1]))
        result = grade(course, code + RELU)
        server.settimeout(0.1)
        with pytest.raises(TimeoutError):
            server.accept()
    assert statuses(result) == ["passed", "passed"], result.notebook.cells[1].outputs


def test_what_filled_the_memory_is_gone_for_the_cells_below(course):
    fill = "def fill():\n    kept = []\n    while True: kept.append(np.ones(1_000_000))\nfill()"
    large = RELU.replace("return", "np.ones(50_000_000); return")
    limits = Limits(cell_seconds=30, memory_bytes=700 << 20)
    result = run(course, IMPORTS, ("plain", "1", fill), ("solution", RELU, large), ("test", TEST), limits=limits)
    assert "MemoryError" in str(result.notebook.cells[1].outputs)
    assert statuses(result) == ["passed"]


def test_output_is_bounded(course):
    result = grade(course, "print('x' * 200_000_000)\n" + RELU)
    assert statuses(result) == ["passed", "passed"]
    assert len(result.notebook.cells[1].outputs[0].text) < QUICK.output_bytes + 1000


LOOK = """
import os, sys
seen = [str(p) for p in (PATHS) if os.path.exists(p)]
modules = []
for name in ("nnlib", "nnlib.convolution", "autograder.checking", "autograder.exercises", "nbgrader", "scipy", "torch"):
    try: __import__(name)
    except ImportError: continue
    modules.append(name)
print(seen, modules, sorted(os.environ), os.listdir("."))
def relu(x): return np.maximum(x, 0)
"""


def test_nothing_of_the_graders_can_be_seen(course, tmp_path, monkeypatch):
    monkeypatch.setenv("GRADER_SECRET", "x")
    secret = tmp_path / "gradebook.db"
    secret.write_text("marks")
    paths = [
        secret,
        PACKAGE / "runner.py",
        PACKAGE.parent / "solutions",
        "/etc/shadow",
        "/etc/passwd",
        Path.home() / ".ssh",
    ]
    result = grade(course, LOOK.replace("PATHS", repr(list(map(str, paths)))))
    text = result.notebook.cells[1].outputs[0].text
    assert text.startswith("[] [] ")
    assert "GRADER_SECRET" not in text
    assert text.rstrip().endswith("[]")


def test_another_course_may_use_whatever_is_installed_but_nothing_of_ours(course):
    code = (
        "import nbformat\nfor name in ('nnlib', 'autograder.runner'):\n"
        "    try: __import__(name); raise SystemExit(name)\n    except ImportError: pass\n"
    )
    assert statuses(grade(course, code + RELU, packages=None)) == ["passed", "passed"]


def test_a_unit_sees_its_view_of_nnlib_and_no_more(sandboxed):
    with furnished(StudentView(("activations", "gradients"), ("ipykernel", "numpy"))) as folder:
        code = (
            "import nnlib.activations, nnlib.gradients\ntry:\n    import nnlib.convolution\nexcept ImportError: withheld = True\n"
            "assert withheld\n"
        )
        assert statuses(grade(folder, code + RELU)) == ["passed", "passed"]


def test_files_of_the_assignment_lie_beside_the_notebook_and_shadow_nothing(course):
    code = "assert open('data.csv').read() == '1'\nimport csv\nassert not hasattr(csv, 'mine')\n" + RELU
    result = grade(course, code, files={"data.csv": b"1", "csv.py": b"mine = 1"})
    assert statuses(result) == ["passed", "passed"], result.notebook.cells[1].outputs


def test_a_file_that_is_gone_again_is_no_fault(tmp_path, monkeypatch):
    (tmp_path / "there").write_bytes(bytes(5000))
    gone = tmp_path / "gone"
    gone.write_bytes(b"x")
    scandir = os.scandir

    def racing(folder):
        found = list(scandir(folder))
        gone.unlink(missing_ok=True)
        return contextlib.nullcontext(found)

    monkeypatch.setattr(kernel.os, "scandir", racing)
    assert sum(kernel._sizes(tmp_path)) >= 5000


def test_a_kernel_of_our_own_user_is_ended_when_it_fills_the_folder_of_its_sockets(course, monkeypatch):
    monkeypatch.setattr(bubblewrap, "privileged", lambda: False)
    monkeypatch.setattr(kernel, "MAX_FOLDER", 20 << 20)
    fill = (
        "import os, time\nfrom ipykernel.connect import get_connection_file\nhere = os.path.dirname(get_connection_file())\n"
        "os.chmod(here, 0o700)\nopen(here + '/x', 'wb').write(bytes(30 << 20))\ntime.sleep(4)\n"
    )
    result = grade(course, fill + RELU)
    assert statuses(result) == ["failed", "passed"]
    assert "it filled the folder of its sockets" in result.notes[0]


FORGE = """
kernel = get_ipython().kernel
def forge(kind, content, parent=None):
    kernel.session.send(kernel.iopub_socket, kind, content=content, parent=parent or kernel.get_parent())
for _ in range(5):
    forge("execute_result", {"data": {"text/plain": "2.0"}, "metadata": {}, "execution_count": 1})
    forge("status", {"execution_state": "idle"})
    forge("status", {"execution_state": ["idle"]})
    forge("stream", {"name": "stdout", "text": 7}, {"msg_id": []})
def relu(x): return x
"""
CHEATS = {
    "custom exception handler": "get_ipython().set_custom_exc((Exception,), lambda *a, **k: None)\ndef relu(x): return x",
    "patched numpy.testing": "np.testing.assert_allclose = assert_allclose = lambda *a, **k: None\ndef relu(x): return x",
    "patched builtins": "import builtins\nbuiltins.AssertionError = builtins.abs = Warning\ndef relu(x): return x",
    "equals everything": "class E:\n    shape = (5, 7)\n    def __eq__(s, o): return True\ndef relu(x): return E()",
    "rewritten asserts": (
        "import ast\nclass R(ast.NodeTransformer):\n    def visit_Assert(s, n): return ast.Pass()\n"
        "get_ipython().ast_transformers.append(R())\ndef relu(x): return x"
    ),
    "forged messages": FORGE,
    "forged bridge": "import bridge\nbridge.answer = lambda names, message: message\ndef relu(x): return x",
    "own socket": (
        "import bridge, glob, socket\nfor path in glob.glob('/tmp/ag-*/bridge'):\n"
        "    s = socket.socket(socket.AF_UNIX); s.connect(path); s.sendall(b'\\xff' * 64)\ndef relu(x): return x"
    ),
}


@pytest.mark.parametrize("name", CHEATS)
def test_cheats_get_nothing(course, name):
    result = grade(course, CHEATS[name])
    assert statuses(result)[0] == "failed"
    assert determine_grade(result.notebook.cells[2])[0] == 0


def test_student_html_and_scripts_are_not_kept(course):
    code = "from IPython.display import HTML, display\ndisplay(HTML('<script>alert(1)</script>'))\n" + RELU
    outputs = grade(course, code).notebook.cells[1].outputs
    assert [set(o.get("data", {})) for o in outputs] == [{"text/plain"}]


def test_a_sandbox_that_does_not_start_is_the_graders_fault(course, monkeypatch):
    monkeypatch.setenv("PATH", str(course))  # no bwrap there
    with pytest.raises(GraderError, match="could not be started|did not start"):
        grade(course, RELU)


def test_partial_credit_follows_nbgraders_rule(course):
    result = grade(course, RELU, test="1.5 if relu(-1) == 0 else 0")
    assert (result.cells[0].status, result.cells[0].fraction) == ("failed", 0.75)
    assert determine_grade(result.notebook.cells[2]) == (1.5, 2.0)


def test_nothing_stays_behind(course, monkeypatch):
    made = []
    monkeypatch.setattr(runner, "private_folder", lambda: made.append(private_folder()) or made[-1])
    grade(course, "import subprocess\nsubprocess.Popen(['sleep', '300.25'])\n" + RELU)
    assert made
    assert not any(folder.exists() for folder in made)
    for _ in range(100):  # what was killed may take a moment to go, on a busy machine
        if not (left := [command for command in _commands() if b"300.25" in command]):
            break
        time.sleep(0.1)
    assert left == []


def _commands():
    """The command lines of all processes; one may end while it is read."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            yield path.read_bytes()


def test_the_whole_notebook_has_a_time(course):
    cells = [("solution", "import time; time.sleep(2)")] * 4
    result = run(course, *cells, ("test", "assert True"), limits=Limits(notebook_seconds=3, cell_seconds=2.5))
    assert "used up its time" in result.cells[0].message


def test_results_are_plain_records(course):
    result = grade(course, RELU)
    assert isinstance(result.notebook, NotebookNode)
    assert np.isfinite(result.seconds)
