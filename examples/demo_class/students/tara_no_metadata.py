# %% like="chen_einsum"
# %% strip
