# %% bytes
