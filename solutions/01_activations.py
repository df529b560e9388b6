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
# # Unit 1 · Activations
#
# **The question of this unit:** *what must stand between two layers so that a network can draw more than a straight line?*
#
# You will see what a layer of neurons computes, and what becomes of it when you put many of them in a row. Then you add the missing piece, a small function that bends, and the network can suddenly separate what no line can. You write five such functions and their slopes, see how each of them can fail, and break a network of twenty layers on purpose.
#
# **What you should know:** some Python and NumPy, what a matrix product is, and the derivative from school. Nothing else. Every symbol is introduced before it is used.

# %% [markdown] id="how_to_work"
# ## How to work with this notebook
#
# - Run the cells in order, each with Shift+Enter.
# - **Read, predict, write, see.** A *prediction* takes ten seconds and makes the rest stick. It is never graded.
# - An **exercise** has a text with one tiny example worked out by hand, a function for you to fill in, and a check. The check says what was expected, what came, and often which mistake it looks like. Run it as often as you like.
# - Lines that start with a triangle ▸ open on a click: hints, proofs, and things for the curious. You can finish the unit without the proofs.
# - A cell that stops with an error, in red, changes nothing: the check below it then still tries your last version that worked.
# - Pictures below an exercise are drawn with *your* function. If one stops with `NotImplementedError`, an exercise above it is still open. Write that exercise first, then come back.
#
# The letters are the same in the whole course. Come back to this table when one puzzles you:
#
# | letter | meaning | letter | meaning |
# |---|---|---|---|
# | $N$ | examples in a batch | $z$ | what a neuron has added up |
# | $D$ | features in (numbers that describe one example) | $a$ | its activation, $a = f(z)$ |
# | $M$ | features out (neurons of the layer) | $f'$ | the slope (derivative) of $f$ |
# | $w, b$ | weights and biases of a layer | $L$ | the loss: how wrong the network is |
#
# Arrays have the batch first: `x` is `(N, D)`, one example a row. Weights are `w (D, M)`, biases `b (M,)`.

# %% id="imports"
from itertools import pairwise

import numpy as np

from autograder import check, predict, reveal
from nnlib import plots
from nnlib.data import load_digits
from nnlib.gradients import numerical_gradient

np.set_printoptions(precision=4, suppress=True)

# %% [markdown] id="data_text"
# Two small data sets go with us through the unit. Each has points in the plane, described by two numbers $x_1$ and $x_2$, and each point belongs to class 0 or class 1.


# %% id="data"
def two_spirals(rng, n=100, turns=1.75):
    """Two arms of n points each, wound around each other: x (2n, 2), labels (2n, 1)."""
    radius = np.linspace(0.24, 2, n)
    angle = np.pi * turns * radius
    arm = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    x = np.concatenate([arm, -arm]) + rng.normal(0, 0.04, (2 * n, 2))
    return x, np.repeat([0.0, 1.0], n)[:, None]


def four_corners(rng, n=25):
    """n points around each corner of a square; class 1 where exactly one coordinate is 1 (XOR)."""
    corners = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    x = np.repeat(corners, n, axis=0) + rng.normal(0, 0.12, (4 * n, 2))
    return x, np.repeat([0.0, 1.0, 1.0, 0.0], n)[:, None]


spiral_x, spiral_labels = two_spirals(np.random.default_rng(1))
xor_x, xor_labels = four_corners(np.random.default_rng(1))
PLANE = (-2.4, 2.4, -2.4, 2.4)  # left, right, bottom, top of the pictures of spirals
SQUARE = (-0.6, 1.6, -0.6, 1.6)  # the same for the four corners


def grid_of(extent, count=60):
    """Points on a grid over the whole picture: (count * count, 2)."""
    left, right, bottom, top = extent
    x1, x2 = np.meshgrid(np.linspace(left, right, count), np.linspace(bottom, top, count))
    return np.stack([x1.ravel(), x2.ravel()], axis=1)


# %% id="opening_picture" show=true teaches=["spirals"]
with_ones = np.hstack([spiral_x, np.ones((200, 1))])
line = np.linalg.lstsq(with_ones, spiral_labels, rcond=None)[0]  # fits a plane to the labels
scores = np.hstack([grid_of(PLANE), np.ones((3600, 1))]) @ line
plots.decision_boundaries(
    spiral_x,
    spiral_labels,
    {"two spirals": None, "the best that one line does": scores.reshape(60, 60)},
    PLANE,
    alt="Two panels with the same points: two spirals of two classes, wound around each "
    "other. In the right panel a straight line cuts the plane into two halves. Both "
    "spirals lie on both sides of it.",
)

# %% [markdown] id="opening_question" teaches=["spirals"]
# Two spirals, blue circles and orange triangles. You separate them at a glance: follow the arms. But how would you write this down as a *formula*?
#
# The simplest formula is a straight line: on this side it is class 0, on that side class 1. The right picture shows how well that works.

# %% id="predict_line" predict=true
predict(
    "line",
    "How many of the 200 points are on the right side of this line?",
    ["about half, no better than guessing", "about two thirds", "nearly all"],
    choice=None,  # write choice="a", "b" or "c"
)

# %% id="reveal_line" show=true
right = np.mean((with_ones @ line > 0.5) == (spiral_labels > 0.5))
reveal("line", f"{100 * right:.0f} % of the points", answer="b")

# %% [markdown] id="opening_promise"
# Later in this unit a network with 16 neurons gets all of them right. What it has, and the line has not, is the subject of this unit.

# %% [markdown] id="neuron_text" teaches=["neuron"]
# ## 1 · From one neuron to a layer
#
# A **neuron** is a very small machine. It gets a few numbers $x_1, \dots, x_D$, the **features**. It multiplies each with a **weight**, adds everything up, and adds one more number, its **bias** $b$:
#
# $$z = x_1 w_1 + x_2 w_2 + \dots + x_D w_D + b$$
#
# Then it puts $z$ through a function $f$, the **activation function**, and gives out the **activation** $a = f(z)$.

# %% id="neuron_picture" show=true teaches=["neuron"]
plots.neuron(
    alt="A diagram: three inputs x1, x2, x3 with their weights w1, w2, w3 run into a "
    "circle with a sum sign, and so does the bias b. What comes out is called z. It runs "
    "into a circle with the letter f, and out of it comes a = f(z).",
)

# %% [markdown] id="layer_text" teaches=["layer"]
# For now we leave $f$ away, and look at $z$ alone.
#
# A weight says how much a feature counts, and in which direction. The bias says how easily the neuron gets going at all. A network **learns** by changing its weights and biases; everything else stays as it is.
#
# **A layer** is several neurons that look at the same features. If it has $M$ neurons, we need $M$ times $D$ weights. We write those of one neuron into one *column* of a table $w$ of shape $(D, M)$:
#
# $$z_m = \sum_{d=1}^{D} x_d \, w_{dm} + b_m \qquad\text{for each neuron } m$$
#
# This is exactly what a matrix product does. With $N$ examples, one a row of $x$, all neurons and all examples are computed at once:
#
# $$\boxed{\;\underbrace{z}_{N \times M} = \underbrace{x}_{N \times D}\;\underbrace{w}_{D \times M} + \underbrace{b}_{M}\;}$$
#
# The bias has one number per column, and NumPy adds it to every row. Since every output depends on every input, such a layer is called **dense** or **fully connected**.
#
# **By hand.** One example with $D = 2$ features, and $M = 3$ neurons:
#
# $$
# x = \begin{pmatrix}1 & 2\end{pmatrix}
# \qquad
# w = \begin{pmatrix}1 & 0 & -1\\ 2 & 1 & 0\end{pmatrix}
# \qquad
# b = \begin{pmatrix}10 & 20 & 30\end{pmatrix}
# $$
#
# First neuron: $1 \cdot 1 + 2 \cdot 2 + 10 = 15$. Second: $1 \cdot 0 + 2 \cdot 1 + 20 = 22$. Third: $1 \cdot (-1) + 2 \cdot 0 + 30 = 29$. So $z = (15, 22, 29)$.
#
# <details><summary><b>For the curious:</b> why the lecture writes it the other way round</summary>
#
# Many books write one example as a column, and $z = W a + b$ with $W = w^{\mathsf T}$. That is the same layer. We put the examples into rows because then a whole batch is one matrix product, and because NumPy arrays have the batch first.
#
# </details>


# %% id="helpers"
def as_float(values):
    """The array in a float dtype: a float dtype stays, integers become float64."""
    array = np.asarray(values)
    return array if array.dtype.kind == "f" else array.astype(np.float64)


# %% [markdown] id="exercise_dense_forward"
# ### Exercise 1: `dense_forward` (3 points)
#
# The boxed formula. One thing is to be done first: an example may be a picture, and then `x` has a shape such as `(N, 8, 8)`. Make one row of numbers of each example before you multiply.
#
# - `x` is `(N, D)`, or `(N, …)` with $D$ numbers an example. `w` is `(D, M)`, `b` is `(M,)`. The output is `(N, M)`.
# - It returns two things: the output, and the `cache`, a tuple with what somebody will need later to compute how the layer should change. Here it is `(x, w, b)`, exactly as they came in.
#
# **Tiny example.** The one above, worked out by hand: $x = (1, 2)$ gives $(15, 22, 29)$.
#
# The helper `as_float` above is yours to use in every exercise: `x`, `w` and `b` are floats by the time your lines begin.
#
# <details><summary><b>Hint 1:</b> one row an example</summary>
#
# `x.reshape(N, -1)` keeps the first axis and lays everything else in a row. NumPy works out what `-1` stands for. And `N` is `len(x)`.
#
# </details>
# <details><summary><b>Hint 2:</b> the matrix product</summary>
#
# `@` is the matrix product, `*` multiplies number by number. Adding `b` of shape `(M,)` to an array `(N, M)` adds it to each row.
#
# </details>


# %% id="write_dense_forward" solution=true
def dense_forward(x, w, b):
    """A dense layer, forward: x w + b.

    x: (N, D), or (N, …) with D numbers an example. w: (D, M). b: (M,).
    Returns (out, cache): out (N, M), cache = (x, w, b) as they came in.
    Float dtype: float32 stays float32, integers become float64. Changes no input.
    """
    cache = (x, w, b)
    x, w, b = as_float(x), as_float(w), as_float(b)
    ### BEGIN SOLUTION
    rows = x.reshape(len(x), -1)
    return rows @ w + b, cache
    ### END SOLUTION


# %% id="check_dense_forward" test=true points=3 teaches=["layer"]
check("dense_forward", dense_forward)

# %% [markdown] id="see_dense_text"
# That is the layer that does most of the work in most networks. Let us feed it: first the example from above, then three handwritten digits of 8×8 pixels.

# %% id="see_dense_forward" show=true promise=true
print(dense_forward(np.array([[1, 2]]), np.array([[1, 0, -1], [2, 1, 0]]), np.array([10, 20, 30]))[0])
digits, _ = load_digits()
out, _ = dense_forward(digits[:3], np.ones((64, 5)) / 64, np.zeros(5))
print("three digits", digits[:3].shape, "→ five neurons each", out.shape)

# %% [markdown] id="linear_text"
# ## 2 · What a line can do
#
# Take one neuron with two features and no activation function, and say: *class 1 where $z > 0$, class 0 where $z < 0$*. Between the two lies the **decision boundary**, the points with
#
# $$x_1 w_1 + x_2 w_2 + b = 0.$$
#
# That is the equation of a straight line. Weights turn the line, the bias shifts it, and nothing ever bends it. We call such a model **linear**.
#
# ### Only four points
#
# The spirals are too much for it, as you saw. So make the problem as small as possible: four points. The class is 1 where *exactly one* of the two features is 1. Logicians call it exclusive or, **XOR**:
#
# | $x_1$ | $x_2$ | class |
# |---|---|---|
# | 0 | 0 | 0 |
# | 0 | 1 | 1 |
# | 1 | 0 | 1 |
# | 1 | 1 | 0 |

