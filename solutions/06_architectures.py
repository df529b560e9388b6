# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] id="title"
# # Unit 6 · CNN architectures
#
# **The question of this unit:** *you have the parts: convolution, ReLU, pooling. In what order, how many, how wide, and how deep? And why did networks become worse when people made them deeper, until one small change?*
#
# You walk through thirty years of answers, from LeNet-5 to MobileNet. For each network you see what it **added**, you count what it **costs**, and you build the block that made it famous, forward and backward. In the middle you assemble LeNet-5 yourself, train it on handwritten digits with a loop of your own, and look into it: its filters, its feature maps, its mistakes.
#
# **What you should know:** convolution and pooling (unit 5), ReLU and dense layers (unit 1), backpropagation (unit 2), the training loop (unit 3). What you wrote there is now in `nnlib`, ready for use. Every new symbol is introduced before it is used.

# %% [markdown] id="how_to_work"
# ## How to work with this notebook
#
# - Run the cells in order, each with Shift+Enter.
# - **Read, predict, write, see.** A *prediction* takes ten seconds and makes the rest stick. It is never graded.
# - An **exercise** has a text with one tiny example worked out by hand, a function for you to fill in, and a check. The check says what was expected, what came, and often which mistake it looks like. Run it as often as you like.
# - Lines that start with a triangle ▸ open on a click: hints, proofs, and things for the curious. You can finish the unit without the proofs.
# - A cell that stops with an error, in red, changes nothing: the check below it then still tries your last version that worked.
# - Pictures below an exercise are drawn with *your* function. If one stops with `NotImplementedError`, an exercise above it is still open (and the cells after it may then miss a name). Write that exercise first, then come back.
#
# The letters are those of unit 5. Come back to this table when one puzzles you:
#
# | letter | meaning | letter | meaning |
# |---|---|---|---|
# | $N$ | images in a batch | $K$ (or $K_H, K_W$) | kernel size (height, width) |
# | $C$ | channels in (3 for a colour image) | $S$ | stride: how far the window moves each time |
# | $F$ | filters, which are the channels out | $P$ | padding: zeros added on each side |
# | $H, W$ | height and width of the image | $O_H, O_W$ | height and width of the output |
#
# Images are arrays `x` of shape `(N, C, H, W)`, filters `w` of shape `(F, C, KH, KW)`, biases `b` of shape `(F,)`.

# %% id="imports"
import time

import numpy as np

from autograder import check, predict, reveal
from nnlib import plots
from nnlib.activations import relu_backward, relu_forward
from nnlib.batches import minibatches
from nnlib.convolution import conv2d_backward, conv2d_forward, conv_output_size
from nnlib.data import load_digits
from nnlib.dense import dense_backward, dense_forward
from nnlib.initialization import he_normal
from nnlib.losses import softmax_cross_entropy
from nnlib.metrics import confusion_matrix
from nnlib.optimizers import adam_update
from nnlib.pooling import max_pool2d_backward, max_pool2d_forward
from nnlib.schedules import warmup_cosine

np.set_printoptions(precision=4, suppress=True)

# %% [markdown] id="opening_text"
# ## The map of the journey
#
# Every point in the next picture is a network that you meet in this unit. All of them solve the same task: they say which of 1,000 things a photo shows. The task is called **ImageNet**. It has 1.28 million photos to learn from, and *top-1 accuracy* says how many of 50,000 other photos are named rightly at the first attempt.

# %% id="predict_map" predict=true
predict(
    "map",
    "AlexNet (2012) and MobileNet 1.0 (2017), which has a fourteenth of its parameters. Which one is right more often?",
    ["AlexNet: more parameters, more knowledge", "about the same", "MobileNet, by 14 points"],
    choice=None,  # write choice="a", "b" or "c"
)

# %% id="published_accuracies"
# top-1 accuracy on ImageNet's validation photos, in per cent, one crop of 224×224 pixels
published_accuracy = {
    "AlexNet": 56.5,  # this one to ResNet-152: torchvision's documentation, weights IMAGENET1K_V1
    "VGG-11": 69.0,
    "VGG-13": 69.9,
    "VGG-16": 71.6,
    "VGG-19": 72.4,
    "GoogLeNet": 69.8,
    "ResNet-18": 69.8,
    "ResNet-34": 73.3,
    "ResNet-50": 76.1,
    "ResNet-101": 77.4,
    "ResNet-152": 78.3,
    "MobileNet 1.0": 70.6,  # these four: the paper of Howard and others, 2017
    "MobileNet 0.75": 68.4,
    "MobileNet 0.5": 63.7,
    "MobileNet 0.25": 50.6,
}

# %% id="opening_picture" show=true teaches=["tradeoff"]
from nnlib.layers import summary
from nnlib.models import alexnet, googlenet, lenet, mobilenet, resnet, vgg

PHOTO = (3, 224, 224)  # one colour photo, as (C, H, W)
networks = {
    "AlexNet": alexnet(),
    **{f"VGG-{depth}": vgg(depth) for depth in (11, 13, 16, 19)},
    "GoogLeNet": googlenet(batchnorm=True, widest=3),  # as the one that was measured
    **{f"ResNet-{depth}": resnet(depth) for depth in (18, 34, 50, 101, 152)},
    **{f"MobileNet {width}": mobilenet(width=width) for width in (0.25, 0.5, 0.75, 1.0)},
}
costs = {name: summary(network, PHOTO) for name, network in networks.items()}  # makes no weights

families = {}
for name, cost in costs.items():
    family, _, label = name.replace("-", " ").partition(" ")
    point = (label, cost.parameters / 1e6, cost.multiply_adds / 1e9, published_accuracy[name])
    families.setdefault(family, []).append(point)
plots.tradeoffs(
    families,
    ylabel="top-1 accuracy on ImageNet (%)",
    alt="Two charts of accuracy on ImageNet, against millions of parameters and against thousand millions of "
    "multiply-adds, both logarithmic. AlexNet: 61 million parameters and 57 per cent. VGG: more than 130 million, 69 "
    "to 72 per cent, and by far the most multiply-adds. GoogLeNet: 7 million, 70 per cent. ResNet rises from 12 "
    "million and 70 per cent to 60 million and 78 per cent. MobileNet rises from half a million and 51 per cent to 4 "
    "million and 71 per cent.",
)

# %% id="reveal_map" show=true
reveal(
    "map",
    f"MobileNet: {published_accuracy['MobileNet 1.0']} % with {costs['MobileNet 1.0'].parameters / 1e6:.1f} million "
    f"parameters, AlexNet: {published_accuracy['AlexNet']} % with {costs['AlexNet'].parameters / 1e6:.1f} million",
    answer="c",
)

# %% [markdown] id="opening_answer"
# The map holds a puzzle. More parameters alone explain little: VGG has twice as many as ResNet-152 and is right less often. So it matters **how the parts are put together**. That is what *architecture* means, and that is our topic.
#
# The accuracies in the picture were not measured here: nobody trains ImageNet on a laptop in a minute. They are published numbers, and the cell above says whose. (The training recipes differ, so a difference of a point means little.) The parameters and multiply-adds, however, were computed just now, by `nnlib`.

# %% [markdown] id="pattern_text" teaches=["pattern", "shapes"]
# ## 1 · The pattern
#
# Nearly all of these networks follow one line:
#
# $$\boxed{\;\text{INPUT} \;\to\; [\,\text{CONV} \to \text{ReLU} \to \text{POOL}\,] \times n \;\to\; \text{FC} \;\to\; \text{softmax}\;}$$
#
# - **INPUT:** the image.
# - **CONV → ReLU → POOL**, $n$ times: find patterns, keep the positive responses, make the maps smaller. (Often there are two or three CONV → ReLU before a POOL.) One such group is called a **stage**.
# - **FC:** one or more *fully connected* layers, which is another word for dense layers.
# - **softmax** turns the scores into probabilities.
#
# Here is what happens to the shape. Three stages; each has a 3×3 convolution with padding 1 (so the size stays) and a 2×2 pool (so it is halved). The filters are 64, then 128, then 256.

# %% id="see_shapes" show=true promise=true teaches=["shapes", "pattern"]
from nnlib.layers import Conv2d, MaxPool2d, ReLU, Sequential

shape = PHOTO
shapes = [("image", shape)]
print(f"{'image':<22} {shape[1]}×{shape[2]}×{shape[0]}")
for filters in (64, 128, 256):
    stage = Sequential(Conv2d(filters, kernel=3, padding=1), ReLU(), MaxPool2d(2))
    shape = stage.output_shape(shape)
    shapes.append((f"conv {filters},\nReLU, pool", shape))
    print(f"{f'conv {filters}, ReLU, pool':<22} {shape[1]}×{shape[2]}×{shape[0]}")

# %% id="shapes_picture" show=true teaches=["shapes"]
plots.volumes(
    shapes,
    alt="Four boxes from left to right, connected by arrows. The image is a tall thin box, 224 by 224 by 3, with 150,528 "
    "values. Then 112 by 112 by 64 with 802,816 values, 56 by 56 by 128 with 401,408 values, and 28 by 28 by 256 with "
    "200,704 values: each lower, and deeper than the one before.",
)

# %% [markdown] id="shapes_answer" teaches=["shapes"]
# $224 \times 224 \times 3 \;\to\; 112 \times 112 \times 64 \;\to\; 56 \times 56 \times 128 \;\to\; 28 \times 28 \times 256$. Read the picture as a trade: **where** becomes coarser, **what** becomes richer. Early maps are large and hold few, simple patterns. Late maps are small and hold many, complicated ones.
#
# Halving both sides leaves a quarter of the places. Doubling the channels makes up for half of that. So, from the first stage on, each has half as many values as the one before, and the work per layer stays about the same, as you will soon compute.

# %% [markdown] id="cost_text" teaches=["cost"]
# ## 2 · What a layer costs
#
# Two numbers describe the cost of a layer.
#
# - **Parameters:** how many numbers are learned and stored. They decide how large the file is and how easily the network memorises.
# - **Multiply-adds:** how many times a number is multiplied with a weight and added to a sum, for *one* image. They decide how long you wait.
#
# **Parameters.** You know this from unit 5. A filter has a kernel of $K_H \cdot K_W$ weights for each of $C$ channels, and one bias. There are $F$ filters:
#
# $$\boxed{\;\text{parameters} = F \cdot (C \cdot K_H \cdot K_W + 1)\;}$$
#
# **Multiply-adds.** One output is a sum of $C \cdot K_H \cdot K_W$ products. That many multiply-adds. How many outputs are there? Each of $F$ filters gives a map of $O_H \cdot O_W$ of them. So
#
# $$\boxed{\;\text{multiply-adds} = \underbrace{F \cdot O_H \cdot O_W}_{\text{outputs}} \;\cdot\; \underbrace{C \cdot K_H \cdot K_W}_{\text{products for each}}\;}$$
#
# In other words: *every weight is used once at every place*. The bias is added, not multiplied, so it is not counted here.
#
# **By hand.** The first layer of LeNet-5: an image of 28×28 with one channel, 6 filters of 5×5, padding 2.
#
# - Places: $O = (28 + 2 \cdot 2 - 5)/1 + 1 = 28$ along each axis, so $28 \cdot 28 = 784$.
# - Weights: $6 \cdot 1 \cdot 5 \cdot 5 = 150$. Parameters: $150 + 6 = \mathbf{156}$.
# - Multiply-adds: $150 \cdot 784 = \mathbf{117{,}600}$.
#
# <details><summary><b>For the curious:</b> FLOPs</summary>
#
# Some papers count *floating-point operations*, FLOPs: a multiplication is one and an addition is another, so that is twice as many. Others write FLOPs and mean multiply-adds. When you compare two papers, look for the definition first.
#
# </details>

# %% id="predict_cost" predict=true
predict(
    "cost",
    "An image becomes twice as high and twice as wide. What happens to a convolution layer?",
    [
        "four times the parameters, four times the multiply-adds",
        "the same parameters, four times the multiply-adds",
        "the same parameters, twice the multiply-adds",
    ],
    choice=None,
)

# %% [markdown] id="exercise_conv2d_cost"
# ### Exercise 1: `conv2d_cost` (2 points)
#
# Write the two boxes as a function.
#
# - `shape` is that of one image, `(C, H, W)`. `kernel`, `stride` and `padding` are an int or a pair (along H, along W).
# - `bias=False` means a layer without biases. (You will see why one wants that.)
# - It returns two ints, `(parameters, multiply_adds)`.
# - A kernel that does not fit raises a `ValueError`. `conv_output_size(size, kernel, stride, padding)` from unit 5 is in `nnlib` now, and does that for you.
#
# **Tiny example.** The one above: `conv2d_cost((1, 28, 28), 6, 5, padding=2)` gives `(156, 117600)`.
#
# <details><summary><b>Hint 1:</b> the plan</summary>
#
# 1. `(kh, kw), (sh, sw), (ph, pw) = pair(kernel), pair(stride), pair(padding)`
# 2. two output sizes, one with `h`, `kh`, `sh`, `ph`, one with `w`, `kw`, `sw`, `pw`
# 3. the number of weights, once: both results need it
#
# </details>
# <details><summary><b>Hint 2:</b> the bias</summary>
#
# `filters if bias else 0` is what the biases add to the parameters.
#
# </details>


# %% id="helpers"
def pair(value):
    """(along H, along W): 2 becomes (2, 2), and (2, 1) stays (2, 1)."""
    return tuple(value) if isinstance(value, (tuple, list)) else (value, value)


def as_float(values):
    """The array in a float dtype: a float dtype stays, integers become float64."""
    array = np.asarray(values)
    return array if array.dtype.kind == "f" else array.astype(np.float64)


# %% id="write_conv2d_cost" solution=true
def conv2d_cost(shape, filters, kernel, stride=1, padding=0, bias=True):
    """What a convolution layer costs for one image.

    shape: (C, H, W) of the image. filters: F, an int. kernel, stride, padding: an int, or
    a pair (along H, along W). bias: whether each filter has one.
    Returns (parameters, multiply_adds), two ints. Does not change shape.
    Raises ValueError where the kernel does not fit.
    """
    ### BEGIN SOLUTION
    channels, height, width = shape
    (kh, kw), (sh, sw), (ph, pw) = pair(kernel), pair(stride), pair(padding)
    oh = conv_output_size(height, kh, sh, ph)
    ow = conv_output_size(width, kw, sw, pw)
    weights = filters * channels * kh * kw
    return weights + (filters if bias else 0), weights * oh * ow
    ### END SOLUTION


# %% id="check_conv2d_cost" test=true points=2 teaches=["cost"]
check("conv2d_cost", conv2d_cost)

# %% id="see_cost" show=true promise=true teaches=["cost"]
for height, width in [(28, 28), (56, 56)]:
    parameters, multiply_adds = conv2d_cost((64, height, width), 64, 3, padding=1)
    print(f"3×3, 64 to 64 channels, {height}×{width}: {parameters:,} parameters, {multiply_adds:,} multiply-adds")

# %% id="reveal_cost" show=true
reveal("cost", "the same parameters, four times the multiply-adds", answer="b")

