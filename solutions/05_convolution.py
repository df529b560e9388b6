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
# # Unit 5 · Convolution and pooling
#
# **The question of this unit:** *how can a network recognise a thing wherever it stands in the picture, and do it with a few thousand weights instead of a hundred million?*
#
# You will see why the dense layers of the earlier units are the wrong tool for images. Then you build the right one, from a single window that slides over a 5×5 image to a complete convolution layer with its gradients: first with loops that say exactly what happens, then as one fast matrix product. At the end your own functions train a network that reads digits, and you break it on purpose.
#
# **What you should know:** dense layers, ReLU, the softmax loss and the idea of backpropagation (units 1 to 3). Nothing else. Every symbol is introduced before it is used.

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
# The letters are the same in the whole course. Come back to this table when one puzzles you:
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
from nnlib.data import load_digits
from nnlib.dense import dense_backward, dense_forward
from nnlib.gradients import numerical_gradient, relative_error
from nnlib.losses import softmax_cross_entropy

np.set_printoptions(precision=4, suppress=True)

# %% [markdown] id="digits_text"
# We use 1,797 small pictures of handwritten digits. Each has 8×8 pixels. We put each on a black sheet of 12×12 pixels, so that there is room to move it about.

# %% id="digits"
digits, labels = load_digits()  # (1797, 8, 8) from 0 to 1, and what each picture shows

order = np.random.default_rng(5).permutation(len(digits))  # mix them once, then split
train_digits, train_labels = digits[order[:1200]], labels[order[:1200]]
test_digits, test_labels = digits[order[1200:]], labels[order[1200:]]


def on_sheet(images, right=0, down=0):
    """Digits (N, 8, 8) on a black sheet, moved by at most 2 pixels: x (N, 1, 12, 12)."""
    sheet = np.zeros((len(images), 1, 12, 12))
    sheet[:, 0, 2 + down : 10 + down, 2 + right : 10 + right] = images
    return sheet


# %% id="opening_picture" show=true
pixel_order = np.random.default_rng(1).permutation(144)  # one way to shuffle
three = train_digits[train_labels == 3][16:17]  # one that is clearly written
plots.gallery(
    {
        "a digit": on_sheet(three)[0, 0],
        "two pixels to the right": on_sheet(three, right=2)[0, 0],
        "the same pixels, shuffled": on_sheet(three).ravel()[pixel_order].reshape(12, 12),
    },
    alt="Three small grey pictures: a handwritten 3; the same 3 moved two pixels to "
    "the right; and the pixels of the first picture in a shuffled order, which look "
    "like noise.",
)

# %% [markdown] id="opening_question"
# Which two of these three pictures are alike? You say: the first two. Both show a 3.
#
# Would a dense network agree? In the next five minutes you measure it, and the answer is the reason for this unit.

# %% [markdown] id="why_dense_fails" teaches=["dense_fails"]
# ## 1 · Why dense layers fail on images
#
# A dense layer connects every input to every output. For images this goes wrong in four ways.
#
# ### 1.1 Too many weights
#
# Take a colour image of 224×224 pixels, a common size, and a dense layer with 1,000 outputs. How many weights are that, without the biases?

# %% id="predict_dense_weights" predict=true
predict(
    "dense_weights",
    "How many weights has a dense layer from a 224×224 colour image to 1,000 outputs?",
    ["150,528", "50,176,000", "150,528,000"],
    choice=None,  # write choice="a", "b" or "c"
)

# %% id="count_dense_weights" show=true promise=true teaches=["dense_fails"]
dense_weights = 224 * 224 * 3 * 1000
print(f"{dense_weights:,} weights: {dense_weights * 4 / 1e6:.0f} MB in float32, in one layer")

# %% id="reveal_dense_weights" show=true
reveal("dense_weights", f"{dense_weights:,}")

# %% [markdown] id="too_many_weights"
# $224 \cdot 224 \cdot 3 \cdot 1000 = 150{,}528{,}000$. That is one layer. Each weight must be stored, multiplied, and learned from examples, and a layer with far more weights than examples can simply memorise them (unit 4).
#
# ### 1.2 The structure of the picture is lost
#
# A dense layer sees its input as one long list of numbers. To us it matters a great deal which pixels are neighbours: shuffle them, as in the third picture above, and we see only noise. Does it matter to a dense layer, if all pictures are shuffled in the same way? Make a guess. In section 9 you measure it.
#
# ### 1.3 No translation invariance
#
# A 3 is a 3, also when it stands one pixel further right. We train a small dense network with all digits in the middle of the sheet, and then move the *test* digits a little.
#
# The next cell holds the network and a training loop, all of it known from units 1 to 3. You need not read it now: run it and go on.


# %% id="train_and_measure"
def dense_network(parameters, x):
    """Dense, ReLU, dense.

    Returns the logits and a function from dlogits to the gradients.
    """
    w1, b1, w2, b2 = parameters
    z, cache1 = dense_forward(x, w1, b1)
    a, cache2 = relu_forward(z)
    logits, cache3 = dense_forward(a, w2, b2)

    def backward(dlogits):
        da, dw2, db2 = dense_backward(dlogits, cache3)
        _, dw1, db1 = dense_backward(relu_backward(da, cache2), cache1)
        return dw1, db1, dw2, db2

    return logits, backward


def he(rng, *shape, fan_in):
    """He initialisation (unit 3): normal numbers of variance 2 / fan_in."""
    return rng.normal(0, np.sqrt(2 / fan_in), shape)


def train(network, parameters, x, targets, *, rng, steps=200, batch=32, lr=0.1):
    """Mini-batch gradient descent with momentum 0.9 (unit 3).

    Changes the parameters in place.
    """
    velocities = [np.zeros_like(p) for p in parameters]
    for _ in range(steps):
        rows = rng.choice(len(x), batch, replace=False)
        logits, backward = network(parameters, x[rows])
        _, dlogits = softmax_cross_entropy(logits, targets[rows])
        for p, v, gradient in zip(parameters, velocities, backward(dlogits), strict=True):
            v *= 0.9
            v += gradient
            p -= lr * v
    return parameters


def accuracy(network, parameters, x, targets):
    """Per cent of the pictures that are recognised."""
    logits, _ = network(parameters, x)
    return 100 * np.mean(logits.argmax(axis=1) == targets)


# %% id="predict_shift" predict=true
predict(
    "shift",
    "Trained on centred digits: what is its accuracy on digits moved by one pixel?",
    ["nearly as before", "a little worse, about 80 %", "much worse, below 60 %"],
    choice=None,
)

# %% id="measure_shift" show=true teaches=["no_invariance"]
shifts = [-2, -1, 0, 1, 2]


def dense_start(rng):
    w1, w2 = he(rng, 144, 32, fan_in=144), he(rng, 32, 10, fan_in=32)
    return [w1, np.zeros(32), w2, np.zeros(10)]


def accuracy_by_shift(network, parameters, change=lambda x: x):
    """Accuracy on 150 test digits, moved sideways by each of `shifts`, then changed."""
    moved = [change(on_sheet(test_digits[:150], right=s)) for s in shifts]
    return [accuracy(network, parameters, x, test_labels[:150]) for x in moved]


rng = np.random.default_rng(0)
x = on_sheet(train_digits)
dense = train(dense_network, dense_start(rng), x, train_labels, rng=rng)
dense_by_shift = accuracy_by_shift(dense_network, dense)
plots.lines(
    shifts,
    {"dense network": dense_by_shift},
    xlabel="digit moved to the right by (pixels)",
    ylabel="accuracy (%)",
    ylim=(0, 102),
    alt="A peak: the dense network is right on nearly all digits that are not moved, "
    "on far fewer that are moved by one pixel, and on very few that are moved by two.",
)

# %% id="reveal_shift" show=true
reveal(
    "shift",
    f"{(dense_by_shift[1] + dense_by_shift[3]) / 2:.0f} % for one pixel",
    answer="c",
)

# %% [markdown] id="no_invariance" teaches=["no_invariance"]
# One pixel is enough. Every weight of the dense layer belongs to one place on the sheet. What it learned about the middle tells it nothing about one pixel further on. Keep this curve in mind: at the end of the unit your own network meets the same moved digits.
#
# ### 1.4 No hierarchy
#
# Pictures are built in steps: strokes make corners, corners make shapes, shapes make things. A dense layer jumps from all pixels to the answer at once. It has no stage at which a small pattern is found first and used many times after.
#
# ### What we want instead
#
# | the dense layer | what we want | the idea |
# |---|---|---|
# | every output looks at every pixel | an output looks at a small window | **local connectivity** |
# | every place has its own weights | the same weights at every place | **parameter sharing** |
# | a moved digit is a new problem | a moved digit gives a moved answer | **translation equivariance** |
# | one jump from pixels to answer | windows on the answers of windows | **growing receptive fields** |
#
# These are four names for simple things. You meet each again when you build it.

# %% [markdown] id="output_size" teaches=["output_size"]
# ## 2 · How many windows fit?
#
# The new layer looks at the image through a small **window**. The window slides along, and at each place it gives one output. (The weights that lie in the window are called the **kernel**, and its size is the *kernel size*.)
#
# Before we compute anything: how many outputs is that? Look along one axis. The image has `size` pixels. The window covers `kernel` of them. It starts at the left edge and moves by `stride` pixels each time, as long as it fits. With `padding`, that many zeros are added at *both* ends first.

# %% id="windows_picture" show=true
plots.windows_along(
    8,
    3,
    stride=2,
    alt="A row of eight pixels, numbered 0 to 7. Below it three bars, each three "
    "pixels wide: the windows start at pixels 0, 2 and 4. Pixel 7 is hatched and "
    "marked as left over, since no further window fits.",
)

# %% [markdown] id="output_size_derivation" teaches=["output_size"]
# **By hand.** 8 pixels, kernel 3, stride 2. The windows start at 0, 2 and 4. A window at 6 would need the pixels 6, 7 and 8, and there is no pixel 8. So there are 3 windows, and pixel 7 is *left over*: no window reaches it. That is allowed. It is simply not used.
#
# **In letters.** With padding there are $\text{size} + 2P$ pixels. The last possible start is $\text{size} + 2P - K$, since the window needs $K$ pixels from there. The starts are $0, S, 2S, \dots$ up to that number. How many multiples of $S$ lie between $0$ and $\text{size} + 2P - K$? As many as $S$ goes into it, plus one for the start at $0$:
#
# $$\boxed{\;O = \left\lfloor \frac{\text{size} + 2P - K}{S} \right\rfloor + 1\;}$$
#
# The brackets $\lfloor\;\rfloor$ mean *round down*: in Python, `//`. Here: $\lfloor (8 + 0 - 3)/2 \rfloor + 1 = 2 + 1 = 3$.
#
# If $K > \text{size} + 2P$, not even one window fits. The formula would give zero or less, so the right answer is an error that says so.

# %% id="predict_size" predict=true
predict(
    "size",
    "32 pixels, kernel 5, stride 1, padding 2: how many outputs?",
    ["28", "32", "36"],
    choice=None,
)

# %% [markdown] id="exercise_output_size"
# ### Exercise 1: `conv_output_size` (2 points)
#
# Write the boxed formula as a function, and refuse what cannot be: where `kernel > size + 2 * padding`, where `size`, `kernel` or `stride` is not positive, or where `padding` is negative, raise a `ValueError` whose text says what is wrong.
#
# | size | kernel | stride | padding | result |
# |---|---|---|---|---|
# | 8 | 3 | 2 | 0 | 3 |
# | 5 | 3 | 1 | 0 | 3 |
# | 5 | 3 | 1 | 1 | 5 |
# | 2 | 3 | 1 | 0 | `ValueError` |
#
# <details><summary><b>Hint</b></summary>
#
# Test for the errors first, with `if …: raise ValueError("…")`. Then one line is left. Use `//`, not `/`: a size must be an `int`.
#
# </details>


# %% id="write_conv_output_size" solution=true
def conv_output_size(size, kernel, stride=1, padding=0):
    """How many windows fit along one axis of an image.

    size: pixels along the axis. kernel: pixels in a window. stride: how far the window
    moves each time. padding: zeros added at each of both ends. All of them are int.
    Returns an int. What the stride does not cover at the end is left over.
    Raises ValueError where the kernel does not fit, where size, kernel or stride is not
    positive, or where padding is negative.
    """
    ### BEGIN SOLUTION
    if size < 1 or kernel < 1 or stride < 1 or padding < 0:
        raise ValueError(
            f"size, kernel and stride must be at least 1 and padding at least 0, "
            f"got size={size}, kernel={kernel}, stride={stride}, padding={padding}"
        )
    if kernel > size + 2 * padding:
        raise ValueError(f"a kernel of {kernel} does not fit {size} + 2·{padding} pixels")
    return (size + 2 * padding - kernel) // stride + 1
    ### END SOLUTION


# %% id="check_conv_output_size" test=true points=2 teaches=["output_size"]
check("conv_output_size", conv_output_size)

# %% id="reveal_size" show=true
reveal("size", str(conv_output_size(32, 5, stride=1, padding=2)))

# %% [markdown] id="same_padding" teaches=["output_size"]
# With stride 1 and $P = (K-1)/2$ the output is as large as the input: 32 pixels stay 32. This choice is often called *same padding*; no padding is called *valid*.
#
# <details><summary><b>For the curious:</b> why kernels mostly have odd sizes</summary>
#
# Only for odd $K$ is $(K-1)/2$ a whole number, so that the zeros can be the same on both sides. An odd window also has a pixel exactly in its middle, so one can say *where* a response belongs.
#
# </details>
#
# ### Few weights, used again and again
#
# We know how many windows there are. What is *in* them? Here are seven inputs in a row, and windows that are 3 wide.