# %% id="xor_picture" show=true teaches=["xor"]
plots.decision_boundaries(
    np.array([[0, 0], [0, 1], [1, 0], [1, 1]]),
    np.array([0, 1, 1, 0]),
    {
        "XOR": None,
        "one try": grid_of(SQUARE).sum(axis=1).reshape(60, 60) / 2 + 0.25,
        "another": (grid_of(SQUARE) @ [1.0, -1.0]).reshape(60, 60),
    },
    SQUARE,
    size=2.6,
    alt="Three panels with the four corners of a square. Class 0 is at (0, 0) and (1, 1), "
    "class 1 at (0, 1) and (1, 0). The second and the third panel try a straight line; in "
    "each of them one corner is on the wrong side.",
)

# %% id="predict_xor" predict=true
predict(
    "xor",
    "How many of the four corners can one straight line get right, at best?",
    ["two", "three", "four, with some luck"],
    choice=None,
)

# %% [markdown] id="xor_proof" teaches=["xor"]
# Why can no line do it? Suppose there were weights $w_1, w_2$ and a bias $b$ that get all four right. Then
#
# $$
# \begin{aligned}
# (0, 0) \text{ is class } 0: &\quad b < 0\\
# (0, 1) \text{ is class } 1: &\quad w_2 + b > 0\\
# (1, 0) \text{ is class } 1: &\quad w_1 + b > 0\\
# (1, 1) \text{ is class } 0: &\quad w_1 + w_2 + b < 0
# \end{aligned}
# $$
#
# Add the two lines in the middle: $w_1 + w_2 + 2b > 0$. Add the first and the last: $w_1 + w_2 + 2b < 0$. The same number would have to be positive and negative. So there are no such weights:
#
# $$\boxed{\;\text{No straight line separates XOR.}\;}$$
#
# We try it all the same, and measure: a thousand lines at random, in all directions.

# %% id="measure_xor" show=true teaches=["xor"]
rng = np.random.default_rng(0)
corners, classes = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([[0], [1], [1], [0]])
z, _ = dense_forward(corners, rng.normal(size=(2, 1000)), rng.normal(size=1000))  # a line a column
best = int(((z > 0) == classes).sum(axis=0).max())
reveal("xor", f"{best} of 4, the best of a thousand random lines", answer="b")

# %% [markdown] id="stack_text" teaches=["linear_stack"]
# ### Then take more layers?
#
# One layer is too weak. So put a second one behind it: the outputs of the first are the inputs of the second. With more layers there are more weights, so surely it can do more?

# %% id="predict_stack" predict=true
predict(
    "stack",
    "Five layers in a row, no activation functions: what can the decision boundary be?",
    ["a curve with up to five bends", "a straight line", "any curve at all"],
    choice=None,
)

# %% [markdown] id="collapse_text" teaches=["linear_stack"]
# Let us compute. The first layer has $w_1$ of shape $(D, K)$ and $b_1$, the second has $w_2$ of shape $(K, M)$ and $b_2$. What comes out for $x$ is
#
# $$
# \begin{aligned}
# z &= (x\,w_1 + b_1)\,w_2 + b_2 && \text{one after the other}\\
#   &= x\,w_1 w_2 + b_1 w_2 + b_2 && \text{expand the bracket}\\
#   &= x\,\underbrace{(w_1 w_2)}_{w} + \underbrace{(b_1 w_2 + b_2)}_{b} && \text{name the two parts}
# \end{aligned}
# $$
#
# That is one single layer, with weights $w$ and bias $b$:
#
# $$\boxed{\;w = w_1\,w_2, \qquad b = b_1\,w_2 + b_2\;}$$
#
# **By hand.** One feature, two neurons, one output: $w_1 = \begin{pmatrix}1 & 2\end{pmatrix}$, $b_1 = \begin{pmatrix}3 & 4\end{pmatrix}$, $w_2 = \begin{pmatrix}5\\6\end{pmatrix}$, $b_2 = \begin{pmatrix}7\end{pmatrix}$. Then
#
# $$w = 1 \cdot 5 + 2 \cdot 6 = 17, \qquad b = 3 \cdot 5 + 4 \cdot 6 + 7 = 46.$$
#
# Try it with $x = 1$. Two layers: $(1 + 3,\; 2 + 4) = (4, 6)$, and then $4 \cdot 5 + 6 \cdot 6 + 7 = 63$. One layer: $1 \cdot 17 + 46 = 63$. The same.
#
# ### Exercise 2: `collapse_linear` (3 points)
#
# Two layers in, the one layer out that does the same. `w1` is `(D, K)`, `b1` is `(K,)`, `w2` is `(K, M)`, `b2` is `(M,)`; the results are `w` of shape `(D, M)` and `b` of shape `(M,)`.
#
# **Tiny example.** The one above: $w = [[17]]$, $b = [46]$.
#
# <details><summary><b>Hint</b></summary>
#
# The box, read as Python. For NumPy a matrix product of a vector `(K,)` with a table `(K, M)` is a vector `(M,)`: no reshape is needed.
#
# </details>


# %% id="write_collapse_linear" solution=true
def collapse_linear(w1, b1, w2, b2):
    """The one linear layer that does what two do, one behind the other.

    w1: (D, K). b1: (K,). w2: (K, M). b2: (M,).
    Returns (w, b): w (D, M), b (M,).
    Float dtype: float32 stays float32, integers become float64. Changes no input.
    """
    w1, b1, w2, b2 = as_float(w1), as_float(b1), as_float(w2), as_float(b2)
    ### BEGIN SOLUTION
    return w1 @ w2, b1 @ w2 + b2
    ### END SOLUTION


# %% id="check_collapse_linear" test=true points=3 teaches=["linear_stack"]
check("collapse_linear", collapse_linear)

# %% [markdown] id="see_collapse_text"
# Two layers become one. Then three become one as well: collapse the first two, and the result with the third. We do it with five layers of 50 neurons, and compare what comes out.

# %% id="see_collapse" show=true teaches=["linear_stack"]
rng = np.random.default_rng(3)
sizes = [2, 50, 50, 50, 50, 1]
stack = [(rng.normal(0, d**-0.5, (d, m)), rng.normal(size=m)) for d, m in pairwise(sizes)]

layer_by_layer = grid_of(PLANE)
for w, b in stack:
    layer_by_layer, _ = dense_forward(layer_by_layer, w, b)

w, b = stack[0]
for w2, b2 in stack[1:]:
    w, b = collapse_linear(w, b, w2, b2)
collapsed, _ = dense_forward(grid_of(PLANE), w, b)

print(f"five layers, {sum(w.size + b.size for w, b in stack):,} numbers in them")
print(f"one layer, {w.size + b.size} numbers in it")
print(f"largest difference of their results: {np.abs(layer_by_layer - collapsed).max():.0e}")
centre = np.median(collapsed) - 0.5  # move the boundary into the picture
plots.decision_boundaries(
    spiral_x,
    spiral_labels,
    {
        "five linear layers": (layer_by_layer - centre).reshape(60, 60),
        "collapsed into one": (collapsed - centre).reshape(60, 60),
    },
    PLANE,
    alt="Two panels that look the same: five linear layers with random weights, and the "
    "one layer that they collapse into. Both have one straight line as their boundary.",
)

# %% id="reveal_stack" show=true
reveal("stack", "a straight line")

# %% [markdown] id="relu_text" teaches=["relu"]
# ## 3 · The missing piece
#
# The proof had one weak point: *expand the bracket*. It works because nothing happens between the two layers. If something stands there that cannot be expanded, the layers no longer melt into one. That something is the activation function $f$, and it must not be linear: it must **bend**.
#
# The simplest function with a bend is a straight line with one corner, the **rectified linear unit**, **ReLU**:
#
# $$\boxed{\;\text{ReLU}(z) = \max(z, 0) = \begin{cases} z & z > 0\\ 0 & z \le 0\end{cases}\;}$$
#
# Positive numbers pass, negative ones become 0. An activation function works on each number by itself, **elementwise**: what goes in as an array of some shape comes out with the same shape.
#
# ### Exercise 3: `relu_forward` (1 point)
#
# `z` may have any shape. The `cache` is `z` itself, as it came in.
#
# **Tiny example.** $z = (-2,\; 0,\; 3)$ gives $a = (0,\; 0,\; 3)$.
#
# <details><summary><b>Hint</b></summary>
#
# `np.maximum` compares number by number. (`np.max` is another function: it looks for the largest number of an array.)
#
# </details>


# %% id="write_relu_forward" solution=true
def relu_forward(z):
    """ReLU, elementwise: the larger of z and 0.

    z: any shape. Returns (a, cache): a of z's shape, cache = z as it came in.
    Float dtype: float32 stays float32, integers become float64. z is not changed.
    """
    cache = z
    z = as_float(z)
    ### BEGIN SOLUTION
    return np.maximum(z, 0), cache
    ### END SOLUTION


# %% id="check_relu_forward" test=true points=1 teaches=["xor", "relu"]
check("relu_forward", relu_forward)

# %% [markdown] id="xor_by_hand" teaches=["xor"]
# ### XOR, solved by hand
#
# With this one corner, two neurons are enough for XOR. Take a first layer of two neurons that both add up $x_1 + x_2$; the second one has a bias of $-1$. Then ReLU. The last neuron takes the first activation minus twice the second:
#
# $$a_1 = \text{ReLU}(x_1 + x_2), \qquad a_2 = \text{ReLU}(x_1 + x_2 - 1)$$
# $$z = a_1 - 2 a_2$$
#
# | $x_1, x_2$ | $x_1 + x_2$ | $a_1$ | $a_2$ | $z = a_1 - 2a_2$ |
# |---|---|---|---|---|
# | 0, 0 | 0 | 0 | 0 | **0** |
# | 0, 1 | 1 | 1 | 0 | **1** |
# | 1, 0 | 1 | 1 | 0 | **1** |
# | 1, 1 | 2 | 2 | 1 | **0** |
#
# All four are right. Let *your* functions compute it.

# %% id="see_xor" show=true promise=true teaches=["xor"]
w1, b1 = np.array([[1, 1], [1, 1]]), np.array([0, -1])
w2, b2 = np.array([[1], [-2]]), np.array([0])
hidden, _ = relu_forward(dense_forward(corners, w1, b1)[0])
print("hidden activations:", hidden.tolist())
print("output:", dense_forward(hidden, w2, b2)[0].ravel())

# %% [markdown] id="hidden_space_text"
# What have the two neurons in the middle done? They gave each point new coordinates, $(a_1, a_2)$ in place of $(x_1, x_2)$. Look at the points in both.

# %% id="hidden_space" show=true
hidden_x, _ = relu_forward(dense_forward(xor_x, w1, b1)[0])
bent, _ = relu_forward(dense_forward(grid_of(SQUARE), w1, b1)[0])
plots.decision_boundaries(
    xor_x,
    xor_labels,
    {"in the plane of x₁ and x₂": dense_forward(bent, w2, b2)[0].reshape(60, 60)},
    SQUARE,
    alt="Four clouds of points in the corners of a square. Two parallel boundaries run "
    "between them: the strip in the middle, with the clouds at (0, 1) and (1, 0), is class 1.",
)

# %% id="hidden_space_folded" show=true
plots.decision_boundaries(
    hidden_x,
    xor_labels,
    {"in the plane of a₁ and a₂": (grid_of((-0.3, 2.7, -0.5, 1.7)) @ w2).reshape(60, 60)},
    (-0.3, 2.7, -0.5, 1.7),
    axes_names=("a₁", "a₂"),
    alt="The same points by their two hidden activations. Both clouds of class 1 lie on one "
    "spot near (1, 0); one cloud of class 0 is near (0, 0), the other near (2, 1). One "
    "straight line now separates the classes.",
)

# %% [markdown] id="hidden_space_explained"
# In the new coordinates **one straight line is enough**. The hidden neurons have folded the plane so that both clouds of class 1 lie on each other. This is what layers are for: *each gives the examples new coordinates, in which the problem is easier for the next one.* People call these coordinates a **representation**.
#
# ### Let the weights be learned
#
# We found these weights by thinking. Nobody does that for two spirals: there, weights are *learned* from examples. How, is the subject of units 2 and 3. For now take a machine that does it, from the library. You need not read the next cell: run it and go on.


# %% id="training_machine" show=true
from nnlib import activations, dense, losses, optimizers


