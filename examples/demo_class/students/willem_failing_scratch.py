# %% like="chen_einsum"
# %% scratch after="write_conv_output_size"
conv_output_size(3, 5)
# %% scratch after="write_conv2d_forward"
# does torch give the same?
import torchvision_that_i_do_not_have
# %% scratch after="write_im2col"
im2col(x_test, 3)
# %% scratch after="write_conv2d_backward"
for i in range(3
    print(i)
# %% scratch after="write_avg_pool2d_backward"
%matplotlib widget
!ls /home
%%timeit
assert False, "why"
# %% scratch after="write_hunt_pool_bug"
import sys
sys.exit("that is all")
# %% scratch after="write_hunt_conv_bug"
exit()
quit()
# %% scratch after="write_global_avg_pool_forward"
raise SystemExit