# %% [markdown] id="stages_cost_text" teaches=["shapes", "cost"]
# Now the claim from section 1: halve the pixels along each side and double the channels, and the work per layer stays about the same. In each stage we look at a convolution that keeps the number of channels.

# %% id="see_stages_cost" show=true promise=true teaches=["shapes", "cost"]
for channels, size in [(64, 112), (128, 56), (256, 28)]:
    parameters, multiply_adds = conv2d_cost((channels, size, size), channels, 3, padding=1)
    print(f"{size}×{size}×{channels}: {parameters:>9,} parameters, {multiply_adds:,} multiply-adds")

# %% [markdown] id="stages_cost_answer"
# A quarter of the places, times twice the channels in, times twice the filters: $\tfrac14 \cdot 2 \cdot 2 = 1$. The multiply-adds are **exactly** the same in all three rows, while the parameters become four times as many. Remember the pattern: *early layers have few parameters and large maps, late layers many parameters and small maps.*

# %% [markdown] id="field_text" teaches=["field"]
# ## 3 · What a value sees
#
# A network that recognises a dog must, somewhere, have a value that depends on the whole dog. From unit 5 you know the **receptive field**: the part of the image that one value depends on. Now we compute it for any stack of convolutions and pools. (A pool has a kernel and a stride, too, so here it counts like a convolution. ReLU sees one value and changes nothing.)
#
# Look along one axis, and walk from the first layer to the last. Keep two numbers:
#
# - $r$: the receptive field of one value, in pixels. A pixel sees itself, so $r = 1$ at the start.
# - $j$: how many pixels lie between the centres of two neighbouring values. Pixels are $j = 1$ apart.
#
# **One more layer**, with kernel $K$ and stride $S$. Its window covers $K$ values of the layer before. The first and the last of them are $K - 1$ steps of $j$ pixels apart. The first value alone sees $r$ pixels. So all of them together see
#
# $$r + (K - 1)\, j \quad\text{pixels.}$$
#
# And its windows start at every $S$-th value, so neighbours are now $j \cdot S$ pixels apart. Together:
#
# $$\boxed{\;r \leftarrow r + (K - 1)\, j, \qquad j \leftarrow j \cdot S\;}\qquad \text{from } r = 1,\; j = 1$$
#
# The order matters: $r$ uses the *old* $j$. A layer's own stride does not make its windows larger. It moves them apart, and only the **next** layer feels that.
#
# **By hand.** A 3-wide convolution with stride 2, a 3-wide one with stride 1, a 2-wide pool with stride 2:
#
# | layer | $K$ | $S$ | $r$ | $j$ |
# |---|---|---|---|---|
# | pixels | | | 1 | 1 |
# | first | 3 | 2 | $1 + 2 \cdot 1 = 3$ | $1 \cdot 2 = 2$ |
# | second | 3 | 1 | $3 + 2 \cdot 2 = 7$ | $2 \cdot 1 = 2$ |
# | pool | 2 | 2 | $7 + 1 \cdot 2 = 9$ | $2 \cdot 2 = 4$ |
#
# So one value behind the pool sees **9** pixels.

# %% id="predict_field" predict=true
predict(
    "field",
    "Three 3×3 convolutions with stride 1, one behind the other. One value sees as much as with a single kernel of size…",
    ["5×5", "7×7", "9×9"],
    choice=None,
)

# %% [markdown] id="exercise_receptive_field"
# ### Exercise 2: `receptive_field` (2 points)
#
# Write the box as a loop.
#
# - `layers` is a list of pairs `(kernel, stride)`, ints, the first layer first. The result is an int.
# - Without layers, `[]`, it is 1.
# - A kernel or stride below 1 is none: raise a `ValueError`.
#
# **Tiny example.** The table: `receptive_field([(3, 2), (3, 1), (2, 2)])` gives `9`.
#
# <details><summary><b>Hint</b></summary>
#
# `for kernel, stride in layers:` takes the pairs apart. Two lines in the loop, and the order of the two lines is the point.
#
# </details>


# %% id="write_receptive_field" solution=true
def receptive_field(layers):
    """How many pixels, along one axis, one value behind these layers depends on.

    layers: a list of pairs (kernel, stride), ints, the first layer first.
    Returns an int; 1 without layers. Does not change layers.
    Raises ValueError for a kernel or a stride below 1.
    """
    ### BEGIN SOLUTION
    field, apart = 1, 1
    for kernel, stride in layers:
        if kernel < 1 or stride < 1:
            raise ValueError(f"kernel and stride must be at least 1, got {kernel} and {stride}")
        field += (kernel - 1) * apart
        apart *= stride
    return field
    ### END SOLUTION


# %% id="check_receptive_field" test=true points=2 teaches=["field"]
check("receptive_field", receptive_field)

# %% id="reveal_field" show=true
reveal("field", f"{receptive_field([(3, 1)] * 3)}×{receptive_field([(3, 1)] * 3)}", answer="b")

# %% [markdown] id="field_measured_text" teaches=["field"]
# Is it true? We can **measure** a receptive field with backpropagation: put a gradient of 1 on the value in the middle of the last map, send it back to the pixels, and look where anything arrives. No gradient means no influence.