def start(sizes, rng, gain=1.0):
    """Random weights of variance gain² / D for each layer, biases 0: [(w, b), …]."""
    return [(rng.normal(0, gain / np.sqrt(d), (d, m)), np.zeros(m)) for d, m in pairwise(sizes)]


def run(layers, activation, x):
    """The outputs z of the last layer, and what each layer remembers. No activation behind the last."""
    kept = []
    for i, (w, b) in enumerate(layers):
        z, cache = dense.dense_forward(x, w, b)
        last = activation is None or i == len(layers) - 1
        x, bent = (z, None) if last else activation[0](z)
        kept.append((cache, bent))
    return x, kept


def gradients(layers, activation, x, labels):
    """How the loss depends on each w and b (unit 2 derives it): [(dw, db), …]."""
    outputs, kept = run(layers, activation, x)
    _, slope = losses.sigmoid_cross_entropy(outputs, labels)
    found = []
    for cache, bent in reversed(kept):
        slope = slope if bent is None else activation[1](slope, bent)
        slope, dw, db = dense.dense_backward(slope, cache)
        found.insert(0, (dw, db))
    return found


def train(layers, activation, x, labels, steps, rate):
    """The layers before each step, and at the end: steps + 1 of them. Adam, from unit 3."""
    states = [[{}, {}] for _ in layers]
    history = [layers]
    for _ in range(steps):
        changed = []
        for pair, slopes, state in zip(layers, gradients(layers, activation, x, labels), states, strict=True):
            moved = [optimizers.adam_update(p, d, s, rate) for p, d, s in zip(pair, slopes, state, strict=True)]
            state[:] = [s for _, s in moved]
            changed.append(tuple(p for p, _ in moved))
        layers = changed
        history.append(layers)
    return history


def accuracy(layers, activation, x, labels):
    """Per cent of the points on the right side."""
    return 100 * np.mean((run(layers, activation, x)[0] > 0) == (labels > 0.5))


def map_of(layers, activation, extent):
    """What the network says all over the picture: (60, 60), from 0 (class 0) to 1 (class 1)."""
    return activations.sigmoid_forward(run(layers, activation, grid_of(extent))[0])[0].reshape(60, 60)


library_tanh = (activations.tanh_forward, activations.tanh_backward)

# %% id="predict_film" predict=true
predict(
    "film",
    "XOR, after training: how much does a linear model get right, and how much one hidden layer?",
    ["both nearly all", "75 % at most, and nearly all", "50 %, and 75 % at most"],
    choice=None,
)


# %% id="xor_film" show=true teaches=["xor"]
def film(x, labels, extent, hidden, steps, rate, frames, alt):
    """Trains a linear model and one hidden layer; returns both at the end, and the film."""
    rng = np.random.default_rng(0)
    shown = np.unique(np.geomspace(1, steps + 1, frames).astype(int)) - 1
    models = {
        "linear model": (start([2, 1], rng, 2), None),
        f"one hidden layer, {hidden} neurons": (start([2, hidden, 1], rng, 2), library_tanh),
    }
    maps, ends = {}, {}
    for name, (layers, activation) in models.items():
        history = train(layers, activation, x, labels, steps, rate)
        maps[name] = [map_of(history[step], activation, extent) for step in shown]
        ends[name] = accuracy(history[-1], activation, x, labels)
    return ends, plots.boundary_film(x, labels, maps, list(shown), extent, alt=alt)


xor_ends, xor_film = film(
    xor_x, xor_labels, SQUARE, 4, 200, 0.1, 14,
    "An animation of training on four clouds of points (XOR), a linear model on the left "
    "and one hidden layer on the right. The line turns and shifts, and always leaves one "
    "cloud or two on the wrong side. The hidden layer bends its boundary around the clouds "
    "until all are right.",
)  # fmt: skip
xor_film

# %% id="reveal_film" show=true
reveal("film", ", ".join(f"{name}: {value:.0f} %" for name, value in xor_ends.items()), answer="b")

# %% id="spiral_film" show=true teaches=["spirals"]
spiral_ends, spiral_film = film(
    spiral_x, spiral_labels, PLANE, 16, 800, 0.1, 22,
    "An animation of training on two spirals, a linear model on the left and one hidden "
    "layer of 16 neurons on the right. The line stays a line. The boundary of the hidden "
    "layer winds itself between the arms, step by step, until both spirals are separated.",
)  # fmt: skip
print(", ".join(f"{name}: {value:.0f} % right" for name, value in spiral_ends.items()))
spiral_film

# %% [markdown] id="film_text" teaches=["spirals"]
# Press ▶. On the left a line turns and shifts; it has nothing else to offer. On the right 16 neurons, each of them a straight edge with a bend, together make a boundary that winds along the arms. The only difference between the two is the activation function between two layers. (The one in the film is tanh. You write it in section 7.)
#
# ### How many neurons does it take?

# %% id="predict_width" predict=true
predict(
    "width",
    "The same training with 8 hidden neurons in place of 16: how many points are right?",
    ["about two thirds, like the line", "about nine tenths", "all of them: 16 were more than enough"],
    choice=None,
)

# %% id="measure_width" show=true teaches=["spirals"]
by_width, width_maps = {}, {}
for hidden in (2, 4, 8, 16):
    end = train(
        start([2, hidden, 1], np.random.default_rng(0), 2), library_tanh, spiral_x, spiral_labels, 800, 0.1
    )[-1]
    by_width[hidden] = accuracy(end, library_tanh, spiral_x, spiral_labels)
    width_maps[f"{hidden} neurons: {by_width[hidden]:.0f} %"] = map_of(end, library_tanh, PLANE)
plots.decision_boundaries(
    spiral_x,
    spiral_labels,
    width_maps,
    PLANE,
    size=2.3,
    alt="Four panels with the two spirals, after the same training with more and more hidden neurons. "
    + ", ".join(f"{hidden} neurons: {value:.0f} per cent right" for hidden, value in by_width.items())
    + ". The boundary has more bends in each.",
)

# %% id="reveal_width" show=true
reveal("width", f"{by_width[8]:.0f} % of the points", answer="b")

# %% [markdown] id="width_text" teaches=["spirals"]
# Count the bends of the boundary from left to right. Each hidden neuron brings one edge. Two of them are no better than the line, and with 8 there are still too few edges for the inner turns.
#
# <details><summary><b>For the curious:</b> how far does this go?</summary>
#
# One hidden layer with enough neurons can come as close as you like to *any* continuous function on a bounded region, with nearly any activation function that is not a polynomial. This is the **universal approximation theorem** (Cybenko 1989, Hornik 1991, Leshno and others 1993). Careful with what it says: that such weights *exist*. It says neither how many neurons are needed, nor that training finds them, nor that the network is right between the examples.
#
# </details>

# %% [markdown] id="network_text" teaches=["layer", "feed_forward", "depth"]
# ## 4 · Networks: names, and how many parameters
#
# Now the words. A network in which layers follow one another, each fully connected to the next, is a **feed-forward fully connected network**: numbers flow forward only, never in a circle.
#
# - The **input** is no layer of neurons. It only holds the features.
# - The last layer is the **output layer**. All layers between are **hidden layers**: nobody tells them from outside what they should say.
# - The number of layers with weights is the **depth**; the number of neurons in a layer is its **width**. A network with more than one hidden layer is usually called **deep**.
# - We write a network as the list of its sizes: `[2, 6, 4, 1]` has two features, hidden layers of 6 and 4 neurons, and one output. Its depth is 3.

# %% id="network_picture" show=true teaches=["feed_forward"]
plots.network_diagram(
    [2, 6, 4, 1],
    alt="A diagram of a fully connected network: 2 inputs, a hidden layer of 6 neurons, a "
    "hidden layer of 4 neurons and 1 output, with a line from each circle to each circle "
    "of the next column.",
)

# %% [markdown] id="parameters_text" teaches=["parameter_count"]
# **How many parameters?** Each line of the picture is a weight, and each neuron has a bias. A layer from $D$ to $M$ has
#
# $$\underbrace{D \cdot M}_{\text{weights}} + \underbrace{M}_{\text{biases}} = (D + 1)\,M$$
#
# parameters. For the whole network, with sizes $n_0, n_1, \dots, n_L$ (the input is $n_0$), add up:
#
# $$\boxed{\;P = \sum_{l=1}^{L} (n_{l-1} + 1)\; n_l\;}$$
#
# **By hand.** The network of the film was `[2, 16, 1]`: $(2 + 1) \cdot 16 + (16 + 1) \cdot 1 = 48 + 17 = 65$ parameters.

# %% id="predict_parameters" predict=true
predict(
    "parameters",
    "Digits of 28×28 pixels, one hidden layer of 128, ten outputs: how many parameters?",
    ["about 1,000", "about 100,000", "about 10,000,000"],
    choice=None,
)

# %% [markdown] id="exercise_count_parameters"
# ### Exercise 4: `count_parameters` (2 points)
#
# `layer_sizes` is a list or tuple of ints. The result is an `int`. Where there are fewer than two sizes, or a size is below 1, raise a `ValueError` that says what is wrong.
#
# | `layer_sizes` | result |
# |---|---|
# | `[2, 16, 1]` | 65 |
# | `[3, 2]` | 8 |
# | `[5]` | `ValueError` |
# | `[3, 0, 2]` | `ValueError` |
#
# <details><summary><b>Hint</b></summary>
#
# Test for the errors first. Then go over pairs of neighbours: `pairwise(layer_sizes)` gives (2, 16) and then (16, 1).
#
# </details>


# %% id="write_count_parameters" solution=true
def count_parameters(layer_sizes):
    """How many weights and biases a fully connected network has.

    layer_sizes: ints, the number of features and then the width of each layer.
    Returns an int.
    Raises ValueError for fewer than two sizes, or a size below 1.
    """
    ### BEGIN SOLUTION
    if len(layer_sizes) < 2 or min(layer_sizes) < 1:
        raise ValueError(f"two or more sizes of at least 1 are needed, got {layer_sizes}")
    return sum((d + 1) * m for d, m in pairwise(layer_sizes))
    ### END SOLUTION


# %% id="check_count_parameters" test=true points=2 teaches=["parameter_count"]
check("count_parameters", count_parameters)

# %% id="reveal_parameters" show=true
reveal("parameters", f"{count_parameters([28 * 28, 128, 10]):,}", answer="b")

# %% id="see_parameters" show=true promise=true teaches=["parameter_count"]
for sizes in [[2, 1], [2, 16, 1], [784, 128, 10], [784, 128, 128, 10], [784, 1000, 1000, 10]]:
    print(f"{sizes!s:>24}: {count_parameters(sizes):>9,} parameters")

# %% [markdown] id="hierarchy_text" teaches=["hierarchy"]
# ### Why depth? Layers build on layers
#
# One hidden layer can do anything, if it is wide enough. Then why stack them? Because a later layer can **use again** what an earlier one has found. A small example, with your functions. Two ReLU neurons make a tent, which goes up from 0 to 1 and down again:
#
# $$t(x) = 2\,\text{ReLU}(x) - 4\,\text{ReLU}(x - \tfrac12) \qquad\text{for } 0 \le x \le 1$$
#
# A second layer of the same kind puts the tent's height through a tent again. On the way up it sees all numbers from 0 to 1, and makes one tent; on the way down it sees them again, and makes another.

# %% id="predict_tents" predict=true
predict(
    "tents",
    "Four such layers behind one another: how many tents?",
    ["4", "8", "16"],
    choice=None,
)


# %% id="see_tents" show=true teaches=["depth", "hierarchy"]
def tent(x):
    """Two ReLU neurons, and a sum of them: (N, 1) to (N, 1)."""
    hidden, _ = relu_forward(dense_forward(x, np.array([[1.0, 1.0]]), np.array([0.0, -0.5]))[0])
    return dense_forward(hidden, np.array([[2.0], [-4.0]]), np.zeros(1))[0]


x = np.linspace(0, 1, 801)[:, None]
heights = {1: tent(x)}
for depth in (2, 3, 4):
    heights[depth] = tent(heights[depth - 1])
