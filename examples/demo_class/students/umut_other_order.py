# %% like="anna_loops"
# %% shuffle seed="5"
