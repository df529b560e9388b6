"""The same room inside a container: its command line, and notebooks through whichever engine works here."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from boundary import QUICK, run

from autograder import doctor, runner
from autograder.kernel import private_folder
from autograder.sandbox import Limits, Room, container, get_sandbox
from autograder.sandbox.provisioner import WORDS, _Printed
from autograder.sandbox.room import PACKAGE, StudentView, furnished

ENGINES = ("podman", "docker")
TEST = ("test", "assert f(2) == 4")
SECOND = ("solution", "def three(): return 3"), ("test", "assert three() == 3")
FULL = "def f(x): return x * x"


@pytest.fixture
def room(tmp_path):
    return Room(tmp_path / "ag-x", tmp_path, tmp_path, ("numpy",), (tmp_path,), Limits())


@pytest.fixture
def usual_image(monkeypatch):
    monkeypatch.delenv("AUTOGRADER_IMAGE", raising=False)


@pytest.fixture
def no_root(monkeypatch, usual_image):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(os, "getuid", lambda: 1000)
    monkeypatch.setattr(os, "getgid", lambda: 1001)


@pytest.fixture
def engines_that(tmp_path, monkeypatch, usual_image):
    """Puts programs called docker and podman first on the path, which do what the shell words say."""

    def make(words):
        for name in ENGINES:
            (tmp_path / name).write_text(f"#!/bin/sh\n{words}\n")
            (tmp_path / name).chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

    return make


# The command line


@pytest.mark.parametrize("name", ENGINES)
def test_a_container_has_no_network_no_rights_and_a_name_to_end_it_by(room, name, no_root):
    sandbox = get_sandbox(name)
    words = sandbox.command(["python", "-f", "k.json"], room)
    assert {"--network=none", "--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges"} <= set(words)
    assert {"--pids-limit=65", "--memory=2147483648", "--memory-swap=2147483648", "--pull=never"} <= set(words)
    assert words[-5:] == ["autograder-kernel", "-P", "/course/launch.py", "-f", "k.json"]
    assert f"--name={room.folder.name}" in words
    assert sandbox.end(room) == [name, "rm", "--force", room.folder.name]


def test_only_the_rooms_own_folder_may_be_written_to(room, no_root):
    words = get_sandbox("docker").command(["python", "-f", "k.json"], room)
    volumes = [words[i + 1] for i, word in enumerate(words) if word == "--volume"]
    assert [volume for volume in volumes if not volume.endswith(":ro")] == [f"{room.folder}:{room.folder}:rw"]
    assert len(volumes) == 3


@pytest.mark.parametrize("name", ENGINES)
def test_who_is_not_root_is_the_same_user_inside(room, name, no_root):
    words = get_sandbox(name).command(["python", "-f", "k.json"], room)
    assert "--user=1000:1001" in words
    assert ("--userns=keep-id" in words) == (name == "podman")
    assert not [word for word in words if "nproc" in word or '"processes"' in word]  # would count the grader's own


@pytest.mark.parametrize("name", ENGINES)
def test_root_is_a_user_of_the_rooms_own_inside_who_owns_the_rooms_folder(room, name, monkeypatch):
    owners = {}
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os, "chown", lambda path, user, group, **_: owners.update({path: (user, group)}))
    room.folder.mkdir()
    (room.folder / "bridge").touch()
    first, second = (get_sandbox(name).command(["python", "-f", "k"], room) for _ in range(2))
    ((user, group),) = {owners[path] for path in (room.folder, room.folder / "bridge")}
    assert user == group >= 200_000
    assert f"--user={user}:{group}" in second
    assert f"--user={user}:{group}" not in first


# What a machine lacks


@pytest.mark.parametrize("name", ENGINES)
def test_a_missing_image_is_named_with_the_way_to_make_it(name, engines_that, monkeypatch):
    monkeypatch.setenv("AUTOGRADER_IMAGE", "mine")
    engines_that("echo 'Error: No such image: mine' >&2; exit 1")
    (problem,) = get_sandbox(name).problems()
    assert f"{name} has no image 'mine'" in problem
    assert f"tools/kernel_image.py {name}" in problem
    assert "docs/security.md" in problem
    assert (Path(__file__).parents[2] / "tools" / "kernel_image.py").is_file()


def test_an_engine_that_does_not_run_says_so_itself(engines_that):
    engines_that("echo 'Cannot connect to the daemon' >&2; exit 1")
    assert get_sandbox("docker").problems() == ["docker does not work here: Cannot connect to the daemon"]


def test_a_container_that_is_not_bounded_is_a_problem(engines_that):
    engines_that('[ "$1" = image ] || { echo "the engine does not limit memory here" >&2; exit 1; }')
    (problem,) = get_sandbox("podman").problems()
    assert "cannot run a kernel in the image 'autograder-kernel': the engine does not limit memory" in problem


def test_an_engine_that_never_answers_is_not_waited_for(engines_that, monkeypatch):
    monkeypatch.setattr(container, "PROBE_SECONDS", 0.2)
    engines_that('[ "$1" != run ] || exec sleep 30')
    assert "no answer within 0.2 s" in get_sandbox("podman").problems()[0]


def test_the_doctor_speaks_of_the_engine_that_is_installed(monkeypatch):
    lost = {"docker": "docker is not installed: …", "podman": "podman has no image 'x': …"}
    monkeypatch.setattr(doctor, "_sandbox", lost.get)
    assert doctor._other_sandbox().endswith("podman: podman has no image 'x': …")


def test_of_what_is_printed_the_beginning_is_kept():
    reader, writer = os.pipe()
    printed = _Printed(os.fdopen(reader, "rb"))
    printed.start()
    with os.fdopen(writer, "wb") as stream:
        stream.write(b"first " + b"x" * 1_000_000)
    printed.join(10)
    assert printed.kept.startswith(b"first x")
    assert len(printed.kept) == WORDS


# Notebooks inside


@pytest.fixture(scope="module")
def engine():
    """Podman or Docker with the image; skips, with the reasons, where neither works."""
    problems = {name: "; ".join(get_sandbox(name).problems()) for name in ENGINES}
    for name, words in problems.items():
        if not words:
            return name
        assert "cannot run a kernel" not in words or "control group" in words, words  # there, and wrongly used
    return pytest.skip("; ".join(problems.values()))


@pytest.fixture(scope="module")
def furnished_course():
    with furnished(StudentView((), ("ipykernel", "numpy"))) as folder:
        yield folder


@pytest.fixture
def grade(engine, furnished_course):
    def grade(submitted, *more, **options):
        cells = (("solution", FULL, submitted), TEST, *SECOND, *more)
        return run(furnished_course, *cells, sandbox=engine, **options)

    return grade


def statuses(result):
    return [cell.status for cell in result.cells]


def said(result):
    return "".join(output.get("text", "") for output in result.notebook.cells[0].outputs)


def test_a_right_answer_passes_and_a_wrong_one_fails(grade):
    assert statuses(grade(FULL)) == ["passed", "passed"]
    assert statuses(grade("def f(x): return x")) == ["failed", "passed"]


def test_files_of_the_assignment_lie_beside_the_notebook(grade):
    result = grade(f"assert open('data.csv').read() == '1'\n{FULL}", files={"data.csv": b"1"})
    assert statuses(result) == ["passed", "passed"], result.notebook.cells[0].outputs


RIGHTS = """
import os
status = dict(line.split(":\\t", 1) for line in open("/proc/self/status") if ":\\t" in line)
assert os.getuid() != 0 and os.getgid() != 0 and os.getgroups() in ([], [os.getgid()]), os.getgroups()
assert int(status["CapEff"], 16) == int(status["CapBnd"], 16) == 0
assert status["NoNewPrivs"].strip() == "1"
assert status["Seccomp"].strip() == "2"
(options,) = (line.split()[3] for line in open("/proc/mounts") if line.split()[1] == "/")
assert "ro" in options.split(","), options
"""


def test_it_runs_without_rights(grade):
    result = grade(RIGHTS + FULL)
    assert statuses(result)[0] == "passed", result.notebook.cells[0].outputs


LOOK = """
import os, socket
def can(deed):
    try: deed()
    except OSError: return False
    return True