# %% id="see_field" show=true teaches=["field"]
def influence(layers, size=36):
    """Where the gradient of the middle value arrives: |dx|, (size, size). All weights are 1."""
    x, caches = np.zeros((1, 1, size, size)), []
    for kernel, stride in layers:
        x, cache = conv2d_forward(x, np.ones((1, 1, kernel, kernel)), np.zeros(1), stride)
        caches.append(cache)
    dx = np.zeros_like(x)
    dx[0, 0, x.shape[2] // 2, x.shape[3] // 2] = 1
    for cache in reversed(caches):
        dx, _, _ = conv2d_backward(dx, cache)
    return np.abs(dx[0, 0])


stacks = {
    "3×3": [(3, 1)],
    "three times 3×3": [(3, 1)] * 3,
    "3×3 stride 2, twice": [(3, 2)] * 2,
    "LeNet-5 up to C5": [(5, 1), (2, 2), (5, 1), (2, 2), (5, 1)],
}
maps = {}
for name, layers in stacks.items():
    heat = influence(layers)
    measured = np.ptp(np.flatnonzero(heat.sum(axis=0))) + 1
    maps[f"{name}\nmeasured {measured}, computed {receptive_field(layers)}"] = heat / heat.max()
plots.gallery(
    maps,
    columns=4,
    size=2.4,
    alt="Four black squares with a bright patch in each, where the gradient of one value arrives. The patches are 3, 7, 7 "
    "and 32 pixels wide, as computed. Where three 3 by 3 layers overlap, the patch is brightest in its middle and fades "
    "out towards its rim.",
)

# %% [markdown] id="field_answer" teaches=["field"]
# Measured and computed agree. And one value of LeNet's last convolution sees $32 \times 32$ pixels, which is its whole (padded) image.
#
# Look at the second picture once more: the influence is strongest in the middle and fades towards the rim. A pixel in the middle has many ways to the value, a pixel at the corner has one. The receptive field says what *can* matter; how much it matters is another question.

# %% [markdown] id="lenet_text" teaches=["lenet"]
# ## 4 · LeNet-5 (1998)
#
# **What it added.** LeNet-5 put everything into one system that is trained from pixels to digits: weights shared over the image, pooling, several stages, and backpropagation through all of it. It read the amounts on bank cheques.
#
# It is often called the first convolutional network, or the first that was trained by backpropagation. It was neither. Fukushima's *Neocognitron* (1980) had stages of shared windows, without backpropagation. And LeCun and others trained such a network on handwritten postcodes by backpropagation in 1989. LeNet-5 is the one that everybody remembers, since it worked so well.
#
# Here are its layers. C stands for a convolution, S for *subsampling* (a pool), F for a dense layer. Below it is the table that `nnlib` prints, with the multiply-adds.
#
# | layer | what | output | parameters |
# |---|---|---|---|
# | C1 | conv 5×5, 6 filters, padding 2; ReLU | 28×28×6 | 156 |
# | S2 | max pool 2×2 | 14×14×6 | |
# | C3 | conv 5×5, 16 filters; ReLU | 10×10×16 | 2,416 |
# | S4 | max pool 2×2 | 5×5×16 | |
# | C5 | conv 5×5, 120 filters; ReLU | 1×1×120 | 48,120 |
# | F6 | dense, 84 units; ReLU | 84 | 10,164 |
# | | dense, 10 units: the logits | 10 | 850 |

# %% id="see_lenet_table" show=true promise=true teaches=["lenet", "published"]
print(summary(lenet(), (1, 28, 28)))

# %% [markdown] id="lenet_counts" teaches=["lenet", "published"]
# **61,706 parameters** is the common form of LeNet-5, and your own function agrees: `conv2d_cost((16, 5, 5), 120, 5)` gives 48,120 for C5. The paper says 60,000. It differs in three places: a filter of C3 sees only some of the six channels; its pools have a coefficient and a bias for each channel; and its outputs are distances to fixed patterns rather than a dense layer. It also used tanh and *average* pooling. ReLU and maxima learn faster, so we take them.
#
# ### Assemble it
#
# Eleven steps, one behind the other. You have written every one of them in units 1, 2 and 5. The parameters come as a list of ten arrays, with weights and biases in turn:
#
# | | `w1, b1` | `w2, b2` | `w3, b3` | `w4, b4` | `w5, b5` |
# |---|---|---|---|---|---|
# | layer | C1 | C3 | C5 | F6 | logits |
# | weights | (6, 1, 5, 5) | (16, 6, 5, 5) | (120, 16, 5, 5) | (120, 84) | (84, M) |
# | biases | (6,) | (16,) | (120,) | (84,) | (M,) |
#
# $M$ is the number of classes. It is not always 10.

# %% [markdown] id="exercise_lenet_forward"
# ### Exercise 3: `lenet_forward` (3 points)
#
# `lenet_forward(x, parameters)` takes images `x` `(N, 1, 28, 28)` and returns `(logits, cache)`. The logits are `(N, M)`, without softmax: the loss does that. The cache is a tuple of the eleven caches of the eleven steps, in their order.
#
# These functions are imported at the top, each returning `(out, cache)`:
#
# - `conv2d_forward(x, w, b, stride=1, padding=0)`
# - `relu_forward(z)`
# - `max_pool2d_forward(x, size)`
# - `dense_forward(x, w, b)`, which flattens `x` by itself
#
# **Tiny example.** An image of zeros and biases of 0 give logits of 0, whatever the weights are. If only `b5 = [1, 2, 3]` is not 0, the logits are `[[1, 2, 3]]`.
#
# <details><summary><b>Hint 1:</b> how to begin</summary>
#
# ```python
# w1, b1, w2, b2, w3, b3, w4, b4, w5, b5 = parameters
# z1, conv1 = conv2d_forward(x, w1, b1, padding=2)
# a1, relu1 = relu_forward(z1)
# ```
#
# and so on. Give every output and every cache a name of its own.
#
# </details>
# <details><summary><b>Hint 2:</b> a shape does not fit</summary>
#
# Print `out.shape` behind each step, and compare with the table above. The usual suspect is the padding of C1.
#
# </details>


# %% id="write_lenet_forward" solution=true
def lenet_forward(x, parameters):
    """LeNet-5, forward.

    x: images (N, 1, 28, 28). parameters: ten arrays, w1, b1, …, w5, b5.
    Returns (logits, cache): logits (N, M), and the tuple of the caches of the eleven steps.
    Float dtype: float32 stays float32. Changes nothing in place.
    """
    ### BEGIN SOLUTION
    w1, b1, w2, b2, w3, b3, w4, b4, w5, b5 = parameters
    z1, conv1 = conv2d_forward(x, w1, b1, padding=2)
    a1, relu1 = relu_forward(z1)
    p1, pool1 = max_pool2d_forward(a1, 2)
    z2, conv2 = conv2d_forward(p1, w2, b2)
    a2, relu2 = relu_forward(z2)
    p2, pool2 = max_pool2d_forward(a2, 2)
    z3, conv3 = conv2d_forward(p2, w3, b3)
    a3, relu3 = relu_forward(z3)
    z4, dense4 = dense_forward(a3, w4, b4)
    a4, relu4 = relu_forward(z4)
    logits, dense5 = dense_forward(a4, w5, b5)
    return logits, (conv1, relu1, pool1, conv2, relu2, pool2, conv3, relu3, dense4, relu4, dense5)
    ### END SOLUTION


# %% id="check_lenet_forward" test=true points=3 teaches=["lenet"]
check("lenet_forward", lenet_forward)

# %% [markdown] id="exercise_lenet_backward"
# ### Exercise 4: `lenet_backward` (3 points)
#
# The same eleven steps, **the last one first**. Each backward function gets what came back from the step behind it, and the cache of its own step.
#
# - `lenet_backward(dlogits, cache)` returns ten gradients, in the order of the parameters: `dw1, db1, …, dw5, db5`.
# - Nobody trains the pixels, so no `dx` is asked for.
# - `conv2d_backward(dout, cache)` and `dense_backward(dout, cache)` return `(dx, dw, db)`; `relu_backward` and `max_pool2d_backward` return one array.
#
# **Tiny example.** The last layer alone: `_, dw5, db5 = dense_backward(dlogits, dense5)`. With `dlogits = [[1, 0, -1]]` we get `db5 = [1, 0, -1]`.
#
# <details><summary><b>Hint 1:</b> how to begin</summary>
#
# Take the cache apart in one line, with the eleven names that you gave its parts. Then
#
# ```python
# da4, dw5, db5 = dense_backward(dlogits, dense5)
# dz4 = relu_backward(da4, relu4)
# ```
#
# </details>
# <details><summary><b>Hint 2:</b> faster by a third</summary>
#
# `conv2d_backward(dout, cache, needs_dx=False)` does not compute the gradient of the pixels, and gives `None` for it.
#
# </details>


# %% id="write_lenet_backward" solution=true
def lenet_backward(dlogits, cache):
    """LeNet-5, backward.

    dlogits: (N, M). cache: from lenet_forward.
    Returns the gradients of the ten parameters, in their order: dw1, db1, …, dw5, db5.
    Changes neither dlogits nor anything in the cache.
    """
    ### BEGIN SOLUTION
    conv1, relu1, pool1, conv2, relu2, pool2, conv3, relu3, dense4, relu4, dense5 = cache
    da4, dw5, db5 = dense_backward(dlogits, dense5)
    da3, dw4, db4 = dense_backward(relu_backward(da4, relu4), dense4)
    dp2, dw3, db3 = conv2d_backward(relu_backward(da3, relu3), conv3)
    da2 = max_pool2d_backward(dp2, pool2)
    dp1, dw2, db2 = conv2d_backward(relu_backward(da2, relu2), conv2)
    da1 = max_pool2d_backward(dp1, pool1)
    _, dw1, db1 = conv2d_backward(relu_backward(da1, relu1), conv1, needs_dx=False)
    return dw1, db1, dw2, db2, dw3, db3, dw4, db4, dw5, db5
    ### END SOLUTION


# %% id="check_lenet_backward" test=true points=3 teaches=["lenet"]
check("lenet_backward", lenet_backward, forward=lenet_forward)

# %% [markdown] id="digits_text"
# ### Real digits
#
# Our digits have 8×8 pixels, LeNet-5 wants 28×28. The next cell makes each of them 24×24, smoothly, and puts a border of 2 around it. You need not read how.

# %% id="digits"
small_digits, labels = load_digits()  # (1797, 8, 8) from 0 to 1, and what each picture shows


def enlarge(images):
    """Images (N, 8, 8) as (N, 1, 28, 28), float32: three times as large, with a border of 2."""
    at = (np.arange(24) + 0.5) / 3 - 0.5  # where the new pixels lie among the old ones
    low = np.clip(np.floor(at).astype(int), 0, 6)
    share = np.clip(at - low, 0, 1)
    mix = np.zeros((24, 8))
    mix[np.arange(24), low], mix[np.arange(24), low + 1] = 1 - share, share
    return np.pad(mix @ images @ mix.T, ((0, 0), (2, 2), (2, 2)))[:, None].astype(np.float32)


order = np.random.default_rng(6).permutation(len(labels))  # mix them once, then split
x_train, y_train = enlarge(small_digits[order[:1200]]), labels[order[:1200]]
x_test, y_test = enlarge(small_digits[order[1200:]]), labels[order[1200:]]

# %% id="digits_picture" show=true
plots.gallery(
    {f"a {digit}": x_train[y_train == digit][0, 0] for digit in range(10)},
    columns=10,
    size=1.0,
    alt="The ten digits, one of each, handwritten in grey on black, 28 by 28 pixels each, a little blurred.",
)

# %% [markdown] id="exercise_train_lenet"
# ### Exercise 5: `train_lenet` (6 points)
#
# `train_lenet(x, labels, *, rng)` gets images `x` `(N, 1, 28, 28)` with values from about 0 to 1, and their `labels` `(N,)`, whole numbers from 0 on. It trains LeNet-5 and returns the ten parameters, `(w1, b1, …, w5, b5)`. How many epochs, how large the batches, which optimizer, which schedule: all of that is your choice.
#
# - $M$ is `labels.max() + 1`. It is not always 10.
# - Weights are drawn with He's variance $2/\text{fan\_in}$ (unit 3). For a filter, `fan_in` is $C \cdot K_H \cdot K_W$: that many numbers go into one output. Biases begin with 0.
# - All that is random comes from `rng`.
# - `x` and `labels` stay as they are. The examples may come sorted by class. There may be few of them.
# - It should take a few seconds. In grading a call may take 10 seconds, so keep to about 10 epochs at most, and make the parameters float32: that is twice as fast.
#
# **How it is graded.** Your function gets 600 digits, chosen anew. All of them are turned or mirrored in the same way, and the classes have other numbers, so nothing can be looked up. Then the network that you return reads hundreds of digits that were held out. Your code never sees those.
#
# | accuracy on held-out digits | of the points for accuracy (2.4 of 6) |
# |---|---|
# | 93 % or more | all |
# | 88 % | three quarters |
# | 83 % | a half |
# | 78 % | a quarter |
# | 73 % or less | none |
#
# In between it goes up evenly. The other points are for: fewer digits and fewer classes, digits that come sorted, shapes and dtypes, inputs that stay unchanged, and an `rng` that is used.
#
# **Tiny example.** The cell below the function trains on a hundred zeros and ones, `M = 2`, so `w5` is `(84, 2)`.
#
# <details><summary><b>Hint 1:</b> the plan</summary>
#
# 1. ten parameters. `he_normal(fan_in, fan_out, rng=rng, shape=…)` draws weights of any shape; of the two numbers only `fan_in` matters for the variance
# 2. a state `{}` for each of them
# 3. for each epoch, for each batch of `minibatches(x, labels, size, rng=rng)`: your `lenet_forward`, `softmax_cross_entropy(logits, labels)` gives `(loss, dlogits)`, your `lenet_backward`, and `adam_update(w, dw, state, lr)` gives `(w, state)` for each parameter
# 4. count the steps, for `warmup_cosine(lr, step, warmup_steps, total_steps)`
#
# </details>
# <details><summary><b>Hint 2:</b> settings to begin with</summary>
#
# Batches of 20, 6 epochs, Adam with a rate of about 0.003. A cosine down to 0 helps. When it works, play with them.
#
# </details>
# <details><summary><b>Hint 3:</b> it guesses</summary>
#
# Print the loss now and then. It stays at 2.3: do the new weights and states go back into the lists? Is `fan_in` right for the filters? It becomes large or `nan`: the learning rate is too large. It falls, but test digits are read badly: are `x` and `labels` of a batch still pairs?
#
# </details>


# %% id="write_train_lenet" solution=true
def train_lenet(x, labels, *, rng):
    """Train LeNet-5 on images.

    x: (N, 1, 28, 28). labels: (N,), whole numbers from 0 on. rng: numpy.random.Generator.
    Returns ten arrays (w1, b1, …, w5, b5), with M = labels.max() + 1 classes.
    Changes neither x nor labels.
    """
    ### BEGIN SOLUTION
    classes, epochs, size = int(labels.max()) + 1, 6, 20
    parameters = []
    for shape in [(6, 1, 5, 5), (16, 6, 5, 5), (120, 16, 5, 5)]:
        weights = he_normal(shape[1] * 25, shape[0] * 25, rng=rng, shape=shape)
        parameters += [weights.astype(np.float32), np.zeros(shape[0], np.float32)]
    for inputs, outputs in [(120, 84), (84, classes)]:
        weights = he_normal(inputs, outputs, rng=rng)
        parameters += [weights.astype(np.float32), np.zeros(outputs, np.float32)]
    states = [{} for _ in parameters]
    total = epochs * int(np.ceil(len(x) / size))
    step = 0
    for _epoch in range(epochs):
        for batch, targets in minibatches(x.astype(np.float32), labels, size, rng=rng):
            logits, cache = lenet_forward(batch, parameters)
            _, dlogits = softmax_cross_entropy(logits, targets)
            lr = warmup_cosine(0.004, step, total // 10, total)
            for k, gradient in enumerate(lenet_backward(dlogits, cache)):
                parameters[k], states[k] = adam_update(parameters[k], gradient, states[k], lr)
            step += 1
    return tuple(parameters)
    ### END SOLUTION


# %% id="try_train_lenet" show=true
def accuracy(parameters, x, labels):
    """Per cent of the images that LeNet-5 reads rightly, with your forward pass."""
    logits, _ = lenet_forward(x, parameters)
    return 100 * np.mean(logits.argmax(axis=1) == labels)


binary = np.flatnonzero(y_train < 2)[:100]
tiny = train_lenet(x_train[binary], y_train[binary], rng=np.random.default_rng(0))
print(f"zeros and ones: w5 {tiny[8].shape}, {accuracy(tiny, x_train[binary], y_train[binary]):.0f} % right")
start = time.perf_counter()
yours = train_lenet(x_train, y_train, rng=np.random.default_rng(0))
print(f"all digits, trained in {time.perf_counter() - start:.1f} s:", end=" ")
print(f"{accuracy(yours, x_train, y_train):.1f} % of the training digits,", end=" ")
print(f"{accuracy(yours, x_test, y_test):.1f} % of {len(x_test)} test digits")

# %% id="check_train_lenet" test=true points=6 teaches=["lenet_trained"]
check("train_lenet", train_lenet)

# %% [markdown] id="mnist_text"
# **Larger digits, if you have them.** MNIST is the collection of 28×28 digits that LeNet-5 was made for. If the environment variable `NNLIB_DATA` names a folder with its files, the next cell trains **your** function on 4,000 of them and reads 2,000 others.

# %% id="mnist" show=true
import os

from nnlib.data import load_mnist

try:
    if "NNLIB_DATA" not in os.environ:
        raise FileNotFoundError("NNLIB_DATA is not set")
    big, big_labels = load_mnist("test")  # 10,000 pictures
    big = big.reshape(-1, 1, 28, 28).astype(np.float32)
    on_mnist = train_lenet(big[:4000], big_labels[:4000], rng=np.random.default_rng(0))
    print(
        f"MNIST: {accuracy(on_mnist, big[4000:6000], big_labels[4000:6000]):.1f} % of 2,000 new digits are read rightly"
    )
except FileNotFoundError as missing:
    print("No MNIST here, so nothing was trained. All numbers here are from the small digits.")
    print("Why:", str(missing).split(":")[0])

# %% [markdown] id="look_inside_text" teaches=["learned_features"]
# ### Look inside
#
# Everything from the random weights to these numbers was your code. What did it learn? First the six filters of C1. Red means: *I want light here*. Blue: *I want dark here*.

# %% id="learned_filters" show=true teaches=["learned_features"]
plots.gallery(
    {f"filter {f}": yours[0][f, 0] for f in range(6)},
    signed=True,
    columns=6,
    size=1.3,
    alt="Six learned 5 by 5 filters of the first layer. Some have a red side and a blue side, as edge filters have; others "
    "are a rough mixture.",
)

# %% [markdown] id="feature_maps_text" teaches=["learned_features"]
# Nobody told them what to look for. Some have a light and a dark side and find edges, like the kernels that you made by hand in unit 5. Others still look like the noise that they began with: a few hundred steps on small pictures are enough to read them, not to make every filter tidy. (Trained on a million photos, the first filters of AlexNet are clean edges and colour spots.) Now send one digit through the first two stages. A bright place means: *my pattern is here*.

# %% id="feature_maps" show=true teaches=["learned_features"]
picture = x_test[[int(np.flatnonzero(y_test == 5)[0])]]
first_maps = relu_forward(conv2d_forward(picture, yours[0], yours[1], padding=2)[0])[0]
pooled, _ = max_pool2d_forward(first_maps, 2)
second_maps = relu_forward(conv2d_forward(pooled, yours[2], yours[3])[0])[0]
plots.gallery(
    {
        "the image, 28×28": picture[0, 0],
        **{f"C1, map {f}": first_maps[0, f] for f in range(6)},
        **{f"C3, map {f}": second_maps[0, f] for f in range(7)},
    },
    columns=7,
    size=1.3,
    alt="A handwritten 5 and its feature maps. The six maps of the first layer, 28 by 28, show the 5 with different "
    "edges and strokes lit. Seven of the sixteen maps of the second convolution, 10 by 10, are coarse: a few bright spots "
    "each.",
)

# %% [markdown] id="feature_maps_answer" teaches=["learned_features"]
# In C1 you still recognise the 5, with this or that edge lit up. In C3 you do not. A map there has 10×10 places and says things like *a bow at the lower right*. **Where** became coarser, **what** became richer, as in the boxes of section 1.
#
# ### Who is taken for whom?
#
# A single accuracy hides a lot. The **confusion matrix** counts, for each digit (row), what it was read as (column). On the diagonal it is right.

# %% id="see_confusion" show=true teaches=["confusion"]
logits, _ = lenet_forward(x_test, yours)
counts = confusion_matrix(logits, y_test)
mistakes = counts - np.diag(np.diag(counts))
worst = np.unravel_index(mistakes.argmax(), mistakes.shape)
plots.confusion(
    counts,
    xlabel="read as (digit)",
    ylabel="what it shows (digit)",
    alt=f"A 10 by 10 table of counts. Nearly all of {counts.sum()} test digits are on the diagonal, {mistakes.sum()} are "
    f"not. The most frequent mistake: a {worst[0]} is read as {worst[1]}, {mistakes.max()} times.",
)

# %% id="see_mistakes" show=true teaches=["confusion"]
answers = logits.argmax(axis=1)
wrong = np.flatnonzero(answers != y_test)[:8]
plots.gallery(
    {f"no. {i}: {y_test[i]}\nread as {answers[i]}": x_test[i, 0] for i in wrong}
    or {"none is wrong": x_test[0, 0]},
    columns=8,
    size=1.2,
    alt="Test digits that your network reads wrongly. Most of them are hard to read for people, too.",
)

# %% [markdown] id="saliency_text" teaches=["saliency"]
# ### Which pixels decide?
#
# Backpropagation gives the slope of *anything* with respect to anything before it. So far we took the slope of the loss with respect to the weights. Now take the slope of one **logit** with respect to the **pixels**, with the weights fixed:
#
# $$\boxed{\;\text{saliency}[i, j] = \left| \frac{\partial\, \text{logit}_c}{\partial x[i, j]} \right|\;}$$
#
# In words: if I change this pixel a little, how much does the score of class $c$ change? A bright place in a **saliency map** means *this pixel matters for the answer*. To compute it, put `dlogits = 1` for class $c$, 0 for the others, and walk back all the way to `x`.


# %% id="see_saliency" show=true teaches=["saliency"]
def saliency(x, parameters, classes):
    """|∂ logit of the class / ∂ pixel| for each image: (N, H, W)."""
    model = lenet(len(parameters[-1]))  # nnlib's LeNet-5, which also gives dx
    given = iter(parameters)
    params = [{name: next(given) for name in shapes} for shapes in model.parameter_shapes((1, 28, 28))]
    logits, cache, _ = model.forward(x, params, [{} for _ in params], train=False)
    dlogits = np.zeros_like(logits)
    dlogits[np.arange(len(x)), classes] = 1
    dx, _ = model.backward(dlogits, cache)
    return np.abs(dx[:, 0])


shown = [int(np.flatnonzero((y_test == d) & (answers == d))[0]) for d in (0, 3, 4, 7, 8)]
heat = saliency(x_test[shown], yours, y_test[shown])
rng = np.random.default_rng(0)
smoothed = np.zeros_like(heat)
for _ in range(40):  # the mean over copies with a little noise
    noisy = x_test[shown] + rng.normal(0, 0.15, x_test[shown].shape).astype(np.float32)
    smoothed += saliency(noisy, yours, y_test[shown]) / 40
plots.gallery(
    {
        **{f"a {y_test[i]}": x_test[i, 0] for i in shown},
        **{f"saliency for {y_test[i]}": h for i, h in zip(shown, heat, strict=True)},
        **{f"mean of 40, for {y_test[i]}": h for i, h in zip(shown, smoothed, strict=True)},
    },
    columns=5,
    size=1.7,
    alt="Three rows. Five test digits, 0, 3, 4, 7, 8; their saliency maps, which are speckled, brighter in the middle than in "
    "the corners; and means over forty noisy copies, in which the bright pixels lie on the strokes and beside them.",
)

# %% [markdown] id="saliency_answer" teaches=["saliency"]
# A single map (middle row) is speckled: the slope of a network with ReLUs jumps from place to place. The mean over copies of the image with a little noise (last row) is calmer. The bright pixels lie on the strokes and right beside them, where more or less ink would make another digit. The empty corners hardly matter.
#
# Be careful with such maps. They show a slope at one image, not the reason for an answer, and a speckled map may come from a perfectly good network.
#
# ### Break it on purpose
#
# What of LeNet-5 is needed? We train variants on 600 digits, three epochs each, and change one thing at a time: the ReLUs are taken away, so that all steps but the pools are linear; the original's tanh and average pools are put back; the weights begin a hundred times too small.

# %% id="predict_break" predict=true
predict(
    "break",
    "Which change hurts most?",
    ["no ReLU at all", "tanh and average pools, as in 1998", "first weights a hundred times too small"],
    choice=None,
)


# %% id="break_lenet" show=true teaches=["lenet_trained"]
from nnlib.layers import AvgPool2d, LeakyReLU, Tanh


def short_training(model, shrink=1.0, epochs=3):
    """Accuracy on test digits after a short training, in per cent."""
    rng = np.random.default_rng(1)
    params, state = model.initialize((1, 28, 28), rng=rng)
    params = [{name: value * shrink for name, value in layer.items()} for layer in params]
    memory = [{name: {} for name in layer} for layer in params]
    for _ in range(epochs):
        for batch, targets in minibatches(x_train[:600], y_train[:600], 20, rng=rng):
            logits, cache, _ = model.forward(batch, params, state, train=True)
            _, grads = model.backward(softmax_cross_entropy(logits, targets)[1], cache, needs_dx=False)
            for layer, kept, gradients in zip(params, memory, grads, strict=True):
                for name, gradient in gradients.items():
                    layer[name], kept[name] = adam_update(layer[name], gradient, kept[name], 0.003)
    logits, _, _ = model.forward(x_test, params, state, train=False)
    return 100 * np.mean(logits.argmax(axis=1) == y_test)


variants = {
    "as it is": short_training(lenet()),
    "no ReLU": short_training(lenet(activation=lambda: LeakyReLU(1.0))),  # a slope of 1 everywhere: no bend
    "tanh, average pools": short_training(lenet(activation=Tanh, pool=AvgPool2d)),
    "weights / 100": short_training(lenet(), shrink=0.01),
}
plots.bars(
    variants,
    xlabel="accuracy on test digits after a short training (%)",
    alt="Bars of the accuracy after a short training: "
    + ", ".join(f"{name} {value:.0f} per cent" for name, value in variants.items()),
)

# %% id="reveal_break" show=true
reveal("break", f"weights / 100: {variants['weights / 100']:.0f} %", answer="c")

# %% [markdown] id="break_answer"
# Far too small weights are the end of it: five layers that each make the signal smaller leave nothing, and nothing comes back either. Keep this in mind for section 8, where there are fifty.
#
# The form of 1998, with tanh and average pools, does just as well as ours in so short a race on so small digits. It falls behind where networks are deeper and trainings longer (unit 1: saturation).
#
# Without ReLU the network still does well here, too! Its max pools bend, too, and small digits are an easy task. Do not conclude that ReLU is useless: on these digits even a linear model is right nine times out of ten. An experiment on an easy task can only show large effects.

# %% [markdown] id="alexnet_text" teaches=["alexnet"]
# ## 5 · AlexNet (2012)
#
# For years convolutional networks were known for reading digits, and for little else. Then ImageNet came, with over a million photos. In its competition five guesses were allowed for a photo, and the *top-5 error* says for how many photos none of the five is right. In 2012 the best entry had 15.3 %, and the second best 26.2 %. The winners, Krizhevsky, Sutskever and Hinton, had trained convolutional networks, and averaged the answers of seven of them. One alone had 18.2 % (on the validation photos), still far ahead.
#
# **What it added.** Not a new kind of layer. It is LeNet's line, made large, with everything that makes a large network trainable:
#
# - **ReLU** in place of tanh: no saturation, so learning is several times faster.
# - **Dropout** in the dense layers and **augmented images**, against overfitting (unit 4).
# - **Overlapping pools**, 3×3 with stride 2.
# - **Two GPUs** (graphics processors, made to do thousands of multiplications at once). Each had half of the filters. The second, fourth and fifth convolution saw only the channels of their own GPU. Such a layer is called a convolution in **groups**.
#
# Two of its kernels are still large: the first is 11×11, with stride 4, and the second 5×5. The other three are 3×3.
#
# Where do you think its 61 million parameters are? It has five convolutions and three dense layers.

# %% id="predict_alexnet" predict=true
predict(
    "alexnet",
    "AlexNet: which share of the parameters do the five convolutions have?",
    ["about 4 %", "about 50 %", "about 90 %"],
    choice=None,
)


# %% id="see_alexnet" show=true teaches=["alexnet", "cost"]
def share_of_dense(name):
    """Which part of the parameters, and of the multiply-adds, the dense layers have, in per cent."""
    dense = [row for row in costs[name].rows if row.name.startswith("Dense")]
    parameters = sum(row.parameters for row in dense) / costs[name].parameters
    return 100 * parameters, 100 * sum(row.multiply_adds for row in dense) / costs[name].multiply_adds


shares = {}
for name in ("AlexNet", "VGG-16", "GoogLeNet", "ResNet-50"):
    parameters, multiply_adds = share_of_dense(name)
    shares[f"{name}: parameters"] = parameters
    shares[f"{name}: multiply-adds"] = multiply_adds
plots.bars(
    shares,
    marked=[name for name in shares if name.endswith("adds")],
    xlabel="share of the dense layers (%)",
    alt="Bars of the share of the dense layers in per cent: "
    + ", ".join(f"{name} {value:.0f}" for name, value in shares.items()),
)

# %% id="reveal_alexnet" show=true
reveal("alexnet", f"{100 - share_of_dense('AlexNet')[0]:.1f} % (the dense layers have the rest)", answer="a")

# %% [markdown] id="alexnet_answer" teaches=["alexnet", "published"]
# It is the pattern of section 2 again. In AlexNet and VGG nearly all **parameters** are in the dense layers, and nearly all **multiply-adds** in the convolutions, which use each weight at thousands of places. Look at the other two networks: they got rid of the large dense layers. You will see how.
#
# ### Do our numbers agree with the published ones?
#
# A number that nobody compares is worth little. The next cell (M means million) computes ours, without making a single weight, and prints the published ones beside them, with their source. The sections that follow do the same for their networks.


# %% id="published_counts" show=true promise=true teaches=["published", "alexnet"]
def compare(rows):
    """Print computed and published numbers of networks: (name, network, parameters, multiply-adds)."""
    for name, network, parameters, multiply_adds in rows:
        ours = summary(network, PHOTO)
        print(f"{name:<18}{ours.parameters:>11,} parameters, published {parameters}")
        print(f"{'':<18}{ours.multiply_adds / 1e6:>9,.0f} M multiply-adds, published {multiply_adds}")


compare(
    [
        ("AlexNet, 2012", alexnet(columns=2), "60 million (the paper)", "720 M (MobileNet's paper)"),
        ("AlexNet, 1 column", alexnet(), "61,100,840 (torchvision)", "714 M (torchvision)"),
    ]
)

# %% [markdown] id="vgg_text" teaches=["vgg"]
# ## 6 · VGG (2014)
#
# AlexNet has kernels of 11×11, 5×5 and 3×3. Which size is best? Simonyan and Zisserman gave a radical answer: **only 3×3**, everywhere, and more layers instead.
#
# **What it added.** One rule for all: 3×3 convolutions with padding 1, 2×2 pools, the filters doubled behind each pool, 64 → 128 → 256 → 512. With it, depth: 11 to 19 layers with weights.
#
# **Why small kernels?** Take $C$ channels in and $C$ filters. You computed that two 3×3 layers see $5 \times 5$ pixels, and three see $7 \times 7$. Now count the weights.
#
# $$
# \begin{aligned}
# \text{one } 5{\times}5: \quad & 5 \cdot 5 \cdot C \cdot C = 25\, C^2 \\
# \text{two } 3{\times}3: \quad & 2 \cdot (3 \cdot 3 \cdot C \cdot C) = 18\, C^2 \\
# \text{one } 7{\times}7: \quad & 7 \cdot 7 \cdot C \cdot C = 49\, C^2 \\
# \text{three } 3{\times}3: \quad & 3 \cdot (3 \cdot 3 \cdot C \cdot C) = 27\, C^2
# \end{aligned}
# $$
#
# $$\boxed{\;\text{the same field, } \tfrac{18}{25} = 72\,\% \text{ or } \tfrac{27}{49} = 55\,\% \text{ of the weights, more ReLUs}\;}$$
#
# Fewer weights *and* more bends between them. That is why nearly everybody uses 3×3 since.

# %% id="see_small_kernels" show=true promise=true teaches=["vgg", "field"]
for kernels in ([5], [3, 3], [7], [3, 3, 3]):
    weights = sum(conv2d_cost((64, 56, 56), 64, k, padding=k // 2, bias=False)[0] for k in kernels)
    field = receptive_field([(k, 1) for k in kernels])
    print(f"{kernels!s:<10} sees {field}×{field} pixels with {weights:>7,} weights")

# %% id="predict_vgg" predict=true
predict(
    "vgg",
    "VGG-16 has 13 convolutions and 3 dense layers, 138 million parameters. How many of them has the first dense layer?",
    ["about 10 million", "about 50 million", "about 100 million"],
    choice=None,
)

# %% id="see_vgg" show=true promise=true teaches=["vgg", "published"]
compare(
    [
        ("VGG-11", vgg(11), "133 million (the paper)", "7,610 M (torchvision)"),
        ("VGG-16", vgg(16), "138,357,544 (torchvision)", "15,470 M (torchvision)"),
        ("VGG-19", vgg(19), "144 million (the paper)", "19,630 M (torchvision)"),
    ]
)
print()
first_dense = next(row for row in costs["VGG-16"].rows if row.name.startswith("Dense"))
print(f"VGG-16's first dense layer: 7·7·512 values to 4,096 units, {first_dense.parameters:,} parameters")

# %% id="reveal_vgg" show=true
reveal("vgg", f"{first_dense.parameters / 1e6:.1f} million", answer="c")

# %% [markdown] id="vgg_answer" teaches=["vgg"]
# Three quarters of VGG-16's parameters connect the last feature map to the first dense layer. And its convolutions need 15 thousand million multiply-adds: more than twenty times as many as AlexNet. VGG is simple, strong, and very expensive. The next two ideas make it cheaper and deeper.

# %% [markdown] id="inception_text" teaches=["googlenet"]
# ## 7 · GoogLeNet and Inception (2014)
#
# In the same year's competition VGG came second. The winner, GoogLeNet, has a **twentieth** of VGG's parameters and a tenth of its multiply-adds. Its authors asked: which kernel size is right? And answered: do not choose. Do several **side by side**.
#
# **What it added.**
#
# 1. The **inception module**: parallel branches with kernels of 1×1, 3×3, 5×5 and a pool. All get the same input, and their outputs are *concatenated* along the channels.
# 2. **1×1 convolutions** before the expensive ones.
# 3. A mean over each map (global average pooling, unit 5) in place of the large dense layers.

# %% id="inception_picture" show=true teaches=["googlenet"]
plots.inception_module(
    [["1×1: 64"], ["1×1: 96", "3×3: 128"], ["1×1: 16", "5×5: 32"], ["max pool 3×3", "1×1: 32"]],
    channels=[64, 128, 32, 32],
    alt="GoogLeNet's first inception module, called 3a. The input x goes to four branches: a 1 by 1 convolution with 64 "
    "filters; a 1 by 1 with 96 and then a 3 by 3 with 128; a 1 by 1 with 16 and then a 5 by 5 with 32; a 3 by 3 max pool "
    "and then a 1 by 1 with 32. At the right their outputs stand one behind the other: 256 channels.",
)

# %% [markdown] id="one_by_one" teaches=["googlenet", "cost"]
# **What is a 1×1 convolution good for?** Its window is a single pixel, so it sees no neighbours. But it sees **all channels** of that pixel: each output is a weighted sum of them. It is a small dense layer that is applied at every pixel. With fewer filters than channels, it makes the following layer cheaper.
#
# **How much?** The input of module 3a is 28×28 with 192 channels. The branch with the 5×5 kernels, first without and then with the 1×1 before it:
#
# $$
# \begin{aligned}
# \text{without:} \quad & 28 \cdot 28 \cdot \underbrace{32 \cdot 192 \cdot 25}_{5 \times 5} = 120{,}422{,}400 \\
# \text{with:} \quad & 28 \cdot 28 \cdot (\underbrace{16 \cdot 192 \cdot 1}_{1 \times 1} + \underbrace{32 \cdot 16 \cdot 25}_{5 \times 5}) \\
# & = 28 \cdot 28 \cdot (3{,}072 + 12{,}800) = 12{,}443{,}648
# \end{aligned}
# $$
#
# A tenth. Such a narrow place is called a **bottleneck**. Your function does the whole module:

# %% id="see_bottleneck" show=true promise=true teaches=["googlenet", "cost"]
into = (192, 28, 28)


def multiply_adds_of(*steps):
    """Multiply-adds of convolutions one behind the other: steps (filters, kernel)."""
    shape, total = into, 0
    for filters, kernel in steps:
        total += conv2d_cost(shape, filters, kernel, padding=kernel // 2)[1]
        shape = (filters, *shape[1:])
    return total


narrow = [[(64, 1)], [(96, 1), (128, 3)], [(16, 1), (32, 5)], [(32, 1)]]
wide = [[(64, 1)], [(128, 3)], [(32, 5)], [(32, 1)]]
for name, branches in (("with 1×1 before", narrow), ("without", wide)):
    print(f"module 3a, {name:<16} {sum(multiply_adds_of(*steps) for steps in branches):>11,} multiply-adds")

# %% [markdown] id="inception_forward_text" teaches=["googlenet"]
# ### Write the module
#
# We keep what matters: **branches of convolutions, each with a ReLU behind it, concatenated.** (The pool at the head of the fourth branch is left out.) A branch is a list of pairs `(w, b)`, one for each of its convolutions, and `branches` is a list of branches. All kernels are square and odd, the stride is 1, and the padding is half the kernel, rounded down, so $H$ and $W$ stay.
#
# **By hand.** One image of one pixel, two channels, $x = (1, 2)$. Two branches of one 1×1 convolution each, all biases 0:
#
# - branch 0, one filter $w = (1, 1)$: $z = 1 + 2 = 3$, and ReLU leaves $3$.
# - branch 1, two filters $(1, -1)$ and $(2, 0)$: $z = (-1, 2)$, and ReLU makes it $(0, 2)$.
#
# Concatenated: $\text{out} = (3, 0, 2)$, three channels.

# %% [markdown] id="exercise_inception_forward"
# ### Exercise 6: `inception_forward` (3 points)
#
# - `x` is `(N, C, H, W)`. Of each branch the first `w` is `(F, C, K, K)`, and each further one takes the channels that the one before gave.
# - It returns `(out, cache)`. `out` has as many channels as all branches together: first all of branch 0, then all of branch 1, and so on.
# - `cache` has a list for each branch, with a pair for each of its convolutions: the cache of `conv2d_forward`, and its `z`.
#
# **Tiny example.** The one above: `x` of shape `(1, 2, 1, 1)` gives `out = [[[[3]], [[0]], [[2]]]]`.
#
# <details><summary><b>Hint 1:</b> the plan</summary>
#
# Two loops. Outside over the branches: begin with `a = x`. Inside over the pairs `(w, b)` of the branch: convolution, ReLU, and the result is the next `a`. Behind the inner loop put `a` into a list.
#
# </details>
# <details><summary><b>Hint 2:</b> the end</summary>
#
# `np.concatenate(outs, axis=1)`. The padding of a kernel is `w.shape[2] // 2`.
#
# </details>


# %% id="write_inception_forward" solution=true
def inception_forward(x, branches):
    """Branches of convolutions side by side, concatenated along the channels.

    x: (N, C, H, W). branches: a list of branches, each a list of pairs (w, b), one for
    each of its convolutions, which have stride 1, padding K // 2 and a ReLU behind them.
    Returns (out, cache): out (N, ΣF, H, W); cache has a list for each branch, with a pair
    (cache of conv2d_forward, z) for each convolution.
    Float dtype: float32 stays float32, integers become float64. Changes nothing in place.
    """
    ### BEGIN SOLUTION
    outs, cache = [], []
    for branch in branches:
        a, steps = x, []
        for w, b in branch:
            z, conv = conv2d_forward(a, w, b, padding=w.shape[2] // 2)
            a, _ = relu_forward(z)
            steps.append((conv, z))
        outs.append(a)
        cache.append(steps)
    return np.concatenate(outs, axis=1), cache
    ### END SOLUTION


# %% id="check_inception_forward" test=true points=3 teaches=["googlenet"]
check("inception_forward", inception_forward)

# %% [markdown] id="inception_backward_text" teaches=["googlenet"]
# ### And back
#
# Two questions decide everything.
#
# **Which part of `dout` does a branch get?** Its own channels. What was concatenated is cut apart again, at the same places. Branch 0 gave the first $F_0$ channels, so it gets those of `dout`; branch 1 gets the next $F_1$; and so on. The branches need not be equally wide!
#
# **What comes back to `x`?** The input went into *every* branch. Let $\text{out}_k$ be the output of branch $k$. By the chain rule, all ways count, and they are added:
#
# $$\boxed{\;\frac{\partial L}{\partial x} = \sum_k \left(\frac{\partial\, \text{out}_k}{\partial x}\right)^{\!\mathsf T} \frac{\partial L}{\partial\, \text{out}_k}\;}$$
#
# The bracket is the slope of branch $k$, used backwards ($^{\mathsf T}$, as in unit 2). In code each term is simply what the branch's own backward pass gives.
#
# **By hand.** The example above, with $\text{dout} = (10, 100, 1000)$.
#
# - Branch 0 gets $10$. Its $z = 3$ is positive, so ReLU lets it through. $dw_0 = 10 \cdot (1, 2) = (10, 20)$, $db_0 = 10$, and $10 \cdot (1, 1) = (10, 10)$ goes to $x$.
# - Branch 1 gets $(100, 1000)$. Its $z = (-1, 2)$: the first is stopped, so $(0, 1000)$ is left. $dw_1$ has the rows $(0, 0)$ and $(1000, 2000)$, $db_1 = (0, 1000)$, and $0 \cdot (1, -1) + 1000 \cdot (2, 0) = (2000, 0)$ goes to $x$.
# - Together: $dx = (10, 10) + (2000, 0) = (2010, 10)$.

# %% id="predict_inception" predict=true
predict(
    "inception",
    "Branches with 64, 128, 32 and 32 channels. Somebody cuts dout with np.split(dout, 4, axis=1). What happens?",
    ["it is right", "an error", "no error, but 64 channels for each: wrong gradients"],
    choice=None,
)

# %% [markdown] id="exercise_inception_backward"
# ### Exercise 7: `inception_backward` (4 points)
#
# - `dout` is `(N, ΣF, H, W)`, and `cache` is that of exercise 6.
# - It returns `(dx, dbranches)`. `dbranches` has the form of `branches`: a list for each branch, with a pair `(dw, db)` for each of its convolutions, in the same order.
#
# **Tiny example.** The one above: `dx` is `(2010, 10)`, and `dbranches[1][0][1]`, which is $db_1$, is `(0, 1000)`.
#
# <details><summary><b>Hint 1:</b> how wide is a branch?</summary>
#
# As many channels as its last `z` has: `steps[-1][1].shape[1]`. Keep a counter `start` of the channels that are used up: the branch gets `dout[:, start : start + width]`.
#
# </details>
# <details><summary><b>Hint 2:</b> within a branch</summary>
#
# The last convolution comes first: `for conv, z in reversed(steps):`. First back through the ReLU, then through the convolution, which gives `da, dw, db`. The pairs `(dw, db)` then come in reverse, so turn them round at the end: `pairs[::-1]`.
#
# </details>


# %% id="write_inception_backward" solution=true
def inception_backward(dout, cache):
    """Back through all branches.

    dout: (N, ΣF, H, W). cache: from inception_forward.
    Returns (dx, dbranches): dx of x's shape; dbranches has a list for each branch, with a
    pair (dw, db) for each of its convolutions, in the order of branches.
    Changes neither dout nor anything in the cache.
    """
    ### BEGIN SOLUTION
    start, dx, dbranches = 0, 0, []
    for steps in cache:
        width = steps[-1][1].shape[1]
        da, pairs = dout[:, start : start + width], []
        start += width
        for conv, z in reversed(steps):
            da, dw, db = conv2d_backward(relu_backward(da, z), conv)
            pairs.append((dw, db))
        dx = dx + da
        dbranches.append(pairs[::-1])
    return dx, dbranches
    ### END SOLUTION


# %% id="check_inception_backward" test=true points=4 teaches=["googlenet"]
check("inception_backward", inception_backward, forward=inception_forward)

# %% id="see_split" show=true promise=true
equal = np.split(np.zeros((1, 256, 28, 28)), 4, axis=1)
print(
    "np.split(dout, 4, axis=1) gives",
    [part.shape[1] for part in equal],
    "channels; the branches have",
    [64, 128, 32, 32],
)

# %% id="reveal_inception" show=true
reveal("inception", "256 can be cut into four equal parts, so nobody complains", answer="c")

# %% [markdown] id="googlenet_end" teaches=["googlenet", "published"]
# GoogLeNet is nine such modules, with a few layers before them. Behind them, in place of VGG's 103 million weights: the mean of each of 1,024 maps, and one dense layer from 1,024 values to 1,000 classes.
#
# Two versions of it are in use, and their counts differ. The paper's has biases and 5×5 kernels. A later one has **batch normalisation** (unit 4) and, by a slip that stayed, 3×3 kernels in place of 5×5. The accuracy in our map belongs to the later one.

# %% id="see_googlenet" show=true promise=true teaches=["googlenet", "published"]
compare(
    [
        ("GoogLeNet, 2014", googlenet(), "6,998,552 (Caffe's copy)", "1,500 M (the paper)"),
        (
            "GoogLeNet, later",
            googlenet(batchnorm=True, widest=3),
            "6,624,904 (torchvision)",
            "1,500 M (torchvision)",
        ),
    ]
)

# %% [markdown] id="resnet_text" teaches=["resnet"]
# ## 8 · ResNet (2015)
#
# VGG showed that depth helps. So: 34 layers, 50, 100? People tried, and met something strange. He, Zhang, Ren and Sun trained plain networks, like VGG, of 18 and of 34 layers on ImageNet. The one with 34 layers was **worse**: its first guess was wrong on 28.5 % of the new photos, against 27.9 %. And not only on new photos. It was worse *on the photos that it had learned from*. So it was not overfitting.
#
# And it cannot be that the deep network is unable to do better. Take the 18 layers, and let 16 more do nothing, so that each passes on what comes in: then the 34 layers do exactly as well. Training just does not **find** that. It is surprisingly hard for convolutions with ReLU to learn *change nothing*.
#
# **What it added.** Make *change nothing* the starting point. A block no longer computes its output from nothing. It computes what to **add** to its input:
#
# $$\boxed{\;\text{out} = \text{ReLU}\big(\,\mathcal F(x) + x\,\big)\;}$$
#
# $\mathcal F$ is called the **body**: here two 3×3 convolutions with a ReLU between them. The way of $x$ around it is the **shortcut**. If the body gives 0, the block passes $x$ on (if it is not negative). What the body learns is the *difference* to that, the **residual**; hence the name.

# %% id="residual_picture" show=true teaches=["resnet"]
plots.residual_block(
    alt="A residual block from left to right: x, a 3 by 3 convolution, ReLU, a 3 by 3 convolution, a plus, ReLU, out. An "
    "orange line leads from x around the body straight to the plus: the shortcut, x itself."
)

# %% [markdown] id="projection_text" teaches=["resnet"]
# **When the shapes differ.** At the start of a stage the first convolution has stride 2 and more filters. Then body and $x$ have other shapes and cannot be added. The shortcut gets a **projection**: a 1×1 convolution with filters `ws` and biases `bs` and the same stride, so that both have $F$ channels and the same size.

# %% id="projection_picture" show=true teaches=["resnet"]
plots.residual_block(
    projection=True,
    alt="The same block with a projection: on the orange line from x to the plus stands a 1 by 1 convolution with the "
    "stride of the block.",
)

# %% [markdown] id="residual_by_hand" teaches=["resnet"]
# **By hand.** One image of one pixel and one channel, $x = 2$. With padding 1, only the middle of a 3×3 kernel meets the pixel; everything else meets zeros. Let the middles be $1$ in $w_1$ and $3$ in $w_2$, with $b_1 = -1$ and $b_2 = -2$:
#
# $$
# \begin{aligned}
# z_1 &= 1 \cdot 2 - 1 = 1 & a_1 &= \text{ReLU}(1) = 1 \\
# \mathcal F &= 3 \cdot 1 - 2 = 1 & z_2 &= \mathcal F + x = 1 + 2 = 3 \\
# \text{out} &= \text{ReLU}(3) = \mathbf{3}
# \end{aligned}
# $$
#
# (The real ResNet has batch normalisation behind each convolution. We leave it out here. It would hide what we want to see.)

# %% [markdown] id="exercise_residual_forward"
# ### Exercise 8: `residual_forward` (3 points)
#
# - `x` is `(N, C, H, W)`, `w1` is `(F, C, 3, 3)`, `w2` is `(F, F, 3, 3)`; both convolutions have padding 1. The **first** one has the stride.
# - The shortcut is `x`, or, if `ws` `(F, C, 1, 1)` and `bs` `(F,)` are given, their convolution with the stride and without padding.
# - Where body and shortcut have different shapes, raise a `ValueError`. NumPy does that by itself most of the time, but not always: one channel it stretches over all of them, silently.
# - It returns `(out, cache)`. The cache is `(first, z1, second, projection, z2)`: the caches of the two convolutions and of the projection (`None` without one), and what went into the two ReLUs.
#
# **Tiny example.** The one above: `x = 2` gives `out = 3`.
#
# <details><summary><b>Hint</b></summary>
#
# 1. `z1, first = conv2d_forward(x, w1, b1, stride, 1)`, then ReLU
# 2. the second convolution, stride 1, padding 1
# 3. the shortcut: `x` and `None`, or what `conv2d_forward(x, ws, bs, stride, 0)` returns. Ask `if ws is None`
# 4. compare the shapes, add, ReLU
#
# </details>


# %% id="write_residual_forward" solution=true
def residual_forward(x, w1, b1, w2, b2, ws=None, bs=None, stride=1):
    """A residual block: ReLU(body(x) + shortcut(x)).

    x: (N, C, H, W). w1: (F, C, 3, 3), with the stride. w2: (F, F, 3, 3). b1, b2: (F,).
    ws, bs: (F, C, 1, 1) and (F,) of the projection, with the stride; None: the shortcut is x.
    Returns (out, cache), cache = (first, z1, second, projection, z2): the caches of the
    convolutions (projection None without one), and the inputs of the two ReLUs.
    Changes none of its inputs. Raises ValueError where body and shortcut differ in shape.
    """
    ### BEGIN SOLUTION
    z1, first = conv2d_forward(x, w1, b1, stride, 1)
    a1, _ = relu_forward(z1)
    body, second = conv2d_forward(a1, w2, b2, 1, 1)
    shortcut, projection = x, None
    if ws is not None:
        shortcut, projection = conv2d_forward(x, ws, bs, stride, 0)
    if body.shape != shortcut.shape:
        raise ValueError(f"the body gives {body.shape}, the shortcut {shortcut.shape}")
    z2 = body + shortcut
    out, _ = relu_forward(z2)
    return out, (first, z1, second, projection, z2)
    ### END SOLUTION


# %% id="check_residual_forward" test=true points=3 teaches=["resnet"]
check("residual_forward", residual_forward)

# %% [markdown] id="residual_gradient_text" teaches=["resnet", "residual_gradient"]
# ### Two ways forward, two ways back
#
# Let $\delta_{\text{out}} = \partial L / \partial\,\text{out}$ be the **error signal** that arrives at the end of the block. (In unit 2 we called such gradients $\delta$. In code it is `dout`.)
#
# **Step 1: the last ReLU.** It stands behind the sum, so everything passes it first: $\delta_2 = \delta_{\text{out}} \odot [z_2 > 0]$. Here $\odot$ multiplies element by element, and $[z_2 > 0]$ is 1 where $z_2 > 0$ and 0 elsewhere.
#
# **Step 2: the sum.** $z_2 = \mathcal F + x$. Each summand enters with the factor 1, so both get $\delta_2$ as it is.
#
# **Step 3: the body.** Its gradient goes back through the second convolution, the ReLU in the middle, and the first convolution. Write $J$ for the slope of all of that, $J = \partial \mathcal F / \partial x$.
#
# **Step 4: $x$ was used twice,** so what comes back from both ways is added:
#
# $$\boxed{\;\delta_x = J^{\mathsf T} \delta_2 + \delta_2 = (J + I)^{\mathsf T}\, \delta_2\;}$$
#
# $I$ is the matrix that changes nothing, and $^{\mathsf T}$ says that slopes are used backwards, as in unit 2. The $I$ is the shortcut. It is the whole trick. In a plain network $\delta_x = J^{\mathsf T} \delta_2$: if the slopes in $J$ are small, the error signal becomes smaller, and smaller again in the block before. With the shortcut, $\delta_2$ itself comes through, however small $J$ is.
#
# **By hand.** The block above, with $\text{dout} = 10$.
#
# - $z_2 = 3 > 0$, so $\delta_2 = 10$.
# - Second convolution: $dw_2 = 10 \cdot a_1 = 10$ (in the middle of the kernel, elsewhere 0), $db_2 = 10$, and $10 \cdot 3 = 30$ goes on.
# - $z_1 = 1 > 0$: $30$ passes. First convolution: $dw_1 = 30 \cdot x = 60$, $db_1 = 30$, and $30 \cdot 1 = 30$ arrives at $x$.
# - The shortcut brings another $10$. So $dx = 30 + 10 = \mathbf{40}$.

# %% [markdown] id="exercise_residual_backward"
# ### Exercise 9: `residual_backward` (5 points)
#
# - `dout` has out's shape, and `cache` is that of exercise 8.
# - It returns seven things: `dx, dw1, db1, dw2, db2, dws, dbs`. Without a projection the last two are `None`.
# - With a projection, what comes back through the shortcut goes through `conv2d_backward` as well.
#
# **Tiny example.** The one above: `dx = 40`, `db1 = [30]`, `db2 = [10]`, and the middles of `dw1` and `dw2` are 60 and 10.
#
# <details><summary><b>Hint</b></summary>
#
# Begin with `dz2 = relu_backward(dout, z2)`. It is used twice, once for the body and once for the shortcut. Do not change it in between.
#
# </details>


# %% id="write_residual_backward" solution=true
def residual_backward(dout, cache):
    """Back through a residual block, by both ways.

    dout: (N, F, OH, OW). cache: (first, z1, second, projection, z2) from residual_forward.
    Returns (dx, dw1, db1, dw2, db2, dws, dbs); dws and dbs are None without a projection.
    Changes neither dout nor anything in the cache.
    """
    first, z1, second, projection, z2 = cache
    ### BEGIN SOLUTION
    dz2 = relu_backward(dout, z2)
    da1, dw2, db2 = conv2d_backward(dz2, second)
    dbody, dw1, db1 = conv2d_backward(relu_backward(da1, z1), first)
    dshortcut, dws, dbs = dz2, None, None
    if projection is not None:
        dshortcut, dws, dbs = conv2d_backward(dz2, projection)
    return dbody + dshortcut, dw1, db1, dw2, db2, dws, dbs
    ### END SOLUTION


# %% id="check_residual_backward" test=true points=5 teaches=["resnet"]
check("residual_backward", residual_backward, forward=residual_forward)

# %% [markdown] id="depth_text" teaches=["residual_gradient"]
# ### Fifty layers, with and without
#
# Now stack 25 of *your* blocks, which is 50 convolutions, and look at what comes back. We send noise forward, put a random error signal of length 1 at the end, and measure its length $\|\delta\|$ in front of every block (the root of the sum of all squares). The plain network is the same, with the same weights, only without shortcuts.
#
# The weights are drawn with variance $1/\text{fan\_in}$, half of He's: a little too small, as happens easily.

# %% id="predict_depth" predict=true
predict(
    "depth",
    "The plain network, 50 layers: how long is the error signal when it arrives at the first layer?",
    ["about 0.1", "about 0.00001", "below 0.00000001"],
    choice=None,
)


# %% id="see_depth" show=true teaches=["residual_gradient"]
def error_signal(shortcut, variance, blocks=25, channels=8, size=12):
    """‖δ‖ in front of each block and behind the last, first block first; weights of variance / fan_in."""
    rng = np.random.default_rng(0)
    x = np.maximum(rng.normal(size=(8, channels, size, size)), 0)
    zeros, caches = np.zeros(channels), []
    for _ in range(blocks):
        spread = np.sqrt(variance / (9 * channels))
        w1, w2 = rng.normal(0, spread, (2, channels, channels, 3, 3))
        out, (first, z1, second, projection, z2) = residual_forward(x, w1, zeros, w2, zeros)
        if not shortcut:
            z2 = z2 - x  # the body alone
            out, _ = relu_forward(z2)
        caches.append((first, z1, second, projection, z2))
        x = out
    delta = rng.normal(size=x.shape)
    delta /= np.linalg.norm(delta)
    norms = [1.0]
    for cache in reversed(caches):
        before = residual_backward(delta, cache)[0]
        delta = before if shortcut else before - relu_backward(delta, cache[-1])
        norms.append(np.linalg.norm(delta))
    return norms[::-1]


layers = range(0, 51, 2)
signals = {
    "with shortcuts, 1 / fan_in": error_signal(True, 1.0),
    "with shortcuts, He's 2 / fan_in": error_signal(True, 2.0),
    "plain, He's 2 / fan_in": error_signal(False, 2.0),
    "plain, 1 / fan_in": error_signal(False, 1.0),
}
plots.curves(
    {name: (layers, norms) for name, norms in signals.items()},
    xlabel="depth (layers from the image)",
    ylabel="‖δ‖ (logarithmic, 1 at the end)",
    logy=True,
    alt="The length of the error signal over 50 layers, on a logarithmic scale; it is 1 at the last layer. "
    + " ".join(f"{name}: {norms[0]:.1e} at the first layer." for name, norms in signals.items())
    + " In the plain network with the smaller weights it falls in a straight line, by many powers of ten; with shortcuts "
    "and the same weights it grows, by about one.",
)

# %% id="reveal_depth" show=true
reveal(
    "depth",
    f"plain: {signals['plain, 1 / fan_in'][0]:.0e}; with shortcuts: {signals['with shortcuts, 1 / fan_in'][0]:.0f}",
    answer="c",
)

# %% [markdown] id="depth_answer" teaches=["residual_gradient"]
# With weights that are only a little too small, nothing arrives at the first layers of the plain network: they cannot learn. With shortcuts the signal arrives, even longer than it was sent off.
#
# **Now look at the other two curves.** With He's variance the signal of the plain network keeps its length, more or less: that is what He's variance is for (unit 3). And the residual network then *grows*: each block adds, and 25 blocks that each add as much as they get make the signal thousands of times longer. So shortcuts alone do not settle the size of the signal. The real ResNet has **batch normalisation** in its bodies, which keeps what they add in bounds. What shortcuts do is this: the signal can no longer get **lost**.
#
# <details><summary><b>Proof:</b> why nothing is lost, in four lines</summary>
#
# Leave the ReLU behind the sum aside. (Later ResNets do without it.) Block $l$ computes $x_{l+1} = x_l + \mathcal F_l(x_l)$. Put the equations for the blocks $l, l+1, \dots, L-1$ into each other:
#
# $$x_L = x_l + \sum_{i=l}^{L-1} \mathcal F_i(x_i)$$
#
# Take the slope of the loss, by the chain rule:
#
# $$\frac{\partial L}{\partial x_l} = \frac{\partial L}{\partial x_L} + \left(\frac{\partial}{\partial x_l} \sum_{i=l}^{L-1} \mathcal F_i(x_i)\right)^{\!\mathsf T} \frac{\partial L}{\partial x_L}$$
#
# The first term is the error signal of the very end, **unchanged**, whatever lies between. The second would have to be exactly its negative to cancel it, for all images of a batch at once, and that does not happen.
#
# </details>
#
# ### Does it learn?
#
# The error signal is one thing, learning is another. So we repeat the experiment of He and his colleagues in small: networks of your blocks on 600 digits, 6 or 24 convolutions deep, with and without shortcuts, three epochs each. Both kinds get the first weights that suit them better: the plain ones He's variance, those with shortcuts half of it.

# %% id="predict_deep" predict=true
predict(
    "deep",
    "Two plain networks, 6 and 24 layers: which one has the smaller loss on the digits that it learns from?",
    ["the deep one: it has more weights", "about the same", "the shallow one"],
    choice=None,
)


# %% id="see_deep" show=true teaches=["resnet", "residual_gradient"]
def train_blocks(blocks, shortcut, channels=8, epochs=3):
    """Train a convolution, residual (or plain) blocks and a dense layer on 600 small digits.

    Returns the loss of each step, and the accuracy on these digits in per cent.
    """
    rng = np.random.default_rng(0)
    variance = 1.0 if shortcut else 2.0
    x, y = small_digits[order[:600], None].astype(np.float32), labels[order[:600]]

    def drawn(*shape):
        spread = np.sqrt(variance / np.prod(shape[1:]))
        return [rng.normal(0, spread, shape).astype(np.float32), np.zeros(shape[0], np.float32)]

    parameters = drawn(channels, 1, 3, 3)
    for _ in range(2 * blocks):
        parameters += drawn(channels, channels, 3, 3)
    weights, biases = drawn(10, channels * 16)
    parameters += [weights.T, biases]
    states = [{} for _ in parameters]

    def forward(batch):
        a, first = conv2d_forward(batch, *parameters[:2], 2, 1)  # 4×4 pixels are left
        caches = []
        for k in range(2, len(parameters) - 2, 4):
            out, (one, z1, two, projection, z2) = residual_forward(a, *parameters[k : k + 4])
            if not shortcut:
                z2 = z2 - a  # the body alone
                out, _ = relu_forward(z2)
            caches.append((one, z1, two, projection, z2))
            a = out
        logits, last = dense_forward(a, *parameters[-2:])
        return logits, first, caches, last

    losses = []
    for _ in range(epochs):
        for batch, targets in minibatches(x, y, 25, rng=rng):
            logits, first, caches, last = forward(batch)
            loss, dlogits = softmax_cross_entropy(logits, targets)
            losses.append(loss)
            delta, *gradients = dense_backward(dlogits, last)
            for cache in reversed(caches):
                before, dw1, db1, dw2, db2, _, _ = residual_backward(delta, cache)
                gradients = [dw1, db1, dw2, db2, *gradients]
                delta = before if shortcut else before - relu_backward(delta, cache[-1])
            gradients = [*conv2d_backward(delta, first)[1:], *gradients]
            for k, gradient in enumerate(gradients):
                parameters[k], states[k] = adam_update(parameters[k], gradient, states[k], 0.003)
    return losses, 100 * np.mean(forward(x)[0].argmax(axis=1) == y)


deep, learned = {}, {}
for name, blocks, shortcut in [
    ("plain, 6 layers", 3, False),
    ("plain, 24 layers", 12, False),
    ("shortcuts, 6 layers", 3, True),
    ("shortcuts, 24 layers", 12, True),
]:
    losses, learned[name] = train_blocks(blocks, shortcut)
    smooth = [np.mean(losses[max(0, i - 9) : i + 1]) for i in range(len(losses))]
    deep[name] = (range(len(losses)), smooth)
plots.curves(
    deep,
    xlabel="step (number of updates)",
    ylabel="training loss (nats)",
    ylim=(0, 3),
    alt="The training loss of four networks over 72 steps, from 2.3 to 3 at the start. Three fall below 0.5; that of the plain "
    "network of 24 layers is still above 1.5 at the end. Per cent of the training digits that they read rightly at the end: "
    + ", ".join(f"{name} {value:.0f}" for name, value in learned.items()),
)

# %% id="reveal_deep" show=true
reveal(
    "deep",
    "right at the end: " + ", ".join(f"{name} {value:.0f} %" for name, value in learned.items()),
    answer="c",
)

# %% [markdown] id="deep_answer" teaches=["resnet"]
# It is the finding from the beginning of this section, on your machine: the deep plain network is far worse than the shallow one *on the digits that it learns from*. So it is not overfitting. With shortcuts the same depth, of the same layers, learns. (Is it better than 6 layers? Not here: small digits do not need 24 layers, and three epochs are short.)
#
# Now compare with the curves above. With He's variance the error signal of the plain network *does* arrive, at a good part of its length, and still the network hardly learns. So length is necessary, but not enough. One explanation: in a deep plain network the direction of the gradient changes wildly from one image to the next, as if it were noise (the *shattered gradients* of Balduzzi and others). The shortcut's part of it does not.
#
# ### Break it on purpose
#
# What if the shortcut were not exactly $x$, but nearly, say $0.8\,x$?

# %% id="predict_scaled" predict=true
predict(
    "scaled",
    "25 blocks whose shortcut is 0.8 x in place of x, and whose bodies add very little: how much arrives?",
    ["nearly all of the error signal", "about a fifth", "about a hundredth, or less"],
    choice=None,
)


# %% id="see_scaled" show=true teaches=["residual_gradient"]
def with_scaled_shortcuts(scale, blocks=25, channels=8):
    """‖δ‖ in front of 25 blocks whose shortcut is scale · x: a projection does just that."""
    rng = np.random.default_rng(0)
    x = np.abs(rng.normal(size=(8, channels, 12, 12)))
    zeros, ws = np.zeros(channels), scale * np.eye(channels)[:, :, None, None]
    caches = []
    for _ in range(blocks):
        w1, w2 = rng.normal(0, 0.02, (2, channels, channels, 3, 3))
        x, cache = residual_forward(x, w1, zeros, w2, zeros, ws, zeros)
        caches.append(cache)
    delta = rng.normal(size=x.shape)
    delta /= np.linalg.norm(delta)
    for cache in reversed(caches):
        delta = residual_backward(delta, cache)[0]
    return np.linalg.norm(delta)


scaled = {scale: with_scaled_shortcuts(scale) for scale in (1.0, 0.9, 0.8)}
for scale, norm in scaled.items():
    print(f"shortcut {scale} x: ‖δ‖ = {norm:.4f} in front of 25 blocks, and {scale}^25 = {scale**25:.4f}")

# %% id="reveal_scaled" show=true
reveal("scaled", f"{100 * scaled[0.8]:.1f} % of it", answer="c")

# %% [markdown] id="scaled_answer" teaches=["residual_gradient"]
# $0.8^{25} \approx 0.004$, and that is what is left. A factor a little below 1, applied often, is nearly 0. So the shortcut must be *exactly* $x$, wherever the shapes allow it, and ResNets use projections only at the start of a stage.
#
# ### To 152 layers
#
# With shortcuts, the network of 34 layers was better than that of 18 (25.0 % against 27.9 % top-1 error, in the same experiment as above; there each photo was looked at in ten crops, so the errors are a little smaller than in our map, which has one crop). So the authors went on: 50, 101, 152 layers. From 50 on the blocks are **bottlenecks**, as in Inception: a 1×1 convolution to a quarter of the channels, a 3×3 there, and a 1×1 back. For 256 channels:

# %% id="see_bottleneck_block" show=true promise=true teaches=["resnet", "cost"]
basic = 2 * conv2d_cost((256, 14, 14), 256, 3, padding=1, bias=False)[0]
steps = [((256, 14, 14), 64, 1), ((64, 14, 14), 64, 3), ((64, 14, 14), 256, 1)]
bottleneck = sum(conv2d_cost(shape, f, k, padding=k // 2, bias=False)[0] for shape, f, k in steps)
print(f"two 3×3 with 256 channels: {basic:,} weights; bottleneck: {bottleneck:,} weights")
print()
compare(
    [
        ("ResNet-18", resnet(18), "11,689,512 (torchvision)", "1,800 M (the paper)"),
        ("ResNet-34", resnet(34), "21,797,672 (torchvision)", "3,600 M (the paper)"),
        ("ResNet-50", resnet(50), "25,557,032 (torchvision)", "3,800 M (the paper)"),
        ("ResNet-101", resnet(101), "44,549,160 (torchvision)", "7,600 M (the paper)"),
        ("ResNet-152", resnet(152), "60,192,808 (torchvision)", "11,300 M (the paper)"),
    ]
)

# %% [markdown] id="resnet_answer" teaches=["resnet", "published"]
# ResNet-152 has fewer parameters than AlexNet, and fewer multiply-adds than VGG-16, with almost ten times as many layers. (Our multiply-adds of ResNet-50 to 152 are a little above the paper's: today's common form has the stride in the 3×3 convolution and not in the 1×1 before it. The convolutions have no biases: the batch normalisation behind them has a shift of its own, which does the same.) Several ResNets together won the competition of 2015 with 3.6 % top-5 error. Its shortcuts are in nearly every large network since, also in those that read and write text.

# %% [markdown] id="mobilenet_text" teaches=["mobilenet"]
# ## 9 · MobileNet (2017)
#
# A phone has a small battery. Can a network be *much* cheaper, and nearly as good?
#
# **What it added.** A convolution does two jobs at once: it looks at **neighbouring pixels**, and it mixes **channels**. MobileNet does them one after the other:
#
# 1. a **depthwise** 3×3 convolution: each channel has *one* kernel of its own, and no channel sees another;
# 2. a **1×1** convolution: it mixes the channels, pixel by pixel.
#
# Together they are called a **depthwise separable** convolution.

# %% id="separable_picture" show=true teaches=["mobilenet"]
plots.separable_convolution(
    alt="Two diagrams of channels as squares. Full 3 by 3: each of four filters is connected to each of three channels with "
    "thick lines of 3 by 3 weights, twelve in all. Separable: three thick lines, one for each channel, and then twelve "
    "thin lines of 1 by 1 weights.",
)

# %% [markdown] id="separable_cost" teaches=["mobilenet", "cost"]
# **How much cheaper?** Take $C$ channels in, $F$ filters, kernels $K \times K$, and $O_H \cdot O_W = O$ places. Count multiply-adds.
#
# $$
# \begin{aligned}
# \text{full:} \quad & F \cdot C \cdot K^2 \cdot O \\
# \text{depthwise:} \quad & C \cdot K^2 \cdot O \qquad\text{(one kernel a channel, so no factor } F) \\
# \text{1×1:} \quad & F \cdot C \cdot O \qquad\;\;\,\text{(a single pixel, so no factor } K^2)
# \end{aligned}
# $$
#
# The ratio of the two together to the full one:
#
# $$
# \frac{C K^2 O + F C\, O}{F\, C K^2 O} = \frac{C K^2 O}{F\, C K^2 O} + \frac{F C\, O}{F\, C K^2 O}
# \qquad\Rightarrow\qquad
# \boxed{\;\text{ratio} = \frac1F + \frac1{K^2}\;}
# $$

# %% id="predict_separable" predict=true
predict(
    "separable",
    "3×3, 512 channels to 512: by what factor is the separable convolution cheaper?",
    ["about 3", "about 9", "about 500"],
    choice=None,
)

# %% id="see_separable" show=true promise=true teaches=["mobilenet", "cost"]
full = conv2d_cost((512, 14, 14), 512, 3, padding=1, bias=False)[1]
depthwise = 512 * conv2d_cost((1, 14, 14), 1, 3, padding=1, bias=False)[1]  # 512 times one channel
pointwise = conv2d_cost((512, 14, 14), 512, 1, bias=False)[1]
print(f"full: {full:,} multiply-adds; depthwise {depthwise:,} + 1×1 {pointwise:,} = {depthwise + pointwise:,}")
print(f"ratio {(depthwise + pointwise) / full:.4f}, and 1/F + 1/K² = {1 / 512 + 1 / 9:.4f}")

# %% id="reveal_separable" show=true
reveal("separable", f"{full / (depthwise + pointwise):.1f} times", answer="b")

# %% [markdown] id="depthwise_formula" teaches=["mobilenet"]
# With hundreds of filters $\tfrac1F$ hardly counts, and $\tfrac1{K^2} = \tfrac19$ is what is left: 3×3 kernels become eight to nine times cheaper.
#
# ### The depthwise convolution
#
# It is the formula of unit 5 **without the sum over the channels**. Channel $c$ of the output comes from channel $c$ of the input alone:
#
# $$\boxed{\;\text{out}[n, c, i, j] = b[c] + \sum_{u}\sum_{v} \tilde x[n, c, iS + u, jS + v]\; w[c, u, v]\;}$$
#
# $\tilde x$ is the image with its padding, as in unit 5. Since a filter has a single kernel, `w` has three axes, `(C, KH, KW)`.
#
# **By hand.** One image of 2×2 pixels with two channels, 2×2 kernels, no padding. There is one window:
#
# $$
# x = \begin{pmatrix}1&2\\3&4\end{pmatrix}, \begin{pmatrix}0&1\\1&0\end{pmatrix}
# \qquad
# w = \begin{pmatrix}1&0\\0&1\end{pmatrix}, \begin{pmatrix}2&2\\2&2\end{pmatrix}
# \qquad
# b = (10, 0)
# $$
#
# Channel 0: $1 + 4 + 10 = \mathbf{15}$. Channel 1: $2 + 2 + 0 = \mathbf{4}$. (A full convolution would have added them up, as in unit 5.)

# %% [markdown] id="exercise_depthwise_forward"
# ### Exercise 10: `depthwise_conv2d_forward` (3 points)
#
# Loops over the windows will do. NumPy does the images and the channels.
#
# - `x` is `(N, C, H, W)`, `w` is `(C, KH, KW)`, `b` is `(C,)`. `stride` and `padding` are an int or a pair.
# - It returns `(out, cache)`: `out` is `(N, C, OH, OW)`, and `cache` the tuple `(x, w, b, stride, padding)` exactly as they came in.
#
# **Tiny example.** The one above: `out = [[[[15]], [[4]]]]`.
#
# <details><summary><b>Hint 1:</b> the window</summary>
#
# As in unit 5: pad the last two axes with `np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))`. The window of output `(i, j)` is `padded[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw]`, of shape `(N, C, KH, KW)`. Times `w`, and summed over the last two axes, it is `(N, C)`.
#
# </details>
# <details><summary><b>Hint 2:</b> the bias</summary>
#
# Inside the loop `b` of shape `(C,)` goes well with `(N, C)`. Outside, with `(N, C, OH, OW)`, it needs two more axes: `b[:, None, None]`.
#
# </details>


# %% id="write_depthwise_forward" solution=true
def depthwise_conv2d_forward(x, w, b, stride=1, padding=0):
    """A depthwise convolution: each channel has a kernel of its own.

    x: (N, C, H, W). w: (C, KH, KW). b: (C,).
    stride, padding: an int, or a pair (along H, along W).
    Returns (out, cache): out (N, C, OH, OW) of float dtype (float32 stays float32), and
    cache = (x, w, b, stride, padding) as they came in.
    Changes none of its inputs. Raises ValueError where the kernel does not fit.
    """
    cache = (x, w, b, stride, padding)
    x, w, b = as_float(x), as_float(w), as_float(b)
    (sh, sw), (ph, pw) = pair(stride), pair(padding)
    ### BEGIN SOLUTION
    n, c, height, width = x.shape
    _, kh, kw = w.shape
    oh = conv_output_size(height, kh, sh, ph)
    ow = conv_output_size(width, kw, sw, pw)
    padded = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    out = np.zeros((n, c, oh, ow), np.result_type(x, w, b))
    for i in range(oh):
        for j in range(ow):
            window = padded[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw]
            out[:, :, i, j] = np.sum(window * w, axis=(2, 3)) + b
    return out, cache
    ### END SOLUTION


# %% id="check_depthwise_forward" test=true points=3 teaches=["mobilenet"]
check("depthwise_conv2d_forward", depthwise_conv2d_forward)

# %% [markdown] id="depthwise_backward_text" teaches=["mobilenet"]
# ### And back
#
# As in unit 5, only that each channel keeps to itself. Look at one output, $\text{out}[n, c, i, j]$, with its error signal $g = \text{dout}[n, c, i, j]$. It is $b[c]$ plus products of pixels and weights. So
#
# - to $b[c]$ it sends $g$,
# - to $w[c, u, v]$ it sends $g$ times the pixel that lay under it,
# - to that pixel it sends $g \cdot w[c, u, v]$.
#
# Add up over all outputs:
#
# $$
# \boxed{\;
# \begin{aligned}
# db[c] &= \sum_{n,i,j} g \\
# dw[c, u, v] &= \sum_{n,i,j} g \; \tilde x[n, c, iS + u, jS + v] \\
# d\tilde x[n, c, iS + u, jS + v] &\mathrel{+}= g \; w[c, u, v]
# \end{aligned}
# \;}
# $$
#
# At the end the padding is cut off from $d\tilde x$.
#
# **By hand.** The example above, with $\text{dout} = (1, 10)$: $db = (1, 10)$. $dw$ of channel 0 is $1 \cdot x_0 = \begin{pmatrix}1&2\\3&4\end{pmatrix}$, of channel 1 it is $10 \cdot x_1 = \begin{pmatrix}0&10\\10&0\end{pmatrix}$. $dx$ of channel 0 is $1 \cdot w_0 = \begin{pmatrix}1&0\\0&1\end{pmatrix}$, of channel 1 it is $10 \cdot w_1 = \begin{pmatrix}20&20\\20&20\end{pmatrix}$.

# %% [markdown] id="exercise_depthwise_backward"
# ### Exercise 11: `depthwise_conv2d_backward` (4 points)
#
# - `dout` is `(N, C, OH, OW)`. It returns `(dx, dw, db)`, each of the shape of its own array.
#
# **Tiny example.** The one above.
#
# <details><summary><b>Hint 1:</b> the loop</summary>
#
# For each `i, j`: `g = dout[:, :, i, j][:, :, None, None]` has the shape `(N, C, 1, 1)`. Then `g * window` summed over the images belongs to `dw`, and `g * w` belongs into the window of `dx_padded`. Windows overlap, so use `+=`.
#
# </details>
# <details><summary><b>Hint 2:</b> the padding</summary>
#
# `dx_padded[:, :, ph : ph + height, pw : pw + width]`. Not `ph:-ph`, which is empty for `ph = 0`.
#
# </details>


# %% id="write_depthwise_backward" solution=true
def depthwise_conv2d_backward(dout, cache):
    """The gradients of a depthwise convolution.

    dout: (N, C, OH, OW). cache: (x, w, b, stride, padding) from depthwise_conv2d_forward.
    Returns (dx, dw, db), each of the shape of its own array, in a float dtype.
    Changes neither dout nor anything in the cache.
    """
    x, w, b, stride, padding = cache
    x, w, b, dout = as_float(x), as_float(w), as_float(b), as_float(dout)
    (sh, sw), (ph, pw) = pair(stride), pair(padding)
    ### BEGIN SOLUTION
    _, _, height, width = x.shape
    _, kh, kw = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    dx_padded, dw = np.zeros_like(padded), np.zeros_like(w)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            rows, columns = slice(i * sh, i * sh + kh), slice(j * sw, j * sw + kw)
            g = dout[:, :, i, j][:, :, None, None]
            dw += np.sum(g * padded[:, :, rows, columns], axis=0)
            dx_padded[:, :, rows, columns] += g * w
    db = dout.sum(axis=(0, 2, 3)).astype(b.dtype)
    return dx_padded[:, :, ph : ph + height, pw : pw + width], dw, db
    ### END SOLUTION


# %% id="check_depthwise_backward" test=true points=4 teaches=["mobilenet"]
check("depthwise_conv2d_backward", depthwise_conv2d_backward, forward=depthwise_conv2d_forward)

# %% [markdown] id="mixing_text" teaches=["mobilenet"]
# ### Break it on purpose: leave the 1×1 out
#
# Three depthwise layers, one behind the other, and no 1×1. Which channels of the image have any influence on channel 0 of the result?

# %% id="see_mixing" show=true promise=true teaches=["mobilenet"]
rng = np.random.default_rng(0)
a, back = rng.normal(size=(1, 3, 8, 8)), []
for _ in range(3):
    a, cache = depthwise_conv2d_forward(a, rng.normal(size=(3, 3, 3)), np.zeros(3), padding=1)
    back.append(cache)
delta = np.zeros_like(a)
delta[:, 0] = 1  # the slope of channel 0
for cache in reversed(back):
    delta, _, _ = depthwise_conv2d_backward(delta, cache)
print("influence of channel 0, 1, 2:", ["yes" if np.abs(delta[0, c]).max() > 0 else "none" for c in range(3)])

# %% [markdown] id="mixing_answer" teaches=["mobilenet", "published"]
# However many depthwise layers you stack, red never meets green. The 1×1 convolution is not a luxury: it is the half that mixes.
#
# (`nnlib` and most libraries have the depthwise convolution as a convolution in **groups**, as in AlexNet, with as many groups as channels.)
#
# MobileNet also has a dial, the **width**: it multiplies the number of filters of *every* layer. With half the width a quarter of the 1×1 weights is left. Here are the counts beside those of the paper:

# %% id="see_mobilenet" show=true promise=true teaches=["mobilenet", "published"]
compare(
    [
        ("MobileNet 1.0", mobilenet(), "4.2 million (the paper)", "569 M (the paper)"),
        ("MobileNet 0.5", mobilenet(width=0.5), "1.3 million (the paper)", "149 M (the paper)"),
        ("MobileNet 0.25", mobilenet(width=0.25), "0.5 million (the paper)", "41 M (the paper)"),
    ]
)

# %% [markdown] id="together_text" teaches=["tradeoff"]
# ## 10 · The map again
#
# Now you know every point of it. Here it is as numbers, sorted by the year. (M: million, G: thousand million.) While you read, ask of each step: what was paid, and what was got for it?

# %% id="see_together" show=true promise=true teaches=["tradeoff", "published"]
years = {
    "AlexNet": 2012,
    "VGG-16": 2014,
    "GoogLeNet": 2014,
    "ResNet-18": 2015,
    "ResNet-50": 2015,
    "ResNet-152": 2015,
}
years |= {"MobileNet 1.0": 2017}
print("year  network         top-1     parameters   multiply-adds")
for name, year in years.items():
    cost = costs[name]
    print(
        f"{year}  {name:<14} {published_accuracy[name]:>5} %  {cost.parameters / 1e6:>8.1f} M  {cost.multiply_adds / 1e9:>10.2f} G"
    )

# %% [markdown] id="together_answer" teaches=["tradeoff"]
# Read it downwards. **AlexNet → VGG:** more depth, more of everything, 15 points. **VGG → GoogLeNet:** a tenth of the work for nearly the same accuracy, by bottlenecks and without large dense layers. **→ ResNet:** depth that can be trained; each step deeper gives less than the one before. **→ MobileNet:** about VGG's accuracy with a twenty-seventh of its multiply-adds.
#
# Not one of these networks uses a new kind of mathematics. Each is a new answer to the same three questions: *what does a value see, what does it cost, and does the error signal arrive?* You can now compute all three.

# %% [markdown] id="hunts_text"
# ## 11 · Bug hunts
#
# Reading code is one skill. *Exposing* a bug is another: you must imagine an input on which the code shows that it is wrong. Tests that only try friendly inputs accept most of the faulty code that people really write.
#
# ### Bug hunt 1: `hunt_residual_bug` (3 points)
#
# Someone wrote this backward pass for the residual block. On an image of positive pixels, with an identity shortcut, it agrees with the right one to the last digit:
#
# ```python
# def suspicious_residual_backward(dout, cache):
#     first, z1, second, projection, z2 = cache
#     dz2 = dout * (z2 >= 0)
#     da1, dw2, db2 = conv2d_backward(dz2, second)
#     dx, dw1, db1 = conv2d_backward(da1 * (z1 >= 0), first)
#     x = first[0]
#     return dx + dz2 * (x > 0), dw1, db1, dw2, db2, None, None
# ```
#
# Return an input on which wrong versions give other gradients than the right one (or stop with an error). **One** input can catch many mistakes at once. Yours is tried on several wrong versions, with the mistakes of this one and others of its kind, and each that it exposes earns points. The `dout` is drawn at random.
#
# - Return `(x, w1, b1, w2, b2, ws, bs, stride)`, as `residual_forward` takes them. A few images of a few pixels are enough.
#
# **Tiny example** of what you may return, and a poor one: `np.ones((1, 1, 2, 2)), np.ones((1, 1, 3, 3)), np.zeros(1), np.ones((1, 1, 3, 3)), np.zeros(1), None, None, 1`. All is positive, so no ReLU does anything.
#
# <details><summary><b>Hint 1</b></summary>
#
# There are three mistakes in the code above. One shows where a sum is exactly 0, one where a pixel is negative, and one where the shortcut is not $x$.
#
# </details>
# <details><summary><b>Hint 2:</b> what does a lazy programmer take for granted?</summary>
#
# That there is one image. That no number is exactly 0. That all arrays are floats: somebody may make the gradients in the dtype of the arrays. That every $z$ is positive, so that a forgotten ReLU does no harm. Small whole numbers of both signs are good at all of that.
#
# </details>


# %% id="write_hunt_residual_bug" solution=true
def hunt_residual_bug():
    """An input that exposes wrong versions of residual_backward.

    Returns (x, w1, b1, w2, b2, ws, bs, stride), as residual_forward takes them.
    """
    ### BEGIN SOLUTION
    rng = np.random.default_rng(0)
    # two images; whole numbers of both signs, so that sums are exactly 0 here and there;
    # integers; a projection with a stride
    shapes = [(2, 2, 5, 4), (3, 2, 3, 3), (3,), (3, 3, 3, 3), (3,), (3, 2, 1, 1), (3,)]
    return (*[rng.integers(-2, 3, shape) for shape in shapes], 2)
    ### END SOLUTION


# %% id="check_hunt_residual_bug" test=true points=3 teaches=["resnet"]
check("hunt_residual_bug", hunt_residual_bug)

# %% [markdown] id="hunt_inception_text"
# ### Bug hunt 2: `hunt_inception_bug` (3 points)
#
# And this one works for every module whose branches are single convolutions of equal width:
#
# ```python
# def suspicious_inception_backward(dout, cache):
#     dx, dbranches = 0, []
#     parts = np.split(dout, len(cache), axis=1)
#     for part, steps in zip(parts, cache):
#         da, pairs = part * (steps[-1][1] > 0), []
#         for conv, z in reversed(steps):
#             da, dw, db = conv2d_backward(da, conv)
#             pairs.append((dw, db))
#         dx = dx + da
#         dbranches.append(pairs)
#     return dx, dbranches
# ```
#
# Return `(x, branches)`, as `inception_forward` takes them, that exposes it, and others of its kind.
#
# **Tiny example**, again a poor one: `np.ones((1, 1, 2, 2)), [[(np.ones((1, 1, 1, 1)), np.zeros(1))]]`. There is one branch with one convolution.
#
# <details><summary><b>Hint:</b> when do two branches look alike?</summary>
#
# When they have as many channels. When each has one convolution, so that there is no order among them and no ReLU between them. When there is one branch, nothing has to be cut or added up. And, as before: one image; no $z$ that is exactly 0; every $z$ positive.
#
# </details>


# %% id="write_hunt_inception_bug" solution=true
def hunt_inception_bug():
    """An input that exposes wrong versions of inception_backward.

    Returns (x, branches), as inception_forward takes them.
    """
    ### BEGIN SOLUTION
    rng = np.random.default_rng(0)
    # two images; branches of different widths, one of them with two convolutions;
    # whole numbers of both signs, so that z is exactly 0 here and there
    x = rng.integers(-2, 3, (2, 2, 4, 3))
    short = [(rng.integers(-2, 3, (2, 2, 1, 1)), rng.integers(-2, 3, 2))]
    longer = [
        (rng.integers(-2, 3, (2, 2, 1, 1)), rng.integers(-2, 3, 2)),
        (rng.integers(-2, 3, (3, 2, 3, 3)), rng.integers(-2, 3, 3)),
    ]
    return x, [short, longer]
    ### END SOLUTION


# %% id="check_hunt_inception_bug" test=true points=3 teaches=["googlenet"]
check("hunt_inception_bug", hunt_inception_bug)

# %% [markdown] id="questions_text"
# ## 12 · Three questions
#
# Answer in your own words, in a few sentences each. A person reads your answers. Each gives up to 3 points.

# %% [markdown] id="question_cost" question=true points=3 teaches=["cost"]
# **Question 1.** A convolution layer takes 28×28 pixels with 128 channels to 28×28 with 256 filters (3×3, padding 1, with biases). (a) How many parameters and how many multiply-adds has it? (b) Name two changes of section 7 or 9 that would make it cheaper, and compute the multiply-adds for one of them. (c) A friend says: "VGG-16 is slow because of its 138 million parameters." What is wrong with this sentence?
#
# === BEGIN MARK SCHEME ===
#
# - 1 point: (a) 256·(128·9 + 1) = 295,168 parameters; 256·128·9·784 = 231,211,008 multiply-adds. (Half a point if only one is right.)
# - 1 point: (b) two of: a 1×1 bottleneck before it; a depthwise separable convolution; stride 2 (fewer places); fewer filters (width); with a right number for one, e.g. separable 128·9·784 + 256·128·784 = 903,168 + 25,690,112 = 26,593,280; or bottleneck to 32: 128·32·784 + 32·256·9·784 = 61,014,016.
# - 1 point: (c) time follows the multiply-adds, and most parameters (nearly 90 %, 103 million in one dense layer) are used once each, while nearly all multiply-adds are in the convolutions, which reuse few weights at many places.
#
# === END MARK SCHEME ===
#
# ### BEGIN SOLUTION
# (a) Weights: 256·128·3·3 = 294,912, and 256 biases, so 295,168 parameters. Each weight is used at 28·28 = 784 places: 294,912·784 = 231,211,008 multiply-adds.
#
# (b) A 1×1 bottleneck before it, or a depthwise separable convolution. Separable: depthwise 128·9·784 = 903,168, and 1×1 256·128·784 = 25,690,112, together 26,593,280, which is 11.5 % of it: 1/256 + 1/9.
#
# (c) The parameters say how large the file is, not how long it takes. About 124 of the 138 million are in the dense layers, where each weight is used once. The convolutions have only 15 million, but use them at up to 50,176 places, and that makes nearly all of the 15 thousand million multiply-adds.
# ### END SOLUTION

# %% [markdown] id="question_shortcut" question=true points=3 teaches=["resnet", "residual_gradient"]
# **Question 2.** (a) A plain network of 34 layers had a larger error than one of 18, also on the training photos. Why does this show that overfitting is *not* the reason, and why is it surprising? (b) Explain with the formula for $\delta_x$ why a shortcut helps the first layers to learn. (c) In our measurement the residual network with He's variance had an error signal thousands of times *longer* at the start. Is that good? What does the real ResNet do about it?
#
# === BEGIN MARK SCHEME ===
#
# - 1 point: (a) overfitting means good on training data and bad on new data; here the training error is larger too. Surprising, since the deep network contains the shallow one: further layers could be the identity.
# - 1 point: (b) δ_x = Jᵀδ + δ: in the plain network only Jᵀδ, a product of many slopes that shrinks with depth; the shortcut's δ arrives without any factor, however small J is.
# - 1 point: (c) no: signals that grow from block to block are as harmful as ones that vanish (too long steps, overflow, learning rate must be tiny); batch normalisation in the bodies (or small first weights in them) keeps what they add in bounds.
#
# === END MARK SCHEME ===
#
# ### BEGIN SOLUTION
# (a) A network that overfits is good on its training photos and bad on others. This one is worse on its training photos, too, so training did not find good weights. It is surprising because the 34 layers could copy the 18 and let 16 layers pass on what they get.
#
# (b) In a plain network the error signal is multiplied by Jᵀ in every block. With slopes a little too small, fifty such factors leave nothing: 3e-9 in our measurement. With the shortcut δ_x = Jᵀδ + δ. The second term has no factor at all, so what was sent off at the end arrives at the first layers.
#
# (c) No. If each block makes the signal longer, the gradients of the first layers are thousands of times those of the last, and one learning rate cannot serve both. The real ResNet has batch normalisation in its bodies, so that each block adds only a bounded amount.
# ### END SOLUTION

# %% [markdown] id="question_saliency" question=true points=3 teaches=["saliency", "learned_features"]
# **Question 3.** (a) Explain what a saliency map shows, and which two things are exchanged compared with training: what is varied, and what is kept? (b) Your network reads a 4 as a 9. Describe what you would look at, in its feature maps and in saliency maps, to find out why. (c) A network recognises wolves with 98 % accuracy. Its saliency maps are bright on the snow behind the animals. What is the matter, why did the accuracy not show it, and what would you do?
#
# === BEGIN MARK SCHEME ===
#
# - 1 point: (a) how strongly one class's logit reacts to each pixel; the derivative is with respect to the pixels with fixed weights (in training: with respect to the weights with fixed pixels), and of a logit rather than the loss.
# - 1 point: (b) a concrete plan: saliency of class 9 and of class 4 on this image and where they differ (the gap at the top of the 4); feature maps that respond to a closed loop; comparing with a 4 that is read rightly. One of the two kinds of map used sensibly is enough.
# - 1 point: (c) the network uses the background; the test photos have the same snow (same source), so accuracy cannot tell; test on wolves without snow and dogs in snow, collect or augment data, cut out or change backgrounds.
#
# === END MARK SCHEME ===
#
# ### BEGIN SOLUTION
# (a) It shows how much the score of one class changes if a pixel changes a little. In training we take the slope with respect to the weights and keep the pixels. Here we keep the weights and take the slope with respect to the pixels, and it is the slope of one logit, not of the loss.
#
# (b) I would draw the saliency of 9 and of 4 for this image, beside those of a 4 that is read rightly. I expect bright pixels at the open top of the 4: if a little ink lies there, the loop is nearly closed. In the maps of C3 I would look for one that lights up at closed loops, and see whether it does here.
#
# (c) The network has learned snow, since the wolves in its photos stand in snow. The test photos come from the same collection, so there the trick works as well, and the accuracy looks fine. I would test it with wolves on grass and with dogs in snow, and then collect such photos for training or change the backgrounds.
# ### END SOLUTION

# %% [markdown] id="common_mistakes"
# ## Common mistakes
#
# | mistake | what happens | better |
# |---|---|---|
# | cost judged by parameters alone | VGG's dense layers are blamed for its slowness | time follows the multiply-adds |
# | pixels of the *input* in the multiply-adds | wrong for every stride and padding | count places, $O_H \cdot O_W$ |
# | a layer's own stride in its receptive field | too large | $r$ first, then $j$ |
# | `np.split(dout, branches, axis=1)` | equal parts for unequal branches, without an error | cut where a branch ends |
# | `dx = …` in a loop over branches | only the last branch counts | the ways are added |
# | ReLU before the sum of a residual block | the body can only add | convolution, sum, ReLU |
# | shortcut past the last ReLU on the way back | wrong wherever $z_2 \le 0$ | both ways get $\delta_2$ |
# | a shortcut of one channel added to many | NumPy stretches it silently | compare the shapes |
# | a sum over channels in a depthwise layer | all channels alike | `axis=(2, 3)` only |
# | depthwise layers without 1×1 | channels never meet | a 1×1 behind each |
# | `fan_in` without $K_H \cdot K_W$ | filters far too large | $C \cdot K_H \cdot K_W$ |
# | softmax inside the network and in the loss | slow learning, twice squashed | logits into the loss |
# | a saliency map read as *the* reason | more than it can say | it is a slope at one image |

# %% [markdown] id="summary"
# ## Summary
#
# - **The pattern:** INPUT → [CONV → RELU → POOL]×n → FC → softmax. $224{\times}224{\times}3 \to 112{\times}112{\times}64 \to 56{\times}56{\times}128 \to 28{\times}28{\times}256$: *where* becomes coarser, *what* richer.
# - **Cost:** $F (C K_H K_W + 1)$ parameters, $F\, O_H O_W\, C K_H K_W$ multiply-adds.
# - **Receptive field:** $r \leftarrow r + (K - 1) j$, then $j \leftarrow j S$.
#
# | network | year | what it added |
# |---|---|---|
# | LeNet-5 | 1998 | one system from pixels to digits, trained as a whole |
# | AlexNet | 2012 | large: ReLU, dropout, augmentation, GPUs |
# | VGG | 2014 | only 3×3, and depth |
# | GoogLeNet | 2014 | inception modules, 1×1 bottlenecks, no large dense layers |
# | ResNet | 2015 | shortcuts: $\text{out} = \text{ReLU}(\mathcal F(x) + x)$, up to 152 layers |
# | MobileNet | 2017 | depthwise separable convolutions: $\tfrac1F + \tfrac1{K^2}$ of the cost |
#
# - **Backward:** what is concatenated is cut apart, what is used twice gets the sum of both gradients: $\delta_x = (J + I)^{\mathsf T} \delta_2$.
# - You assembled LeNet-5, trained it with your own loop, and looked into it: filters, feature maps, confusion matrix, saliency.
#
# **Next:** unit 7 lets you build the best classifier that fits into a fixed budget.

# %% [markdown] id="further_reading"
# ## Further reading
#
# - K. Fukushima: *Neocognitron: A self-organizing neural network model for a mechanism of pattern recognition unaffected by shift in position*. Biological Cybernetics 36, 1980.
# - Y. LeCun and others: *Backpropagation applied to handwritten zip code recognition*. Neural Computation 1(4), 1989.
# - Y. LeCun, L. Bottou, Y. Bengio, P. Haffner: *Gradient-based learning applied to document recognition*. Proceedings of the IEEE 86(11), 1998. LeNet-5.
# - A. Krizhevsky, I. Sutskever, G. E. Hinton: *ImageNet classification with deep convolutional neural networks*. NeurIPS 2012. AlexNet. (The form with one column: A. Krizhevsky, arXiv:1404.5997.)
# - K. Simonyan, A. Zisserman: *Very deep convolutional networks for large-scale image recognition*. ICLR 2015, arXiv:1409.1556. VGG.
# - C. Szegedy and others: *Going deeper with convolutions*. CVPR 2015, arXiv:1409.4842. GoogLeNet.
# - K. He, X. Zhang, S. Ren, J. Sun: *Deep residual learning for image recognition*. CVPR 2016, arXiv:1512.03385. And by the same: *Identity mappings in deep residual networks*, ECCV 2016, arXiv:1603.05027, which has the proof of section 8.
# - D. Balduzzi and others: *The shattered gradients problem: If resnets are the answer, then what is the question?* ICML 2017, arXiv:1702.08591.
# - A. G. Howard and others: *MobileNets: Efficient convolutional neural networks for mobile vision applications*. arXiv:1704.04861, 2017.
# - O. Russakovsky and others: *ImageNet large scale visual recognition challenge*. International Journal of Computer Vision 115, 2015.
# - K. Simonyan, A. Vedaldi, A. Zisserman: *Deep inside convolutional networks: Visualising image classification models and saliency maps*. arXiv:1312.6034, 2013.
# - W. Luo, Y. Li, R. Urtasun, R. Zemel: *Understanding the effective receptive field in deep convolutional neural networks*. NeurIPS 2016, arXiv:1701.04128. Why the influence fades towards the rim.
# - J. Adebayo and others: *Sanity checks for saliency maps*. NeurIPS 2018, arXiv:1810.03292. How much such maps can say.
