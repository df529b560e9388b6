"""Chromium and Jupyter servers, each with a home of its own; nothing but this machine is ever reached."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

START_SECONDS = 60.0
TOKEN = secrets.token_hex(16)
ARGUMENTS = (
    "--headless",
    "--no-sandbox",  # CI runs as root in a container, where Chromium's own sandbox cannot start
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
RUN_CELLS = """async ids => {
    const {content, sessionContext} = window.jupyterapp.shell.currentWidget;
    await sessionContext.ready;
    for (const id of ids) {
        content.activeCellIndex = content.widgets.findIndex(cell => cell.model.id === id);
        await window.jupyterapp.commands.execute('notebook:run-cell');
    }
}"""
SECONDS = 60_000
SETTINGS = {
    "notification": {"fetchNews": "false", "checkForUpdates": False},
    "themes": {"adaptive-theme": False},
}


@pytest.fixture(scope="session")
def screenshots(root: Path) -> Path:
    """Where the pictures of this run go; people look at them afterwards."""
    folder = root / "build" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def chromium() -> Iterator:
    """A browser with a fresh profile. Skips where there is none."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
    if not Path(path).exists():
        pytest.skip("no Chromium here: install it, or name it in the environment variable CHROMIUM")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()


@dataclass
class Visit:
    """A page, what went wrong in it, and which addresses outside of this machine it asked for."""

    page: object
    errors: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)


@pytest.fixture
def visit(chromium) -> Iterator[Visit]:
    # as a header on every request: formgrader's own calls do not pass on a token from the address
    context = chromium.new_context(
        viewport={"width": 1280, "height": 900}, extra_http_headers={"Authorization": f"token {TOKEN}"}
    )
    page = context.new_page()
    visit = Visit(page)
    page.on("pageerror", lambda error: visit.errors.append(str(error)))

    def only_here(route):
        if route.request.url.startswith(("http://127.0.0.1", "data:", "blob:")):
            route.continue_()
        else:
            visit.outside.append(route.request.url)
            route.abort()

    context.route("**/*", only_here)
    yield visit
    context.close()


@contextmanager
def _serving(folder: Path, home: Path) -> Iterator[str]:
    """The address of a JupyterLab server in ``folder`` that knows no settings but ours."""
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--expose-app-in-browser"]
    command += ["--ServerApp.ip=127.0.0.1", "--ServerApp.port=0", f"--IdentityProvider.token={TOKEN}"]
    places = {
        "HOME": "home",
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
        "MPLCONFIGDIR": "matplotlib",
    }
    for name in places.values():
        (home / name).mkdir(parents=True)
    for name, values in SETTINGS.items():
        path = home / "settings" / "@jupyterlab" / "apputils-extension" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))
    environment = {**os.environ, **{key: str(home / name) for key, name in places.items()}}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
        try:
            yield _url(home, process)
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(20)
            process.kill()
            process.wait()


def _url(home: Path, process: subprocess.Popen) -> str:
    """The address that the server wrote down once it listened."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        for path in (home / "runtime").glob("jpserver-*.json"):
            with suppress(json.JSONDecodeError):
                return json.loads(path.read_text())["url"].replace("localhost", "127.0.0.1")
        time.sleep(0.1)
    pytest.fail(f"JupyterLab did not start: {(home / 'log').read_text()[-2000:]}")


@pytest.fixture(scope="session")
def serve(tmp_path_factory) -> Iterator[Callable[[Path], str]]:
    """Start servers: ``serve(folder)``; all end with the tests."""
    from contextlib import ExitStack

    with ExitStack() as stack:
        yield lambda folder: stack.enter_context(_serving(folder, tmp_path_factory.mktemp("jupyter")))


@pytest.fixture
def run_cells() -> Callable[..., None]:
    """Open a notebook in JupyterLab and run the cells with these ids."""

    def run(page, url: str, ids: list[str]) -> None:
        page.goto(url, timeout=SECONDS)
        page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=SECONDS)
        page.wait_for_function("window.jupyterapp?.shell.currentWidget?.content?.widgets", timeout=SECONDS)
        page.evaluate(RUN_CELLS, ids)

    return run