reached = [can(lambda: socket.create_connection(("127.0.0.1", PORT), 2)), can(lambda: socket.create_connection(("192.0.2.1", 80), 2))]
networks = [name for _, name in socket.if_nameindex() if name != "lo"]
written = [path for path in ("/x", "/usr/x", "/etc/x", "/run/x", "/var/tmp/x", "/course/x", "/handed/x") if can(lambda: open(path, "w"))]
seen = [path for path in PATHS if os.path.exists(path)]
others = [name for name in os.listdir("/tmp") if name.startswith("ag-")][1:]
others += [p for p in os.listdir("/proc") if p.isdigit() and int(p) > 50]
print([reached, networks, written, seen, others], sorted(name for name, value in os.environ.items() if value))
"""
NOTHING = "[[False, False], [], [], [], []]"


def test_a_cheat_finds_no_network_no_files_and_no_processes(grade, tmp_path, monkeypatch):
    monkeypatch.setenv("GRADER_SECRET", "x")
    monkeypatch.setenv("HTTP_PROXY", "http://name:word@proxy")
    (tmp_path / "gradebook.db").write_text("marks")
    engines = ("/var/run/docker.sock", "/run/podman", "/run/containerd")
    paths = [
        tmp_path / "gradebook.db",
        PACKAGE,
        PACKAGE.parent / "solutions",
        "/etc/shadow",
        Path.home() / ".ssh",
        *engines,
    ]
    with socket.create_server(("127.0.0.1", 0)) as server:
        code = LOOK.replace("PATHS", repr(list(map(str, paths)))).replace("PORT", str(server.getsockname()[1]))
        result = grade(code)
    assert said(result).startswith(NOTHING), result.notebook.cells[0].outputs
    assert "GRADER_SECRET" not in said(result)
    assert "PROXY" not in said(result).upper()
    assert statuses(result) == ["failed", "passed"]


def test_an_endless_loop_is_ended_and_so_is_its_container(engine, grade, monkeypatch):
    made = []
    monkeypatch.setattr(runner, "private_folder", lambda: made.append(private_folder()) or made[-1])
    deaf = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"
    result = grade(deaf, limits=replace(QUICK, cell_seconds=2))
    assert "could not be interrupted" in result.notes[0]
    assert statuses(result) == ["failed", "passed"]
    there = subprocess.run(
        [engine, "ps", "--all", "--format={{.Names}}"], capture_output=True, text=True, check=True
    )
    assert len(made) == 2
    assert not {folder.name for folder in made} & set(there.stdout.split())
    assert not any(folder.exists() for folder in made)


CHILDREN = """
import os, signal
children = []
for _ in range(6):
    if not (pid := os.fork()):
        taken = b"x" * 100_000_000
        signal.pause()
    children.append(pid)