# %% id="connectivity_picture" show=true teaches=["local_connectivity"]
plots.connectivity(
    alt="Three diagrams of seven inputs and five outputs. Dense: all 35 connections. "
    "Local: each output connects to three neighbouring inputs, 15 connections. Local "
    "and shared: the same 15 connections in only three colours, one colour for each "
    "position in the window, since the three weights are used again at every place."
)

# %% [markdown] id="local_and_shared" teaches=["local_connectivity", "parameter_sharing"]
# Read the picture from left to right. *Local:* each output keeps only three connections, to neighbours. *Shared:* lines of one colour carry the **same** weight. All five outputs together have three weights, however long the input is. These three weights are the **kernel**. A layer has several kernels, each with a bias, and then one also says **filter**. The row of outputs is a **feature map**: it says where in the input the kernel's pattern was found.
#
# For the colour image: a 3×3 filter that looks at all 3 channels has $3 \cdot 3 \cdot 3 = 27$ weights and one bias, whether the image has 224×224 pixels or 8×8. A layer of 64 such filters has $64 \cdot (27 + 1) = 1{,}792$ parameters. The dense layer had 150 million.

# %% [markdown] id="sliding_window" teaches=["sliding"]
# ## 3 · One window at a time
#
# Now we compute. Here is a 5×5 image $x$ and a 3×3 kernel $k$ (stride 1, no padding). The kernel is positive on the left and negative on the right. It asks of each window: *is the left side brighter than the right side?*
#
# **The six steps of the lecture.**
#
# 1. Lay the kernel on the top left corner of the image.
# 2. Multiply each kernel value with the pixel under it.
# 3. Add up all the products.
# 4. Write the sum into the output, at the window's place.
# 5. Move the window by the stride, to the right, and at the end of a row down and back to the left edge.
# 6. Repeat steps 2 to 5 until the window has been everywhere.

# %% id="worked_example_step" show=true teaches=["worked_example"]
example_image = np.array(
    [
        [1, 2, 1, 3, 0],
        [0, 1, 2, 1, 1],
        [2, 1, 2, 2, 0],
        [1, 0, 1, 2, 1],
        [3, 1, 0, 1, 2],
    ]
)
example_kernel = np.array([[1, 0, -1], [1, 0, -1], [1, 0, -1]])
example_output = np.array([[-2, -2, 4], [-2, -3, 3], [3, -3, 0]])  # soon you compute it
plots.sliding_step(
    example_image,
    example_kernel,
    example_output,
    0,
    alt="Four grids of numbers. The 5 by 5 image with a frame around its top left 3 "
    "by 3 window; the kernel with rows 1, 0, minus 1; their products, with rows 1, 0, "
    "minus 1, then 0, 0, minus 2, then 2, 0, minus 2; and the output, in which the "
    "first value, minus 2, is filled in.",
)

# %% [markdown] id="worked_example" teaches=["worked_example"]
# **The first output, by hand.** The window is the top left corner:
#
# $$
# \begin{pmatrix}1&2&1\\0&1&2\\2&1&2\end{pmatrix}
# \text{ times }
# \begin{pmatrix}1&0&-1\\1&0&-1\\1&0&-1\end{pmatrix}
# \text{ gives }
# \begin{pmatrix}1&0&-1\\0&0&-2\\2&0&-2\end{pmatrix}
# $$
#
# $$
# 1 - 1 + 0 - 2 + 2 - 2 = \mathbf{-2}.
# $$
#
# **The second output.** The window moves one pixel to the right:
#
# $$
# \begin{pmatrix}2&1&3\\1&2&1\\1&2&2\end{pmatrix}
# \text{ times }
# \begin{pmatrix}1&0&-1\\1&0&-1\\1&0&-1\end{pmatrix}
# \text{ gives }
# \begin{pmatrix}2&0&-3\\1&0&-1\\1&0&-2\end{pmatrix}
# $$
#
# $$
# 2 - 3 + 1 - 1 + 1 - 2 = \mathbf{-2}.
# $$
#
# So the first two outputs are $-2$ and $-2$. Both are negative: in these two windows the right side is the brighter one. Compute the third output yourself, on paper. Then start the film below (▶) and compare.

# %% id="sliding_film" show=true teaches=["worked_example", "sliding"]
plots.sliding_film(
    example_image,
    example_kernel,
    example_output,
    alt="An animation in nine steps: the 3 by 3 window slides over the 5 by 5 image, "
    "row by row. At each step the products and their sum are shown, and one more "
    "value of the 3 by 3 output is filled in: minus 2, minus 2, 4, minus 2, minus 3, "
    "3, 3, minus 3, 0.",
)

# %% [markdown] id="correlate2d_formula"
# **The same in one line.** Let $i, j$ count the outputs and $u, v$ the places inside the kernel. Output $(i, j)$ looks at the window that starts at pixel $(iS, jS)$:
#
# $$\boxed{\;\text{out}[i, j] = \sum_{u=0}^{K_H - 1}\;\sum_{v=0}^{K_W - 1} \tilde{x}[\,iS + u,\; jS + v\,]\; k[u, v]\;}$$
#
# $\tilde{x}$ is the image with its padding: $P$ rows of zeros above and below, $P$ columns left and right. Read it aloud: *for each place in the kernel, the pixel under it times the kernel's value, all added up.*
#
# Stride and padding may differ for the two axes. Then they are pairs: `stride=(2, 1)` moves by 2 downwards and by 1 to the right. Two small helpers save you the trouble. They are yours to use in every exercise.


# %% id="helpers"
def pair(value):
    """(along H, along W): 2 becomes (2, 2), and (2, 1) stays (2, 1)."""
    return tuple(value) if isinstance(value, (tuple, list)) else (value, value)


def as_float(values):
    """The array in a float dtype: a float dtype stays, integers become float64."""
    array = np.asarray(values)
    return array if array.dtype.kind == "f" else array.astype(np.float64)


# %% [markdown] id="exercise_correlate2d"
# ### Exercise 2: `correlate2d` (3 points)
#
# Write the boxed formula with two loops over the outputs. Inside, one window, one product, one sum.
#
# - `image` is `(H, W)`, `kernel` is `(KH, KW)`, the result is `(OH, OW)`. Neither needs to be square.
# - `stride` and `padding` are an int or a pair.
# - Do not change `image` or `kernel`.
#
# **Tiny example.** Image `[[1, 2, 3], [4, 5, 6]]`, kernel `[[1, 1]]`, stride 1, no padding. The windows are `[1 2]`, `[2 3]` in the first row and `[4 5]`, `[5 6]` in the second. Output: `[[3, 5], [9, 11]]`.
#
# <details><summary><b>Hint 1:</b> the plan</summary>
#
# 1. `(sh, sw), (ph, pw) = pair(stride), pair(padding)`
# 2. pad the image with `np.pad(image, ((ph, ph), (pw, pw)))`
# 3. the two output sizes come from your `conv_output_size`: one with `H`, `KH`, `sh`, `ph`, one with `W`, `KW`, `sw`, `pw`
# 4. make `out` with `np.zeros`, and fill it
#
# </details>
# <details><summary><b>Hint 2:</b> the window</summary>
#
# The window of output `(i, j)` is `padded[i * sh : i * sh + kh, j * sw : j * sw + kw]`. A common slip is to forget `* sh`.
#
# </details>


# %% id="write_correlate2d" solution=true
def correlate2d(image, kernel, stride=1, padding=0):
    """Slide one kernel over one image and add up the products: cross-correlation.

    image: (H, W). kernel: (KH, KW).
    stride, padding: an int, or a pair (along H, along W).
    Returns (OH, OW), of float dtype: float32 stays float32, integers become float64.
    Changes none of its inputs.
    Raises ValueError where the kernel does not fit (your conv_output_size does that).
    """
    image, kernel = as_float(image), as_float(kernel)
    ### BEGIN SOLUTION
    (sh, sw), (ph, pw) = pair(stride), pair(padding)
    kh, kw = kernel.shape
    oh = conv_output_size(image.shape[0], kh, sh, ph)
    ow = conv_output_size(image.shape[1], kw, sw, pw)
    padded = np.pad(image, ((ph, ph), (pw, pw)))
    out = np.zeros((oh, ow), np.result_type(image, kernel))
    for i in range(oh):
        for j in range(ow):
            window = padded[i * sh : i * sh + kh, j * sw : j * sw + kw]
            out[i, j] = np.sum(window * kernel)
    return out
    ### END SOLUTION


# %% id="check_correlate2d" test=true points=3 teaches=["correlation", "worked_example"]
check("correlate2d", correlate2d)

# %% id="see_worked_example" show=true promise=true teaches=["worked_example"]
computed = correlate2d(example_image, example_kernel)
print("first two outputs:", computed[0, 0], computed[0, 1])
print(computed)

# %% [markdown] id="correlation_or_convolution" teaches=["correlation"]
# ### Convolution or cross-correlation?
#
# A word about the name. In mathematics, the **convolution** of an image with a kernel first *flips* the kernel, upside down and left to right, and then slides it. What you wrote does not flip. Its proper name is **cross-correlation**:
#
# $$\text{cross-correlation: } \sum_{u,v} x[i+u,\, j+v]\; k[u, v]$$
#
# $$\text{convolution: } \sum_{u,v} x[i+u,\, j+v]\; k[K_H - 1 - u,\, K_W - 1 - v]$$
#
# The layer that everybody calls a *convolution layer* computes a **cross-correlation**, in every well-known library and in this course. Does it matter? Not for learning: the kernel is learned, and if a flipped kernel is what helps, training finds it flipped. It matters when you compare with a textbook on signals, or when you put in a kernel by hand.

# %% id="flip_the_kernel" show=true promise=true teaches=["correlation"]
flipped = example_kernel[::-1, ::-1]
print("cross-correlation:", correlate2d(example_image, example_kernel)[0])
print("true convolution: ", correlate2d(example_image, flipped)[0])

# %% [markdown] id="kernels_on_a_photo" teaches=["kernels"]
# For this kernel the flip only changes the sign: *left brighter than right* becomes *right brighter than left*. For a kernel that looks the same after the flip, such as a blur, nothing changes.
#
# ### What kernels see
#
# A kernel is a small question that is asked everywhere. Here are five questions:
#
# $$
# \underbrace{\begin{pmatrix}1&0&-1\\1&0&-1\\1&0&-1\end{pmatrix}}_{\text{left − right}}
# \quad
# \underbrace{\begin{pmatrix}1&1&1\\0&0&0\\-1&-1&-1\end{pmatrix}}_{\text{above − below}}
# \quad
# \underbrace{\begin{pmatrix}0&-1&0\\-1&4&-1\\0&-1&0\end{pmatrix}}_{\text{centre − neighbours}}
# $$
#
# $$
# \underbrace{\tfrac{1}{9}\begin{pmatrix}1&1&1\\1&1&1\\1&1&1\end{pmatrix}}_{\text{mean: blur}}
# \quad
# \underbrace{\begin{pmatrix}0&-1&0\\-1&5&-1\\0&-1&0\end{pmatrix}}_{\text{sharpen}}
# $$
#
# The first three ask: is the left brighter than the right? Is it brighter above than below? Is the centre brighter than its neighbours? The values of the first three add up to 0, so on an even surface they answer 0. The last two add up to 1, so they keep the brightness.
#
# We ask them of this picture, in grey:

# %% id="the_scene" show=true
scene = plots.seaside(60, 80, rng=np.random.default_rng(5))  # (3, 60, 80)
grey = scene[1:].mean(axis=0)  # of green and blue alone: there red is dark
plots.gallery(
    {"the picture": scene, "in grey": grey},
    size=3,
    alt="A lighthouse with red and white rings on a green cliff by the sea, under a "
    "sky with clouds: once in colour, once in grey.",
)

# %% id="predict_edges" predict=true
predict(
    "edges",
    "The lighthouse and the first kernel, left − right: what stands out in the result?",
    ["the horizon", "the two sides of the tower", "everything that is bright"],
    choice=None,
)

# %% id="edge_kernels" show=true teaches=["kernels"]
kernels = {
    "left − right": np.array([[1, 0, -1]] * 3),
    "above − below": np.array([[1, 0, -1]] * 3).T,
    "centre − neighbours": np.array([[0, -1, 0], [-1, 4, -1], [0, -1, 0]]),
}
plots.gallery(
    {name: correlate2d(grey, kernel) for name, kernel in kernels.items()},
    signed=True,
    columns=3,
    size=3,
    alt="Three edge images of a lighthouse by the sea; red is positive, blue is "
    "negative. Left minus right: the two sides of the tower stand out, one red and "
    "one blue. Above minus below: the horizon and the tower's rings stand out. Centre "
    "minus neighbours: thin double lines along all edges.",
)

# %% id="reveal_edges" show=true
reveal("edges", "the two sides of the tower", answer="b")

# %% id="blur_kernels" show=true teaches=["kernels"]
blur = np.full((3, 3), 1 / 9)
sharpen = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]])
plots.gallery(
    {
        "blur (3×3)": correlate2d(grey, blur, padding=1),
        "blur (7×7)": correlate2d(grey, np.full((7, 7), 1 / 49), padding=3),
        "sharpen": np.clip(correlate2d(grey, sharpen, padding=1), 0, 1),
        "every third pixel (stride 3)": correlate2d(grey, np.ones((1, 1)), stride=3),
    },
    columns=2,
    size=3,
    alt="Four pictures of the lighthouse by the sea: slightly blurred; strongly "
    "blurred with a dark rim where the padding's zeros were averaged in; sharpened, "
    "with more visible noise; and reduced to every third pixel, coarse but "
    "recognisable.",
)

