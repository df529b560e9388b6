# Attacks: the collector, by a link to another student's notebook where the own one should lie.
# %% link to="../../anna_loops/05_convolution/05_convolution.ipynb"