plots.graph(
    x.ravel(),
    {f"hidden layers: {depth}": heights[depth].ravel() + 1.2 * (4 - depth) for depth in (1, 2, 4)},
    xlabel="input x",
    ylabel="output (curves moved apart)",
    alt="Three zigzag curves above each other. With one layer of two neurons there is one "
    "tent, with two layers two tents of half the width, with four layers eight.",
)

# %% id="reveal_tents" show=true
peaks = int((heights[4] > 0.999).sum())
reveal("tents", f"{peaks}", answer="b")

# %% [markdown] id="tents_text" teaches=["depth"]
# Each further layer of two neurons **doubles** the number of tents. A single hidden layer cannot do that: each ReLU neuron adds one corner to the curve, and no more. Eight tents have 15 corners, so they need at least 15 neurons side by side. Ten layers make 512 tents, and a single layer would need at least 1,023 neurons for them.
#
# (The sum at the end of one tent and the first step of the next are two linear layers in a row. They melt into one, as in section 2. So four tents in a row are a network `[1, 2, 2, 2, 2, 1]`.)

# %% id="see_depth_counts" show=true promise=true teaches=["depth"]
for depth in (4, 10):
    corners_needed = 2**depth - 1
    deep, wide = [1] + [2] * depth + [1], [1, corners_needed, 1]
    print(
        f"{2 ** (depth - 1):>3} tents: {count_parameters(deep)} parameters in {depth} layers of 2,"
        f" {count_parameters(wide):,} in one of {corners_needed:,}"
    )

# %% [markdown] id="neuron_maps_text" teaches=["hierarchy"]
# This is a first hint of what people mean by **hierarchical representations**: simple things first, and then things made of things. Let us look into a network that has learned the spirals with *two* hidden layers of 8 neurons. For each neuron we paint the plane by what it says: red for positive, blue for negative.

# %% id="neuron_maps" show=true teaches=["hierarchy"]
history = train(
    start([2, 8, 8, 1], np.random.default_rng(0), 2), library_tanh, spiral_x, spiral_labels, 1000, 0.03
)
two_hidden = history[-1]
says = grid_of(PLANE)
maps = []
for w, b in two_hidden[:2]:
    says, _ = library_tanh[0](dense.dense_forward(says, w, b)[0])
    maps.append(says.reshape(60, 60, 8)[::-1])
output = run(two_hidden, library_tanh, grid_of(PLANE))[0].reshape(60, 60)[::-1]
print(f"{accuracy(two_hidden, library_tanh, spiral_x, spiral_labels):.0f} % of the points are right")
plots.gallery(
    {
        **{f"layer 1, neuron {i}": maps[0][..., i] for i in range(4)},
        **{f"layer 2, neuron {i}": maps[1][..., i] for i in range(3)},
        **{"output": np.tanh(output)},
    },
    signed=True,
    columns=4,
    size=1.9,
    alt="Eight small maps of the plane. The neurons of layer 1 are plain: one straight edge "
    "each between red and blue. Those of layer 2 are bent shapes with several edges. The "
    "output shows both arms of the spiral.",
)

# %% [markdown] id="neuron_maps_explained"
# The first layer sees straight edges. The second makes bent shapes out of them, and the output puts these together into arms. Nobody asked for this order; it follows from how the layers are stacked, and training makes use of it.
#
# In networks for photographs one often finds something similar: edges first, then corners and textures, then parts of things. That is a finding in many trained networks, not a law, and what a neuron deep inside stands for is often hard to say.

# %% [markdown] id="slopes_text" teaches=["relu"]
# ## 5 · Slopes: the way back
#
# A network learns by small steps. For each weight it asks: *if I change this number a little, does the loss go up or down, and how fast?* The **loss** $L$ is one number that says how wrong the network is, and *how fast* is a slope, the derivative. Unit 2 finds it for all weights. Here is the part that belongs to the activation function.
#
# Somewhere in the network stands one number $z$, then $a = f(z)$, and what comes after leads to $L$. Suppose the layers above have told us already how the loss depends on $a$. This number is called `dout`:
#
# $$\texttt{dout} = \frac{\partial L}{\partial a}$$
#
# Read it like this: change $a$ by a little $h$, and $L$ changes by $\texttt{dout} \cdot h$.
#
# We need the same for $z$. Change $z$ by a little $h$. Then $a$ changes by $f'(z) \cdot h$, since $f'$ is the slope of $f$. And so $L$ changes by $\texttt{dout} \cdot f'(z) \cdot h$. That is the **chain rule**, slope times slope:
#
# $$\boxed{\;\texttt{dz} = \frac{\partial L}{\partial z} = \frac{\partial L}{\partial a}\cdot\frac{\partial a}{\partial z} = \texttt{dout} \cdot f'(z)\;}$$
#
# So a backward function needs two things: `dout`, and the slope $f'(z)$. The slope is computed from what the forward function kept, the `cache`.
#
# **The slope of ReLU.** For $z > 0$ the function is $z$, a line of slope 1. For $z < 0$ it is level, slope 0. At the corner $z = 0$ there is no slope; one has to choose, and **this course takes 0**, as most libraries do:
#
# $$\text{ReLU}'(z) = \begin{cases}1 & z > 0\\ 0 & z \le 0\end{cases}$$
#
# ### Exercise 5: `relu_backward` (2 points)
#
# `dout` has the shape of $a$, `cache` is $z$, and the result `dz` has the shape of $z$. Nothing is divided by $N$, here or in any other backward function: only the loss takes a mean.
#
# **Tiny example.** $z = (-2,\; 0,\; 3)$ and `dout` $= (10,\; 20,\; -30)$ give `dz` $= (0,\; 0,\; -30)$. Where $z$ was positive, `dout` passes, whatever its own sign.
#
# <details><summary><b>Hint</b></summary>
#
# `z > 0` is an array of `True` and `False`. In a product they count as 1 and 0.
#
# </details>


# %% id="write_relu_backward" solution=true
def relu_backward(dout, cache):
    """ReLU, backward: dout where z was positive, else 0. At z = 0 the slope is taken to be 0.

    dout: ∂L/∂a, of a's shape. cache: z from relu_forward.
    Returns dz = ∂L/∂z of z's shape, and of z's dtype if that is a float dtype, else float64.
    Changes neither dout nor the cache.
    """
    z, dout = as_float(cache), as_float(dout)
    ### BEGIN SOLUTION
    return dout * (z > 0)
    ### END SOLUTION


# %% id="check_relu_backward" test=true points=2 teaches=["relu"]
check("relu_backward", relu_backward, forward=relu_forward)

# %% [markdown] id="numerical_text"
# **Trust, but verify.** A slope can also be *measured*: go a little to the right and a little to the left, and see how much the value changed. `numerical_gradient` does that for each number of an array. It knows nothing of your formula. (Unit 2 writes it.) We will use it for every slope of this unit.
#
# In the picture, values are on the left and slopes on the right, above the same $z$. Follow the dotted line at the corner: left of it the function is level and its slope is 0, right of it the function climbs and its slope is 1.


# %% id="verify_relu" show=true
def verify(forward, backward, *more):
    """The largest difference between dz as computed and as measured, on random numbers."""
    rng = np.random.default_rng(8)
    z, dout = rng.normal(0, 2, (5, 4)), rng.normal(size=(5, 4))
    computed = backward(dout, forward(z, *more)[1])
    measured = numerical_gradient(lambda v: np.sum(forward(v, *more)[0] * dout), z)
    return np.abs(computed - measured).max()


print(f"ReLU: largest difference {verify(relu_forward, relu_backward):.0e}")


def value_and_slope(forward, backward, z, *more):
    """What your functions say for each z: (a, slope). With dout = 1, dz is the slope itself."""
    a, cache = forward(z, *more)
    return a, backward(np.ones_like(z), cache)


axis = np.linspace(-6, 6, 481)
plots.with_slopes(
    axis,
    {"ReLU": value_and_slope(relu_forward, relu_backward, axis)},
    marked=[0],
    alt="Two panels. ReLU: level at 0 for negative z, then a straight line of slope 1. Its "
    "slope: 0 for negative z, a jump at z = 0, then 1.",
)

# %% [markdown] id="sigmoid_text" teaches=["sigmoid"]
# ## 6 · The sigmoid
#
# ReLU is not the oldest activation function. For decades it was a smooth step from 0 to 1, the **sigmoid**, written $\sigma$:
#
# $$\boxed{\;\sigma(z) = \frac{1}{1 + e^{-z}}\;}$$
#
# **By hand.** $\sigma(0) = \frac{1}{1 + 1} = \frac12$. For large $z$ the power $e^{-z}$ is nearly 0, and $\sigma(z)$ nearly 1. For very negative $z$ the power is huge, and $\sigma(z)$ is nearly 0. So the result can be read as a *probability*, and that is what the sigmoid is still used for, at the very end of a network with one output.
#
# ### A formula that is right on paper and fails in the computer
#
# Let $z = -1000$. Then $e^{-z} = e^{1000}$, a number with 435 digits. The largest number that fits into a float of 64 bits has 309. So NumPy says `overflow`, takes `inf` instead, and goes on with $1/\text{inf} = 0$.

# %% id="overflow_happens" show=true teaches=["sigmoid"]
for power in (10.0, 709.0, 710.0):
    with np.errstate(over="ignore"):
        print(f"exp({power:.0f}) = {np.exp(power)}")

# %% [markdown] id="sigmoid_stable" teaches=["sigmoid"]
# The remedy: multiply the numerator and the denominator by $e^{z}$. Nothing changes on paper:
#
# $$\sigma(z) = \frac{1}{1 + e^{-z}} = \frac{1 \cdot e^{z}}{(1 + e^{-z}) \cdot e^{z}} = \frac{e^{z}}{e^{z} + 1}$$
#
# Two forms of one function, and each of them is safe on one side. Use each where its exponent is negative, for then the power lies between 0 and 1:
#
# $$\boxed{\;\sigma(z) = \begin{cases}\dfrac{1}{1 + e^{-z}} & z \ge 0\\[2ex] \dfrac{e^{z}}{1 + e^{z}} & z < 0\end{cases}\;}$$
#
# In both lines the power is $e^{-\lvert z\rvert}$. That makes it short to write.
#
# ### Exercise 6: `sigmoid_forward` (3 points)
#
# `z` of any shape. The `cache` is **the result** `a`: you will see that the slope needs nothing else. Values from $-10{,}000$ to $10{,}000$ must come out right, *and small results to their last digits*: $\sigma(-715)$ is about $3.0 \cdot 10^{-311}$, not 0. And NumPy must have no reason to warn: the check notices an overflow on the way even where the result is right.
#
# **Tiny example.** $z = (-1000,\; 0,\; \ln 3)$ gives $(0,\; 0.5,\; 0.75)$, for $e^{-\ln 3} = \frac13$ and $1 / (1 + \frac13) = \frac34$. (Here the first result really is 0: $e^{-1000}$ is too small for a float.)
#
# <details><summary><b>Hint 1:</b> the plan</summary>
#
# 1. one power for everything: `power = np.exp(-np.abs(z))`; it lies between 0 and 1
# 2. the denominator is `1 + power` in both lines of the box
# 3. only the numerator differs: 1 for $z \ge 0$, the power for $z < 0$
#
# </details>
# <details><summary><b>Hint 2:</b> choosing number by number</summary>
#
# `np.where(z >= 0, one, other)` takes from `one` where the condition holds, else from `other`. Mind that it computes *both* everywhere. If one of the two overflows, a warning appears, even where that one is not taken. With plan 1 nothing can overflow.
#
# </details>


# %% id="write_sigmoid_forward" solution=true
def sigmoid_forward(z):
    """The sigmoid, elementwise: 1 / (1 + exp(-z)), without overflow.

    z: any shape. Returns (a, cache): a of z's shape, cache = a.
    Float dtype: float32 stays float32, integers become float64. z is not changed.
    """
    z = as_float(z)
    ### BEGIN SOLUTION
    power = np.exp(-np.abs(z))
    numerator = np.where(z >= 0, np.ones_like(power), power)
    a = numerator / (1 + power)
    return a, a
    ### END SOLUTION


# %% id="check_sigmoid_forward" test=true points=3 teaches=["sigmoid"]
check("sigmoid_forward", sigmoid_forward)