# %% [markdown] id="edges_text" teaches=["kernels"]
# Look at the rim of the picture that is blurred with 7×7 windows: it is dark. The window there averages in the zeros of the padding. Padding is convenient, but it is not neutral.
#
# Nobody drew these kernels for a network. A network **learns** the numbers in its kernels, as it learns all weights. Trained on photographs, first layers commonly find edge kernels of this kind by themselves.
#
# **Change something:** set one value of `example_kernel` or `sharpen` to another number, run the cell again, and look.

# %% [markdown] id="equivariance" teaches=["equivariance"]
# ## 4 · A moved picture gives a moved answer
#
# The kernel does the same at every place. So if a digit moves by 3 pixels, the pattern in the feature map should move by 3 pixels as well and otherwise stay the same. This property is called **translation equivariance**:
#
# $$\boxed{\;f(\text{shift}(x)) = \text{shift}(f(x))\;}$$
#
# In words: *first shift, then filter* and *first filter, then shift* end in the same place. Two paths through one diagram. Let us walk both, with your function.
#
# It is **not** the same word as *invariance*. **Equivariant:** the answer moves along with the input. **Invariant:** the answer does not change at all. A convolution is equivariant, not invariant.


# %% id="two_paths" show=true teaches=["equivariance"]
def shift(image, down, right):
    """The image moved by whole pixels; what leaves comes back on the other side."""
    return np.roll(image, (down, right), axis=(0, 1))


big_sheet = np.pad(three[0], ((3, 7), (3, 7)))  # 18×18 pixels: room to move
edge = np.array([[1, 0, -1]] * 3)
moved = shift(big_sheet, 3, 4)
filtered = correlate2d(big_sheet, edge, padding=1)
plots.two_paths(
    big_sheet,
    {"shift by (3, 4)": moved, "filter": correlate2d(moved, edge, padding=1)},
    {"filter": filtered, "shift by (3, 4)": shift(filtered, 3, 4)},
    alt="Two rows of pictures. Upper path: a digit 3, moved down and right, then "
    "filtered. Lower path: the same digit, filtered, then moved. Both end in the same "
    "picture, and the difference of the two ends is zero everywhere.",
)

# %% [markdown] id="equivariance_proof" teaches=["equivariance"]
# The difference is zero.
#
# <details><summary><b>Proof</b> (three lines)</summary>
#
# Let $x'$ be the image moved by $(a, b)$, so $x'[p, q] = x[p - a, q - b]$. With stride 1,
#
# $$
# \begin{aligned}
# \text{out}'[i, j] &= \sum_{u,v} x'[i + u, j + v]\, k[u, v] \\
# &= \sum_{u,v} x[(i - a) + u, (j - b) + v]\, k[u, v] \\
# &= \text{out}[i - a, j - b].
# \end{aligned}
# $$
#
# That is the old output, moved by $(a, b)$. The step in the middle needs the *same* $k$ at every place: equivariance comes from parameter sharing. It holds where the window stays away from the border of the image.
#
# </details>
#
# ### Where stride breaks it
#
# With stride 2 the window only starts at even pixels. Move the digit by one pixel, and the windows meet it differently.

# %% id="predict_stride" predict=true
predict(
    "stride",
    "Stride 2. When do the two paths still end in the same picture?",
    ["always", "only if the shift is a multiple of 2", "never"],
    choice=None,
)

# %% id="stride_breaks_it" show=true teaches=["equivariance"]
every_second = correlate2d(big_sheet, edge, stride=2, padding=1)
by_two = correlate2d(shift(big_sheet, 0, 2), edge, stride=2, padding=1)
by_one = correlate2d(shift(big_sheet, 0, 1), edge, stride=2, padding=1)
plots.gallery(
    {
        "stride 2": every_second,
        "digit moved by 2": by_two,
        "digit moved by 1": by_one,
    },
    signed=True,
    columns=3,
    alt="Three coarse feature maps with stride 2. When the digit moves by two "
    "pixels, the map is the first one moved by one place. When it moves by one pixel, "
    "the map has other values: no shift of the first map gives it.",
)

# %% id="reveal_stride" show=true
gap_two = np.abs(by_two - shift(every_second, 0, 1)).max()
gap_one = min(np.abs(by_one - shift(every_second, 0, s)).max() for s in range(-4, 5))
print(f"digit moved by 2: differs from the first map, moved by 1 place, by {gap_two:.2f}")
print(f"digit moved by 1: differs from the first map, moved as fits best, by {gap_one:.2f}")
reveal("stride", "only if the shift is a multiple of 2")

# %% [markdown] id="stride_text" teaches=["equivariance"]
# With stride $S$, a shift by a multiple of $S$ moves the output by whole places. Any other shift changes the values themselves. So *convolution layers are translation-equivariant* is true for stride 1, and away from the border. Keep this in mind when someone says that CNNs *are* shift-invariant. We come back to it with pooling.

# %% [markdown] id="convolution_layer" teaches=["convolution_layer"]
# ## 5 · From one kernel to a layer
#
# Three things are missing: colours, many filters, and batches.
#
# - **Channels.** A colour image has $C = 3$ channels. A filter then has a kernel for *each* channel, shape $(C, K_H, K_W)$. The products over all channels are added up into **one** number. So a filter turns an image of any number of channels into one feature map.
# - **Filters.** One filter finds one pattern. A layer has $F$ filters, so `w` is `(F, C, KH, KW)`, and the output has $F$ feature maps. They are the channels of the next layer's input.
# - **Bias.** One number per filter, added to its whole map.
# - **Batch.** The same is done to each of the $N$ images on its own.
#
# $$\boxed{\;\text{out}[n, f, i, j] = b[f] + \sum_{c}\sum_{u}\sum_{v} \tilde{x}[n, c, iS + u, jS + v]\; w[f, c, u, v]\;}$$
#
# **By hand.** One image of two channels, 2×2 pixels, and one filter of 2×2, no padding. There is one window, the whole image:
#
# $$
# x = \begin{pmatrix}1&2\\3&4\end{pmatrix}, \begin{pmatrix}0&1\\1&0\end{pmatrix}
# \qquad
# w = \begin{pmatrix}1&0\\0&1\end{pmatrix}, \begin{pmatrix}2&2\\2&2\end{pmatrix}
# \qquad
# b = 10
# $$
#
# First channel: $1 + 4 = 5$. Second channel: $2 + 2 = 4$. Output: $5 + 4 + 10 = \mathbf{19}$, one number, shape `(1, 1, 1, 1)`.
#
# **How many parameters?** Each filter has $C \cdot K_H \cdot K_W$ weights and one bias:
#
# $$\boxed{\;\text{parameters} = F \cdot (C \cdot K_H \cdot K_W + 1)\;}$$
#
# The size of the image does not occur in it.

# %% id="count_conv_parameters" show=true promise=true teaches=["parameter_sharing"]
for filters, channels, kernel in [(64, 3, 3), (64, 64, 3), (32, 1, 5)]:
    count = filters * (channels * kernel * kernel + 1)
    layer = f"{filters} filters, {kernel}×{kernel}, channels in: {channels}"
    print(f"{layer}: {count:,} parameters")

# %% [markdown] id="exercise_conv2d_forward"
# ### Exercise 3: `conv2d_forward` (5 points)
#
# The whole layer. You have done most of it in exercise 2: what changes is the shape of the window, `(N, C, KH, KW)` for all images at once, and one more loop over the filters.
#
# - `x` is `(N, C, H, W)`, `w` is `(F, C, KH, KW)`, `b` is `(F,)`. The output `out` is `(N, F, OH, OW)`.
# - It returns two things: `out`, and a `cache` for the backward pass, the tuple `(x, w, b, stride, padding)` exactly as they came in.
#
# **Tiny example.** The one above, worked out by hand: `x` of shape `(1, 2, 2, 2)`, `w` of shape `(1, 2, 2, 2)` and `b = [10]` give `out = [[[[19]]]]`.
#
# <details><summary><b>Hint 1:</b> which loops?</summary>
#
# Loop over `i`, `j` and the filter `f`. NumPy does the images, the channels and the window: `window * w[f]` multiplies `(N, C, KH, KW)` by `(C, KH, KW)`, and `np.sum(…, axis=(1, 2, 3))` leaves one number per image, shape `(N,)`.
#
# </details>
# <details><summary><b>Hint 2:</b> padding</summary>
#
# Pad the last two axes only: `np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))`.
#
# </details>
# <details><summary><b>Hint 3:</b> the bias</summary>
#
# `b` has the shape `(F,)`, and `out` is `(N, F, OH, OW)`. Added as they are, NumPy would line up `b` with the *last* axis. Add `b[f]` inside the loop over the filters.
#
# </details>


# %% id="write_conv2d_forward" solution=true
def conv2d_forward(x, w, b, stride=1, padding=0):
    """A convolution layer, forward.

    x: images (N, C, H, W). w: filters (F, C, KH, KW). b: biases (F,).
    stride, padding: an int, or a pair (along H, along W).
    Returns (out, cache): out (N, F, OH, OW) of float dtype (float32 stays float32), and
    cache = (x, w, b, stride, padding) as they came in.
    Changes none of its inputs. Raises ValueError where the kernel does not fit.
    """
    cache = (x, w, b, stride, padding)
    x, w, b = as_float(x), as_float(w), as_float(b)
    (sh, sw), (ph, pw) = pair(stride), pair(padding)
    ### BEGIN SOLUTION
    n, _, height, width = x.shape
    filters, _, kh, kw = w.shape
    oh = conv_output_size(height, kh, sh, ph)
    ow = conv_output_size(width, kw, sw, pw)
    padded = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    out = np.zeros((n, filters, oh, ow), np.result_type(x, w, b))
    for i in range(oh):
        for j in range(ow):
            window = padded[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw]
            for f in range(filters):
                out[:, f, i, j] = np.sum(window * w[f], axis=(1, 2, 3)) + b[f]
    return out, cache
    ### END SOLUTION


# %% id="check_conv2d_forward" test=true points=5 teaches=["convolution_layer"]
check("conv2d_forward", conv2d_forward)

# %% id="feature_maps" show=true teaches=["feature_maps"]
colour_filters = np.zeros((4, 3, 3, 3))
colour_filters[0] = np.array([[1, 0, -1]] * 3) / 3  # left − right, in all three colours
colour_filters[1] = np.array([[1, 0, -1]] * 3).T / 3  # above − below
colour_filters[2:] = -1 / 9
colour_filters[2, 0] = 2 / 9  # red against green and blue
colour_filters[3, 2] = 2 / 9  # blue against red and green
maps, _ = conv2d_forward(scene[None], colour_filters, np.zeros(4))
activated, _ = relu_forward(maps)
names = ["left − right", "above − below", "red", "blue"]
plots.gallery(
    dict(zip(names, activated[0], strict=True)),
    alt="Four feature maps of the lighthouse scene after ReLU, bright where the "
    "filter's pattern was found: left edges; lower edges; the red rings and the roof "
    "of the tower; and the sky with the sea.",
)

# %% [markdown] id="feature_maps_text" teaches=["feature_maps"]
# One layer, four filters, four feature maps, each shown after a ReLU: bright means *my pattern is here*. Two filters find edges, and two find colours, which only a filter that sees all channels can do.
#
# From the layer's point of view these maps are simply an image with four channels. The next layer's filters look for patterns *in the maps*: a red area beside a vertical edge, say. This is the hierarchy that a dense layer does not have.
#
# How far does the second layer see? The **receptive field** of an output is the part of the image that it depends on. The picture looks at the layers from the side, along one axis.

# %% id="receptive_field_picture" show=true teaches=["receptive_field"]
plots.receptive_field(
    alt="Three rows of circles, seen from the side. One value of layer 2 is joined "
    "to three values of layer 1, and these to five pixels of the image, all marked in "
    "orange: the receptive field grows from one to three to five."
)

# %% [markdown] id="receptive_field_text" teaches=["receptive_field", "no_hierarchy", "visual_system"]
# One layer of windows that are 3 wide sees 3 pixels. Two layers see 5, three layers see 7: each further 3-wide layer (with stride 1) adds 2. Early layers can only find small things such as edges. Later layers see more of the picture and can put edges together.
#
# People often compare this with the visual system of animals, where some cells respond to edges in a small part of the view. That work inspired the first such networks, but the comparison is **loose**: the brain does not copy its connections from one place to all others, and whether it learns by anything like backpropagation is an open question. Take it as a story about where the idea came from, not as a reason why it works.

# %% [markdown] id="im2col_text" teaches=["im2col"]
# ## 6 · From loops to one matrix product
#
# Your loops are right and clear, but Python is slow at loops. Computers are very fast at one thing: multiplying matrices. Can a convolution be a matrix product?
#
# Yes. One output is a sum of products, window times filter. That is a **dot product**, once both are written as a row of numbers. So write *every* window as a row, one below the other. This matrix is usually called **im2col** ("image to columns"). Then all outputs of all filters are one product.

# %% id="im2col_picture" show=true teaches=["im2col"]
small_image = example_image[:4, :4]
window_rows = np.array(
    [small_image[i : i + 3, j : j + 3].ravel() for i, j in np.ndindex(2, 2)],
)
plots.im2col_picture(
    small_image,
    example_kernel,
    window_rows,
    alt="A 4 by 4 image with four overlapping 3 by 3 windows, framed in four "
    "colours. Beside it a matrix of four rows and nine columns: each row holds the "
    "nine pixels of one window, in the window's colour. Times the kernel as a column "
    "of nine numbers gives the four outputs minus 2, minus 2, minus 2, minus 3.",
)

