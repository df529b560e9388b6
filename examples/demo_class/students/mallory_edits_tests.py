# Attacks: test cells, their points and ids, as handed in. Every answer is wrong.
# %% answer id="write_conv_output_size"
def conv_output_size(size, kernel, stride=1, padding=0):
    return -7
# %% answer id="check_conv_output_size"
pass
# %% metadata id="check_conv_output_size"
{"nbgrader": {"points": 1000}}
# %% answer id="check_correlate2d"
1000.0
# %% metadata id="check_correlate2d"
{"nbgrader": {"points": 1000, "locked": false, "solution": true, "grade": true}, "autograder": {"bonus": 1000}}
# %% answer id="check_conv2d_forward"
assert True
# %% metadata id="check_conv2d_forward"
{"nbgrader": {"grade_id": "check_global_avg_pool_forward", "points": 1000}}
# %% duplicate id="check_im2col"
print("all good"); 1000
# %% scratch after="write_im2col"
1000.0
# %% answer id="check_conv2d_backward"
import nbgrader
1e308
# %% metadata id="check_conv2d_backward"
{"nbgrader": {"schema_version": 999, "cell_type": "markdown", "checksum": "0", "grade": "yes", "points": "NaN"}, "tags": ["skip-execution"]}
# %% metadata id="check_max_pool2d_forward"
{"nbgrader": null, "autograder": [1, 2, 3]}
# %% metadata id="write_max_pool2d_forward"
{"nbgrader": {"grade": true, "points": 500, "locked": true, "solution": false}}
# %% kernel
{"name": "bash", "display_name": "Bash", "language": "bash", "argv": ["sh", "-c", "exit"]}