# %% id="no_warning" show=true promise=true
with np.errstate(all="raise", under="ignore"):  # an overflow would stop this cell
    print(sigmoid_forward(np.array([-10_000.0, -1000.0, 0.0, 1000.0, 10_000.0]))[0])

# %% [markdown] id="sigmoid_slope" teaches=["sigmoid"]
# ### The slope of the sigmoid
#
# Write it as a power, $\sigma(z) = (1 + e^{-z})^{-1}$, and use the chain rule from school:
#
# $$
# \begin{aligned}
# \sigma'(z) &= -1 \cdot (1 + e^{-z})^{-2} \cdot \left(-e^{-z}\right) && \text{outer slope times inner}\\[0.5ex]
# &= \frac{e^{-z}}{(1 + e^{-z})^2} && \text{the two minus signs cancel}\\[0.5ex]
# &= \frac{1}{1 + e^{-z}} \cdot \frac{e^{-z}}{1 + e^{-z}} && \text{split the square}\\[0.5ex]
# &= \sigma(z) \cdot \big(1 - \sigma(z)\big) && \text{the first factor is } \sigma(z)
# \end{aligned}
# $$
#
# And the second factor is what is left to 1: $1 - \dfrac{1}{1 + e^{-z}} = \dfrac{1 + e^{-z} - 1}{1 + e^{-z}} = \dfrac{e^{-z}}{1 + e^{-z}}$.
#
# With $a = \sigma(z)$, which the cache holds already:
#
# $$\boxed{\;\sigma'(z) = a\,(1 - a)\;}$$
#
# No power has to be computed again. That is why the cache is $a$, not $z$.

# %% id="predict_steepest" predict=true
predict(
    "steepest",
    "How steep is the sigmoid at most?",
    ["1, as ReLU", "1/2", "1/4"],
    choice=None,
)

# %% [markdown] id="exercise_sigmoid_backward"
# ### Exercise 7: `sigmoid_backward` (2 points)
#
# The shapes are those of exercise 5. The cache is `a`.
#
# **Tiny example.** `dout` $= (8,\; 8)$ and $a = (0.5,\; 0.75)$: `dz` $= (8 \cdot 0.5 \cdot 0.5,\;\; 8 \cdot 0.75 \cdot 0.25) = (2,\; 1.5)$.


# %% id="write_sigmoid_backward" solution=true
def sigmoid_backward(dout, cache):
    """The sigmoid, backward: dout times a (1 - a).

    dout: ∂L/∂a, of a's shape. cache: a from sigmoid_forward.
    Returns dz = ∂L/∂z of a's shape and float dtype. Changes neither dout nor the cache.
    """
    a, dout = as_float(cache), as_float(dout)
    ### BEGIN SOLUTION
    return dout * a * (1 - a)
    ### END SOLUTION


# %% id="check_sigmoid_backward" test=true points=2 teaches=["sigmoid"]
check("sigmoid_backward", sigmoid_backward, forward=sigmoid_forward)

# %% id="sigmoid_curves" show=true teaches=["sigmoid"]
print(f"sigmoid: largest difference to the measured slope {verify(sigmoid_forward, sigmoid_backward):.0e}")
sigmoid_pair = value_and_slope(sigmoid_forward, sigmoid_backward, axis)
plots.with_slopes(
    axis,
    {"sigmoid": sigmoid_pair},
    marked=[-4, 0, 4],
    alt="Two panels. The sigmoid rises smoothly from 0 to 1 and is one half at z = 0. Its "
    "slope is a bell with its top, one quarter, at z = 0; at z = -4 and 4 it is nearly 0.",
)

# %% id="reveal_steepest" show=true
reveal("steepest", f"{sigmoid_pair[1].max():.2f}, at z = {axis[sigmoid_pair[1].argmax()]:.0f}", answer="c")

# %% [markdown] id="saturation_text" teaches=["saturation"]
# ### Saturation
#
# Look at the dotted lines in the picture. At $z = 4$ the sigmoid is almost level. A neuron that has come so far out is **saturated**: its $z$ may change by much, and its $a$ hardly moves. And its slope is a factor in the chain rule. If it is nearly 0, then `dz` is nearly 0, and the weights below learn nearly nothing from this neuron, however wrong it is.
#
# How small does the slope get? On an ordinary scale it looks like 0. So take a logarithmic one, on which each line is a hundred times the one below.

# %% id="saturation_picture" show=true teaches=["saturation"]
outside = np.linspace(0, 30, 121)
plots.graph(
    outside,
    {"sigmoid": value_and_slope(sigmoid_forward, sigmoid_backward, outside)[1]},
    xlabel="z, the input of the neuron",
    ylabel="slope (logarithmic scale)",
    log="y",
    alt="A straight falling line on a logarithmic scale: the slope of the sigmoid falls "
    "from one quarter at z = 0 by a factor of ten for each 2.3 that z grows, to about "
    "ten to the minus 13 at z = 30.",
)

# %% [markdown] id="saturation_explained" teaches=["saturation"]
# For each 2.3 that $z$ grows, the slope falls to a tenth. (For large $z$ it is about $e^{-z}$.) A neuron at $z = 10$ learns about 5,500 times more slowly than one at $z = 0$.
#
# And even in the middle, where it is best, the slope is only $\frac14$. In a deep network the chain rule has one such factor for every layer.

# %% id="predict_chain" predict=true
predict(
    "chain",
    "Twenty sigmoids behind one another, weights of 1: how large is the slope of the whole chain at most?",
    ["about 0.01", "about 0.000001", "about 0.000000000001"],
    choice=None,
)

# %% id="reveal_chain" show=true
reveal("chain", f"0.25 ** 20 = {0.25**20:.0e}", answer="c")

# %% [markdown] id="tanh_text" teaches=["tanh"]
# ## 7 · The hyperbolic tangent
#
# The sigmoid has one more flaw: its values are all positive, with $\frac12$ in the middle. Its sister goes from $-1$ to $1$, through 0, and is four times as steep:
#
# $$\tanh(z) = \frac{e^{z} - e^{-z}}{e^{z} + e^{-z}}$$
#
# It *is* a sigmoid, stretched and shifted. Divide the numerator and the denominator by $e^{z}$:
#
# $$
# \begin{aligned}
# \tanh(z) &= \frac{1 - e^{-2z}}{1 + e^{-2z}} && \text{divided by } e^{z}\\[0.5ex]
# &= \frac{2 - (1 + e^{-2z})}{1 + e^{-2z}} && 1 = 2 - 1 \text{ in the numerator}\\[0.5ex]
# &= \frac{2}{1 + e^{-2z}} - 1 && \text{split the fraction}\\[0.5ex]
# &= 2\,\sigma(2z) - 1 && \text{the sigmoid, at } 2z
# \end{aligned}
# $$
#
# $$\boxed{\;\tanh(z) = 2\,\sigma(2z) - 1\;}$$
#
# Written as one of these formulas it would overflow again, or lose digits near 0, where it subtracts two numbers that are almost equal. NumPy has a `np.tanh` that does neither. Use it.
#
# ### Exercise 8: `tanh_forward` (1 point)
#
# `z` of any shape; the `cache` is the result `a`, as for the sigmoid.
#
# **Tiny example.** $z = (-1000,\; 0,\; \ln 2)$ gives $(-1,\; 0,\; 0.6)$, for $(2 - \frac12) / (2 + \frac12) = 1.5 / 2.5$.


# %% id="write_tanh_forward" solution=true
def tanh_forward(z):
    """The hyperbolic tangent, elementwise.

    z: any shape. Returns (a, cache): a of z's shape, cache = a.
    Float dtype: float32 stays float32, integers become float64. z is not changed.
    """
    z = as_float(z)
    ### BEGIN SOLUTION
    a = np.tanh(z)
    return a, a
    ### END SOLUTION


# %% id="check_tanh_forward" test=true points=1 teaches=["tanh"]
check("tanh_forward", tanh_forward)

# %% [markdown] id="tanh_slope" teaches=["tanh"]
# ### The slope of tanh
#
# Call the numerator $u = e^{z} - e^{-z}$ and the denominator $v = e^{z} + e^{-z}$. Their derivatives are each other: $u' = e^{z} + e^{-z} = v$, and $v' = e^{z} - e^{-z} = u$. The quotient rule gives
#
# $$
# \begin{aligned}
# \tanh'(z) &= \frac{u'\,v - u\,v'}{v^2} && \text{quotient rule}\\[0.5ex]
# &= \frac{v \cdot v - u \cdot u}{v^2} && \text{put in } u' = v,\; v' = u\\[0.5ex]
# &= 1 - \left(\frac{u}{v}\right)^2 && \text{divide each term by } v^2
# \end{aligned}
# $$
#
# $$\boxed{\;\tanh'(z) = 1 - a^2\;}$$
#
# At $z = 0$ it is 1: four times as steep as the sigmoid. It saturates as well, and earlier.
#
# ### Exercise 9: `tanh_backward` (2 points)
#
# The cache is `a`.
#
# **Tiny example.** `dout` $= (10,\; 10)$ and $a = (0,\; 0.6)$: `dz` $= (10 \cdot 1,\;\; 10 \cdot (1 - 0.36)) = (10,\; 6.4)$.


# %% id="write_tanh_backward" solution=true
def tanh_backward(dout, cache):
    """The hyperbolic tangent, backward: dout times the slope, computed from a.

    dout: ∂L/∂a, of a's shape. cache: a from tanh_forward.
    Returns dz = ∂L/∂z of a's shape and float dtype. Changes neither dout nor the cache.
    """
    a, dout = as_float(cache), as_float(dout)
    ### BEGIN SOLUTION
    return dout * (1 - a**2)
    ### END SOLUTION


# %% id="check_tanh_backward" test=true points=2 teaches=["tanh"]
check("tanh_backward", tanh_backward, forward=tanh_forward)

# %% id="tanh_curves" show=true teaches=["tanh"]
print(f"tanh: largest difference to the measured slope {verify(tanh_forward, tanh_backward):.0e}")
plots.with_slopes(
    axis,
    {
        "sigmoid": sigmoid_pair,
        "tanh": value_and_slope(tanh_forward, tanh_backward, axis),
    },
    marked=[0],
    alt="Two panels with sigmoid and tanh. tanh runs from -1 through 0 to 1, the sigmoid "
    "from 0 through one half to 1. The slope of tanh is a narrow bell with its top at 1, "
    "that of the sigmoid a wide bell with its top at one quarter.",
)

# %% [markdown] id="leaky_text" teaches=["leaky_relu"]
# ## 8 · Dying ReLUs, and one that leaks
#
# ReLU does not saturate for positive $z$: its slope there is 1, however large $z$ gets. That is the main reason why deep networks of today use ReLU or one of its relatives. But look at its other side. For negative $z$ the slope is exactly 0.
#
# Suppose a training step was too large, and pushed the bias of a neuron so far down that $z$ is negative *for every example*. Then its activation is 0 for every example, its slope is 0 for every example, and so every gradient of its weights is 0. No further step changes them. The neuron is **dead**, and as long as the layers below it stay as they are, it stays dead.
#
# **Leaky ReLU** lets a little through:
#
# $$\boxed{\;f(z) = \begin{cases} z & z > 0\\ \alpha z & z \le 0\end{cases} \qquad\qquad f'(z) = \begin{cases} 1 & z > 0\\ \alpha & z \le 0\end{cases}\;}$$
#
# with a small number $\alpha$ (alpha), often 0.01. On the negative side the slope is small, but it is not 0: the neuron can find its way back. At $z = 0$, where there is a corner, the course takes $\alpha$.
#
# ### Exercise 10: `leaky_relu_forward` (2 points)
#
# `z` of any shape, `alpha` a number, 0.01 where it is left out. The `cache` is the pair `(z, alpha)`, as they came in.
#
# **Tiny example.** $z = (-20,\; 0,\; 3)$ with $\alpha = 0.1$ gives $(-2,\; 0,\; 3)$.
#
# <details><summary><b>Hint</b></summary>
#
# You often see the larger one of $z$ and $\alpha z$. That is right only for $\alpha \le 1$. Decide by the sign of $z$: with `np.where`, or as the sum of a positive and a negative half.
#
# </details>


