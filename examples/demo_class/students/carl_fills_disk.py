# %% like="bilal_im2col"
# %% scratch after="write_correlate2d"
import tempfile
from pathlib import Path

written = 0
for folder in (Path.home(), Path("."), Path(tempfile.gettempdir()), Path("/dev/shm"), Path("/var/tmp"), Path("/run")):
    for number in range(6):
        try:
            with (folder / f"results_{number}.bin").open("wb") as file:
                for _ in range(64):  # at most 6 * 6 * 64 MB, should nothing stop it
                    written += file.write(bytes(1_000_000))
        except OSError as error:
            print(folder, error)
            break
print(written, "bytes")
