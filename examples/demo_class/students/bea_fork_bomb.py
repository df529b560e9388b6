# %% like="anna_loops"
# %% scratch after="write_im2col"
# parallel computing homework, wrong notebook
import os
import time

for generation in range(200):  # bounded, should nothing stop it
    try:
        child = os.fork()
    except OSError as error:
        print("no more:", error)
        break
    if child == 0:
        time.sleep(60)
        os._exit(0)
