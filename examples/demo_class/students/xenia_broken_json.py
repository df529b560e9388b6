# %% bytes
{"cells": [{"cell_type": "markdown", "metadata": {}, "source": ["# Convolution"]}, {"cell_type": "code", "source": ["def conv_outp