print("first to die:", os.WTERMSIG(os.wait()[1]))
for pid in children:
    try: os.kill(pid, 9)
    except OSError: pass
"""


def test_memory_of_all_its_processes_together_is_bounded(grade):
    result = grade(CHILDREN + FULL, limits=replace(QUICK, cell_seconds=20, memory_bytes=400 << 20))
    assert "first to die: 9" in said(result) or "out of memory" in result.notes[0]
    assert statuses(result)[1] == "passed"


FORKS = """
import os, time
made = 0
try:
    for made in range(200):
        if os.fork() == 0: time.sleep(60); os._exit(0)
except OSError: pass
assert 0 < made < 64, made
"""
FILLS = """
full = 0
for folder, most in ((".", 100), ("/tmp", 100), ("/dev/shm", 100)):
    try:
        for i in range(most): open(f"{folder}/f{i}", "wb").write(b"x" * 20_000_000)
    except OSError: full += 1
assert full == 3
"""


@pytest.mark.parametrize("code", [FORKS, FILLS])
def test_processes_and_disk_are_bounded(grade, code):
    result = grade(code + FULL, limits=replace(QUICK, cell_seconds=20))
    assert statuses(result)[0] == "passed", result.notebook.cells[0].outputs


def test_what_is_printed_past_the_kernel_fills_no_disk(grade):
    free = shutil.disk_usage("/tmp").free
    result = grade("import os\nfor _ in range(3000): os.write(1, b'x' * 100_000)\n" + FULL)
    assert free - shutil.disk_usage("/tmp").free < 200_000_000
    assert statuses(result) == ["passed", "passed"]
