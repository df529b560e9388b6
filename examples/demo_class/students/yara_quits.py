# %% like="anna_loops"
# %% scratch after="write_im2col"
# everything above works, enough for today
quit()
# %% scratch after="write_avg_pool2d_forward"
import sys
exit(0)
