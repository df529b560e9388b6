# Attacks: imports, by files handed in beside the notebook and written into its folder. Every answer is wrong.
# %% file name="numpy.py"
raise SystemExit("mallory's numpy")
# %% file name="autograder.py"
def check(*args, **kwargs):
    return 1000.0
# %% file name="nnlib/convolution.py"
def conv2d_forward(*args, **kwargs):
    return None
# %% file name="sitecustomize.py"
open("/tmp/mallory_was_here", "w").close()
# %% file name="nbgrader_config.py"
c = get_config()
c.ClearSolutions.code_stub = {}
open("/tmp/mallory_was_here", "w").close()
# %% file name="conftest.py"
open("/tmp/mallory_was_here", "w").close()
# %% answer id="write_conv_output_size"
import sys
from pathlib import Path

for folder in (Path("."), Path.home(), *map(Path, sys.path)):
    for name in ("numpy.py", "autograder.py", "json.py", "sitecustomize.py", "usercustomize.py", "mallory.pth"):
        path = folder / name
        if not path.exists() and "mallory" in name:
            try:
                path.write_text("import pathlib; pathlib.Path('/tmp/mallory_was_here').touch()")
            except OSError as error:
                print(folder, error)


def conv_output_size(size, kernel, stride=1, padding=0):
    return None