# %% id="write_leaky_relu_forward" solution=true
def leaky_relu_forward(z, alpha=0.01):
    """Leaky ReLU, elementwise: z where z is positive, else alpha times z.

    z: any shape. alpha: a number.
    Returns (a, cache): a of z's shape, cache = (z, alpha) as they came in.
    Float dtype: float32 stays float32, integers become float64. z is not changed.
    """
    cache = (z, alpha)
    z = as_float(z)
    ### BEGIN SOLUTION
    return np.where(z > 0, z, alpha * z), cache
    ### END SOLUTION


# %% id="check_leaky_relu_forward" test=true points=2 teaches=["leaky_relu"]
check("leaky_relu_forward", leaky_relu_forward)

# %% [markdown] id="exercise_leaky_relu_backward"
# ### Exercise 11: `leaky_relu_backward` (2 points)
#
# The cache is `(z, alpha)`; the result is one array, `dz`.
#
# **Tiny example.** $z = (-20,\; 0,\; 3)$, $\alpha = 0.1$ and `dout` $= (10,\; 10,\; 10)$ give `dz` $= (1,\; 1,\; 10)$.


# %% id="write_leaky_relu_backward" solution=true
def leaky_relu_backward(dout, cache):
    """Leaky ReLU, backward: dout where z was positive, else alpha times dout (at z = 0 too).

    dout: ∂L/∂a, of a's shape. cache: (z, alpha) from leaky_relu_forward.
    Returns dz = ∂L/∂z of z's shape, and of z's dtype if that is a float dtype, else float64.
    Changes neither dout nor anything in the cache.
    """
    z, alpha = cache
    z, dout = as_float(z), as_float(dout)
    ### BEGIN SOLUTION
    return np.where(z > 0, dout, alpha * dout)
    ### END SOLUTION


# %% id="check_leaky_relu_backward" test=true points=2 teaches=["leaky_relu"]
check("leaky_relu_backward", leaky_relu_backward, forward=leaky_relu_forward)

# %% [markdown] id="swish_text" teaches=["swish"]
# ## 9 · Swish
#
# Leaky ReLU still has a corner. **Swish** (also called SiLU) is smooth. It multiplies $z$ with its own sigmoid, as if each neuron had a valve that opens the more, the larger $z$ is:
#
# $$\boxed{\;\text{swish}(z) = z \cdot \sigma(z)\;}$$
#
# For large $z$ the valve is open, and swish is nearly $z$. For very negative $z$ it is closed, and swish is nearly 0. Between them it dips a little below 0.
#
# ### Exercise 12: `swish_forward` (2 points)
#
# `z` of any shape; the `cache` is `z`, as it came in. It must be as careful with large numbers as your sigmoid, and as quiet. So use your sigmoid.
#
# **Tiny example.** $z = (0,\; \ln 3)$ gives $(0,\; 0.75 \ln 3) \approx (0,\; 0.8240)$, for $\sigma(\ln 3) = 0.75$, as in exercise 6.


# %% id="write_swish_forward" solution=true
def swish_forward(z):
    """Swish, elementwise: z times its sigmoid.

    z: any shape. Returns (a, cache): a of z's shape, cache = z as it came in.
    Float dtype: float32 stays float32, integers become float64. z is not changed.
    """
    cache = z
    z = as_float(z)
    ### BEGIN SOLUTION
    return z * sigmoid_forward(z)[0], cache
    ### END SOLUTION


# %% id="check_swish_forward" test=true points=2 teaches=["swish"]
check("swish_forward", swish_forward)

# %% [markdown] id="swish_slope" teaches=["swish"]
# ### The slope of swish
#
# A product, and *both* factors depend on $z$. Write $\sigma$ for $\sigma(z)$:
#
# $$
# \begin{aligned}
# \text{swish}'(z) &= 1 \cdot \sigma + z \cdot \sigma' && \text{product rule}\\
# &= \sigma + z \cdot \sigma\,(1 - \sigma) && \text{put in } \sigma' = \sigma (1 - \sigma)\\
# &= \sigma\,\big(1 + z\,(1 - \sigma)\big) && \text{take } \sigma \text{ out}
# \end{aligned}
# $$
#
# $$\boxed{\;\text{swish}'(z) = \sigma(z)\,\Big(1 + z\,\big(1 - \sigma(z)\big)\Big)\;}$$
#
# **By hand.** At $z = 0$: $\frac12 (1 + 0) = \frac12$. For large $z$: $\sigma \to 1$, and the slope goes to 1.
#
# ### Exercise 13: `swish_backward` (3 points)
#
# The cache is `z`. Compute $\sigma(z)$ once more, with your own function.
#
# **Tiny example.** $z = (0,\; \ln 3)$ and `dout` $= (10,\; 10)$: the first is $10 \cdot \frac12 = 5$; the second $10 \cdot 0.75 \cdot (1 + 0.25 \ln 3) \approx 9.560$.


# %% id="write_swish_backward" solution=true
def swish_backward(dout, cache):
    """Swish, backward: dout times the slope.

    dout: ∂L/∂a, of a's shape. cache: z from swish_forward.
    Returns dz = ∂L/∂z of z's shape, and of z's dtype if that is a float dtype, else float64.
    Changes neither dout nor the cache.
    """
    z, dout = as_float(cache), as_float(dout)
    ### BEGIN SOLUTION
    s, _ = sigmoid_forward(z)
    return dout * s * (1 + z * (1 - s))
    ### END SOLUTION


# %% id="check_swish_backward" test=true points=3 teaches=["swish"]
check("swish_backward", swish_backward, forward=swish_forward)

# %% id="all_curves" show=true
print(f"leaky ReLU: largest difference {verify(leaky_relu_forward, leaky_relu_backward, 0.1):.0e}")
print(f"swish: largest difference {verify(swish_forward, swish_backward):.0e}")
plots.with_slopes(
    axis,
    {
        "sigmoid": sigmoid_pair,
        "tanh": value_and_slope(tanh_forward, tanh_backward, axis),
        "ReLU": value_and_slope(relu_forward, relu_backward, axis),
        "leaky ReLU, α = 0.1": value_and_slope(leaky_relu_forward, leaky_relu_backward, axis, 0.1),
        "swish": value_and_slope(swish_forward, swish_backward, axis),
    },
    ylim=(-1.2, 3),
    alt="All five activation functions and their slopes. Values: sigmoid and tanh level out "
    "on both sides; ReLU, leaky ReLU and swish go on rising to the right. Slopes: sigmoid "
    "and tanh are bells that go to 0 on both sides; ReLU jumps from 0 to 1, leaky ReLU from "
    "0.1 to 1; swish rises smoothly, dips below 0 near z = -2 and goes a little above 1.",
)

# %% [markdown] id="curves_explained"
# Compare the slopes on the right side of the right picture. Sigmoid and tanh fall to 0: they saturate. ReLU and its relatives stay at 1: a signal that goes back through them is not made smaller.
#
# Which one is best? Swish was found by an automatic search, and its authors report that it "tends to work better than ReLU on deeper models", on *their* tasks. On others there is little difference. It costs an exponential, where ReLU costs a comparison. ReLU is still a good first choice for hidden layers.
#
# ### How many neurons die?
#
# Now count. A network `[2, 64, 1]` learns the spirals, with *your* functions, for 300 steps. We make its steps larger and larger, and afterwards look for **dead** neurons: those whose slope is 0 (below 0.001 in size) for each of the 200 points.

# %% id="predict_dead" predict=true
predict(
    "dead",
    "ReLU, with steps 100 times larger than good ones: how many of the 64 neurons are dead?",
    ["none or one", "about ten", "more than a quarter"],
    choice=None,
)


# %% id="measure_dead" show=true teaches=["dying_relu"]
def dead_neurons(forward, backward, rate):
    """Trains with steps of this size; counts hidden neurons without a slope for any point."""
    layers = start([2, 64, 1], np.random.default_rng(0), 2**0.5)
    end = train(layers, (forward, backward), spiral_x, spiral_labels, 300, rate)[-1]
    z = dense.dense_forward(spiral_x, *end[0])[0]
    slopes = backward(np.ones_like(z), forward(z)[1])
    return int((np.abs(slopes) < 1e-3).all(axis=0).sum())


rates = [0.01, 0.1, 0.3, 1, 3]
yours = {
    "ReLU": (relu_forward, relu_backward),
    "leaky ReLU": (leaky_relu_forward, leaky_relu_backward),
    "swish": (swish_forward, swish_backward),
}
dead = {name: [dead_neurons(*pair, rate) for rate in rates] for name, pair in yours.items()}
plots.graph(
    rates,
    dead,
    xlabel="size of the training steps (learning rate, logarithmic scale)",
    ylabel="dead neurons (of 64)",
    log="x",
    points=True,
    alt="Dead neurons against the size of the steps. "
    + " ".join(f"{name}: {', '.join(map(str, counts))}." for name, counts in dead.items()),
)

# %% id="reveal_dead" show=true
reveal("dead", f"{dead['ReLU'][3]} of 64 with steps of size 1", answer="c")

# %% [markdown] id="dead_explained" teaches=["dying_relu"]
# With small steps no ReLU dies. With large ones many are lost for good. **Leaky ReLU** loses none: its slope is never 0, so this kind of death cannot happen. **Swish** is not immune. Its slope also goes to 0 for very negative $z$; it only takes larger steps to push a neuron so far out.
#
# Some dead neurons are no disaster, for there are others. But they take memory and time and do nothing, and a network in which most are dead cannot learn. First remedy: smaller steps.

# %% [markdown] id="softmax_text" teaches=["softmax"]
# ## 10 · Softmax: from scores to probabilities
#
# One function is left. It stands at the end of a network that has to choose among $M$ classes. The last layer gives $M$ numbers for each example, its **logits** $z_1, \dots, z_M$: any numbers, positive or negative. We want probabilities: positive, and 1 in sum. First make all of them positive, with $e^{z}$; then divide by their sum:
#
# $$\boxed{\;\text{softmax}(z)_m = \frac{e^{z_m}}{\sum_{k=1}^{M} e^{z_k}}\;}$$
#
# Unlike the others, softmax is not elementwise. The classes of one row compete: if one gets more, the others get less. But the *rows* have nothing to do with each other, for each is another example.
#
# **By hand.** $z = (\ln 1,\; \ln 2,\; \ln 5)$. The powers are $1, 2, 5$, their sum is 8, and the probabilities are $(0.125,\; 0.25,\; 0.625)$.

# %% id="predict_shift" predict=true
predict(
    "shift",
    "Add 100 to all three logits: what happens to the probabilities?",
    ["the largest one grows", "they become equal", "nothing at all"],
    choice=None,
)

# %% [markdown] id="softmax_shift" teaches=["softmax"]
# **Shifting a row changes nothing.** Add the same number $c$ to all logits of a row:
#
# $$\frac{e^{z_m + c}}{\sum_k e^{z_k + c}} = \frac{e^{z_m} \cdot e^{c}}{\sum_k e^{z_k} \cdot e^{c}} = \frac{e^{c} \cdot e^{z_m}}{e^{c} \cdot \sum_k e^{z_k}} = \frac{e^{z_m}}{\sum_k e^{z_k}}$$
#
# Only the *differences* of the logits count. And this is what saves us from overflow. With logits of 1000 each power would be `inf`, and `inf / inf` is `nan`. So choose $c$ well: take away the **largest logit of the row**. Then the largest exponent is 0, no power is above 1, nothing can overflow; and the sum is at least 1, so nothing is divided by 0.
#
# $$\boxed{\;\text{softmax}(z)_m = \frac{e^{z_m - \max_k z_k}}{\sum_{j} e^{z_j - \max_k z_k}}\;}$$
#
# ### Exercise 14: `softmax` (3 points)
#
# `logits` is `(N, M)`, and so is the result. Each row adds up to 1. Logits of $\pm 10{,}000$ must come out right, without a warning.
#
# **Tiny example.** $\begin{pmatrix}1000 & 1000\\ 0 & \ln 3\end{pmatrix}$ gives $\begin{pmatrix}0.5 & 0.5\\ 0.25 & 0.75\end{pmatrix}$.
#
# <details><summary><b>Hint</b></summary>
#
# Both the maximum and the sum are taken along each row: `axis=1`. Add `keepdims=True`, so that the result has shape `(N, 1)` and lines up with the rows. Without it, its shape is `(N,)`, and NumPy lines it up with the columns.
#
# </details>


