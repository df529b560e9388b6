# %% like="bilal_im2col"
# %% scratch after="write_correlate2d"
# I want to see how it learns
step = 0
best = 1e9
while best > 0.001:
    step += 1
    best = best * 1.0
print("finished after", step)