# %% [markdown] id="exercise_im2col"
# With batches and channels there are $N \cdot O_H \cdot O_W$ windows, each of $C \cdot K_H \cdot K_W$ numbers:
#
# $$
# \underbrace{\text{columns}}_{(N \cdot O_H \cdot O_W)\;\times\;(C \cdot K_H \cdot K_W)}
# \;\cdot\;
# \underbrace{W^{\mathsf T}}_{(C \cdot K_H \cdot K_W)\;\times\;F}
# \;+\; b
# \;=\;
# \underbrace{\text{out, one row a window}}_{(N \cdot O_H \cdot O_W)\;\times\;F}
# $$
#
# where $W$ is `w.reshape(F, -1)`, one filter a row.
#
# ### Exercise 4: `im2col` (3 points)
#
# - `x` is `(N, C, H, W)`, the result is `(N * OH * OW, C * KH * KW)`: one row a window. `kernel`, like `stride` and `padding`, is an int or a pair.
# - Rows in the order (image, output row, output column): first all windows of image 0, left to right and then down, then image 1.
# - Inside a row: channel by channel, and each channel's window row by row. This is what `reshape` gives you.
#
# **Tiny example.** `x` is one image of one channel, `[[1, 2, 3], [4, 5, 6]]`, and `kernel=2`. Two windows fit:
#
# $$\text{columns} = \begin{pmatrix}1&2&4&5\\2&3&5&6\end{pmatrix}$$
#
# <details><summary><b>Hint 1</b></summary>
#
# Make an array `rows` of shape `(N, OH, OW, C * KH * KW)`. In two loops over `i` and `j`, `rows[:, i, j]` is the window of *all* images, flattened per image: `window.reshape(N, -1)`. At the end, `rows.reshape(N * OH * OW, -1)`.
#
# </details>
# <details><summary><b>Hint 2:</b> my rows are in the wrong order</summary>
#
# If you append the windows to a list inside loops over `i` and `j`, image 0 and image 1 take turns. The order must be: all windows of image 0, then all of image 1.
#
# </details>


# %% id="write_im2col" solution=true
def im2col(x, kernel, stride=1, padding=0):
    """Every window of every image as one row of a matrix.

    x: (N, C, H, W). kernel, stride, padding: an int, or a pair (along H, along W).
    Returns columns (N * OH * OW, C * KH * KW).
    The rows are in the order (n, oh, ow); inside a row the order is (c, kh, kw).
    Float dtype: float32 stays float32, integers become float64. x is not changed.
    """
    x = as_float(x)
    (kh, kw), (sh, sw), (ph, pw) = pair(kernel), pair(stride), pair(padding)
    ### BEGIN SOLUTION
    n, c, height, width = x.shape
    oh = conv_output_size(height, kh, sh, ph)
    ow = conv_output_size(width, kw, sw, pw)
    padded = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    rows = np.zeros((n, oh, ow, c * kh * kw), x.dtype)
    for i in range(oh):
        for j in range(ow):
            window = padded[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw]
            rows[:, i, j] = window.reshape(n, -1)
    return rows.reshape(n * oh * ow, c * kh * kw)
    ### END SOLUTION


# %% id="check_im2col" test=true points=3 teaches=["im2col"]
check("im2col", im2col)

# %% [markdown] id="speed_text"
# ### How fast is each?
#
# Three ways to the same numbers:
#
# 1. **seven loops:** over images, filters, output rows, output columns, channels, kernel rows, kernel columns. Nothing but Python.
# 2. **your** `conv2d_forward`
# 3. **im2col:** your `im2col`, then one matrix product
#
# The third makes a large matrix first, in which most pixels occur nine times. That is a lot of copying.

# %% id="predict_speed" predict=true
predict(
    "speed",
    "im2col first copies each pixel up to nine times. Compared with seven loops it is …",
    ["slower, because of the copies", "about as fast", "many times faster"],
    choice=None,
)


# %% id="measure_speed" show=true teaches=["im2col"]
def seven_loops(x, w, b):
    """A convolution with stride 1 and no padding, one multiplication at a time."""
    n, c, height, width = x.shape
    filters, _, kh, kw = w.shape
    out = np.zeros((n, filters, height - kh + 1, width - kw + 1))
    for image, f, i, j in np.ndindex(out.shape):
        total = b[f]
        for channel, u, v in np.ndindex(c, kh, kw):
            total += x[image, channel, i + u, j + v] * w[f, channel, u, v]
        out[image, f, i, j] = total
    return out


def with_im2col(x, w, b):
    """The same: windows as rows, then one product, then back to (N, F, OH, OW)."""
    oh, ow = x.shape[2] - w.shape[2] + 1, x.shape[3] - w.shape[3] + 1
    rows = im2col(x, w.shape[2:]) @ w.reshape(len(w), -1).T + b
    return rows.reshape(len(x), oh, ow, len(w)).transpose(0, 3, 1, 2)