# %% id="write_softmax" solution=true
def softmax(logits):
    """Probabilities from scores, row by row, without overflow.

    logits: (N, M), one row of class scores per example.
    Returns (N, M): positive numbers, each row with sum 1.
    Float dtype: float32 stays float32, integers become float64. logits is not changed.
    """
    logits = as_float(logits)
    ### BEGIN SOLUTION
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
    ### END SOLUTION


# %% id="check_softmax" test=true points=3 teaches=["softmax"]
check("softmax", softmax)

# %% id="see_softmax" show=true promise=true teaches=["softmax"]
row = np.log([[1.0, 2.0, 5.0]])
print("as it is:      ", softmax(row)[0])
print("with 100 added:", softmax(row + 100)[0])
print("ten times:     ", softmax(10 * row)[0])

# %% id="reveal_shift" show=true
moved = np.abs(softmax(row + 100) - softmax(row)).max()
reveal("shift", f"nothing: they differ by {moved:.0e}", answer="c")

# %% [markdown] id="softmax_explained" teaches=["softmax"]
# *Multiplying* the logits is another matter. Ten times the logits, and the largest class gets nearly everything: softmax comes close to "the winner takes it all". Hence its name, a soft version of the maximum.
#
# <details><summary><b>For the curious:</b> with two classes softmax is the sigmoid</summary>
#
# Divide the numerator and the denominator by $e^{z_1}$:
#
# $$\text{softmax}(z)_1 = \frac{e^{z_1}}{e^{z_1} + e^{z_2}} = \frac{1}{1 + e^{-(z_1 - z_2)}} = \sigma(z_1 - z_2)$$
#
# So one output with a sigmoid, and two outputs with a softmax, describe the same models.
#
# </details>

# %% [markdown] id="depth_text" teaches=["histograms"]
# ## 11 · What happens in deep networks
#
# You have all the parts. Now put many layers behind one another and see what your functions do to the signal. First the way forward: 1,000 examples of random numbers go through ten layers of 100 neurons with random weights. How are the activations spread, layer by layer?

# %% id="histograms" show=true teaches=["histograms"]
shown = [1, 2, 5, 10]


def activations_by_layer(forward, gain):
    """The activations of layers 1 to 10, for random inputs and weights."""
    rng = np.random.default_rng(4)
    a, found = rng.normal(size=(1000, 100)), []
    for w, b in start([100] * 11, rng, gain):
        a, _ = forward(dense_forward(a, w, b)[0])
        found.append(a)
    return [found[layer - 1] for layer in shown]


deepest = activations_by_layer(sigmoid_forward, 1)[-1]
print("sigmoid, layer 10: spread over all neurons and examples", f"{deepest.std():.3f},")
print("                   spread over the examples, of one neuron", f"{deepest.std(axis=0).mean():.1e}")
plots.layer_histograms(
    {
        "sigmoid": activations_by_layer(sigmoid_forward, 1),
        "tanh": activations_by_layer(tanh_forward, 1),
        "ReLU": activations_by_layer(relu_forward, 2**0.5),
        "tanh, weights × 5": activations_by_layer(tanh_forward, 5),
    },
    [f"layer {layer}" for layer in shown],
    xlabel="activation a",
    ranges={"sigmoid": (0, 1), "tanh": (-1, 1), "ReLU": (0, 4), "tanh, weights × 5": (-1, 1)},
    alt="Histograms of activations in layers 1, 2, 5 and 10. Sigmoid: narrow humps around "
    "one half. tanh: a wide hump around 0 that becomes narrower with depth. ReLU: half of all "
    "activations are 0, the rest has a long tail, much the same in all layers. tanh with "
    "weights five times as large: nearly all activations are at -1 or 1.",
)

# %% [markdown] id="histograms_explained" teaches=["histograms"]
# - **Sigmoid:** everything sits near ½. And the humps of the deep layers are jagged: each neuron says nearly the *same* for all 1,000 examples, as the two numbers above the picture show. Deep in this network the examples can hardly be told apart any more.
# - **tanh:** centred at 0, and slowly shrinking.
# - **ReLU:** half of the activations are exactly 0, the others keep their spread through all ten layers. (The weights here are $\sqrt2$ times larger than for tanh, to make up for the half that is lost. Unit 3 explains the sizes.)
# - **tanh with weights that are too large:** nearly all neurons are at $-1$ or $1$. They are saturated, and their slopes are nearly 0.
#
# ### Break it on purpose: twenty sigmoid layers
#
# Then the way back. The chain rule has one factor of slope for each layer. We train networks with 1, 5, 10 and 20 hidden layers of 16 neurons on the spirals, 250 steps each, with *your* sigmoid, tanh and ReLU. Before training we ask: how strongly does the loss react to the weights of the *first* layer, compared with those of the *last*?

# %% id="predict_depth" predict=true
predict(
    "depth",
    "Twenty hidden layers of sigmoids, after training: how many points are right?",
    ["about half, like guessing", "about 80 %", "nearly all: deeper is better"],
    choice=None,
)

# %% id="measure_depth" show=true teaches=["histograms"]
depths = [1, 5, 10, 20]
deep_pairs = {
    "sigmoid": (sigmoid_forward, sigmoid_backward),
    "tanh": (tanh_forward, tanh_backward),
    "ReLU": (relu_forward, relu_backward),
}
first_to_last = {name: [] for name in deep_pairs}
after_training = {name: [] for name in deep_pairs}
for name, pair in deep_pairs.items():
    for depth in depths:
        gain = 2**0.5 if name == "ReLU" else 1
        layers = start([2] + [16] * depth + [1], np.random.default_rng(0), gain)
        slopes = gradients(layers, pair, spiral_x, spiral_labels)
        first_to_last[name].append(np.linalg.norm(slopes[0][0]) / np.linalg.norm(slopes[-1][0]))
        end = train(layers, pair, spiral_x, spiral_labels, 250, 0.01)[-1]
        after_training[name].append(accuracy(end, pair, spiral_x, spiral_labels))
plots.graph(
    depths,
    first_to_last,
    xlabel="hidden layers",
    ylabel="first layer / last layer (log scale)",
    log="y",
    points=True,
    alt="Size of the first layer's gradient, divided by the last layer's, before training. "
    "For tanh and ReLU it stays between one tenth and one at all depths. For the sigmoid it "
    "falls steeply, to below ten to the minus 12 with 20 hidden layers.",
)

# %% id="measure_depth_accuracy" show=true
plots.graph(
    depths,
    after_training,
    xlabel="hidden layers",
    ylabel="points on the right side after training (%)",
    points=True,
    ylim=(40, 102),
    alt="Accuracy after 250 steps against the number of hidden layers. "
    + " ".join(f"{n}: {', '.join(f'{v:.0f}' for v in values)} per cent." for n, values in after_training.items()),
)

# %% id="reveal_depth" show=true
reveal("depth", f"{after_training['sigmoid'][-1]:.0f} % of the points", answer="a")

# %% [markdown] id="depth_explained" teaches=["histograms"]
# With twenty sigmoid layers, what reaches the first layer is more than a million million times weaker than what reaches the last. The first layers do not move, and what they pass on is useless. This is the **vanishing gradient**. It kept deep networks from working for many years, and unit 2 looks at it layer by layer.
#
# Depth is no gift by itself, though: look at the other two curves. How well 250 steps work depends on more than the slopes.

# %% [markdown] id="init_text"
# ### Break it on purpose: equal weights
#
# The machine above starts with *random* weights. Is that needed? Zero seems a fair start for all of them. Or one half for all.

# %% id="predict_init" predict=true
predict(
    "init",
    "All weights start at 0, one hidden layer of 16 tanh neurons, 800 steps: what comes out?",
    [
        "the same as with random weights, only later",
        "guessing: 50 % of the points are right",
        "about 80 %",
    ],
    choice=None,
)


# %% id="measure_init" show=true
def different_neurons(layers):
    """How many hidden neurons have weights and bias of their own."""
    w, b = layers[0]
    return len({tuple(column) for column in np.round(np.vstack([w, b]), 9).T})


constant = {value: [(np.full((d, m), value), np.zeros(m)) for d, m in ((2, 16), (16, 1))] for value in (0.0, 0.5)}
starts = {
    "all weights 0": constant[0.0],
    "all weights ½": constant[0.5],
    "random": start([2, 16, 1], np.random.default_rng(0), 2),
}
own_tanh = (tanh_forward, tanh_backward)
ends = {name: train(layers, own_tanh, spiral_x, spiral_labels, 800, 0.1)[-1] for name, layers in starts.items()}
for name, end in ends.items():
    print(
        f"{name:>14}: {accuracy(end, own_tanh, spiral_x, spiral_labels):3.0f} % right, "
        f"{different_neurons(end):>2} different neurons of 16"
    )
plots.decision_boundaries(
    spiral_x,
    spiral_labels,
    {name: map_of(end, own_tanh, PLANE) for name, end in ends.items()},
    PLANE,
    size=2.6,
    alt="Three panels with the spirals after training. All weights 0: no boundary at all. "
    "All weights one half: one nearly straight boundary. Random weights: a boundary that "
    "follows both arms.",
)

# %% id="reveal_init" show=true
reveal("init", f"{accuracy(ends['all weights 0'], own_tanh, spiral_x, spiral_labels):.0f} %", answer="b")

# %% [markdown] id="init_explained"
# **All 0.** Every hidden activation is $\tanh(0) = 0$, so the last layer's weights have no effect on anything, and get no gradient. And since these weights are 0, nothing comes back to the first layer. Both wait for each other, for ever.
#
# **All equal.** Things move, but all 16 hidden neurons have the same weights, so they compute the same, get the same gradient, and take the same step. They stay the same for ever: sixteen copies of *one* neuron, and that is worth one neuron. Look at the number of different ones.
#
# Neurons only become different if they *start* different. This is called **breaking the symmetry**, and it is why weights start as random numbers. (Biases may all start at 0.) How *large* they should be is a question for unit 3.

# %% [markdown] id="bug_hunt_text"
# ## 12 · Bug hunts
#
# Reading code is one skill. *Exposing* a bug is another: you must imagine an input on which the code shows that it is wrong. Tests that only try friendly inputs accept most of the faulty code that people really write.
#
# ### Bug hunt 1: `hunt_slope_bug` (3 points)
#
# Someone wrote this backward pass for leaky ReLU. On a table of random numbers, with the usual alpha, it agrees with the right one to the last digit:
#
# ```python
# def suspicious_leaky_relu_backward(dout, cache):
#     z, alpha = cache
#     dz = np.zeros_like(z)
#     for i in range(z.shape[0]):
#         for j in range(z.shape[1]):
#             if z[i, j] >= 0:
#                 dz[i, j] = dout[i, j]
#             else:
#                 dz[i, j] = 0.01 * dout[i, j]
#     return dz
# ```
#
# Return an input `(z, alpha)` on which a wrong backward pass gives another result than the right one (or stops with an error). **One** input can catch many mistakes at once. Yours is tried on several wrong implementations, this one's mistakes and others, and each that it exposes earns points. The `dout` is drawn at random.
#
# - `z` is an array of any shape, `alpha` is a number up to 100.
#
# **Tiny example** of what you may return, and a poor one: `np.array([[1.5, -0.3], [0.7, -2.1]]), 0.01`. On it the code above is right, so it exposes nothing.
#
# <details><summary><b>Hint:</b> which inputs are friendly?</summary>
#
# Ask what a lazy programmer takes for granted, and then do not grant it. That $z$ is never exactly 0? That there are two axes? That $z$ holds floats? That $\alpha$ is 0.01, or at least below 1? That there is one example?
#
# </details>


# %% id="write_hunt_slope_bug" solution=true
def hunt_slope_bug():
    """An input that exposes wrong versions of leaky_relu_backward.

    Returns (z, alpha), as leaky_relu_forward takes them.
    """
    ### BEGIN SOLUTION
    z = np.array([-3, -1, 0, 0, 2, 5])  # whole numbers, one axis, zeros among them
    return z, 1.5
    ### END SOLUTION


# %% id="check_hunt_slope_bug" test=true points=3 teaches=["relu"]
check("hunt_slope_bug", hunt_slope_bug)

# %% [markdown] id="bug_hunt_softmax_text"
# ### Bug hunt 2: `hunt_softmax_bug` (3 points)
#
# This softmax knows about overflow, and its author is proud of that:
#
# ```python
# def suspicious_softmax(logits):
#     shifted = logits - logits.max()
#     powers = np.exp(shifted)
#     return powers / powers.sum(axis=1, keepdims=True)
# ```
#
# Return `logits`, one array of shape `(N, M)`, that exposes it, and others of its kind. Again one input is tried on several wrong implementations.
#
# **Tiny example**, again a poor one: `np.array([[1.0, 2.0, 3.0]])`.
#
# <details><summary><b>Hint 1</b></summary>
#
# `logits.max()` is the largest number of the *whole* table. When does that hurt a row?
#
# </details>
# <details><summary><b>Hint 2</b></summary>
#
# Others subtract the mean of the row, or its smallest logit, or nothing; or they cut off at 500. So let one logit be far above the others of its row, and let two that are far above 500 be different. And what if the table holds whole numbers?
#
# </details>


# %% id="write_hunt_softmax_bug" solution=true
def hunt_softmax_bug():
    """Logits (N, M) that expose wrong versions of softmax."""
    ### BEGIN SOLUTION
    # two rows at very different heights, near and far neighbours in each, whole numbers
    return np.array([[9000, 8999, -9000], [-9000, -9002, -8999]])
    ### END SOLUTION


# %% id="check_hunt_softmax_bug" test=true points=3 teaches=["softmax"]
check("hunt_softmax_bug", hunt_softmax_bug)

# %% [markdown] id="questions_text"
# ## 13 · Three questions
#
# Answer in your own words, in a few sentences each. A person reads your answers. Each gives up to 3 points.

# %% [markdown] id="question_linear" question=true points=3 teaches=["linear_stack"]
# **Question 1.** A friend builds a network of ten dense layers without activation functions and says: "It has 50,000 parameters, so it can learn much more than a single layer." (a) Show with two layers why that is not so. (b) Why does the argument fail once a ReLU stands between the layers? (c) Name one problem from this unit that the friend's network cannot solve, and say how you know.
#
# === BEGIN MARK SCHEME ===
#
# - 1 point: (x w1 + b1) w2 + b2 = x (w1 w2) + (b1 w2 + b2), again one layer; so ten collapse into one, step by step.
# - 1 point: the bracket can no longer be expanded, since ReLU(u + v) is not ReLU(u) + ReLU(v); or an equivalent reason (a bend, not linear). A number as an example is enough.
# - 1 point: XOR with the contradiction of the four inequalities, or the spirals with the measured accuracy of a line (about two thirds).
#
# === END MARK SCHEME ===
#
# ### BEGIN SOLUTION
# (a) Two layers compute (x w1 + b1) w2 + b2. Expanded, this is x (w1 w2) + (b1 w2 + b2): one layer with the weights w1 w2 and the bias b1 w2 + b2. Collapse the first two of ten, then the result with the third, and so on: all ten are one layer. The 50,000 numbers only describe one line in a complicated way.
#
# (b) With ReLU in between, the second layer gets ReLU(x w1 + b1), and the bracket cannot be expanded: ReLU(2 − 3) is 0, but ReLU(2) + ReLU(−3) is 2. The second layer's input is bent.
#
# (c) XOR. Its four corners would require b < 0, w1 + b > 0, w2 + b > 0 and w1 + w2 + b < 0, and the sum of the middle two contradicts the sum of the other two. A thousand random lines got at most three of four right.
# ### END SOLUTION

# %% [markdown] id="question_slopes" question=true points=3 teaches=["saturation"]
# **Question 2.** (a) Explain in your own words how a saturated sigmoid neuron and a dead ReLU neuron are alike, and how they differ. (b) Why can leaky ReLU not die in this way? (c) In the measurement of section 11 a network of twenty sigmoid layers did not learn. Where in the chain rule is the reason, and roughly how large was the effect?
#
# === BEGIN MARK SCHEME ===
#
# - 1 point: alike: the slope is (nearly) 0, so the gradient of their weights is too, however wrong the output. Different: the sigmoid's slope is small but not 0 and on both sides, the ReLU's exactly 0 and on the negative side only, for all examples.
# - 1 point: the slope is alpha > 0 for z ≤ 0, so some gradient always comes through and the weights go on changing.
# - 1 point: one factor f'(z) ≤ ¼ for each layer, multiplied along the way (0.25²⁰ ≈ 10⁻¹²); the measured ratio of the first layer's gradient to the last's was of the order 10⁻¹² or below.
#
# === END MARK SCHEME ===
#
# ### BEGIN SOLUTION
# (a) Both have a slope of about 0, and the slope is a factor in the gradient of their weights: they do not learn, however wrong they are. A sigmoid saturates on both sides, and its slope gets very small but never quite 0, so it moves slowly. A dead ReLU has z < 0 for every example and a slope of exactly 0, so it does not move at all.
#
# (b) For z ≤ 0 its slope is alpha, a small number above 0. So a small gradient always comes through, and the weights can change until z is positive again for some examples.
#
# (c) The gradient of an early layer is a product with one factor f'(z) for each layer above it. A sigmoid's slope is at most ¼, and 0.25 to the power of 20 is about 10⁻¹². In the measurement, the gradient of the first layer was smaller than that of the last by more than twelve powers of ten. ReLU's factors are 1 or 0, and there the ratio stayed near 1.
# ### END SOLUTION

# %% [markdown] id="question_stable" question=true points=3 teaches=["softmax"]
# **Question 3.** (a) Why does `np.exp(z) / np.exp(z).sum()` give `nan` for $z = (1000, 999)$, although the true answer is about $(0.73, 0.27)$? (b) Which property of softmax allows a remedy, and why is subtracting the *largest* logit of the row a good choice, and subtracting the mean not? (c) Someone tests an implementation with ten random rows of `rng.normal(size=(10, 5))` and is content. Name two mistakes that this test cannot find, and say for each which input would.
#
# === BEGIN MARK SCHEME ===
#
# - 1 point: exp(1000) is too large for a float and becomes inf; inf / inf is nan.
# - 1 point: adding the same number to a row changes nothing; with the largest subtracted no exponent is above 0 (no overflow) and the sum is at least 1 (no division by 0). The mean may lie far below the largest logit, and then exp overflows all the same.
# - 1 point: two of: no maximum subtracted (large logits); maximum of the whole table (rows far apart); logits cut off (above the cut-off); integers kept (a table of ints); logits changed in place (compare before and after); with a fitting input each.
#
# === END MARK SCHEME ===
#
# ### BEGIN SOLUTION
# (a) exp(1000) has more digits than a float can hold, so NumPy takes inf for it. The same holds for exp(999) and for the sum. inf / inf has no defined value: nan.
#
# (b) Softmax depends only on the differences within a row, so any number may be subtracted from the whole row. With the largest one subtracted, the largest exponent is 0: no power exceeds 1, and the sum is at least 1. The mean can be much smaller than the largest logit, for example with the row (3000, 0, 0), whose mean is 1000: exp(2000) still overflows.
#
# (c) Random normal numbers are small and lie close together. So the test finds neither a missing maximum (try logits of 1000) nor the maximum of the whole table in place of the row's (try two rows, one at 5000 and one at −5000). It does not find integers that stay integers either: a table of whole numbers would.
# ### END SOLUTION

# %% [markdown] id="common_mistakes"
# ## Common mistakes
#
# | mistake | what happens | better |
# |---|---|---|
# | layers without an activation function between them | they collapse into one | put a function that bends between them |
# | `z >= 0` in ReLU's slope | a slope of 1 at $z = 0$ | `z > 0`: the course takes 0 there |
# | `1 / (1 + np.exp(z))` | the sigmoid falls | the sign: $e^{-z}$ |
# | `1 / (1 + np.exp(-z))` for all $z$ | overflow, and tiny values become 0 | a power of $-\lvert z\rvert$ |
# | softmax without the row's maximum taken away | `nan` for large logits | subtract `max(axis=1, keepdims=True)` |
# | `keepdims` forgotten | rows and columns mixed up | keep the axis, shape `(N, 1)` |
# | `sigmoid(a)` in the backward pass | the sigmoid is applied twice | the cache is `a` already: $a(1 - a)$ |
# | the slope without `dout` | half of the chain rule | `dout * slope` |
# | `np.zeros_like` of an integer array | results cut to whole numbers | convert to float first |
# | `z[z < 0] = 0`, `dout *= …` | the caller's arrays change | make a new array |
# | dividing by $N$ in a backward function | gradients $N$ times too small | only the loss takes a mean |
# | all weights 0, or all equal | every neuron learns the same | random weights |

# %% [markdown] id="summary"
# ## Summary
#
# - A **neuron** multiplies, adds up, and bends: $a = f(x w + b)$. A **layer** is many neurons on the same features, one matrix product: $z = x\,w + b$.
# - A stack of layers *without* activation functions is one linear layer, $w = w_1 w_2$, $b = b_1 w_2 + b_2$. It can only draw a line, and no line solves XOR.
# - With a function that bends between the layers, hidden layers give the examples **new coordinates** in which the problem is easier. Later layers build on what earlier ones found.
# - A fully connected network has $\sum_l (n_{l-1} + 1)\, n_l$ parameters.
# - Backward: `dz = dout · f′(z)`.
#
# | | $f(z)$ | $f'(z)$ | beware |
# |---|---|---|---|
# | ReLU | $\max(z, 0)$ | 1 for $z > 0$, else 0 | dies |
# | leaky ReLU | $z$ for $z > 0$, else $\alpha z$ | 1 for $z > 0$, else $\alpha$ | |
# | swish | $z\,\sigma(z)$ | $\sigma\,(1 + z(1 - \sigma))$ | costs an exponential |
# | sigmoid | $1 / (1 + e^{-z})$ | $a(1 - a) \le \frac14$ | saturates, not centred |
# | tanh | $2\sigma(2z) - 1$ | $1 - a^2 \le 1$ | saturates |
#
# - **Softmax** makes probabilities of a row of logits. Only differences count, so subtract the largest one first.
# - Slopes multiply along the depth. Sigmoids make the gradient vanish; ReLUs can die; equal weights stay equal.
#
# **Next:** unit 2 opens the training machine, and finds the gradient of every weight with one walk back through the network.

# %% [markdown] id="further_reading"
# ## Further reading
#
# - I. Goodfellow, Y. Bengio, A. Courville: *Deep Learning*, chapter 6, "Deep Feedforward Networks". MIT Press, 2016. It begins with XOR as well.
# - M. Minsky, S. Papert: *Perceptrons*. MIT Press, 1969. What a single layer cannot do.
# - G. Cybenko: *Approximation by superpositions of a sigmoidal function*. Mathematics of Control, Signals and Systems 2, 1989. K. Hornik: *Approximation capabilities of multilayer feedforward networks*. Neural Networks 4, 1991. M. Leshno, V. Lin, A. Pinkus, S. Schocken: *Multilayer feedforward networks with a nonpolynomial activation function can approximate any function*. Neural Networks 6, 1993.
# - M. Telgarsky: *Benefits of depth in neural networks*. COLT 2016. The tents of section 4, and a proof.
# - X. Glorot, A. Bordes, Y. Bengio: *Deep sparse rectifier neural networks*. AISTATS 2011. Why ReLU.
# - A. Maas, A. Hannun, A. Ng: *Rectifier nonlinearities improve neural network acoustic models*. ICML workshop, 2013. Leaky ReLU.
# - P. Ramachandran, B. Zoph, Q. Le: *Searching for activation functions*. arXiv:1710.05941, 2017. Swish. S. Elfwing, E. Uchibe, K. Doya: *Sigmoid-weighted linear units for neural network function approximation in reinforcement learning*. Neural Networks 107, 2018. The same function under the name SiLU.
# - X. Glorot, Y. Bengio: *Understanding the difficulty of training deep feedforward neural networks*. AISTATS 2010. Histograms of activations by layer, as in section 11.