def milliseconds(function, *arguments, repeats=3):
    """The shortest of a few runs: it was disturbed least by the rest of the computer."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function(*arguments)
        times.append(time.perf_counter() - start)
    return 1000 * min(times)


rng = np.random.default_rng(7)
x, w, b = (
    rng.normal(size=(4, 3, 16, 16)),
    rng.normal(size=(8, 3, 3, 3)),
    rng.normal(size=8),
)
same = np.allclose(seven_loops(x, w, b), with_im2col(x, w, b))
speed = {
    "seven loops": milliseconds(seven_loops, x, w, b, repeats=1),
    "your conv2d_forward": milliseconds(conv2d_forward, x, w, b),
    "im2col and one product": milliseconds(with_im2col, x, w, b),
}
print("the same numbers:", same)
plots.bars(
    speed,
    xlabel="time for one forward pass (ms, logarithmic scale)",
    log=True,
    alt="Three bars on a logarithmic scale. Time per forward pass in milliseconds: "
    + ", ".join(f"{name} {value:.2g}" for name, value in speed.items()),
)

# %% id="reveal_speed" show=true
ratio = speed["seven loops"] / speed["im2col and one product"]
reveal(
    "speed",
    f"im2col needs 1/{ratio:.0f} of the time of the seven loops, on this computer",
    answer="c",
)

# %% [markdown] id="speed_explained" teaches=["im2col"]
# The number of multiplications is the same in all three. What differs is *who* does them. In the seven loops Python looks up names, makes objects and checks types for each single product. In a matrix product a compiled library goes through memory in one sweep, does several multiplications with each instruction, and uses all cores of the processor. The copies cost something, but far less than they save. This idea made convolutions fast on ordinary processors, and libraries still use refined forms of it.

# %% [markdown] id="conv_backward_text" teaches=["convolution_layer", "conv_gradients"]
# ## 7 · The backward pass
#
# Training needs gradients. The loss $L$ is one number. The layer above hands us
#
# $$\delta[n, f, i, j] = \frac{\partial L}{\partial\, \text{out}[n, f, i, j]}, \qquad \text{called } \texttt{dout}, \text{ of the same shape as } \texttt{out}.$$
#
# We need $\partial L/\partial b$, $\partial L/\partial w$ and $\partial L/\partial x$. One rule does everything. It is the chain rule, and in words it says: *to find how $L$ depends on a number, go to every output where this number was used, see how strongly it was used there, multiply by that output's $\delta$, and add up.*
#
# Here is the forward formula once more, with everything in its place:
#
# $$\text{out}[n, f, i, j] = b[f] + \sum_{c,u,v} \tilde{x}[n, c, iS + u, jS + v]\; w[f, c, u, v]$$
#
# ### The bias
#
# **Where is $b[f]$ used?** In every output of map $f$: in all images $n$ and at all places $i, j$. **How strongly?** It is simply added, so the factor is 1:
#
# $$\frac{\partial\,\text{out}[n, f, i, j]}{\partial\, b[f]} = 1$$
#
# Multiply by $\delta$ and add up:
#
# $$\boxed{\;\frac{\partial L}{\partial b[f]} = \sum_{n}\sum_{i}\sum_{j} \delta[n, f, i, j]\;}$$
#
# ### The weights
#
# **Where is $w[f, c, u, v]$ used?** Again in every output of map $f$, since the weights are shared. **How strongly?** In output $(n, f, i, j)$ it is multiplied by one pixel, and this pixel is the factor:
#
# $$\frac{\partial\,\text{out}[n, f, i, j]}{\partial\, w[f, c, u, v]} = \tilde{x}[n, c, iS + u, jS + v]$$
#
# Multiply by $\delta$ and add up:
#
# $$\boxed{\;\frac{\partial L}{\partial w[f, c, u, v]} = \sum_{n}\sum_{i}\sum_{j} \delta[n, f, i, j]\;\tilde{x}[n, c, iS + u, jS + v]\;}$$
#
# Look at it for all $c, u, v$ at once. The pixels $\tilde{x}[n, :, iS + u, jS + v]$ are the *window* of output $(i, j)$. So:
#
# > `dw[f]` is the sum of all windows, each multiplied by its `dout`.
#
# The picture shows one weight. It met nine pixels, one for each of the nine windows.

# %% id="weight_gradient_picture" show=true teaches=["conv_gradients"]
example_dout = np.array([[1, 0, 2], [0, -1, 0], [1, 0, 0]])
example_dw = np.array(
    [[np.sum(example_image[u : u + 3, v : v + 3] * example_dout) for v in range(3)] for u in range(3)]
)
plots.weight_gradient(
    example_image,
    example_dout,
    example_dw,
    (0, 1),
    alt="The 5 by 5 image with a frame around the nine pixels in rows 0 to 2 and "
    "columns 1 to 3, which the weight in row 0, column 1 of the kernel met; times the "
    "3 by 3 grid dout; their sum, 7, is that weight's entry in dw.",
)

# %% [markdown] id="conv_backward_dx" teaches=["convolution_layer", "conv_gradients"]
# **Check one by hand.** The framed pixels times `dout`: $2 \cdot 1 + 3 \cdot 2 + 2 \cdot (-1) + 1 \cdot 1 = 2 + 6 - 2 + 1 = 7$. (The framed pixel under $-1$ is the one in the middle, 2.)
#
# ### The input
#
# **Where is the pixel $\tilde{x}[n, c, p, q]$ used?** In every window that contains it, by every filter. In a corner that is one window, in the middle of the image up to $K_H \cdot K_W$. **How strongly?** If it lies at place $(u, v)$ of window $(i, j)$, it is multiplied by the weight $w[f, c, u, v]$.
#
# Instead of asking each pixel for its windows, it is easier to ask each window for its pixels, and to let it hand back what it owes:
#
# > For each output $(n, f, i, j)$: **add** $\delta[n, f, i, j] \cdot w[f]$ to `dx_padded` at the place of its window.
#
# Windows overlap, so a pixel can receive several contributions, and they add up. As a formula:
#
# $$\boxed{\;\frac{\partial L}{\partial \tilde{x}[n, c, p, q]} = \sum_{f}\;\sum_{\substack{i, j, u, v \\ iS + u = p,\; jS + v = q}} \delta[n, f, i, j]\; w[f, c, u, v]\;}$$
#
# At the end, **cut off the padding**. The padded zeros are not part of $x$, so their gradients are thrown away.
#
# <details><summary><b>For the curious:</b> for stride 1 this is again a correlation, with flipped filters</summary>
#
# Let $S = 1$. Then $i = p - u$ and $j = q - v$ are fixed once $u, v$ are, and the inner sum becomes
#
# $$\frac{\partial L}{\partial \tilde{x}[n, c, p, q]} = \sum_f \sum_{u, v} \delta[n, f, p - u, q - v]\; w[f, c, u, v].$$
#
# (Terms with an index outside of $\delta$ count as 0.) The minus signs say: a true *convolution*. To write it as a correlation, count the kernel from its other end, $u = K_H - 1 - u'$ and $v = K_W - 1 - v'$:
#
# $$
# \begin{aligned}
# = \sum_f \sum_{u', v'}\; & \delta[n, f, p - (K_H - 1) + u', q - (K_W - 1) + v'] \\
# & \cdot w[f, c, K_H - 1 - u', K_W - 1 - v'].
# \end{aligned}
# $$
#
# This is the correlation of $\delta$, padded with $K_H - 1$ and $K_W - 1$ zeros, with the filters flipped both ways, summed over $f$:
#
# $$\boxed{\;\frac{\partial L}{\partial \tilde{x}} = \text{full correlation of } \delta \text{ with the flipped filters}\;}$$
#
# "Full" means: with so much padding that every overlap is counted. The cell after the exercise confirms it with numbers. For $S > 1$, put $S - 1$ zeros between the values of $\delta$ first.
#
# </details>

# %% [markdown] id="exercise_conv2d_backward"
# ### Exercise 5: `conv2d_backward` (6 points)
#
# The same loops as in the forward pass. At each output you do two additions: one to `dw[f]`, one to the window's place in `dx_padded`.
#
# - `dout` is `(N, F, OH, OW)`, as `out` was. The cache is `(x, w, b, stride, padding)`.
# - It returns three arrays, `dx`, `dw` and `db`, of the shapes of `x`, `w` and `b`.
#
# **Tiny example.** One image, one channel, one filter, all one pixel high: `x = [[1, 2, 3]]`, `w = [[10, 20]]`, stride 1, no padding. There are two windows, $[1, 2]$ and $[2, 3]$. Let `dout = [[1, 100]]`.
#
# - `db` $= 1 + 100 = 101$
# - `dw` $= 1 \cdot [1, 2] + 100 \cdot [2, 3] = [201, 302]$
# - `dx`: the first window adds $1 \cdot [10, 20]$ to pixels 0 and 1, the second adds $100 \cdot [10, 20]$ to pixels 1 and 2. Together $[10,\; 20 + 1000,\; 2000] = [10, 1020, 2000]$. The pixel in the middle is in both windows, so it gets both.
#
# <details><summary><b>Hint 1:</b> the plan</summary>
#
# 1. unpack the cache, pad `x` as before
# 2. `dw = np.zeros_like(w)` and `dx_padded = np.zeros_like(padded)`, both of float dtype
# 3. loop over `i`, `j`, `f`; take `g = dout[:, f, i, j]`, one number per image, as shape `(N, 1, 1, 1)` so that it multiplies windows: `g[:, None, None, None]`
# 4. `dw[f] += …`, `dx_padded[:, :, rows, columns] += …` with `+=`, never `=`
# 5. cut off the padding
#
# </details>
# <details><summary><b>Hint 2:</b> cutting off the padding</summary>
#
# `dx_padded[:, :, p:-p, p:-p]` looks right and works, until `p` is 0: `0:-0` is `0:0`, an empty array. Write where it starts and how long it is: `ph : ph + H`.
#
# </details>
# <details><summary><b>Hint 3:</b> what if a row of <code>x</code> was left over?</summary>
#
# No window reached it, so nothing depends on it, and its gradient is 0. If you start from zeros and add, this is right without any further work.
#
# </details>


# %% id="write_conv2d_backward" solution=true
def conv2d_backward(dout, cache):
    """A convolution layer, backward.

    dout: ∂L/∂out (N, F, OH, OW).
    cache: (x, w, b, stride, padding) from conv2d_forward.
    Returns (dx, dw, db), of the shapes of x, w and b. Each has the dtype of its array,
    if that is a float dtype, else float64.
    Nothing is divided by N: the loss has done that already.
    Changes neither dout nor anything in the cache.
    """
    x, w, b, stride, padding = cache
    x, w, b, dout = as_float(x), as_float(w), as_float(b), as_float(dout)
    (sh, sw), (ph, pw) = pair(stride), pair(padding)
    ### BEGIN SOLUTION
    _, _, height, width = x.shape
    filters, _, kh, kw = w.shape
    _, _, oh, ow = dout.shape
    padded = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    dx_padded, dw = np.zeros_like(padded), np.zeros_like(w)
    for i in range(oh):
        for j in range(ow):
            rows, columns = slice(i * sh, i * sh + kh), slice(j * sw, j * sw + kw)
            for f in range(filters):
                g = dout[:, f, i, j][:, None, None, None]  # (N, 1, 1, 1)
                dw[f] += np.sum(g * padded[:, :, rows, columns], axis=0)
                dx_padded[:, :, rows, columns] += g * w[f]
    dx = dx_padded[:, :, ph : ph + height, pw : pw + width]
    db = dout.sum(axis=(0, 2, 3)).astype(b.dtype)
    return dx, dw, db
    ### END SOLUTION


# %% id="check_conv2d_backward" test=true points=6 teaches=["convolution_layer", "conv_gradients"]
check("conv2d_backward", conv2d_backward, forward=conv2d_forward)

# %% [markdown] id="gradient_check_text" teaches=["conv_gradients"]
# **Trust, but verify.** The numerical gradient of unit 2 knows nothing of your derivation. It changes one number a little and looks what the loss does. If both agree to seven digits or so, the derivation and the code are right.

# %% id="gradient_check" show=true teaches=["conv_gradients"]
rng = np.random.default_rng(3)
x, w, b = (
    rng.normal(size=(2, 2, 5, 4)),
    rng.normal(size=(3, 2, 3, 2)),
    rng.normal(size=3),
)
dout = rng.normal(size=conv2d_forward(x, w, b, (2, 1), (1, 0))[0].shape)


def loss(x, w, b):
    """Any loss with ∂L/∂out = dout will do."""
    return np.sum(conv2d_forward(x, w, b, (2, 1), (1, 0))[0] * dout)


dx, dw, db = conv2d_backward(dout, conv2d_forward(x, w, b, (2, 1), (1, 0))[1])
measured_dx = numerical_gradient(lambda v: loss(v, w, b), x)
measured_dw = numerical_gradient(lambda v: loss(x, v, b), w)
measured_db = numerical_gradient(lambda v: loss(x, w, v), b)
print(f"dx: relative error {relative_error(dx, measured_dx):.1e}")
print(f"dw: relative error {relative_error(dw, measured_dw):.1e}")
print(f"db: relative error {relative_error(db, measured_db):.1e}")

# %% id="flipped_filters" show=true teaches=["conv_gradients"]
one_channel = (example_image[None, None], example_kernel[None, None], np.zeros(1))
dx, _, _ = conv2d_backward(example_dout[None, None], conv2d_forward(*one_channel)[1])
full = correlate2d(example_dout, example_kernel[::-1, ::-1], padding=2)
plots.number_grids(
    {
        "dout": example_dout,
        "flipped kernel": example_kernel[::-1, ::-1],
        "full correlation": full,
        "your dx": dx[0, 0],
    },
    alt="Four grids of numbers: dout, the flipped kernel, the full correlation of "
    "both, and dx from your backward function. The last two 5 by 5 grids are equal.",
)

# %% [markdown] id="col2im_text"
# ### The same with matrices
#
# In section 6 the layer became $\text{out} = \text{columns} \cdot W^{\mathsf T} + b$. That is a dense layer, and you know its gradients from unit 2. With $\Delta$ for `dout` written as rows, $(N O_H O_W) \times F$:
#
# $$\frac{\partial L}{\partial W} = \Delta^{\mathsf T} \cdot \text{columns}, \qquad \frac{\partial L}{\partial\, \text{columns}} = \Delta \cdot W$$
#
# The shapes agree: $\Delta^{\mathsf T}$ is $F \times (\text{windows})$ and columns is $(\text{windows}) \times (C K_H K_W)$, so their product is $F \times (C K_H K_W)$, as $W$ is.
#
# Each row of $\partial L / \partial\,\text{columns}$ belongs to one window. All that is left is to put the rows back into the shape of the image, and where windows overlap, to **add**. This way back is called **col2im**.
#
# $$\boxed{\;\frac{\partial L}{\partial x} = \text{col2im}(\Delta \cdot W)\;}$$
#
# Careful: `col2im` is not the inverse of `im2col`.

# %% id="predict_col2im" predict=true
predict(
    "col2im",
    "A 5×5 image of ones, 3×3 windows: what is in the middle of col2im(im2col(image))?",
    ["1, the pixel itself", "3", "9, once for each window it is in"],
    choice=None,
)

# %% [markdown] id="exercise_col2im"
# ### Exercise 6: `col2im` (4 points)
#
# The loops of `im2col`, with the arrow turned round: there you *took* a window and wrote a row. Here you *take* a row, give it the shape of a window, and **add** it to the window's place.
#
# - `columns` is `(N * OH * OW, C * KH * KW)`, in the order of `im2col`. The result has the shape `x_shape`, which is `(N, C, H, W)`.
#
# **Tiny example.** The two rows of exercise 4, $\begin{pmatrix}1&2&4&5\\2&3&5&6\end{pmatrix}$, `x_shape = (1, 1, 2, 3)`, `kernel=2`. The first row goes to columns 0 and 1 of the image, the second to columns 1 and 2:
#
# $$
# \begin{pmatrix}1&2&0\\4&5&0\end{pmatrix} + \begin{pmatrix}0&2&3\\0&5&6\end{pmatrix} = \begin{pmatrix}1&4&3\\4&10&6\end{pmatrix}
# $$
#
# <details><summary><b>Hint</b></summary>
#
# `columns.reshape(N, OH, OW, C, KH, KW)[:, i, j]` is the window of output `(i, j)` of all images, shape `(N, C, KH, KW)`. Add it to `padded[:, :, …, …]`, which starts as zeros of the padded shape. Cut off the padding at the end.
#
# </details>


# %% id="write_col2im" solution=true
def col2im(columns, x_shape, kernel, stride=1, padding=0):
    """Add the rows of im2col's matrix up at the places of the image they came from.

    columns: (N * OH * OW, C * KH * KW), in im2col's order. x_shape: (N, C, H, W).
    kernel, stride, padding: an int, or a pair (along H, along W).
    Returns an array of shape x_shape: overlapping windows add up, pixels in no window
    are 0, padding is cut off.
    Float dtype: float32 stays float32, integers become float64. columns is not changed.
    """
    columns = as_float(columns)
    n, c, height, width = x_shape
    (kh, kw), (sh, sw), (ph, pw) = pair(kernel), pair(stride), pair(padding)
    ### BEGIN SOLUTION
    oh = conv_output_size(height, kh, sh, ph)
    ow = conv_output_size(width, kw, sw, pw)
    windows = columns.reshape(n, oh, ow, c, kh, kw)
    padded = np.zeros((n, c, height + 2 * ph, width + 2 * pw), columns.dtype)
    for i in range(oh):
        for j in range(ow):
            padded[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw] += windows[:, i, j]
    return padded[:, :, ph : ph + height, pw : pw + width]
    ### END SOLUTION


# %% id="check_col2im" test=true points=4 teaches=["im2col"]
check("col2im", col2im)

# %% id="overlap_counts" show=true
ones = np.ones((1, 1, 5, 5))
counts = {}
for k, s in [(3, 1), (3, 2), (2, 2), (1, 2)]:
    columns = im2col(ones, k, stride=s)
    counts[f"{k}×{k}, stride {s}"] = col2im(columns, ones.shape, k, stride=s)[0, 0]
plots.number_grids(
    counts,
    alt="Four 5 by 5 grids that count in how many windows each pixel lies. 3 by 3, "
    "stride 1: from 1 in the corners to 9 in the middle. 3 by 3, stride 2: 1, 2 and "
    "4. 2 by 2, stride 2: 1 everywhere but 0 in the last row and column, which are "
    "left over. 1 by 1, stride 2: 1 at every second pixel, else 0.",
)

# %% id="reveal_col2im" show=true
reveal(
    "col2im",
    f"{counts['3×3, stride 1'][2, 2]:.0f}, once for each window it is in",
    answer="c",
)

# %% [markdown] id="col2im_adjoint"
# These grids count in how many windows each pixel lies. They tell you at a glance how many contributions a pixel's gradient has, and which pixels get none.
#
# <details><summary><b>For the curious:</b> what col2im is, if not the inverse</summary>
#
# `im2col` is linear: it only copies numbers (and zeros). So it is a matrix, call it $M$, with a single 1 in each row that is not padding. `col2im` is its transpose $M^{\mathsf T}$, also called its **adjoint**. This says that for all $x$ and all $y$
#
# $$\langle \text{im2col}(x),\, y \rangle = \langle x,\, \text{col2im}(y) \rangle ,$$
#
# where $\langle\cdot,\cdot\rangle$ multiplies element by element and adds up. It is the shortest complete test for both functions, and it is the reason why it occurs in the backward pass: the gradient of $x \mapsto Mx$ is always multiplication by $M^{\mathsf T}$.
#
# </details>

# %% [markdown] id="pooling_text" teaches=["max_pooling", "average_pooling"]
# ## 8 · Pooling
#
# A feature map says where a pattern is, to the pixel. Often that is more than we need to know: *there is an edge about here* is enough. **Pooling** replaces each window of a map by one number.
#
# - **Max pooling** takes the largest value: *was the pattern anywhere in this window?*
# - **Average pooling** takes the mean: *how much of the pattern was in this window?*
#
# The window with the values $1, 3, 2, 4$ becomes $\max = \mathbf{4}$ or mean $= (1 + 3 + 2 + 4)/4 = \mathbf{2.5}$.
#
# Pooling has no weights. It works on each channel alone. Usually the windows do not overlap: the stride is the window's size. With 2×2 windows, height and width are halved, so three quarters of the values are gone, and everything after is four times cheaper.

# %% id="pooling_picture" show=true teaches=["max_pooling", "average_pooling"]
before = np.array([[1, 3, 0, 2], [2, 4, 1, 1], [5, 0, 7, 6], [1, 2, 8, 3]])
plots.pooling_picture(
    before,
    {
        "max pooling": np.array([[4, 2], [5, 8]]),
        "average pooling": np.array([[2.5, 1], [2, 6]]),
    },
    2,
    alt="A 4 by 4 grid with its four 2 by 2 blocks in four colours. Max pooling "
    "gives 4, 2, 5, 8 and average pooling gives 2.5, 1, 2, 6, each in the colour of "
    "its block.",
)

# %% [markdown] id="exercise_max_pool2d_forward"
# ### Exercise 7: `max_pool2d_forward` (3 points)
#
# - `x` is `(N, C, H, W)`, the output is `(N, C, OH, OW)`. There is no padding.
# - `size` is the window, `stride` how far it moves; both are an int or a pair. `stride=None` means: the same as `size`.
# - The output size comes from your `conv_output_size`, and a leftover is left over.
# - The `cache` is `(x, size, stride)` exactly as they came in (so `stride` may be `None` in it).
#
# **Tiny example.** `x = [[1, 3], [2, 4]]` as one image of one channel, `size=2`: `out = [[4]]`. With `x = [[1, 3, 9], [2, 4, 9]]` still `[[4]]`: the last column is left over.
#
# <details><summary><b>Hint</b></summary>
#
# The window of output `(i, j)`, for all images and channels, is `x[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw]`. Take its `.max(axis=(2, 3))`, which has the shape `(N, C)`, and put it into `out[:, :, i, j]`.
#
# </details>


# %% id="write_max_pool2d_forward" solution=true
def max_pool2d_forward(x, size, stride=None):
    """The largest value of each window, channel by channel.

    x: (N, C, H, W).
    size, stride: an int, or a pair (along H, along W); a stride of None means size.
    Returns (out, cache): out (N, C, OH, OW), cache = (x, size, stride) as they came in.
    Float dtype: float32 stays float32, integers become float64. x is not changed.
    """
    cache = (x, size, stride)
    x = as_float(x)
    (kh, kw), (sh, sw) = pair(size), pair(size if stride is None else stride)
    ### BEGIN SOLUTION
    n, c, height, width = x.shape
    oh, ow = conv_output_size(height, kh, sh), conv_output_size(width, kw, sw)
    out = np.zeros((n, c, oh, ow), x.dtype)
    for i in range(oh):
        for j in range(ow):
            window = x[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw]
            out[:, :, i, j] = window.max(axis=(2, 3))
    return out, cache
    ### END SOLUTION


# %% id="check_max_pool2d_forward" test=true points=3 teaches=["max_pooling"]
check("max_pool2d_forward", max_pool2d_forward)

# %% [markdown] id="exercise_max_pool2d_backward"
# ### The gradient of max pooling
#
# Number the places of a window by $m$, and let $m^*$ be the place of the largest value, so $\text{out} = x[m^*]$. Change $x[m^*]$ a little and the output changes by as much. Change any other pixel of the window a little and nothing happens. So
#
# $$\boxed{\;\frac{\partial\,\text{out}}{\partial x[m]} = \begin{cases}1 & m = m^*\\ 0 & \text{otherwise}\end{cases}\;}$$
#
# Max pooling **routes** the gradient: all of `dout` goes to the winner, the others get nothing. Where windows overlap, a pixel may win in several of them. Then its gradients **add up**.
#
# **Ties.** If two pixels are equally large, the derivative does not exist, and one has to choose. Here: the **first** one gets it all, first in reading order, row by row. `np.argmax` chooses the same way.
#
# ### Exercise 8: `max_pool2d_backward` (4 points)
#
# `dout` is `(N, C, OH, OW)`, the cache is `(x, size, stride)`, and the result `dx` has the shape of `x`.
#
# **Tiny example.** `x = [[1, 3, 2]]`, `size=(1, 2)`, `stride=1`: two windows, $[1, 3]$ and $[3, 2]$, and the 3 wins both. With `dout = [[10, 100]]` we get `dx = [[0, 110, 0]]`.
#
# <details><summary><b>Hint 1:</b> who won?</summary>
#
# `flat = window.reshape(N, C, KH * KW)` and `flat.argmax(axis=2)`: the winner's number in each window, shape `(N, C)`. Its row and column in the window are `winner // kw` and `winner % kw`, or `np.unravel_index(winner, (kh, kw))`.
#
# </details>
# <details><summary><b>Hint 2:</b> adding at the right places</summary>
#
# With `n_index, c_index = np.ogrid[:N, :C]` you can add for all images and channels at once:
# `dx[n_index, c_index, i * sh + row, j * sw + column] += dout[:, :, i, j]`.
# Two more loops over images and channels are just as right.
#
# </details>


# %% id="write_max_pool2d_backward" solution=true
def max_pool2d_backward(dout, cache):
    """Each element of dout goes to the place that its window's maximum came from.

    dout: (N, C, OH, OW). cache: (x, size, stride) from max_pool2d_forward.
    Returns dx of x's shape, and of x's dtype if that is a float dtype, else float64.
    Of tied maxima the first (row by row) gets everything.
    Where windows overlap, contributions add up.
    Changes neither dout nor anything in the cache.
    """
    x, size, stride = cache
    x, dout = as_float(x), as_float(dout)
    (kh, kw), (sh, sw) = pair(size), pair(size if stride is None else stride)
    ### BEGIN SOLUTION
    n, c, oh, ow = dout.shape
    n_index, c_index = np.ogrid[:n, :c]
    dx = np.zeros_like(x)
    for i in range(oh):
        for j in range(ow):
            window = x[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw]
            winner = window.reshape(n, c, kh * kw).argmax(axis=2)  # of several, the first
            row, column = np.unravel_index(winner, (kh, kw))
            dx[n_index, c_index, i * sh + row, j * sw + column] += dout[:, :, i, j]
    return dx
    ### END SOLUTION


# %% id="check_max_pool2d_backward" test=true points=4 teaches=["max_pooling"]
check("max_pool2d_backward", max_pool2d_backward, forward=max_pool2d_forward)

# %% [markdown] id="exercise_avg_pool2d"
# ### Average pooling, forward and backward
#
# The mean of the $K_H \cdot K_W$ values in a window, and its derivative. Each pixel of the window enters with the factor $1 / (K_H K_W)$:
#
# $$\text{out} = \frac{1}{K_H K_W} \sum_{m} x[m]
# \qquad\Rightarrow\qquad
# \boxed{\;\frac{\partial\,\text{out}}{\partial x[m]} = \frac{1}{K_H K_W}\;}$$
#
# So each pixel of a window gets an **equal share** of its `dout`. Overlapping windows add up, as always.
#
# ### Exercise 9: `avg_pool2d_forward` (2 points)
#
# As exercise 7, with the mean in place of the maximum: the same shapes, the same cache. **Tiny example.** `x = [[1, 3], [2, 4]]`, `size=2`: `out = [[2.5]]`.


# %% id="write_avg_pool2d_forward" solution=true
def avg_pool2d_forward(x, size, stride=None):
    """The mean of each window, channel by channel.

    x: (N, C, H, W).
    size, stride: an int, or a pair (along H, along W); a stride of None means size.
    Returns (out, cache): out (N, C, OH, OW), cache = (x, size, stride) as they came in.
    Float dtype: float32 stays float32, integers become float64. x is not changed.
    """
    cache = (x, size, stride)
    x = as_float(x)
    (kh, kw), (sh, sw) = pair(size), pair(size if stride is None else stride)
    ### BEGIN SOLUTION
    n, c, height, width = x.shape
    oh, ow = conv_output_size(height, kh, sh), conv_output_size(width, kw, sw)
    out = np.zeros((n, c, oh, ow), x.dtype)
    for i in range(oh):
        for j in range(ow):
            window = x[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw]
            out[:, :, i, j] = window.mean(axis=(2, 3))
    return out, cache
    ### END SOLUTION


# %% id="check_avg_pool2d_forward" test=true points=2 teaches=["average_pooling"]
check("avg_pool2d_forward", avg_pool2d_forward)

# %% id="see_pooling_example" show=true promise=true
window = np.array([[[[1, 3], [2, 4]]]])
print(
    "max:",
    max_pool2d_forward(window, 2)[0].item(),
    "  mean:",
    avg_pool2d_forward(window, 2)[0].item(),
)

# %% [markdown] id="exercise_avg_pool2d_backward"
# ### Exercise 10: `avg_pool2d_backward` (3 points)
#
# The shapes are those of exercise 8.
#
# **Tiny example.** `x` of shape 1×3, `size=(1, 2)`, `stride=1`, `dout = [[10, 100]]`. The first window gives 5 to each of pixels 0 and 1, the second gives 50 to each of pixels 1 and 2: `dx = [[5, 55, 50]]`.
#
# <details><summary><b>Hint</b></summary>
#
# `dout[:, :, i, j]` has the shape `(N, C)`. To add it to a window `(N, C, KH, KW)`, give it two more axes: `dout[:, :, i, j][:, :, None, None] / (kh * kw)`.
#
# </details>


# %% id="write_avg_pool2d_backward" solution=true
def avg_pool2d_backward(dout, cache):
    """Each element of dout is shared out evenly over its window.

    dout: (N, C, OH, OW). cache: (x, size, stride) from avg_pool2d_forward.
    Returns dx of x's shape, and of x's dtype if that is a float dtype, else float64.
    Where windows overlap, contributions add up.
    Changes neither dout nor anything in the cache.
    """
    x, size, stride = cache
    x, dout = as_float(x), as_float(dout)
    (kh, kw), (sh, sw) = pair(size), pair(size if stride is None else stride)
    ### BEGIN SOLUTION
    _, _, oh, ow = dout.shape
    dx = np.zeros_like(x)
    for i in range(oh):
        for j in range(ow):
            share = dout[:, :, i, j][:, :, None, None] / (kh * kw)
            dx[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw] += share
    return dx
    ### END SOLUTION


# %% id="check_avg_pool2d_backward" test=true points=3 teaches=["average_pooling"]
check("avg_pool2d_backward", avg_pool2d_backward, forward=avg_pool2d_forward)

# %% id="pooling_gradients_picture" show=true
upstream = np.array([[10, 20], [30, 40]])
max_out, max_cache = max_pool2d_forward(before[None, None], 2)
avg_out, avg_cache = avg_pool2d_forward(before[None, None], 2)
plots.number_grids(
    {
        "x": before,
        "dout": upstream,
        "dx of max pooling": max_pool2d_backward(upstream[None, None], max_cache)[0, 0],
        "dx of average pooling": avg_pool2d_backward(upstream[None, None], avg_cache)[0, 0],
    },
    alt="Four grids: x, dout with 10, 20, 30, 40, and two gradients of x. Max "
    "pooling puts each value of dout at the largest pixel of its block and 0 "
    "elsewhere. Average pooling puts a quarter of it at all four pixels of the block.",
)

# %% [markdown] id="exercise_global_avg_pool"
# ### Global average pooling
#
# The extreme case: one window over the whole map, so each channel becomes **one** number, $(N, C, H, W) \to (N, C)$. Many networks end like this, just before the last dense layer. The position is averaged away completely, and the network accepts pictures of any size. Each pixel enters with the factor $1/(HW)$, so this is also its share of the gradient:
#
# $$\text{out}[n, c] = \frac{1}{H W} \sum_{i, j} x[n, c, i, j]
# \qquad\qquad
# \boxed{\;\frac{\partial L}{\partial x[n, c, i, j]} = \frac{1}{H W}\,\frac{\partial L}{\partial\,\text{out}[n, c]}\;}$$
#
# ### Exercise 11: `global_avg_pool_forward` (1 point)
#
# `x` is `(N, C, H, W)`, the output is `(N, C)`. The cache is the tuple `x.shape`: the backward pass needs nothing else. **Tiny example.** `x = [[1, 3], [2, 4]]` as one image of one channel: `out = [[2.5]]`, of shape `(1, 1)`.


# %% id="write_global_avg_pool_forward" solution=true
def global_avg_pool_forward(x):
    """The mean of each channel.

    x: (N, C, H, W). Returns (out, cache): out (N, C), float32 stays float32, integers
    become float64; cache = the tuple x.shape.
    """
    x = as_float(x)
    ### BEGIN SOLUTION
    return x.mean(axis=(2, 3)), x.shape
    ### END SOLUTION


# %% id="check_global_avg_pool_forward" test=true points=1 teaches=["average_pooling"]
check("global_avg_pool_forward", global_avg_pool_forward)

# %% [markdown] id="exercise_global_avg_pool_backward"
# ### Exercise 12: `global_avg_pool_backward` (2 points)
#
# `dout` is `(N, C)`, the cache is the shape `(N, C, H, W)`, and `dx` has that shape. **Tiny example.** `dout = [[8]]`, `cache = (1, 1, 2, 2)`: each of the four pixels gets $8/4 = 2$.
#
# <details><summary><b>Hint</b></summary>
#
# `dout[:, :, None, None]` has the shape `(N, C, 1, 1)`. Multiply it by `np.ones(…)` of the right shape, or add it to zeros. Mind the dtype: ones of float64 would turn a float32 gradient into float64.
#
# </details>


# %% id="write_global_avg_pool_backward" solution=true
def global_avg_pool_backward(dout, cache):
    """Each element of dout is shared out evenly over its channel.

    dout: (N, C). cache: the shape (N, C, H, W) from global_avg_pool_forward.
    Returns dx (N, C, H, W) of dout's float dtype. dout is not changed.
    """
    n, c, height, width = cache
    dout = as_float(dout)
    ### BEGIN SOLUTION
    dx = np.zeros((n, c, height, width), dout.dtype)
    dx += dout[:, :, None, None] / (height * width)
    return dx
    ### END SOLUTION


# %% id="check_global_avg_pool_backward" test=true points=2 teaches=["average_pooling"]
check(
    "global_avg_pool_backward",
    global_avg_pool_backward,
    forward=global_avg_pool_forward,
)

# %% [markdown] id="small_shifts"
# ### Small shifts matter less: measure it
#
# Does pooling help against moved digits? We move each digit by one pixel and ask: by how much do the features change? Take four edge filters and ReLU, then pool with larger and larger windows. The measure is the relative change $\|f(\text{moved}) - f(x)\| / \|f(x)\|$, where $\|a\|$ is the root of the sum of all squares in $a$. 0 % means that the features did not notice.

# %% id="predict_pooling" predict=true
predict(
    "pooling",
    "Max pooling 2×2, digits moved by one pixel: what happens to the features' change?",
    [
        "it disappears",
        "it becomes smaller, but does not disappear",
        "it stays the same",
    ],
    choice=None,
)

# %% id="measure_small_shifts" show=true teaches=["shift_invariance"]
four_edges = np.array([edge, edge.T, -edge, -edge.T])[:, None]  # (4, 1, 3, 3)


def edge_features(x):
    return relu_forward(conv2d_forward(x, four_edges, np.zeros(4), padding=1)[0])[0]


here = edge_features(on_sheet(test_digits[:60]))
there = edge_features(on_sheet(test_digits[:60], right=1))


def relative_change(a, b):
    return 100 * np.linalg.norm(a - b) / np.linalg.norm(a)


change = {"no pooling": relative_change(here, there)}
for size in (2, 4, 6):
    pooled = [max_pool2d_forward(features, size)[0] for features in (here, there)]
    change[f"max pooling {size}×{size}"] = relative_change(*pooled)
largest = [max_pool2d_forward(features, 12)[0] for features in (here, there)]
change["max over the whole map"] = relative_change(*largest)
averages = [global_avg_pool_forward(features)[0] for features in (here, there)]
change["global average"] = relative_change(*averages)
plots.bars(
    change,
    xlabel="change of the features when digits move by one pixel (%)",
    alt="Bars of the relative change of the features in per cent: "
    + ", ".join(f"{name} {value:.0f}" for name, value in change.items()),
)

# %% id="reveal_pooling" show=true
reveal(
    "pooling",
    f"from {change['no pooling']:.0f} % to {change['max pooling 2×2']:.0f} %",
    answer="b",
)

# %% [markdown] id="small_shifts_text" teaches=["shift_invariance"]
# Larger windows forget more of the position. Only when the window is the whole map is the position gone entirely, and then the features do not change at all (as long as the digit does not leave the sheet).
#
# So the careful statement is: **a convolution is translation-equivariant, and pooling makes small shifts matter less.** Pooling with a stride does not make a network shift-invariant. A maximum that moves by one pixel may cross into the next window.
#
# ## 9 · Everything together
#
# Now the question from the beginning. You have all the parts of a convolutional network. We train three networks on *centred* digits only and test them on moved ones:
#
# 1. the **dense network** of section 1
# 2. **convolution + max pooling 4×4 + dense**: your filters find patterns, pooling keeps roughly where
# 3. **convolution + max over the whole map + dense**: keeps only *whether* a pattern occurs
#
# Both convolutional networks have the same 32 filters of 5×5, and fewer parameters in all than the dense network. They use *your* `im2col` and *your* pooling. The first layer needs no `dx`, since nobody trains the pixels, so `dw` is a single matrix product.


# %% id="convolutional_network" teaches=["own_network"]
def convolutional_network(pool_size, kernel=5):
    """Convolution (as large as its input), ReLU, max pooling, dense."""

    def network(parameters, x):
        w1, b1, w2, b2 = parameters
        columns = im2col(x, kernel, padding=kernel // 2)
        z = columns @ w1.reshape(len(w1), -1).T + b1  # a row a window, a column a filter
        z = z.reshape(len(x), 12, 12, len(w1)).transpose(0, 3, 1, 2)
        a, cache1 = relu_forward(z)
        pooled, cache2 = max_pool2d_forward(a, pool_size)
        logits, cache3 = dense_forward(pooled, w2, b2)

        def backward(dlogits):
            dpooled, dw2, db2 = dense_backward(dlogits, cache3)
            da = max_pool2d_backward(dpooled.reshape(pooled.shape), cache2)
            dz = relu_backward(da, cache1)
            rows = dz.transpose(0, 2, 3, 1).reshape(-1, len(w1))  # a row a window
            dw1 = (rows.T @ columns).reshape(w1.shape)
            return dw1, rows.sum(axis=0), dw2, db2

        return logits, backward

    return network


def convolutional_start(rng, pool_size, kernel=5):
    features = 32 * (12 // pool_size) ** 2
    filters = he(rng, 32, 1, kernel, kernel, fan_in=kernel**2)
    return [filters, np.zeros(32), he(rng, features, 10, fan_in=features), np.zeros(10)]


# %% id="predict_moved" predict=true
predict(
    "moved",
    "Digits moved by two pixels, which no network has ever seen. Which one does best?",
    [
        "the dense one",
        "convolution with 4×4 pooling",
        "convolution with the maximum over the whole map",
    ],
    choice=None,
)

# %% id="train_on_digits" show=true teaches=["own_network"]
start = time.perf_counter()
networks = {}
for pool_size in (4, 12):
    rng = np.random.default_rng(0)
    network = convolutional_network(pool_size)
    parameters = convolutional_start(rng, pool_size)
    train(network, parameters, on_sheet(train_digits), train_labels, rng=rng, steps=150)
    networks[pool_size] = (network, parameters)
print(f"trained in {time.perf_counter() - start:.1f} s")
for name, parameters in [
    ("dense", dense),
    ("4×4 pooling", networks[4][1]),
    ("whole map", networks[12][1]),
]:
    print(f"{name:>12}: {sum(p.size for p in parameters):,} parameters")

# %% id="measure_moved_digits" show=true teaches=["own_network"]
curves = {
    "dense": dense_by_shift,
    "convolution, 4×4 pooling": accuracy_by_shift(*networks[4]),
    "convolution, max over the map": accuracy_by_shift(*networks[12]),
}
plots.lines(
    shifts,
    curves,
    xlabel="digit moved to the right by (pixels)",
    ylabel="accuracy (%)",
    ylim=(0, 102),
    alt="Three curves of accuracy against the shift of the digits, from minus two to "
    "two pixels. All are high at zero. The dense network falls steeply on both sides, "
    "the convolution with 4 by 4 pooling falls less steeply, and the convolution with "
    "the maximum over the whole map stays nearly level.",
)

# %% id="reveal_moved" show=true
at_two = {name: (values[0] + values[-1]) / 2 for name, values in curves.items()}
reveal(
    "moved",
    "; ".join(f"{name}: {per_cent:.0f} %" for name, per_cent in at_two.items()),
    answer="c",
)

# %% id="learned_filters" show=true teaches=["no_hierarchy"]
learned = networks[12][1][0][:, 0]  # 32 filters of 5×5
use = np.abs(networks[12][1][2]).sum(axis=1)  # how much the last layer uses each
strongest = np.argsort(-use)[:8]
plots.gallery(
    {f"filter {number}": learned[number] for number in strongest},
    signed=True,
    columns=8,
    size=1.15,
    alt="Eight learned 5 by 5 filters. Red patches, where a filter wants light, "
    "lie beside blue ones, where it wants dark.",
)

# %% [markdown] id="what_broke"
# This is the answer to the question of the unit. A layer that asks the same small question everywhere, and an answer that does not care where: nobody showed the last network a moved digit, and it still reads nearly all of them. (The curve of 4×4 pooling is in between, and not even symmetric: its windows stand at fixed places, and a digit moved to the left meets their edges elsewhere than one moved to the right.)
#
# The filters of the last network are rougher than our edge kernels. They were learned in 150 steps from tiny pictures, and nobody told them what to look for.
#
# ### Break it on purpose
#
# Two ideas carry this network: what lies together belongs together, and the place does not matter. What if the first is taken away? We shuffle the pixels of all pictures in the same way, as in the third picture at the very beginning. First the dense network of section 1 is trained and tested on such pictures.

# %% id="predict_shuffle" predict=true
predict(
    "shuffle",
    "The dense network, all pixels shuffled: what becomes of its accuracy?",
    [
        "it falls to about 10 %, pure guessing",
        "it falls clearly, by 20 points or so",
        "it stays about the same",
    ],
    choice=None,
)


# %% id="measure_shuffle" show=true teaches=["structure"]
def shuffled(x):
    return x.reshape(len(x), -1)[:, pixel_order].reshape(x.shape)


rng = np.random.default_rng(0)
x, x_test = shuffled(on_sheet(train_digits)), shuffled(on_sheet(test_digits))
dense_on_noise = train(dense_network, dense_start(rng), x, train_labels, rng=rng)
as_they_are = accuracy(dense_network, dense, on_sheet(test_digits), test_labels)
with_shuffled_pixels = accuracy(dense_network, dense_on_noise, x_test, test_labels)
plots.bars(
    {"digits as they are": as_they_are, "pixels shuffled": with_shuffled_pixels},
    xlabel="accuracy of the dense network on test digits (%)",
    alt="Two bars of nearly the same length: the accuracy of the dense network is "
    f"{as_they_are:.0f} per cent on digits as they are and "
    f"{with_shuffled_pixels:.0f} per cent on digits with shuffled pixels.",
)

# %% id="reveal_shuffle" show=true
reveal(
    "shuffle",
    f"{as_they_are:.1f} % as they are, {with_shuffled_pixels:.1f} % shuffled",
    answer="c",
)

# %% [markdown] id="structure_lost" teaches=["structure"]
# To us the shuffled digits are noise. To the dense network they are just as easy. So it never used the fact that pixels have neighbours, which is the most useful fact there is about a picture.
#
# <details><summary><b>For the curious:</b> why it cannot matter</summary>
#
# Let $Q$ be the matrix that shuffles the inputs. The first layer computes $x W + b$. On shuffled inputs it computes $x Q W' + b$. With $W' = Q^{-1} W$ this is the same number for every picture, and since the starting weights are drawn independently, $Q^{-1}W$ is as likely a start as $W$. So training on shuffled pictures is the same problem with the rows of $W$ in another order.
#
# </details>
#
# And the convolutional network? Its pictures are shuffled, too. Then, once more, we take away the neighbours: its windows become 1×1, so that no filter ever sees two pixels together.

# %% id="predict_break" predict=true
predict(
    "break",
    "Pixels shuffled: does the convolutional network read digits moved by 2 pixels?",
    ["yes, nearly all of them", "about two thirds", "hardly any"],
    choice=None,
)


# %% id="break_the_structure" show=true
def curve_of(change, kernel):
    """Train with the maximum over the map on changed digits, test on moved ones."""
    rng = np.random.default_rng(0)
    network = convolutional_network(12, kernel)
    parameters = convolutional_start(rng, 12, kernel)
    x = change(on_sheet(train_digits))
    train(network, parameters, x, train_labels, rng=rng, steps=150)
    return accuracy_by_shift(network, parameters, change=change)


broken = {
    "as it was": curves["convolution, max over the map"],
    "pixels shuffled": curve_of(shuffled, 5),
    "1×1 windows": curve_of(lambda x: x, 1),
}
plots.lines(
    shifts,
    broken,
    xlabel="digit moved to the right by (pixels)",
    ylabel="accuracy (%)",
    ylim=(0, 102),
    alt="Three curves of accuracy against the shift. As it was: level and high. With "
    "shuffled pixels: fairly high at zero, falling steeply on both sides. With 1 by 1 "
    "windows: level at about ten per cent, which is guessing.",
)

# %% id="reveal_break" show=true
reveal(
    "break",
    f"{(broken['pixels shuffled'][0] + broken['pixels shuffled'][-1]) / 2:.0f} % of them",
    answer="c",
)

# %% [markdown] id="where_position_matters" teaches=["equivariance"]
# - **Shuffled pixels.** The network can still learn the digits in one place: some pixels lie together even after the shuffle, and it makes do with them. But a moved digit is now another jumble, not the same pattern further on, and what made the network strong is gone. Equivariance to shifts is worth something only where shifts mean something.
# - **1×1 windows.** All that is left is the largest grey value on the sheet. Nearly every digit has a fully white pixel somewhere, so all digits look alike, and the network guesses.
#
# **And where is position useful?** The network with the maximum over the whole map cannot tell a digit at the top from one at the bottom. For reading one digit that is what we want. To say *where* a thing is, it would be useless. Invariance is not good in itself. It must fit the task.

# %% [markdown] id="bug_hunt_text"
# ## 10 · Bug hunts
#
# Reading code is one skill. *Exposing* a bug is another: you must imagine an input on which the code shows that it is wrong. Tests that only try friendly inputs accept most of the faulty code that people really write.
#
# ### Bug hunt 1: `hunt_pool_bug` (3 points)
#
# Someone wrote this backward pass for max pooling. On random numbers with 2×2 windows and stride 2 it agrees with the right one to the last digit:
#
# ```python
# def suspicious_max_pool2d_backward(dout, cache):
#     x, size, stride = cache
#     kh, kw = pair(size)
#     sh, sw = pair(size if stride is None else stride)
#     dx = np.zeros_like(x)
#     for i in range(dout.shape[2]):
#         for j in range(dout.shape[3]):
#             rows = slice(i * sh, i * sh + kh)
#             columns = slice(j * sw, j * sw + kw)
#             window = x[:, :, rows, columns]
#             winners = window == window.max(axis=(2, 3), keepdims=True)
#             g = dout[:, :, i, j][:, :, None, None]  # (N, C, 1, 1)
#             dx[:, :, rows, columns] = winners * g
#     return dx
# ```
#
# Return an input `(x, size, stride)` on which a wrong backward pass gives another result than the right one (or stops with an error). **One** input can catch many mistakes at once. Yours is tried on several wrong implementations, this one and others of its kind, and each that it exposes earns points. The `dout` is drawn at random.
#
# - `x` is an array of shape `(N, C, H, W)`; `size` and `stride` are an int or a pair, and `stride` may be `None`.
#
# **Tiny example** of what you may return, and a poor one: `np.array([[[[1.0, 3.0], [2.0, 4.0]]]]), 2, 2`. It is one window with four different values. On it the code above is right, so it exposes nothing.
#
# <details><summary><b>Hint:</b> which inputs are friendly?</summary>
#
# Ask what a lazy programmer takes for granted, and then do not grant it. That windows do not overlap? That no two values in a window are equal? That the image is square, the window is square, both strides are equal, and the windows cover the image exactly? That there is one image, or one channel?
#
# </details>


# %% id="write_hunt_pool_bug" solution=true
def hunt_pool_bug():
    """An input that exposes wrong versions of max_pool2d_backward.

    Returns (x, size, stride), as max_pool2d_forward takes them.
    """
    ### BEGIN SOLUTION
    rng = np.random.default_rng(0)
    x = rng.integers(0, 3, (2, 3, 8, 7)).astype(float)  # few values: many ties
    # overlapping windows that are not square, and a row is left over
    return x, (3, 2), (2, 1)
    ### END SOLUTION


# %% id="check_hunt_pool_bug" test=true points=3 teaches=["max_pooling"]
check("hunt_pool_bug", hunt_pool_bug)

# %% [markdown] id="bug_hunt_conv_text"
# ### Bug hunt 2: `hunt_conv_bug` (3 points)
#
# This backward pass for the convolution is right for stride 1 and padding 1, the setting that most people try:
#
# ```python
# def suspicious_conv2d_backward(dout, cache):
#     x, w, b, stride, padding = cache
#     (sh, sw), (ph, pw) = pair(stride), pair(padding)
#     padded = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
#     dx_padded, dw = np.zeros_like(padded), np.zeros_like(w)
#     kh, kw = w.shape[2:]
#     for i in range(dout.shape[2]):
#         for j in range(dout.shape[3]):
#             rows = slice(i * sh, i * sh + kh)
#             columns = slice(j * sh, j * sh + kw)
#             for f in range(len(w)):
#                 g = dout[:, f, i, j][:, None, None, None]
#                 dw[f] += np.sum(g * padded[:, :, rows, columns], axis=0)
#                 dx_padded[:, :, rows, columns] += g * w[f]
#     dx = dx_padded[:, :, ph:-ph, pw:-pw]
#     return dx, dw, dout.sum(axis=(0, 2, 3))
# ```
#
# Return `(x, w, b, stride, padding)` that exposes it, and others of its kind. Again one input is tried on several wrong implementations.
#
# - `x` is `(N, C, H, W)`, `w` is `(F, C, KH, KW)`, `b` is `(F,)`; `stride` and `padding` are an int or a pair.
#
# **Tiny example**, again a poor one: `np.ones((1, 1, 3, 3)), np.ones((1, 1, 3, 3)), np.zeros(1), 1, 1`.
#
# <details><summary><b>Hint 1</b></summary>
#
# There are two mistakes in the code above. One is in a line with `slice`, one in the line that begins with `dx =`. Each shows only for some strides and some paddings.
#
# </details>
# <details><summary><b>Hint 2</b></summary>
#
# Padding and stride may be pairs. With `padding=(0, 1)` one axis has no padding and the other one has some: two cases in a single input. What else could be unequal?
#
# </details>


# %% id="write_hunt_conv_bug" solution=true
def hunt_conv_bug():
    """An input that exposes wrong versions of conv2d_backward.

    Returns (x, w, b, stride, padding), as conv2d_forward takes them.
    """
    ### BEGIN SOLUTION
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, 3, 8, 7))
    w = rng.normal(size=(4, 3, 3, 2))
    b = rng.normal(size=4)
    # overlapping windows; no padding one way, some the other; a row is left over
    return x, w, b, (2, 1), (0, 1)
    ### END SOLUTION


# %% id="check_hunt_conv_bug" test=true points=3 teaches=["convolution_layer"]
check("hunt_conv_bug", hunt_conv_bug)

# %% [markdown] id="bonus_text"
# ## 11 · Bonus: `conv2d_forward_fast` (3 extra points)
#
# The same layer and the same contract as `conv2d_forward`, but fast. First it must be right: it is tested like exercise 3. Then it is timed against your own loops, and the points grow with the speed-up: none up to twice as fast, all from ten times as fast. The shapes and the tiny example are those of exercise 3.
#
# Your `im2col` and one matrix product get you most of the way. For the rest, think about what still runs in Python.
#
# <details><summary><b>Hint:</b> windows without any loop</summary>
#
# `np.lib.stride_tricks.sliding_window_view(padded, (kh, kw), axis=(2, 3))` shows all windows at once, as an array of shape `(N, C, H', W', KH, KW)`, without copying a single number: it only looks at the same memory in another way. Take every `sh`-th and `sw`-th of them, bring the axes into the order of `im2col`, and reshape. The reshape copies.
#
# </details>


# %% id="write_conv2d_forward_fast" solution=true
def conv2d_forward_fast(x, w, b, stride=1, padding=0):
    """The same as conv2d_forward, only faster."""
    cache = (x, w, b, stride, padding)
    x, w, b = as_float(x), as_float(w), as_float(b)
    (sh, sw), (ph, pw) = pair(stride), pair(padding)
    ### BEGIN SOLUTION
    n, c, height, width = x.shape
    filters, _, kh, kw = w.shape
    oh = conv_output_size(height, kh, sh, ph)
    ow = conv_output_size(width, kw, sw, pw)
    padded = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (kh, kw), axis=(2, 3))
    windows = windows[:, :, ::sh, ::sw]  # (N, C, OH, OW, KH, KW)
    columns = windows.transpose(0, 2, 3, 1, 4, 5).reshape(n * oh * ow, c * kh * kw)
    rows = columns @ w.reshape(filters, -1).T + b
    return rows.reshape(n, oh, ow, filters).transpose(0, 3, 1, 2), cache
    ### END SOLUTION


# %% id="check_conv2d_forward_fast" test=true points=0 bonus=3 teaches=["im2col"]
check("conv2d_forward_fast", conv2d_forward_fast, forward=conv2d_forward)

# %% [markdown] id="questions_text"
# ## 12 · Three questions
#
# Answer in your own words, in a few sentences each. A person reads your answers. Each gives up to 3 points.

# %% [markdown] id="question_parameters" question=true points=3 teaches=["parameter_sharing"]
# **Question 1.** A layer takes images of shape 3×32×32 to 16 feature maps of 32×32 (3×3 kernels, stride 1, padding 1). (a) How many parameters has this convolution layer, and how many would a dense layer with the same input and output sizes have, biases included? (b) Which two assumptions about images account for the difference? (c) Name one kind of data for which they are wrong, and say why.
#
# === BEGIN MARK SCHEME ===
#
# - 1 point: both numbers. Convolution 16·(3·3·3 + 1) = 448. Dense 3,072·16,384 + 16,384 = 50,348,032. (Half a point if only one is right, or if the biases are missing.)
# - 1 point: both assumptions in own words: what belongs together is close together (local connectivity), and what is worth finding at one place is worth finding at every place (parameter sharing).
# - 1 point: a fitting example with its reason, such as the columns of a table (neighbouring columns mean unrelated things), pixels in shuffled order, or passport photos with the eyes always at the same height (sharing is wasteful there).
#
# === END MARK SCHEME ===
#
# ### BEGIN SOLUTION
# (a) The convolution layer has 16 filters of 3·3·3 = 27 weights and one bias each: 16·28 = 448. The dense layer has (3·32·32)·(16·32·32) = 3,072·16,384 = 50,331,648 weights and 16,384 biases, together 50,348,032.
#
# (b) Local connectivity: whether there is an edge here can be told from a few neighbouring pixels. Parameter sharing: an edge looks the same at every place, so the same weights will do everywhere.
#
# (c) The columns of a table, such as age, income and postcode. Their order is arbitrary, so neighbours have nothing to do with each other, and a pattern of "a large value beside a small one" means something else at every place.
# ### END SOLUTION

# %% [markdown] id="question_equivariance" question=true points=3 teaches=["equivariance"]
# **Question 2.** A friend says: "Convolutional networks recognise things wherever they are, because convolution is translation-invariant." Correct this sentence. Use the words *equivariant* and *invariant* rightly, say what stride and pooling do, and support it with a measurement from this unit.
#
# === BEGIN MARK SCHEME ===
#
# - 1 point: convolution with stride 1 is translation-equivariant (the output moves with the input), not invariant (the output stays the same); away from the border.
# - 1 point: with stride S this holds only for shifts by multiples of S; pooling makes small shifts matter less but does not remove them, unless it covers the whole map.
# - 1 point: a measurement from the notebook, used rightly: the two paths, the change of the features by pool size, or the three accuracy curves on moved digits.
#
# === END MARK SCHEME ===
#
# ### BEGIN SOLUTION
# A convolution with stride 1 is equivariant: if the picture moves, the feature map moves along, by as many pixels. Invariant would mean that the map does not change, and it does. At the border even equivariance fails, and with stride S it holds only for shifts by multiples of S: with stride 2 and a shift by one pixel, no shift of the old map gave the new one. Pooling makes small shifts matter less, since a maximum that stays in its window gives the same value. In the measurement the change of the features became smaller with each larger window, and only the maximum over the whole map did not change at all. The network with 4×4 pooling still lost accuracy on moved digits, the one with the maximum over the whole map hardly any.
# ### END SOLUTION

# %% [markdown] id="question_adding_up" question=true points=3 teaches=["conv_gradients"]
# **Question 3.** In nearly every backward function of this unit stands a `+=`. (a) Explain without formulas why the gradients of a weight, and of a pixel, are *sums*. (b) In max pooling with 3×3 windows and stride 2, someone writes `=` instead of `+=`. For which pixels is the gradient wrong, and does it become too large or too small in size when all of `dout` is positive? (c) Why did the test with 2×2 windows and stride 2 not find it?
#
# === BEGIN MARK SCHEME ===
#
# - 1 point: a weight is used at every window, a pixel in every window that contains it; each use is a separate way to influence the loss, and the influences add up (chain rule).
# - 1 point: pixels in the overlap (shared rows and columns of neighbouring windows); only the last window written counts, so earlier contributions are lost, and also set to 0 where the pixel lost in the later window; with positive dout the result is too small, never too large.
# - 1 point: with stride equal to the size the windows do not overlap, each pixel is written once, and = and += do the same to zeros.
#
# === END MARK SCHEME ===
#
# ### BEGIN SOLUTION
# (a) A shared weight acts at every window, and a pixel acts in every window that contains it. Each of these is its own way to the loss. If the number changes a little, all ways change the loss a little, and the total change is the sum.
#
# (b) It is wrong for pixels that lie in more than one window, which are the rows and columns where neighbouring windows overlap. Each later window overwrites what an earlier one gave: a pixel that won earlier loses its contribution, even all of it if it did not win in the later window. With a positive dout every lost contribution was positive, so the gradient is too small.
#
# (c) With 2×2 windows and stride 2 no pixel lies in two windows. Each place is written once, into a zero, and there `=` and `+=` give the same.
# ### END SOLUTION

# %% [markdown] id="common_mistakes"
# ## Common mistakes
#
# | mistake | what happens | better |
# |---|---|---|
# | `dx[:, :, p:-p, p:-p]` | an empty array for `p = 0` | `dx[:, :, p : p + H, p : p + W]` |
# | `=` instead of `+=` for overlapping windows | earlier windows are forgotten | always `+=`, starting from zeros |
# | stride used in the forward pass, forgotten in the backward pass | gradients go to the wrong pixels | the same slices in both |
# | `H` where `W` belongs, one stride for both axes | right for square images only | test with images that are not square |
# | refusing a leftover | an error for sizes that are fine | round down, as `//` does |
# | all tied maxima get the gradient | `dx` has more gradient in it than `dout` | `argmax`: the first one |
# | `zeros_like` of an integer array | gradients are cut to whole numbers | convert to float first |
# | dividing by $N$ in a backward function | gradients $N$ times too small | the loss has averaged already |
# | `dout *= mask`, `x += …` | the caller's arrays change | make a new array |
# | convolution and cross-correlation mixed up | the kernel is flipped | layers do **not** flip |

# %% [markdown] id="summary"
# ## Summary
#
# - Dense layers treat a picture as a list. They need too many weights, do not know neighbours, and must learn every position anew.
# - A **convolution layer** slides small filters over the image: local connectivity and parameter sharing. What it computes is a cross-correlation.
#
# $$\text{out}[n, f, i, j] = b[f] + \sum_{c,u,v} \tilde{x}[n, c, iS + u, jS + v]\, w[f, c, u, v]$$
#
# $$O = \left\lfloor \frac{\text{size} + 2P - K}{S} \right\rfloor + 1$$
#
# - It has $F (C K_H K_W + 1)$ parameters, whatever the size of the image.
# - With stride 1 it is **translation-equivariant**. Stride and the border break this.
# - Written with **im2col** it is one matrix product, and that is fast.
# - Backward: `db` sums `dout`; `dw` sums windows times `dout`; `dx` adds filters times `dout` at the windows' places. For stride 1 `dx` is a full correlation with flipped filters; with matrices it is `col2im`.
# - **Pooling** makes maps smaller, and small shifts matter less. Max pooling routes the gradient to the winner, average pooling shares it out.
# - A network of these parts, trained on centred digits alone, can read moved ones. Your own functions did it.
#
# **Next:** unit 6 stacks these layers, from LeNet-5 to residual networks, and counts what they cost.

# %% [markdown] id="further_reading"
# ## Further reading
#
# - I. Goodfellow, Y. Bengio, A. Courville: *Deep Learning*, chapter 9, "Convolutional Networks". MIT Press, 2016.
# - V. Dumoulin, F. Visin: *A guide to convolution arithmetic for deep learning*. arXiv:1603.07285, 2016. Stride, padding and output sizes, with many pictures.
# - Y. LeCun, B. Boser, J. S. Denker, D. Henderson, R. E. Howard, W. Hubbard, L. D. Jackel: *Backpropagation applied to handwritten zip code recognition*. Neural Computation 1(4), 1989.
# - K. Fukushima: *Neocognitron: A self-organizing neural network model for a mechanism of pattern recognition unaffected by shift in position*. Biological Cybernetics 36, 1980. The idea before backpropagation, with its tie to the visual system.
# - K. Chellapilla, S. Puri, P. Simard: *High performance convolutional neural networks for document processing*. Tenth International Workshop on Frontiers in Handwriting Recognition, 2006. Convolution as a matrix product.
# - M. Lin, Q. Chen, S. Yan: *Network in network*. arXiv:1312.4400, 2013. Global average pooling.
# - R. Zhang: *Making convolutional networks shift-invariant again*. ICML 2019, arXiv:1904.11486. How stride breaks equivariance, and a remedy.
# - A. Azulay, Y. Weiss: *Why do deep convolutional networks generalize so poorly to small image transformations?* Journal of Machine Learning Research 20, 2019.
