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
# # Unit 2 · Backpropagation
#
# **The question of this unit:** *a network has thousands of weights. Which way should each of them be turned so that the network gets better, and how can one find that out for all of them at once?*
#
# You begin with the plainest answer: try it out, weight by weight. It works, and it is far too slow. Then you derive the fast answer yourself, first with single numbers, then with matrices, then for any number of layers. At the end your own functions train a network that reads digits, you know what the method costs in time and in memory, and you have seen where it fails.
#
# **What you should know:** dense layers and activation functions (unit 1), and what the derivative of a function of one number is. Nothing else. Every symbol is introduced before it is used.

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
# | $N$ | examples in a batch | $x$ | inputs, one example a row: $(N, D)$ |
# | $D$ | features in | $w, b$ | weights $(D, M)$ and biases $(M,)$ of a layer |
# | $M$ | features out | $z$ | what a layer computes: $z = x\,w + b$ |
# | $H$ | hidden units | $a$ or $h$ | $z$ after the activation function: $a = \sigma(z)$ |
# | $P$ | all weights and biases together | $y$, $t$ | the network's output, and its target |
# | $L$ | the loss (as a count: the layers) | $\delta$ | $\partial L/\partial z$, the gradient at a layer's $z$ |
#
# In code, `dz` is short for $\partial L/\partial z$, `dw` for $\partial L/\partial w$, and so on: *how much the loss changes when this number changes*. It always has the shape of the thing itself.

# %% id="imports"
import itertools
import time
import tracemalloc

import numpy as np

from autograder import check, predict, reveal
from nnlib import plots
from nnlib.activations import relu_forward, sigmoid_forward, softmax
from nnlib.data import load_digits

np.set_printoptions(precision=4, suppress=True)

# %% [markdown] id="digits_text"
# Our data are 1,797 handwritten digits of 8×8 pixels. Each is one row of 64 numbers between 0 and 1.

# %% id="digits"
digits, labels = load_digits()  # (1797, 8, 8), and which digit each picture shows

order = np.random.default_rng(5).permutation(len(digits))  # mix them once, then split
rows = digits[order].reshape(-1, 64).astype(np.float64)
train_x, train_labels = rows[:1200], labels[order[:1200]]
test_x, test_labels = rows[1200:], labels[order[1200:]]


# %% [markdown] id="opening_text" teaches=["cost_of_gradients"]
# Here is a network with one hidden layer that has learned nothing yet: 64 pixels → 32 hidden units → 10 scores, all weights drawn at random. We pick three of its weights. Each is moved a little to both sides while all others stay where they are, and each time we look at the loss, the one number that says how bad the network is.


# %% id="opening_picture" show=true
def untrained(hidden=32, seed=2):
    """Random weights for 64 → hidden → 10."""
    rng = np.random.default_rng(seed)
    w1, w2 = rng.normal(0, 0.18, (64, hidden)), rng.normal(0, 0.4, (hidden, 10))
    return w1, np.zeros(hidden), w2, np.zeros(10)


def how_bad(w1, b1, w2, b2, x=train_x[:64], targets=train_labels[:64]):
    """Minus the mean logarithm of the probability that the right digit gets."""
    scores = relu_forward(x @ w1 + b1)[0] @ w2 + b2
    chances = softmax(scores)[np.arange(len(x)), targets]
    return -np.log(chances).mean()


network = untrained()
moves = np.linspace(-2, 2, 41)
knobs = {}
for unit, digit in [(22, 0), (13, 9), (29, 2)]:
    heights = []
    for move in moves:
        moved = network[2].copy()
        moved[unit, digit] += move
        heights.append(how_bad(network[0], network[1], moved, network[3]))
    steepness = (heights[21] - heights[19]) / (moves[21] - moves[19])
    knobs[f"from unit {unit} to digit {digit}"] = (moves, heights, steepness)
plots.slopes(
    knobs,
    xlabel="weight moved by",
    ylabel="loss (nats)",
    alt="Three curves of the loss against one weight, each with its tangent at the present weight. "
    + " ".join(f"The weight {name} has slope {value:+z.2f}." for name, (_, _, value) in knobs.items()),
)

# %% [markdown] id="opening_question"
# Look at the dashed lines. Where the slope is positive, this weight should become smaller. Where it is negative, the weight should grow. Where it is nearly flat, it hardly matters. If we knew the slope for *every* weight, we would know how to make the network better: turn each a little against its slope, and repeat.
#
# This small network has $64 \cdot 32 + 32 + 32 \cdot 10 + 10 = 2{,}410$ weights and biases. For one slope we had to run the network twice. Large networks have millions of weights, and need millions of such steps.
#
# How do you get **all** slopes, exactly, and what must it cost?

# %% id="predict_cost" predict=true
predict(
    "cost",
    "All 2,410 slopes, exactly: how long must it take, measured in runs of the network?",
    ["about 2,400 runs", "about 50 runs", "about 3 runs"],
    choice=None,  # write choice="a", "b" or "c"
)

# %% [markdown] id="gradient_text" teaches=["numerical_gradient"]
# ## 1 · What we are looking for
#
# The loss $L$ is one number that depends on many: on all weights and biases. Its slope along one weight $w$, with all others held still, is the **partial derivative** $\dfrac{\partial L}{\partial w}$. All partial derivatives together, arranged like the weights themselves, are the **gradient**.
#
# With the gradient in hand, learning is one line, repeated (unit 3 makes more of it):
#
# $$w \leftarrow w - \eta\,\frac{\partial L}{\partial w}$$
#
# $\eta$ (eta) is a small number, the *learning rate*. The minus sign says: against the slope, downhill. Everything in this unit is about the fraction.

# %% [markdown] id="numerical_text" teaches=["numerical_gradient"]
# ## 2 · Trying it out
#
# ### Two points and a slope
#
# The slope of $f$ at $x$ is what $\dfrac{f(x+h) - f(x)}{h}$ tends to when $h$ gets small. A computer cannot take a limit, but it can take a small $h$. Better still, it looks to **both** sides:
#
# $$\boxed{\;f'(x) \approx \frac{f(x + h) - f(x - h)}{2h}\;}$$
#
# **By hand.** $f(x) = x^3$ at $x = 2$ with $h = 0.1$. The true slope is $3x^2 = 12$.
#
# To one side: $\dfrac{2.1^3 - 2^3}{0.1} = \dfrac{9.261 - 8}{0.1} = 12.61$
#
# To both sides: $\dfrac{2.1^3 - 1.9^3}{0.2} = \dfrac{9.261 - 6.859}{0.2} = 12.01$
#
# Looking to both sides costs one more call, and the error is 60 times smaller.
#
# **Many numbers.** If $x$ is an array, do this for each element in turn, with all others held still. The slopes, arranged like $x$, are the gradient. Then the tool works for a weight matrix as for a single number. It needs two calls of $f$ for every element. Keep that in mind.
#
# <details><summary><b>Proof:</b> why two sides are so much better (four lines)</summary>
#
# Taylor's formula around $x$, for a step $h$ and for a step $-h$:
#
# $$f(x+h) = f(x) + h f'(x) + \tfrac{h^2}{2} f''(x) + \tfrac{h^3}{6} f'''(x) + \dots$$
# $$f(x-h) = f(x) - h f'(x) + \tfrac{h^2}{2} f''(x) - \tfrac{h^3}{6} f'''(x) + \dots$$
#
# One side: $\dfrac{f(x+h) - f(x)}{h} = f'(x) + \tfrac{h}{2} f''(x) + \dots$: an error proportional to $h$.
#
# Both sides: the terms with $h^2$ cancel in the difference, so $\dfrac{f(x+h) - f(x-h)}{2h} = f'(x) + \tfrac{h^2}{6} f'''(x) + \dots$: an error proportional to $h^2$.
#
# </details>

# %% id="predict_h" predict=true
predict(
    "h",
    "The smaller h, the better? Which of these h gives the most exact slope?",
    ["1e-1", "1e-5", "1e-12, the smallest"],
    choice=None,
)

# %% [markdown] id="exercise_numerical_gradient"
# ### Exercise 1: `numerical_gradient` (3 points)
#
# - `f` is a function that takes an array of the shape of `x` and returns one number.
# - `x` is an array of any shape: `(4,)`, `(2, 3)`, or `()`, a number without axes.
# - The result has the shape of `x` and is of dtype float64.
# - `x` itself must not change. Work on a copy in float64. (An integer array could not hold 2.00001.)
#
# **Tiny example.** $f(x) = x_0^2 + 3 x_1$ at `x = [2, 5]`, with `h=0.1`.
#
# - Element 0: $(2.1^2 + 15) - (1.9^2 + 15)$ $= 19.41 - 18.61 = 0.8$, over $0.2$: **4**.
# - Element 1: $(4 + 15.3) - (4 + 14.7) = 0.6$, over $0.2$: **3**. Result: `[4, 3]`.
#
# <details><summary><b>Hint 1:</b> the plan</summary>
#
# 1. `point = np.array(x, dtype=np.float64)` is a copy.
# 2. Make `gradient`, zeros of the same shape.
# 3. For each place `i`: remember `point[i]`, set it to the value plus `h` and call `f(point)`, set it to the value minus `h` and call again, **put the value back**.
#
# </details>
# <details><summary><b>Hint 2:</b> all places of an array of any shape</summary>
#
# `for i in np.ndindex(point.shape):` goes through them. `i` is a tuple, and `point[i]` is one number. It also works for the shape `()`.
#
# </details>


# %% id="write_numerical_gradient" solution=true
def numerical_gradient(f, x, h=1e-5):
    """The gradient of f at x by central differences.

    f: takes an array of x's shape, returns one number. x: an array of any shape.
    h: how far to look to each side.
    Returns an array of x's shape, float64. x is not changed.
    """
    ### BEGIN SOLUTION
    point = np.array(x, dtype=np.float64)
    gradient = np.zeros_like(point)
    for i in np.ndindex(point.shape):
        value = point[i]
        point[i] = value + h
        above = f(point)
        point[i] = value - h
        below = f(point)
        point[i] = value
        gradient[i] = (above - below) / (2 * h)
    return gradient
    ### END SOLUTION


# %% id="check_numerical_gradient" test=true points=3 teaches=["numerical_gradient"]
check("numerical_gradient", numerical_gradient)

# %% id="see_numerical_example" show=true promise=true
print(numerical_gradient(lambda x: x[0] ** 2 + 3 * x[1], np.array([2.0, 5.0])))
print(f"{numerical_gradient(lambda x: x**3, np.array(2.0), h=0.1):.2f}")

# %% [markdown] id="step_size_text" teaches=["numerical_gradient"]
# Now the prediction. We take $f(x) = e^x$ at $x = 1$, whose slope is $e$, and try many $h$. The picture has powers of ten on both axes.

# %% id="step_sizes" show=true
steps = 10.0 ** np.arange(-15, 0)
one_side = [abs((np.exp(1 + h) - np.exp(1)) / h - np.e) for h in steps]
two_sides = [abs(numerical_gradient(np.exp, np.array(1.0), h) - np.e) for h in steps]
plots.curves(
    {"one side": (steps, one_side), "both sides": (steps, two_sides)},
    xlabel="h (logarithmic scale)",
    ylabel="error (logarithmic scale)",
    logx=True,
    logy=True,
    alt="Two curves of the error against h, both logarithmic, in the form of a V. One side: "
    "the error is smallest, about 1e-8, near h = 1e-8. Both sides: it is smallest, "
    f"below 1e-9, from h = 1e-7 to 1e-5, where it is {two_sides[10]:.0e}. For smaller h both grow again.",
)

# %% id="reveal_h" show=true
reveal("h", f"of the three, h = 1e-5: the error is {two_sides[10]:.0e}", answer="b")

# %% [markdown] id="step_size_explained"
# From the right: a smaller $h$ is better, and the line for both sides is twice as steep. But to the left of its lowest point, it gets worse again. The computer keeps 16 digits. With $h = 10^{-12}$ the two function values agree in the first 12, so only 4 digits of their difference are left, and then they are divided by a tiny number. $h = 10^{-5}$ is a good place, and that is our default.
#
# ### How close is close?
#
# Soon you compute gradients by another method and want to compare. Is a difference of 0.001 large? For a gradient of 1000, no. For a gradient of 0.002, yes. So we divide by the sizes:
#
# $$\boxed{\;\text{relative error}(a, b) = \frac{\lVert a - b \rVert}{\lVert a \rVert + \lVert b \rVert}\;}\qquad \lVert a \rVert = \sqrt{\textstyle\sum_i a_i^2}$$
#
# $\lVert a \rVert$ is the **norm**: the root of the sum of all squares, whatever the shape of $a$. The relative error lies between 0 (equal) and 1. If both are zero, they are equal, and the error is 0.
#
# As a rule: below $10^{-7}$ the gradient is right. Above $10^{-3}$ it is wrong.
#
# ### Exercise 2: `relative_error` (2 points)
#
# - `a` and `b` are arrays of one shape, any shape. The result is one number.
# - Where the shapes differ, raise a `ValueError`. (NumPy would *broadcast* a `(4, 1)` against a `(4,)` without a word, and compare the wrong things.)
#
# **Tiny example.** `a = [3, 0]`, `b = [0, 4]`: the difference is $[3, -4]$ with norm 5. The norms of `a` and `b` are 3 and 4. Result: $5/7 \approx 0.714$.
#
# <details><summary><b>Hint</b></summary>
#
# `np.linalg.norm(v.ravel())` is the norm of an array `v` of any shape. Ask for the case "both are zero" before you divide.
#
# </details>


# %% id="write_relative_error" solution=true
def relative_error(a, b):
    """‖a − b‖ / (‖a‖ + ‖b‖), and 0 where both are zero.

    a, b: arrays of one shape, any shape. Returns one number.
    Raises ValueError where the shapes differ. Changes none of its inputs.
    """
    ### BEGIN SOLUTION
    if a.shape != b.shape:
        raise ValueError(f"the shapes must be the same, got {a.shape} and {b.shape}")
    a, b = a.astype(np.float64).ravel(), b.astype(np.float64).ravel()
    size = np.linalg.norm(a) + np.linalg.norm(b)
    return np.linalg.norm(a - b) / size if size > 0 else 0.0
    ### END SOLUTION


# %% id="check_relative_error" test=true points=2 teaches=["numerical_gradient"]
check("relative_error", relative_error)

# %% [markdown] id="losses_text" teaches=["delta_mse"]
# ## 3 · The loss, where the way back begins
#
# Now the other road: derive the slope on paper. We start at the end, at the loss itself. A loss function gets what the network says and what would have been right. It returns two things: the **loss**, and the loss's **gradient with respect to what the network says**. That gradient is the first step of every way back.
#
# One convention for the whole course: the loss is the **mean over the $N$ examples** of the batch, and the loss alone divides by $N$. No later function does so again.
#
# ### 3.1 Squared error
#
# For predictions $\hat y$ and targets $y$, both of shape $(N, M)$:
#
# $$L = \frac{1}{N} \sum_{n=1}^{N} \frac{1}{2} \sum_{m=1}^{M} (\hat y_{nm} - y_{nm})^2$$
#
# In words: for each example half the squared distance, and of these the mean. Line by line, the slope along one $\hat y_{nm}$:
#
# 1. Only one term of the double sum contains $\hat y_{nm}$, so all others have slope 0.
# 2. That term is $\frac{1}{N} \cdot \frac{1}{2} (\hat y_{nm} - y_{nm})^2$.
# 3. The square has the slope $2\,(\hat y_{nm} - y_{nm})$. The 2 and the $\frac12$ cancel: that is why the half is there.
#
# $$\boxed{\;\frac{\partial L}{\partial \hat y} = \frac{\hat y - y}{N}\;}$$
#
# The lecture writes this for one example and calls the output $a$: $\delta = a - y$. It is the same with $N = 1$.
#
# ### Exercise 3: `mse_loss` (2 points)
#
# - `y_hat` and `y` have one shape: $(N, M)$, or $(N,)$, or more axes. The first axis is always the batch.
# - It returns `(loss, dy_hat)`: one number, and an array of `y_hat`'s shape.
# - Where the shapes differ, raise a `ValueError`.
#
# **Tiny example.** `y_hat = [[1, 2], [3, 4]]`, `y = [[1, 0], [2, 4]]`, so $N = 2$. Differences: `[[0, 2], [1, 0]]`. Half the squares, added up per example: $2$ and $0.5$. Loss: $(2 + 0.5)/2 = 1.25$. Gradient: the differences over 2, `[[0, 1], [0.5, 0]]`.
#
# A small helper, yours to use everywhere: it turns integers into floats and leaves floats as they are.


# %% id="helpers"
def as_float(values):
    """The array in a float dtype: a float dtype stays, integers become float64."""
    array = np.asarray(values)
    return array if array.dtype.kind == "f" else array.astype(np.float64)


# %% id="write_mse_loss" solution=true
def mse_loss(y_hat, y):
    """Half the squared distance, averaged over the batch.

    y_hat, y: predictions and targets of one shape (N, M), or (N, …).
    Returns (loss, dy_hat): one number, and an array of y_hat's shape in its float dtype.
    Raises ValueError where the shapes differ. Changes none of its inputs.
    """
    y_hat, y = as_float(y_hat), as_float(y)
    ### BEGIN SOLUTION
    if y_hat.shape != y.shape:
        raise ValueError(f"the shapes must be the same, got {y_hat.shape} and {y.shape}")
    difference = y_hat - y
    return np.sum(difference**2) / (2 * len(y)), difference / len(y)
    ### END SOLUTION


# %% id="check_mse_loss" test=true points=2 teaches=["delta_mse"]
check("mse_loss", mse_loss)

# %% [markdown] id="gradient_check_habit" teaches=["numerical_gradient"]
# **Trust, but verify.** You have two roads to the same gradient now, paper and trying out. Whenever you derive something, let them meet:

# %% id="mse_gradient_check" show=true
rng = np.random.default_rng(0)
y_hat, y = rng.normal(size=(4, 3)), rng.normal(size=(4, 3))
tried_out = numerical_gradient(lambda v: mse_loss(v, y)[0], y_hat)
print(f"relative error: {relative_error(mse_loss(y_hat, y)[1], tried_out):.1e}")

# %% [markdown] id="softmax_text" teaches=["delta_cross_entropy"]
# ### 3.2 Softmax and cross-entropy
#
# To tell digits apart, the network gives ten scores $z_1, \dots, z_M$, called **logits**. The softmax (unit 1) turns them into probabilities, and the **cross-entropy** asks how probable the right class, the *label* $c$, was held to be:
#
# $$p_m = \frac{e^{z_m}}{\sum_k e^{z_k}} \qquad\qquad L = -\log p_c$$
#
# If the right class got probability 1, the loss is 0. If it got 0.1, the loss is $-\log 0.1 = 2.3$. The unit is the *nat*.
#
# **First simplify.** Put the softmax into the logarithm. A logarithm of a fraction is a difference, and the logarithm of an exponential is the exponent:
#
# $$L = -\log \frac{e^{z_c}}{\sum_k e^{z_k}} = \log \sum_k e^{z_k} - z_c$$
#
# **Then differentiate, line by line.** Along $z_m$:
#
# 1. $\log$ of something has the slope $1/\text{something}$, so $\dfrac{\partial}{\partial z_m} \log \sum_k e^{z_k} = \dfrac{1}{\sum_k e^{z_k}} \cdot \dfrac{\partial}{\partial z_m} \sum_k e^{z_k}$
# 2. In that sum only the term $k = m$ contains $z_m$, and $e^{z_m}$ is its own slope: $= \dfrac{e^{z_m}}{\sum_k e^{z_k}} = p_m$
# 3. The second part, $-z_c$, has the slope $-1$ if $m$ is the label $c$, else 0. Let $y$ be the row that has 1 at the label and 0 elsewhere (*one-hot*). Then this slope is $-y_m$.
#
# Together that is $p - y$ for one example. The mean over a batch divides it by $N$:
#
# $$\boxed{\;\frac{\partial L}{\partial z} = \frac{p - y}{N}\;}$$
#
# Prediction minus target again: $\delta = a - y$, as with the squared error. The exponentials and the logarithm have gone.
#
# **Large logits.** $e^{10000}$ is more than a computer can store: it becomes `inf`, and `inf / inf` is `nan`. But softmax does not change if one number is subtracted from all logits of a row, since it cancels in the fraction. Subtract the row's largest, $z_{\max}$. Then all exponents are at most 0, and
#
# $$L = \log \sum_k e^{z_k - z_{\max}} - (z_c - z_{\max})$$
#
# No exponent is positive, so nothing overflows; the largest term of the sum is $e^0 = 1$, so the logarithm never gets 0.

# %% id="break_softmax" show=true promise=true
with np.errstate(all="ignore"):  # what happens without the trick?
    scores = np.array([1000.0, 0.0])
    careless = np.exp(scores) / np.exp(scores).sum()
    print("straight from the formula:", careless)
    print("its loss for label 1:     ", -np.log(careless[1]))
print("subtract, then log-sum-exp:", np.log(np.exp(scores - 1000).sum()) - (scores[1] - 1000))

# %% [markdown] id="exercise_softmax_cross_entropy"
# ### Exercise 4: `softmax_cross_entropy` (4 points)
#
# - `logits` is $(N, M)$, `labels` is $(N,)$ with integers from 0 to $M - 1$.
# - It returns `(loss, dlogits)`: one number, and an array $(N, M)$.
# - It must be right for logits of 10,000 and −10,000 too, also where the network is very sure *and wrong*. NumPy must have no reason to warn on the way: neither of an overflow nor of $\log 0$.
#
# **Tiny example.** `logits = [[0, 0]]`, `labels = [1]`. Both probabilities are $\frac12$. Loss: $\log 2 - 0 = 0.693$. Gradient: $[\frac12, \frac12] - [0, 1] = [0.5, -0.5]$.
#
# <details><summary><b>Hint 1:</b> the plan</summary>
#
# 1. `shifted`: each row minus its own largest (`axis=1, keepdims=True`)
# 2. the logarithm of the sum of exponentials, one number a row
# 3. the loss: that number minus the *shifted* logit of the label; then the mean
# 4. the probabilities, once more from `shifted`; subtract 1 at the labels; divide by $N$
#
# </details>
# <details><summary><b>Hint 2:</b> one number from each row</summary>
#
# `shifted[np.arange(N), labels]` picks `shifted[0, labels[0]]`, `shifted[1, labels[1]]`, … The same expression can stand on the left of `-=`, in an array of your own.
#
# </details>


# %% id="write_softmax_cross_entropy" solution=true
def softmax_cross_entropy(logits, labels):
    """Minus the logarithm of the label's softmax probability, averaged over the batch.

    logits: scores (N, M). labels: the right classes (N,), integers from 0 to M − 1.
    Returns (loss, dlogits): one number, and (N, M) in the float dtype of logits.
    Right for logits of ±10,000 too. Changes none of its inputs.
    """
    logits = as_float(logits)
    ### BEGIN SOLUTION
    n = len(labels)
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_total = np.log(np.exp(shifted).sum(axis=1))
    loss = np.mean(log_total - shifted[np.arange(n), labels])
    dlogits = np.exp(shifted - log_total[:, None])
    dlogits[np.arange(n), labels] -= 1
    return loss, dlogits / n
    ### END SOLUTION


# %% id="check_softmax_cross_entropy" test=true points=4 teaches=["delta_cross_entropy"]
check("softmax_cross_entropy", softmax_cross_entropy)

# %% [markdown] id="sigmoid_text" teaches=["delta_cross_entropy"]
# ### 3.3 Sigmoid and cross-entropy
#
# For yes-or-no questions one output with a sigmoid is enough: $a = \sigma(z) = \dfrac{1}{1 + e^{-z}}$ is the probability of *yes*. The target $t$ is 1 for yes, 0 for no (or in between, if we are not sure):
#
# $$L = -\bigl(t \log a + (1 - t) \log (1 - a)\bigr)$$
#
# **The slope of the sigmoid.** With the rule for $1/u$, where $u = 1 + e^{-z}$ has the slope $-e^{-z}$:
#
# $$\sigma'(z) = \frac{e^{-z}}{(1 + e^{-z})^2} = \frac{1}{1 + e^{-z}} \cdot \frac{e^{-z}}{1 + e^{-z}} = a\,(1 - a)$$
#
# $$\boxed{\;\sigma'(z) = a\,(1 - a)\;}$$
#
# **Now the loss, line by line.**
#
# 1. Along $a$: $\dfrac{\partial L}{\partial a} = -\dfrac{t}{a} + \dfrac{1-t}{1-a} = \dfrac{a - t}{a\,(1 - a)}$ (bring both over one denominator: $-t(1-a) + (1-t)a = a - t$)
# 2. Along $z$: multiply by the slope of $a$, which is $a(1-a)$. The denominator cancels.
#
# This leaves $a - t$ for one example, and for the mean over a batch
#
# $$\boxed{\;\frac{\partial L}{\partial z} = \frac{a - t}{N}\;}$$
#
# The third time: prediction minus target.
#
# **The safe form of the loss.** $\log(1 - a)$ breaks when $a$ is rounded to 1. With $-\log a = \log(1 + e^{-z})$ and $-\log(1 - a) = z + \log(1 + e^{-z})$ the loss becomes $(1-t)\,z + \log(1 + e^{-z})$. For negative $z$ that exponential could overflow; there $\log(1 + e^{-z}) = -z + \log(1 + e^{z})$. Both cases in one line:
#
# $$\boxed{\;L = \max(z, 0) - z\,t + \log\bigl(1 + e^{-|z|}\bigr)\;}$$
#
# ### Exercise 5: `sigmoid_cross_entropy` (3 points)
#
# - `logits` and `targets` have one shape, $(N, M)$ or $(N,)$. Targets lie between 0 and 1.
# - It returns `(loss, dlogits)`. If an example has several outputs, their losses are **added up**; the mean is over the batch only, as in `mse_loss`.
# - Right for logits of ±10,000 too, and no warning on the way. (`np.where` computes *both* of its values everywhere, also the one that it does not take.)
#
# **Tiny example.** `logits = [[0, 0]]`, `targets = [[1, 0]]`: each output has the loss $\log 2$, so the loss is $2 \log 2 = 1.386$. Both $a$ are $\frac12$: `dlogits = [[-0.5, 0.5]]`.
#
# <details><summary><b>Hint</b></summary>
#
# `sigmoid_forward(logits)[0]` from unit 1 is the sigmoid, safe for any size. `np.log1p(u)` is $\log(1 + u)$, exact also for tiny $u$.
#
# </details>


# %% id="write_sigmoid_cross_entropy" solution=true
def sigmoid_cross_entropy(logits, targets):
    """Cross-entropy of yes-or-no outputs, summed over outputs, averaged over the batch.

    logits, targets: of one shape (N, M) or (N,); targets lie between 0 and 1.
    Returns (loss, dlogits): one number, and an array of logits' shape and float dtype.
    Right for logits of ±10,000 too. Changes none of its inputs.
    """
    logits, targets = as_float(logits), as_float(targets)
    ### BEGIN SOLUTION
    n = len(logits)
    costs = np.maximum(logits, 0) - logits * targets + np.log1p(np.exp(-np.abs(logits)))
    return costs.sum() / n, (sigmoid_forward(logits)[0] - targets) / n
    ### END SOLUTION


# %% id="check_sigmoid_cross_entropy" test=true points=3 teaches=["delta_cross_entropy"]
check("sigmoid_cross_entropy", sigmoid_cross_entropy)

# %% [markdown] id="why_cross_entropy" teaches=["sigmoid_squared_error"]
# ### 3.4 Three times $a - y$, and once not
#
# | output | loss | gradient at $z$, one example |
# |---|---|---|
# | linear, $a = z$ | squared error | $a - y$ |
# | softmax | cross-entropy | $a - y$ |
# | sigmoid | cross-entropy | $a - y$ |
# | **sigmoid** | **squared error** | $(a - y) \cdot a\,(1 - a)$ |
#
# In the last row nothing cancels. The slope of the squared error along $a$ is $a - y$, and on the way from $a$ back to $z$ the slope of the sigmoid, $a(1-a)$, comes on top. Does it matter? Take a network that should say *yes* ($y = 1$) and is very sure of *no*: $z = -8$. It is as wrong as it can be, and should learn fast.

# %% id="predict_saturated" predict=true
predict(
    "saturated",
    "z = −8 and the target is 1. How large is the gradient, squared error after a sigmoid?",
    ["about 1, the largest possible", "about 0.03", "about 0.0003"],
    choice=None,
)

# %% id="squared_after_sigmoid" show=true teaches=["sigmoid_squared_error"]
z = np.linspace(-8, 8, 81)
a = sigmoid_forward(z)[0]
with_squares = np.abs((a - 1) * a * (1 - a))
plots.curves(
    {"cross-entropy": (z, 1 - a), "squared error": (z, with_squares)},
    xlabel="z of the output (the target is 1)",
    ylabel="size of the gradient at z",
    alt="Size of the gradient against z for target 1. Cross-entropy: from 1 on the left, "
    "where the network is wrong, down to 0 on the right. Squared error: a low hill of at "
    "most 0.15 near z = −0.7, and nearly 0 on the left, where the network is most wrong.",
)

# %% id="reveal_saturated" show=true
reveal("saturated", f"{with_squares[0]:.5f}; with cross-entropy it is {1 - a[0]:.4f}", answer="c")

# %% [markdown] id="why_cross_entropy_result" teaches=["sigmoid_squared_error"]
# With squared error after a sigmoid, the network learns *least* where it is *most* wrong: the slope of the saturated sigmoid swallows the error. With cross-entropy it cancels, and what is left is the error itself. This is the reason why classifiers use cross-entropy. The lecture derives its example with the squared error all the same, since there every factor of the chain can be seen. So do we, now.

# %% [markdown] id="chain_text" teaches=["chain_rule", "derivation", "computational_graph"]
# ## 4 · The chain rule, with numbers
#
# We take the smallest network that has everything: one input, one hidden unit with a ReLU, one output with a sigmoid, squared error. Everything is a single number.
#
# $$x \;\to\; z_1 = w_1 x + b_1 \;\to\; h = \max(z_1, 0)$$
# $$\;\to\; z_2 = w_2 h + b_2 \;\to\; y = \sigma(z_2) \;\to\; L = \tfrac12 (y - t)^2$$
#
# How much does $L$ change if $w_1$ changes a little? $w_1$ does not touch $L$ directly. It turns $z_1$, which turns $h$, which turns $z_2$, which turns $y$, which turns $L$, like gears in a clockwork. If the first gear turns the second 3 times as fast, and the second turns the third 2 times as fast, then the first turns the third $3 \cdot 2 = 6$ times as fast. **Slopes along a chain multiply.** This is the chain rule:
#
# $$\boxed{\;\frac{\partial L}{\partial x} = \frac{\partial L}{\partial u} \cdot \frac{\partial u}{\partial x} \qquad \text{if } x \text{ acts on } L \text{ through } u\;}$$
#
# **One line per step, from the end to the beginning.** Each line takes the one before and multiplies it by one small slope.
#
# | line | the step it goes back through | its slope | so |
# |---|---|---|---|
# | `dy` | $L = \frac12 (y - t)^2$ | $\partial L/\partial y = y - t$ | $dy = y - t$ |
# | `dz2` | $y = \sigma(z_2)$ | $\partial y/\partial z_2 = y(1-y)$ | $dz_2 = dy \cdot y(1-y)$ |
# | `dw2` | $z_2 = w_2 h + b_2$ | $\partial z_2/\partial w_2 = h$ | $dw_2 = dz_2 \cdot h$ |
# | `dh` | the same step, along $h$ | $\partial z_2/\partial h = w_2$ | $dh = dz_2 \cdot w_2$ |
# | `dz1` | $h = \max(z_1, 0)$ | 1 if $z_1 > 0$, else 0 | $dz_1 = dh \cdot [z_1 > 0]$ |
# | `dw1` | $z_1 = w_1 x + b_1$ | $\partial z_1/\partial w_1 = x$ | $dw_1 = dz_1 \cdot x$ |
#
# The biases are the easiest: $\partial z_2/\partial b_2 = 1$, so $db_2 = dz_2$, and likewise $db_1 = dz_1$. The bracket $[z_1 > 0]$ is 1 where the condition holds, else 0. At $z_1 = 0$ exactly, the ReLU has no slope; in this course we take 0.
#
# Written out in one piece, the longest chain is the product of five slopes:
#
# $$\boxed{\;\frac{\partial L}{\partial w_1} = \underbrace{(y - t)}_{L \leftarrow y} \cdot \underbrace{y(1-y)}_{y \leftarrow z_2} \cdot \underbrace{w_2}_{z_2 \leftarrow h} \cdot \underbrace{[z_1 > 0]}_{h \leftarrow z_1} \cdot \underbrace{x}_{z_1 \leftarrow w_1}\;}$$
#
# The point of doing it backwards, line by line: $dw_2$ and $dw_1$ **share** the factors $dy$ and $dz_2$. They are computed once and used for everything further down. That is the whole idea of **backpropagation**.
#
# **By hand.** $x = 2$, $t = 1$, $w_1 = 0.5$, $b_1 = 1$, $w_2 = -0.5$, $b_2 = 1$.
#
# Forward: $z_1 = 0.5 \cdot 2 + 1 = 2$, $h = 2$, $z_2 = -0.5 \cdot 2 + 1 = 0$, $y = \sigma(0) = 0.5$, $L = \frac12 \cdot 0.25 = 0.125$.
#
# Backward: $dy = 0.5 - 1 = -0.5$, $dz_2 = -0.5 \cdot 0.25 = -0.125$, $dw_2 = -0.125 \cdot 2 = -0.25$, $dh = -0.125 \cdot (-0.5) = 0.0625$, $dz_1 = 0.0625 \cdot 1$, $dw_1 = 0.0625 \cdot 2 = 0.125$.
#
# The film shows the same numbers, first forward, then back (▶). Below each arrow stands the slope of its step.

# %% id="chain_film" show=true teaches=["chain_rule"]
plots.backprop_film(
    ["x", "z1", "h", "z2", "y", "L"],
    [2, 2, 2, 0, 0.5, 0.125],
    [0.5, 1, -0.5, 0.25, -0.5],
    [0.03125, 0.0625, 0.0625, -0.125, -0.5, 1],
    alt="An animation of a chain of six circles: x, z1, h, z2, y and L. First the values "
    "appear from left to right: 2, 2, 2, 0, 0.5, 0.125. Then the gradients appear from "
    "right to left, each the one before times a slope: 1; times −0.5 is −0.5; times 0.25 "
    "is −0.125; times −0.5 is 0.0625; times 1 is 0.0625; times 0.5 is 0.0312.",
)

# %% [markdown] id="exercise_derivation_steps" teaches=["derivation"]
# ### Exercise 6: `derivation_steps` (5 points)
#
# Write the derivation as code: first the five lines forward, then the six lines back. Return all of them **by name**, in a dict.
#
# - All six arguments are single numbers, and so are all results.
# - The keys are `"z1", "h", "z2", "y", "loss", "dy", "dz2", "dw2", "dh", "dz1", "dw1"`.
#
# **Tiny example.** The one above: `derivation_steps(2, 1, 0.5, 1, -0.5, 1)` has `"z1": 2`, …, `"dz2": -0.125`, …, `"dw1": 0.125`.
#
# The check is an **audit**: it reads your lines from top to bottom, at random points, and judges each by *your own* lines above it. So if one line is wrong, it names that line, with both values, and does not blame the lines after it.
#
# <details><summary><b>Hint</b></summary>
#
# Go through the table. Each line is one multiplication. `1 / (1 + np.exp(-z2))` is good enough for the sigmoid here, and `h = max(z1, 0)` for the ReLU. For $[z_1 > 0]$ you may write `(z1 > 0)`: Python counts `True` as 1.
#
# </details>


# %% id="write_derivation_steps" solution=true
def derivation_steps(x, t, w1, b1, w2, b2):
    """Every line of the way forward and of the way back, by name.

    x: input. t: target. w1, b1, w2, b2: weights and biases. All are single numbers.
    Returns a dict with the keys z1, h, z2, y, loss, dy, dz2, dw2, dh, dz1, dw1.
    """
    ### BEGIN SOLUTION
    z1 = w1 * x + b1
    h = max(z1, 0)
    z2 = w2 * h + b2
    y = 1 / (1 + np.exp(-z2))
    loss = (y - t) ** 2 / 2
    dy = y - t
    dz2 = dy * y * (1 - y)
    dw2 = dz2 * h
    dh = dz2 * w2
    dz1 = dh * (z1 > 0)
    dw1 = dz1 * x
    return {
        "z1": z1,
        "h": h,
        "z2": z2,
        "y": y,
        "loss": loss,
        "dy": dy,
        "dz2": dz2,
        "dw2": dw2,
        "dh": dh,
        "dz1": dz1,
        "dw1": dw1,
    }
    ### END SOLUTION


# %% id="check_derivation_steps" test=true points=5 teaches=["chain_rule", "derivation"]
check("derivation_steps", derivation_steps)

# %% id="derivation_against_numbers" show=true promise=true teaches=["derivation"]
point = {"x": 2.0, "t": 1.0, "w1": 0.5, "b1": 1.0, "w2": -0.5, "b2": 1.0}
lines = derivation_steps(**point)
for name in ("w2", "w1"):
    tried_out = numerical_gradient(lambda v: derivation_steps(**{**point, name: v})["loss"], point[name])
    print(f"d{name}: derived {lines['d' + name]:+.6f}, tried out {tried_out:+.6f}")

# %% [markdown] id="matrices_text" teaches=["column_and_row"]
# ## 5 · From numbers to matrices
#
# A real layer has many inputs, many outputs, and gets a whole batch. The idea stays the same. Only one thing is new: **a number may act on the loss in several ways, and then its influences add up.**
#
# ### One dense layer
#
# $$z_{nm} = \sum_{d} x_{nd}\, w_{dm} + b_m \qquad\text{in matrices:}\qquad z = x\,w + b$$
#
# The layer above hands us $\delta = \partial L/\partial z$, of shape $(N, M)$. In code it is called `dout`. For each of $w$, $b$ and $x$ we ask: *in which outputs does this number occur, and with which factor? Multiply by those outputs' $\delta$, and add up.*
#
# **The weight $w_{dm}$** occurs in output $m$ of **every example**, with the factor $x_{nd}$:
#
# $$\frac{\partial L}{\partial w_{dm}} = \sum_n x_{nd}\, \delta_{nm} \qquad\Rightarrow\qquad \boxed{\;\frac{\partial L}{\partial w} = x^{\mathsf T} \delta\;}$$
#
# The sum runs over the *first* index of both. In a matrix product it runs over the second of the left and the first of the right, so $x$ must be transposed.
#
# **The bias $b_m$** occurs in output $m$ of every example, with the factor 1:
#
# $$\boxed{\;\frac{\partial L}{\partial b} = \sum_n \delta_n\;}$$
#
# **The input $x_{nd}$** occurs in **every output** of its own example, with the factor $w_{dm}$:
#
# $$\frac{\partial L}{\partial x_{nd}} = \sum_m \delta_{nm}\, w_{dm} \qquad\Rightarrow\qquad \boxed{\;\frac{\partial L}{\partial x} = \delta\, w^{\mathsf T}\;}$$
#
# **Let the shapes help you.** Each gradient has the shape of its thing. $\partial L/\partial w$ must be $(D, M)$; we have $x$ of $(N, D)$ and $\delta$ of $(N, M)$; only $x^{\mathsf T}\delta$ fits. But beware: when $D = M$, the wrong product fits too.
#
# **By hand.** Two examples, two inputs, one output: $x = \begin{pmatrix}1&2\\3&4\end{pmatrix}$, $w = \begin{pmatrix}10\\20\end{pmatrix}$, $\delta = \begin{pmatrix}1\\100\end{pmatrix}$.
#
# $$
# \frac{\partial L}{\partial w} = \begin{pmatrix}1&3\\2&4\end{pmatrix}\begin{pmatrix}1\\100\end{pmatrix} = \begin{pmatrix}301\\402\end{pmatrix}
# \qquad
# \frac{\partial L}{\partial b} = 1 + 100 = 101
# $$
# $$
# \frac{\partial L}{\partial x} = \begin{pmatrix}1\\100\end{pmatrix}\begin{pmatrix}10&20\end{pmatrix} = \begin{pmatrix}10&20\\1000&2000\end{pmatrix}
# $$
#
# ### Rows and columns
#
# The lecture writes one example as a **column**, and keeps its weights the other way round: $W = w^{\mathsf T}$, of shape $(M, D)$. We write a batch as **rows**, since that is how data lie in memory. The equations are the same, transposed:
#
# | | lecture: one example, a column | here: a batch, a row each |
# |---|---|---|
# | forward | $z = W x + b$ | $z = x\,w + b$ |
# | weights | $\dfrac{\partial L}{\partial W} = \delta\, x^{\mathsf T}$ | $\dfrac{\partial L}{\partial w} = x^{\mathsf T} \delta$ |
# | biases | $\dfrac{\partial L}{\partial b} = \delta$ | $\dfrac{\partial L}{\partial b} = \sum_n \delta_n$ |
# | inputs | $\dfrac{\partial L}{\partial x} = W^{\mathsf T} \delta$ | $\dfrac{\partial L}{\partial x} = \delta\, w^{\mathsf T}$ |

# %% [markdown] id="exercise_dense_backward"
# ### Exercise 7: `dense_backward` (3 points)
#
# Here is `dense_forward` from unit 1. Its cache holds what the way back needs. `x` may have more than two axes, such as images $(N, H, W)$; each example is then flattened to one row.
#
# - `dout` is $(N, M)$, the cache is `(x, w, b)` as they came in.
# - It returns `(dx, dw, db)`, each of the shape of its thing. `dx` has the shape that `x` *came in* with.
# - Nothing is divided by $N$: the loss has done that.
#
# **Tiny example.** The one above: `dx = [[10, 20], [1000, 2000]]`, `dw = [[301], [402]]`, `db = [101]`.
#
# <details><summary><b>Hint</b></summary>
#
# Flatten first, `flat = x.reshape(len(x), -1)`, then three lines, one for each box. `db` must be of shape `(M,)`: no `keepdims`.
#
# </details>


# %% id="dense_forward"
def dense_forward(x, w, b):
    """z = x w + b, with x flattened to (N, D). Returns (z, cache), cache (x, w, b)."""
    return as_float(x).reshape(len(x), -1) @ as_float(w) + as_float(b), (x, w, b)


# %% id="write_dense_backward" solution=true
def dense_backward(dout, cache):
    """The gradients of a dense layer.

    dout: ∂L/∂z (N, M). cache: (x, w, b) from dense_forward.
    Returns (dx, dw, db), of the shapes of x, w and b. Each has the dtype of its array,
    if that is a float dtype, else float64.
    Changes neither dout nor anything in the cache.
    """
    x, w, _ = (as_float(array) for array in cache)
    ### BEGIN SOLUTION
    flat = x.reshape(len(x), -1)
    dx = (dout @ w.T).reshape(x.shape)
    return dx, flat.T @ dout, dout.sum(axis=0)
    ### END SOLUTION


# %% id="check_dense_backward" test=true points=3 teaches=["column_and_row"]
check("dense_backward", dense_backward, forward=dense_forward)

# %% id="rows_and_columns" show=true promise=true teaches=["column_and_row"]
rng = np.random.default_rng(1)
x, w, b, delta = rng.normal(size=(5, 3)), rng.normal(size=(3, 4)), np.zeros(4), rng.normal(size=(5, 4))
dx, dw, db = dense_backward(delta, (x, w, b))

W = w.T  # the lecture's way: one example at a time, as a column, and the sum over examples
lecture_dw = sum(np.outer(delta[n], x[n]) for n in range(5))
lecture_dx = [W.T @ delta[n] for n in range(5)]
print("weights agree:", np.allclose(dw, lecture_dw.T), "  inputs agree:", np.allclose(dx, lecture_dx))

# %% [markdown] id="two_layers_text" teaches=["simple_example"]
# ### The lecture's example, with matrices
#
# Now the chain of section 4 with $D$ inputs, $H$ hidden units, $M$ outputs and $N$ examples. Numbers become matrices, products of slopes become matrix products or $\odot$. The sign $\odot$ means *element by element*, which is `*` in NumPy; activation functions act on each element alone, so their slopes are multiplied element by element.
#
# | line | lecture: columns, one example | here: rows, a batch |
# |---|---|---|
# | forward 1 | $z_1 = W_1 x + b_1,\; h = \max(z_1, 0)$ | $z_1 = x\,w_1 + b_1,\; h = \max(z_1, 0)$ |
# | forward 2 | $z_2 = W_2 h + b_2,\; y = \sigma(z_2)$ | $z_2 = h\,w_2 + b_2,\; y = \sigma(z_2)$ |
# | loss | $L = \frac12 \lVert y - t \rVert^2$ | $L = \frac{1}{2N} \sum_n \lVert y_n - t_n \rVert^2$ |
# | output | $\delta_2 = (y - t) \odot y \odot (1 - y)$ | $\delta_2 = \frac1N (y - t) \odot y \odot (1 - y)$ |
# | layer 2 | $\frac{\partial L}{\partial W_2} = \delta_2 h^{\mathsf T},\; \frac{\partial L}{\partial b_2} = \delta_2$ | $\frac{\partial L}{\partial w_2} = h^{\mathsf T} \delta_2,\; \frac{\partial L}{\partial b_2} = \sum_n \delta_{2,n}$ |
# | back | $\delta_1 = (W_2^{\mathsf T} \delta_2) \odot [z_1 > 0]$ | $\delta_1 = (\delta_2\, w_2^{\mathsf T}) \odot [z_1 > 0]$ |
# | layer 1 | $\frac{\partial L}{\partial W_1} = \delta_1 x^{\mathsf T},\; \frac{\partial L}{\partial b_1} = \delta_1$ | $\frac{\partial L}{\partial w_1} = x^{\mathsf T} \delta_1,\; \frac{\partial L}{\partial b_1} = \sum_n \delta_{1,n}$ |
#
# The $\frac1N$ enters once, in $\delta_2$, since the loss is a mean. From there it travels along by itself.
#
# ### Exercise 8: `two_layer_gradients` (4 points)
#
# - `x` is $(N, D)$, `t` is $(N, M)$, `w1` is $(D, H)$, `b1` is $(H,)$, `w2` is $(H, M)$, `b2` is $(M,)$.
# - It returns five things: `loss, dw1, db1, dw2, db2`.
#
# **Tiny example.** The numbers of section 4 as 1×1 matrices: `x = [[2]]`, `t = [[1]]`, `w1 = [[0.5]]`, `b1 = [1]`, `w2 = [[-0.5]]`, `b2 = [1]`. Result: `0.125, [[0.125]], [0.0625], [[-0.25]], [-0.125]`.
#
# <details><summary><b>Hint:</b> use what you have</summary>
#
# Your `mse_loss` gives the loss and $(y - t)/N$. Your `dense_backward` gives $\partial L/\partial w$, $\partial L/\partial b$ and the way back through $w$, for both layers. What is left are the two slopes: $y (1 - y)$ and $[z_1 > 0]$. `relu_forward(z)[0]` and `sigmoid_forward(z)[0]` are from unit 1.
#
# </details>


# %% id="write_two_layer_gradients" solution=true
def two_layer_gradients(x, t, w1, b1, w2, b2):
    """Loss and gradients of dense, ReLU, dense, sigmoid, squared error.

    x: (N, D). t: targets (N, M). w1: (D, H). b1: (H,). w2: (H, M). b2: (M,).
    Returns (loss, dw1, db1, dw2, db2): one number, and arrays of the shapes and float
    dtypes of the parameters.
    Changes none of its inputs.
    """
    x, t, w1, b1, w2, b2 = (as_float(array) for array in (x, t, w1, b1, w2, b2))
    ### BEGIN SOLUTION
    z1, cache1 = dense_forward(x, w1, b1)
    h = relu_forward(z1)[0]
    z2, cache2 = dense_forward(h, w2, b2)
    y = sigmoid_forward(z2)[0]
    loss, dy = mse_loss(y, t)
    dh, dw2, db2 = dense_backward(dy * y * (1 - y), cache2)
    _, dw1, db1 = dense_backward(dh * (z1 > 0), cache1)
    return loss, dw1, db1, dw2, db2
    ### END SOLUTION


# %% id="check_two_layer_gradients" test=true points=4 teaches=["simple_example"]
check("two_layer_gradients", two_layer_gradients)

# %% id="two_layer_gradient_check" show=true teaches=["simple_example"]
rng = np.random.default_rng(2)
x, t = rng.normal(size=(6, 3)), rng.random((6, 2))
parameters = [rng.normal(size=shape) for shape in ((3, 5), (5,), (5, 2), (2,))]
derived = two_layer_gradients(x, t, *parameters)[1:]
for i, name in enumerate(["dw1", "db1", "dw2", "db2"]):
    tried_out = numerical_gradient(
        lambda v: two_layer_gradients(x, t, *parameters[:i], v, *parameters[i + 1 :])[0],
        parameters[i],
    )
    print(f"{name}: relative error {relative_error(derived[i], tried_out):.1e}")

# %% [markdown] id="layers_text" teaches=["four_equations"]
# ## 6 · Any number of layers
#
# Look at the two layers of the last table: they do the same. So write the rule once, for layer $l$ of $L$ layers. What comes into layer $l$ is called $a^{(l-1)}$; for the first layer that is $x$. The layer computes
#
# $$z^{(l)} = a^{(l-1)} w^{(l)} + b^{(l)}, \qquad a^{(l)} = \sigma\bigl(z^{(l)}\bigr)$$
#
# with any activation $\sigma$. The last layer stays **linear**, so that its $z$ can go into a loss that expects logits. With $\delta^{(l)} = \partial L/\partial z^{(l)}$, these are **the four equations of backpropagation**:
#
# | | lecture: columns | here: rows |
# |---|---|---|
# | **1** end | $\delta^{(L)} = \partial L/\partial z^{(L)}$ | the loss's gradient, `dout` |
# | **2** back | $\delta^{(l-1)} = \bigl(W^{(l)\mathsf T} \delta^{(l)}\bigr) \odot \sigma'\bigl(z^{(l-1)}\bigr)$ | $\delta^{(l-1)} = \bigl(\delta^{(l)} w^{(l)\mathsf T}\bigr) \odot \sigma'\bigl(z^{(l-1)}\bigr)$ |
# | **3** weights | $\dfrac{\partial L}{\partial W^{(l)}} = \delta^{(l)} a^{(l-1)\mathsf T}$ | $\dfrac{\partial L}{\partial w^{(l)}} = a^{(l-1)\mathsf T} \delta^{(l)}$ |
# | **4** biases | $\dfrac{\partial L}{\partial b^{(l)}} = \delta^{(l)}$ | $\dfrac{\partial L}{\partial b^{(l)}} = \sum_n \delta^{(l)}_n$ |
#
# Equations 3 and 4 need $a^{(l-1)}$, and equation 2 needs $z$ of the layer before. Both were computed on the way forward. So the way forward **keeps** them: that is the cache.
#
# Two helpers do the activations. `activation` is `"relu"`, `"sigmoid"` or `"tanh"`.
#
# <details><summary><b>Proof</b> of equation 2, from the chain rule</summary>
#
# One number $a_{nd}$ that comes into layer $l$ acts on the loss through all outputs $z^{(l)}_{nm}$ of its example. Influences add up: $\dfrac{\partial L}{\partial a_{nd}} = \sum_m \delta^{(l)}_{nm} w^{(l)}_{dm}$, which is element $(n, d)$ of $\delta^{(l)} w^{(l)\mathsf T}$. And $a_{nd} = \sigma(z^{(l-1)}_{nd})$ depends on one number only, so one more factor takes us to $z$: $\delta^{(l-1)}_{nd} = \dfrac{\partial L}{\partial a_{nd}} \cdot \sigma'\bigl(z^{(l-1)}_{nd}\bigr)$. $\square$
#
# </details>


# %% id="activations"
def activate(z, activation):
    """The activation function of that name, element by element."""
    if activation == "relu":
        return np.maximum(z, 0)
    return np.tanh(z) if activation == "tanh" else sigmoid_forward(z)[0]


def slope(z, activation):
    """Its slope at z: ReLU's is 0 at z = 0."""
    if activation == "relu":
        return (z > 0).astype(z.dtype)
    a = activate(z, activation)
    return 1 - a**2 if activation == "tanh" else a * (1 - a)


# %% [markdown] id="exercise_mlp_forward" teaches=["deep_network"]
# ### Exercise 9: `mlp_forward` (3 points)
#
# *MLP* is short for *multi-layer perceptron*, the old name for such a network.
#
# - `x` is $(N, D)$. `weights` and `biases` are lists, with one entry for each layer.
# - After each layer **but the last** comes the activation.
# - It returns `(out, cache)`. `out` is the last layer's $z$. `cache` is a list with one pair `(a_in, z)` for each layer, the last one included: what came in, and $z$.
#
# **Tiny example.** `x = [[1]]`, `weights = [[[2]], [[3]]]`, `biases = [[-5], [1]]`, `"relu"`. Layer 1: $z = 2 - 5 = -3$, $a = 0$. Layer 2: $z = 0 \cdot 3 + 1 = 1$. Result: `out = [[1]]`, `cache = [([[1]], [[-3]]), ([[0]], [[1]])]`.
#
# <details><summary><b>Hint</b></summary>
#
# Start with `a = x` and an empty list. In a loop over `zip(weights, biases)`: compute `z`, append `(a, z)`, then `a = activate(z, activation)`. At the end, return the last `z`, not the last `a`.
#
# </details>


# %% id="write_mlp_forward" solution=true
def mlp_forward(x, weights, biases, activation):
    """Dense layers with an activation between them; the last one stays linear.

    x: (N, D). weights, biases: lists, of (D, M) and (M,) for each layer.
    activation: "relu", "sigmoid" or "tanh".
    Returns (out, cache): out (N, M) of the last layer, float dtype (float32 stays
    float32), and a list of (a_in, z), one for each layer.
    Changes none of its inputs.
    """
    a = as_float(x)
    ### BEGIN SOLUTION
    cache = []
    for w, b in zip(weights, biases, strict=True):
        z = a @ as_float(w) + as_float(b)
        cache.append((a, z))
        a = activate(z, activation)
    return z, cache
    ### END SOLUTION


# %% id="check_mlp_forward" test=true points=3 teaches=["deep_network"]
check("mlp_forward", mlp_forward)

# %% [markdown] id="exercise_mlp_backward" teaches=["deep_network"]
# ### Exercise 10: `mlp_backward` (5 points)
#
# The four equations in a loop from the last layer to the first. This is backpropagation.
#
# - `dout` is $\partial L/\partial\,\text{out}$, of shape $(N, M)$: the $\delta$ of the last layer.
# - It returns `(dx, dweights, dbiases)`. The two lists are in the order of the layers, like `weights` and `biases`.
#
# **Tiny example.** The network above with `biases = [[-1], [1]]` in place of `[[-5], [1]]`: $z = 1$, $a = 1$, $z = 4$. Let `dout = [[10]]`.
#
# - Layer 2: $\delta = 10$, so $dw = 1 \cdot 10 = 10$, $db = 10$. Back through $w$: $10 \cdot 3 = 30$, times the ReLU's slope at $z = 1$: $\delta = 30$.
# - Layer 1: $dw = 1 \cdot 30 = 30$, $db = 30$, and $dx = 30 \cdot 2 = 60$.
#
# Result: `dx = [[60]]`, `dweights = [[[30]], [[10]]]`, `dbiases = [[30], [10]]`.
#
# <details><summary><b>Hint 1:</b> the plan</summary>
#
# `delta = dout`. For `layer` from the last to 0: take `a_in` from `cache[layer]`, compute `dw` and `db` from `delta`, then `da = delta @ w.T`. If there is a layer before, then `delta = da * slope(…)`, at the `z` of **that** layer. In layer 0, `da` is `dx`.
#
# </details>
# <details><summary><b>Hint 2:</b> lists in the right order</summary>
#
# You meet the last layer first. Append, and turn the lists round at the end with `[::-1]`; or make `dweights = [None] * len(weights)` first and fill it by number.
#
# </details>


# %% id="write_mlp_backward" solution=true
def mlp_backward(dout, cache, weights, activation):
    """The four equations, from the last layer to the first.

    dout: ∂L/∂out (N, M). cache: the list of (a_in, z) from mlp_forward.
    weights, activation: as mlp_forward got them.
    Returns (dx, dweights, dbiases): an array of x's shape, and two lists in the order of
    the layers, of the shapes of weights and biases. Float dtypes stay.
    Changes none of its inputs.
    """
    delta = as_float(dout)
    ### BEGIN SOLUTION
    dweights, dbiases = [], []
    for layer in reversed(range(len(weights))):
        a_in = cache[layer][0]
        dweights.append(a_in.T @ delta)
        dbiases.append(delta.sum(axis=0))
        da = delta @ as_float(weights[layer]).T
        if layer > 0:
            delta = da * slope(cache[layer - 1][1], activation)
    return da, dweights[::-1], dbiases[::-1]
    ### END SOLUTION


# %% id="check_mlp_backward" test=true points=5 teaches=["four_equations", "deep_network"]
check("mlp_backward", mlp_backward, forward=mlp_forward)

# %% [markdown] id="gradient_check_mlp" teaches=["deep_network"]
# The two roads meet once more, now for four layers. And then your network learns to read.


# %% id="mlp_gradient_check" show=true
def start(sizes, activation, rng):
    """Random weights of a fitting size (He for ReLU, Xavier for the others: unit 3 explains), biases 0."""
    weights, biases = [], []
    for d, m in itertools.pairwise(sizes):
        spread = np.sqrt(2 / d) if activation == "relu" else np.sqrt(2 / (d + m))
        weights.append(rng.normal(0, spread, (d, m)))
        biases.append(np.zeros(m))
    return weights, biases


rng = np.random.default_rng(3)
x, targets = rng.normal(size=(5, 4)), rng.integers(3, size=5)
weights, biases = start((4, 6, 5, 6, 3), "tanh", rng)


def loss_with(layer, w):
    changed = [*weights[:layer], w, *weights[layer + 1 :]]
    return softmax_cross_entropy(mlp_forward(x, changed, biases, "tanh")[0], targets)[0]


out, cache = mlp_forward(x, weights, biases, "tanh")
_, dout = softmax_cross_entropy(out, targets)
_, dweights, dbiases = mlp_backward(dout, cache, weights, "tanh")
for layer, dw in enumerate(dweights):
    tried_out = numerical_gradient(lambda w: loss_with(layer, w), weights[layer])
    print(f"layer {layer + 1}: relative error {relative_error(dw, tried_out):.1e}")


# %% id="train" show=true
def train(sizes, activation, *, backward=mlp_backward, steps=200, batch=50, lr=0.3, seed=0):
    """Gradient descent on the digits. Returns losses by step, and the accuracy on test digits in per cent."""
    rng = np.random.default_rng(seed)
    weights, biases = start(sizes, activation, rng)
    losses = []
    for _ in range(steps):
        chosen = rng.choice(len(train_x), batch, replace=False)
        out, cache = mlp_forward(train_x[chosen], weights, biases, activation)
        loss, dout = softmax_cross_entropy(out, train_labels[chosen])
        _, dweights, dbiases = backward(dout, cache, weights, activation)
        weights = [w - lr * dw for w, dw in zip(weights, dweights, strict=True)]
        biases = [b - lr * db for b, db in zip(biases, dbiases, strict=True)]
        losses.append(loss)
    out, _ = mlp_forward(test_x, weights, biases, activation)
    return losses, 100 * np.mean(out.argmax(axis=1) == test_labels)


losses, accuracy = train((64, 32, 10), "relu")
plots.curves(
    {"64 → 32 → 10, ReLU": (np.arange(200), losses)},
    xlabel="step (one mini-batch of 50 digits)",
    ylabel="loss (nats)",
    level=(np.log(10), "guessing: log 10"),
    alt=f"The loss against the steps: from {losses[0]:.1f}, the level of guessing, down to about "
    f"{np.mean(losses[-10:]):.1f} after 200 steps. Accuracy on test digits: {accuracy:.0f} per cent.",
)

# %% [markdown] id="trained_text"
# Each of the 200 steps turned all 2,410 weights and biases, each against its own slope, with gradients from *your* function.

# %% id="trained_accuracy" show=true
print(f"digits it has never seen: {accuracy:.1f} % right")

# %% [markdown] id="break_backward"
# ### Break it on purpose
#
# What if the way back has a mistake? Three versions, all wrong in one place:
#
# - **no slopes:** $\odot\,\sigma'(z)$ is left out;
# - **wrong sign** of the first layer's gradients;
# - **first layer at rest:** its gradients are all 0.

# %% id="predict_broken" predict=true
predict(
    "broken",
    "The version without slopes, 200 steps on the digits. What does it reach?",
    ["it cannot learn: about 10 %", "about half of the digits", "nearly as much as the right one"],
    choice=None,
)


# %% id="broken_gradients" show=true
def without_slopes(dout, cache, weights, _activation):
    always_on = [(a_in, np.ones_like(z)) for a_in, z in cache]
    return mlp_backward(dout, always_on, weights, "relu")


def first_layer_times(factor):
    def backward(dout, cache, weights, activation):
        dx, dweights, dbiases = mlp_backward(dout, cache, weights, activation)
        return dx, [factor * dweights[0], *dweights[1:]], [factor * dbiases[0], *dbiases[1:]]

    return backward


versions = {
    "right": mlp_backward,
    "no slopes": without_slopes,
    "wrong sign in layer 1": first_layer_times(-1),
    "layer 1 at rest": first_layer_times(0),
}
reached = {name: train((64, 32, 10), "relu", backward=f)[1] for name, f in versions.items()}
plots.bars(
    reached,
    xlabel="accuracy on test digits after 200 steps (%)",
    marked=["right"],
    alt="Bars of the accuracy in per cent: " + ", ".join(f"{name} {value:.0f}" for name, value in reached.items()),
)

# %% id="reveal_broken" show=true
reveal("broken", f"{reached['no slopes']:.0f} %, and the right one {reached['right']:.0f} %", answer="c")

# %% [markdown] id="broken_text"
# This is the dangerous thing about wrong gradients: **the network often learns all the same**, only somewhat worse. From the loss curve alone nobody sees that there is a bug. The gradient check sees it at once. Make it a habit: whenever you write a backward function, compare it with the numerical gradient, once, on a small random example.
#
# <details><summary><b>For the curious:</b> when the check complains, and the gradient is right</summary>
#
# - **A kink.** If a ReLU's $z$ is closer to 0 than $h$, then one of the two points lies on the other side of the corner, and the slope between them is neither 0 nor 1. One such number spoils the relative error. Draw other numbers and look again: a real mistake stays.
# - **Too few digits.** In float32 a number has 7 digits, and the difference of two almost equal losses has none left. Check in float64.
# - **Chance.** If the network draws anything at random on its way (unit 4 has such a layer), the two losses belong to two different networks. Draw the same numbers for both.
#
# </details>

# %% [markdown] id="cost_text" teaches=["cost_of_gradients"]
# ### What does it cost?
#
# Back to the question at the beginning. To get all slopes by trying out, looking to one side only, you run the network once as it is and once for each of the $P$ weights: $P + 1$ runs. And backpropagation? Count the matrix products of a layer: forward one ($a\,w$), backward two ($a^{\mathsf T}\delta$ and $\delta\,w^{\mathsf T}$), all of the same size. So the way back costs about as much as **two** runs, and both together about **three**, whatever $P$ is.
#
# (The lecture writes "$O(1)$ relative time". It means just this: a constant number of runs. It does not mean that the time itself is constant: a larger network still takes longer to run.)
#
# We measure it, for networks of growing size. Both methods really run. (In networks as small as these, fixed costs of Python weigh as much as the products, so the last cell counts the runs on a larger one. Expect something between 2 and 4.)


# %% id="measure_cost" show=true teaches=["cost_of_gradients"]
def seconds(function, repeats=5):
    """The shortest of a few runs: it was disturbed least by the rest of the computer."""
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        function()
        times.append(time.perf_counter() - begin)
    return min(times)


def both_ways(weights, biases):
    out, cache = mlp_forward(train_x[:50], weights, biases, "relu")
    return mlp_backward(softmax_cross_entropy(out, train_labels[:50])[1], cache, weights, "relu")


def many_runs(weights, biases, runs):
    for _ in range(runs):
        softmax_cross_entropy(mlp_forward(train_x[:50], weights, biases, "relu")[0], train_labels[:50])


sizes, trying_out, backpropagation = [], [], []
for hidden in (2, 4, 8, 16, 32):
    weights, biases = start((64, hidden, 10), "relu", np.random.default_rng(0))
    count = sum(p.size for p in (*weights, *biases))
    sizes.append(count)
    trying_out.append(seconds(lambda: many_runs(weights, biases, count + 1), repeats=1))
    backpropagation.append(seconds(lambda: both_ways(weights, biases)))
plots.curves(
    {
        "trying out: P + 1 runs": (sizes, [1000 * s for s in trying_out]),
        "one way forward and back": (sizes, [1000 * s for s in backpropagation]),
    },
    xlabel="P, the number of weights and biases (logarithmic scale)",
    ylabel="time for all slopes (ms, logarithmic)",
    logx=True,
    logy=True,
    alt="Time for all slopes against the number of weights, both logarithmic. Trying out grows "
    f"from {1000 * trying_out[0]:.0f} to {1000 * trying_out[-1]:.0f} milliseconds as P grows "
    f"from {sizes[0]} to {sizes[-1]}; one way forward and back stays below "
    f"{1000 * max(backpropagation) + 1:.0f} milliseconds.",
)

# %% id="reveal_cost" show=true
print(f"trying out takes {trying_out[-1] / backpropagation[-1]:,.0f} times as long as backpropagation")

weights, biases = start((64, 800, 800, 10), "relu", rng)  # large enough that the matrix products count
out, cache = mlp_forward(train_x[:400], weights, biases, "relu")
forward = seconds(lambda: mlp_forward(train_x[:400], weights, biases, "relu"))
back = seconds(lambda: mlp_backward(out, cache, weights, "relu"))
reveal("cost", f"about {(forward + back) / forward:.1f} runs, on this computer", answer="c")

# %% [markdown] id="vanishing_text" teaches=["vanishing_gradients"]
# ## 7 · Vanishing gradients
#
# Equation 2 multiplies by $w^{\mathsf T}$ and by $\sigma'$ at every layer. Over many layers that is a long product. The slope of the sigmoid is $a(1-a)$, which is largest at $a = \frac12$: **at most $\frac14$**. The slope of the ReLU is 1 wherever it is on.
#
# $$\boxed{\;\delta^{(1)} = \delta^{(L)} \cdot \underbrace{w^{(L)\mathsf T} \sigma' \cdot w^{(L-1)\mathsf T} \sigma' \cdots w^{(2)\mathsf T} \sigma'}_{L - 1 \text{ factors of each kind}}\;}$$
#
# We build networks of 20 layers and look at the size $\lVert\delta\rVert$ at every layer. A trick: with a single example in the batch, `dbiases[l]` *is* $\delta$.

# %% id="predict_vanishing" predict=true
predict(
    "vanishing",
    "20 layers with sigmoids: how large is δ at layer 1, compared with layer 20?",
    ["about a tenth", "about a thousandth", "less than a billionth"],
    choice=None,
)


# %% id="measure_vanishing" show=true teaches=["vanishing_gradients"]
def deltas(activation, depth=20, width=50, examples=20):
    """δ of each layer, for some digits one by one: a list of (examples, units)."""
    rng = np.random.default_rng(0)
    weights, biases = start((64, *[width] * (depth - 1), 10), activation, rng)
    found = []
    for n in range(examples):
        out, cache = mlp_forward(train_x[n : n + 1], weights, biases, activation)
        _, dout = softmax_cross_entropy(out, train_labels[n : n + 1])
        found.append(mlp_backward(dout, cache, weights, activation)[2])
    return [np.array(of_layer) for of_layer in zip(*found, strict=True)]


by_activation = {name: deltas(name) for name in ("relu", "tanh", "sigmoid")}
layers = np.arange(1, 21)
norms = {
    name: (layers, [np.linalg.norm(d, axis=1).mean() for d in found]) for name, found in by_activation.items()
}
plots.curves(
    norms,
    xlabel="layer (the way back runs from right to left)",
    ylabel="‖δ‖, mean of 20 digits (log scale)",
    logy=True,
    alt="Size of delta by layer, logarithmic, for 20 layers. ReLU and tanh stay within about one power of "
    f"ten. Sigmoid falls in a straight line from {norms['sigmoid'][1][-1]:.1g} at layer 20 to "
    f"{norms['sigmoid'][1][0]:.0e} at layer 1.",
)

# %% id="reveal_vanishing" show=true
shrunk = norms["sigmoid"][1][0] / norms["sigmoid"][1][-1]
reveal("vanishing", f"it is {shrunk:.0e} times as large", answer="c")

# %% [markdown] id="histogram_text"
# Both axes tell the story: for the sigmoid the points lie on a straight line, and on a logarithmic scale that means *the same factor at every layer*. From layer 20 back to layer 1 there are 19 slopes of at most $\frac14$, and $(\frac14)^{19} \approx 4 \cdot 10^{-12}$. (The weights, multiplied along, add a little to one side or the other.)
#
# The same once more, as histograms: how the single values of $\delta$ are spread at some layers. Look at the scale below each.

# %% id="delta_histograms" show=true teaches=["vanishing_gradients"]
shown = (1, 7, 13, 19)
plots.histograms(
    {name: [by_activation[name][layer - 1] for layer in shown] for name in ("relu", "sigmoid")},
    [f"layer {layer}" for layer in shown],
    xlabel="δ of a unit (each histogram has its own scale)",
    alt="Eight small histograms of delta, for layers 1, 7, 13 and 19. With ReLU the spread is alike at all "
    "four. With the sigmoid it becomes smaller by several powers of ten from each to the one on its left.",
)

# %% [markdown] id="break_depth"
# ### Break it on purpose: sigmoids at depth 20
#
# Does it matter for learning? Twenty layers with sigmoids and twenty with ReLU, 300 steps on the digits each. Beside them, two layers with sigmoids.

# %% id="train_deep" show=true teaches=["vanishing_gradients"]
deep = (64, *[64] * 19, 10)
deep_runs = {
    "2 layers, sigmoid": train((64, 64, 10), "sigmoid", steps=300),
    "20 layers, sigmoid": train(deep, "sigmoid", steps=300),
    "20 layers, ReLU": train(deep, "relu", steps=300, lr=0.03),
}
deep_accuracy = {name: accuracy for name, (_, accuracy) in deep_runs.items()}
plots.curves(
    {name: (np.arange(300), losses) for name, (losses, _) in deep_runs.items()},
    xlabel="step",
    ylabel="loss (nats)",
    level=(np.log(10), "guessing: log 10"),
    ylim=(0, 3),
    alt="Loss against steps. Two layers with sigmoids fall slowly and steadily. Twenty layers with sigmoids stay "
    "at log 10, the level of guessing. Twenty layers with ReLU fall.",
)

# %% id="deep_accuracies" show=true
for name, accuracy in deep_accuracy.items():
    print(f"{name:>19}: {accuracy:.0f} % of the test digits")

# %% [markdown] id="vanishing_result" teaches=["vanishing_gradients"]
# Twenty layers of sigmoids learn nothing at all: the last layer is told what to do, the first ones hear nothing. This **vanishing gradient** kept deep networks from working for many years. ReLU, weights of the right size (unit 3), batch normalisation (unit 4) and residual connections (unit 6) are answers to it. Note that the weights matter as well: a product of factors larger than 1 *explodes* in the same way.

# %% [markdown] id="memory_text" teaches=["memory"]
# ## 8 · Memory: the price of the cache
#
# Backpropagation is cheap in time. It pays with memory: the way forward keeps `a_in` and `z` of every layer until the way back has used them. Predictions do not need this; training does. We measure: how many bytes are in use, at most, during one way forward and back?


# %% id="measure_memory" show=true teaches=["memory"]
def peak_bytes(function):
    """The most memory that was in use at once while the function ran, beyond what was there before."""
    tracemalloc.start()
    function()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


batch = np.random.default_rng(0).normal(size=(1000, 64))


def forward_and_back(depth):
    weights, biases = start((64,) * (depth + 1), "relu", np.random.default_rng(0))
    out, cache = mlp_forward(batch, weights, biases, "relu")
    mlp_backward(out, cache, weights, "relu")


depths = [4, 8, 16, 32, 64]
megabytes = [peak_bytes(lambda: forward_and_back(depth)) / 1e6 for depth in depths]
plots.lines(
    depths,
    {"way forward and back": megabytes},
    xlabel="layers (of 64 units, batch of 1,000)",
    ylabel="memory at its peak (MB)",
    alt="Memory grows in a straight line with the number of layers: "
    + ", ".join(f"{mb:.0f} MB for {depth} layers" for depth, mb in zip(depths, megabytes, strict=True)),
)

# %% [markdown] id="checkpoint_text" teaches=["checkpointing"]
# One activation here is $1000 \cdot 64$ numbers of 8 bytes: 0.5 MB. Each layer keeps two of them, so 64 layers keep more than 60 MB. Large networks have activations of gigabytes.
#
# ### Gradient checkpointing
#
# What is not kept can be **computed again**. Plan for $L$ layers, in stretches of $k$:
#
# 1. On the way forward, keep only the input of every $k$-th layer, the **checkpoints**. Forget all others.
# 2. Take the last stretch. Run forward through it once more, from its checkpoint, and keep its inputs this time. Go back through it. Forget them.
# 3. Do the same with the stretch before, down to the first.

# %% id="checkpoint_picture" show=true teaches=["checkpointing"]
plots.checkpoint_picture(
    16,
    4,
    alt="Four rows of 16 boxes, one for each layer's input; filled ones are in memory. Nothing forgotten: all "
    "16. After the way forward with checkpoints: layers 1, 5, 9 and 13, which is 4. While the last stretch goes "
    "back: the same four and, hatched, 14 to 16, computed again: 7. Then 1, 5, 9 and again 10 to 12: 6.",
)

# %% id="predict_checkpoint" predict=true
predict(
    "checkpoint",
    "64 layers, checkpoints every 8. How many inputs are in memory at once, at most?",
    ["8", "about 16", "32"],
    choice=None,
)

# %% [markdown] id="checkpoint_cost" teaches=["checkpointing"]
# **How much is saved?** At most $L/k$ checkpoints and the $k$ inputs of one stretch are in memory, about $L/k + k$. If $k$ is small, there are many checkpoints; if it is large, a stretch is long. In between lies the best $k$. Set the slope along $k$ to 0:
#
# $$\frac{\partial}{\partial k} \left(\frac{L}{k} + k\right) = -\frac{L}{k^2} + 1 = 0 \quad\Rightarrow\quad k^2 = L$$
# $$\boxed{\;k = \sqrt{L}, \quad \text{memory} \approx 2\sqrt{L} \text{ in place of } L\;}$$
#
# **And the price?** Every layer is run forward at most twice. One more way forward for a way forward and back that costs three: about a third more time.

# %% [markdown] id="exercise_checkpointed"
# ### Bonus exercise: `checkpointed_gradients` (3 extra points)
#
# Write the plan for any chain of layers. You need not know what the layers do. Each layer is a **pair of functions**:
#
# - `forward(a)` returns what comes out when `a` comes in;
# - `backward(dout, a)` returns `(da, gradient)`: $\partial L/\partial a$, and the gradient of the layer's own parameters. It needs the `a` that came in.
#
# `loss(out)` returns `(loss, dout)`. `every` is $k$. The result is `(loss, dx, gradients)`, with `gradients` in the order of the layers. `every` need not divide the number of layers, and may be larger than it.
#
# **Tiny example.** Three layers, `every=2`. Forward: keep the inputs of layers 0 and 2. The last stretch is layer 2 alone: go back through it with its checkpoint. The stretch before has the layers 0 and 1: run layer 0 again to get the input of layer 1; go back through layer 1, then through layer 0. In all, forward functions were called $3 + 1 = 4$ times.
#
# The check calls your function with layers of its own, and watches: how often forward functions are called, and how many activations you must have kept at once.
#
# <details><summary><b>Hint</b></summary>
#
# The stretches begin at `range(0, len(layers), every)`; go through them in `reversed` order. `layers[start : start + every]` is a stretch, and stops at the end by itself. Within a stretch you need the input of each of its layers; the last layer's *output* is not needed again.
#
# </details>


# %% id="write_checkpointed_gradients" solution=true
def checkpointed_gradients(x, layers, loss, every):
    """Gradients of a chain of layers, with only every `every`-th input kept.

    x: what goes in. layers: a list of pairs (forward, backward), with
    forward(a) -> out and backward(dout, a) -> (da, gradient).
    loss: loss(out) -> (value, dout). every: how many layers are in a stretch.
    Returns (value, dx, gradients), gradients in the order of the layers.
    Calls forward functions fewer than 2 · len(layers) times. Does not change x.
    """
    ### BEGIN SOLUTION
    checkpoints, a = [], x
    for number, (forward, _) in enumerate(layers):
        if number % every == 0:
            checkpoints.append(a)
        a = forward(a)
    value, da = loss(a)
    gradients = []
    for first in reversed(range(0, len(layers), every)):
        stretch = layers[first : first + every]
        inputs = [checkpoints.pop()]
        for forward, _ in stretch[:-1]:
            inputs.append(forward(inputs[-1]))
        for _, backward in reversed(stretch):
            da, gradient = backward(da, inputs.pop())
            gradients.append(gradient)
    return value, da, gradients[::-1]
    ### END SOLUTION


# %% id="check_checkpointed_gradients" test=true points=0 bonus=3 teaches=["checkpointing"]
check("checkpointed_gradients", checkpointed_gradients)


# %% id="measure_checkpointing" show=true teaches=["checkpointing"]
def chain_of_layers(depth, calls):
    """Dense layers with ReLU; each way forward is noted in `calls`."""
    weights, _ = start((64,) * (depth + 1), "relu", np.random.default_rng(0))

    def layer(w):
        def forward(a):
            calls.append(1)
            return np.maximum(a @ w, 0)

        def backward(dout, a):
            delta = dout * (a @ w > 0)
            return delta @ w.T, a.T @ delta

        return forward, backward

    return [layer(w) for w in weights]


strides, peaks, work = [1, 2, 4, 8, 16, 32, 64], [], []
for every in strides:
    calls = []
    chain = chain_of_layers(64, calls)
    peak = peak_bytes(lambda: checkpointed_gradients(batch, chain, lambda out: (out.sum(), out), every))
    peaks.append(peak / 1e6)
    work.append(len(calls))
plots.curves(
    {"64 layers": (strides, peaks)},
    xlabel="k, layers in a stretch (logarithmic scale)",
    ylabel="memory at its peak (MB)",
    logx=True,
    ylim=(0, 1.1 * max(peaks)),
    alt="Memory against the length of a stretch for 64 layers, a valley: "
    + ", ".join(f"{peak:.0f} MB for {every}" for every, peak in zip(strides, peaks, strict=True)),
)

# %% id="reveal_checkpoint" show=true
for every, peak, calls in zip(strides, peaks, work, strict=True):
    print(f"every {every:>2}: {peak:5.1f} MB, {calls:>3} calls forward ({calls - 64} of them again)")
reveal("checkpoint", "8 checkpoints and the 8 inputs of one stretch, about 16", answer="b")

# %% [markdown] id="layers_as_records_text" teaches=["deep_network"]
# ## 9 · A computer can do the bookkeeping
#
# You have derived gradients by hand. Nobody does so for a network of a hundred layers. Look at how mechanical it was: every step was simple (a product, a sum, a ReLU), every step had its own small rule for the way back, and the rest was order. Order is what computers are good at.
#
# ### A list of layers
#
# Your `mlp_backward` knows one kind of network: dense layers, and one activation for all. But all layers of this course have the same form: a function that returns `(out, cache)`, and one that makes the gradients of its inputs from `dout` and the cache. So let a **layer** be a small object that holds these two functions, and the parameters that they have beside $x$. And let a **network** be a list of layers. Its way forward runs through the list and keeps every cache; its way back runs through it from the end, and gives each layer its own cache. Neither loop needs to know what the layers do.


# %% id="layers_as_records" show=true
class Layer:
    """A pair of functions, and the parameters that they have beside x."""

    def __init__(self, forward_function, backward_function, *parameters):
        self.forward_function, self.backward_function = forward_function, backward_function
        self.parameters = parameters

    def forward(self, x):
        """(out, cache)"""
        return self.forward_function(x, *self.parameters)

    def backward(self, dout, cache):
        """(dx, the gradients of the parameters)"""
        found = self.backward_function(dout, cache)
        return (found[0], found[1:]) if self.parameters else (found, ())


class Sequential:
    """Layers one behind the other. It has the form of a layer itself."""

    def __init__(self, *layers):
        self.layers = layers

    def forward(self, x):
        """(out, a cache for each layer)"""
        caches = []
        for layer in self.layers:
            x, cache = layer.forward(x)
            caches.append(cache)
        return x, caches

    def backward(self, dout, caches):
        """(dx, the gradients of each layer)"""
        gradients = []
        for layer, cache in zip(self.layers[::-1], caches[::-1], strict=True):
            dout, of_layer = layer.backward(dout, cache)
            gradients.append(of_layer)
        return dout, gradients[::-1]


# %% [markdown] id="layers_as_records_use"
# First the network of section 6 once more, from your `dense_backward` and the ReLU of unit 1. It must give the gradients of your `mlp_backward`. (The same `relu` stands in the list twice. That is fine: a layer remembers nothing, what it needs for the way back is in the cache.) Then a network that `mlp_backward` cannot do: two kinds of activation, and a `Sequential` as a layer of another.

# %% id="use_layers_as_records" show=true teaches=["deep_network"]
from nnlib.activations import relu_backward, sigmoid_backward

weights, biases = start((64, 32, 16, 10), "relu", np.random.default_rng(0))
dense = [Layer(dense_forward, dense_backward, w, b) for w, b in zip(weights, biases, strict=True)]
relu, sigmoid = Layer(relu_forward, relu_backward), Layer(sigmoid_forward, sigmoid_backward)
x, targets = train_x[:5], train_labels[:5]


def way_back(network, x):
    """∂L/∂x, and the gradients of each layer."""
    out, caches = network.forward(x)
    return network.backward(softmax_cross_entropy(out, targets)[1], caches)


_, gradients = way_back(Sequential(dense[0], relu, dense[1], relu, dense[2]), x)
out, cache = mlp_forward(x, weights, biases, "relu")
_, dweights, _ = mlp_backward(softmax_cross_entropy(out, targets)[1], cache, weights, "relu")
differences = [np.abs(gradients[2 * i][0] - dw).max() for i, dw in enumerate(dweights)]
print(f"largest difference to mlp_backward: {max(differences):.0e}")

mixed = Sequential(dense[0], relu, Sequential(dense[1], sigmoid), dense[2])
tried_out = numerical_gradient(lambda v: softmax_cross_entropy(mixed.forward(v)[0], targets)[0], x)
print(f"two activations: relative error {relative_error(way_back(mixed, x)[0], tried_out):.0e}")

# %% [markdown] id="tape_text" teaches=["computational_graph", "automatic_differentiation"]
# Two short loops, for every network that is a chain of layers. `nnlib.layers.Sequential`, which later units use, is made in the same way. Only its layers do not keep their parameters: they get them with each call, so that training can hand in new ones.
#
# ### From a list to a graph
#
# In a list, what a layer gives out goes to the next layer and nowhere else. And somebody still had to write each layer's way back. For the last step of the bookkeeping, take the smallest parts there are (a product, a sum, a ReLU), and let a value be used as often as one likes.
#
# A **computational graph** writes down the steps: every value is a **node**, and knows the operation that made it and the nodes it was made from, its **parents**. **Automatic differentiation** goes through the graph from the end to the beginning. It needs three things:
#
# 1. **a rule for each operation:** from the gradient of the result to the gradients of the inputs;
# 2. **an order:** a node can pass its gradient on only when it has received all of it, so it comes after everything that used it;
# 3. **adding up:** a value that is used twice gets a gradient from each use, and they add up.
#
# This is what PyTorch, TensorFlow and JAX do, with hundreds of rules in place of five. With three short functions of yours and the class below it becomes a **tape**, in about 60 lines. All three are bonus exercises.
#
# ### The rules
#
# Write $\bar u$ for $\partial L/\partial u$, and let $u$ be the result.
#
# | operation | rule |
# |---|---|
# | `add`: $u = a + b$ | $\bar a = \bar u, \quad \bar b = \bar u$; for a bias $(M,)$: $\bar b = \sum_n \bar u_n$ |
# | `mul`: $u = a \odot b$ | $\bar a = \bar u \odot b, \quad \bar b = \bar u \odot a$ |
# | `matmul`: $u = a\,b$ | $\bar a = \bar u\, b^{\mathsf T}, \quad \bar b = a^{\mathsf T} \bar u$ |
# | `relu`: $u = \max(a, 0)$ | $\bar a = \bar u \odot [a > 0]$ |
# | `sum`: $u = \sum_i a_i$ | $\bar a = \bar u$ at every place |
#
# ### Bonus exercise: `backward_rule` (2 extra points)
#
# - `op` is `"add"`, `"mul"`, `"matmul"`, `"relu"` or `"sum"`. `dout` is $\bar u$, with the shape of the result. `inputs` is a tuple of arrays: one for `relu` and `sum`, two for the others.
# - The two inputs of `add` and `mul` have one shape; only in `add` the second may be a bias `(M,)` beside `(N, M)`.
# - It returns a **tuple** with one gradient for each input, of its shape, also where there is just one.
#
# **Tiny example.** `backward_rule("mul", [10, 10], ([1, 2], [3, 4]))` (as arrays) gives `([30, 40], [10, 20])`. `backward_rule("sum", 5.0, ([1, 2],))` gives `([5, 5],)`.
#
# <details><summary><b>Hint</b></summary>
#
# Five `if`s, each with one `return`. Mind the comma in `return (da,)`. For `sum`: `dout * np.ones_like(a)`.
#
# </details>


# %% id="write_backward_rule" solution=true
def backward_rule(op, dout, inputs):
    """The gradients of an operation's inputs.

    op: "add", "mul", "matmul", "relu" or "sum". dout: the gradient of its result.
    inputs: a tuple of one or two arrays. In "add" the second may be a bias (M,).
    Returns a tuple of gradients, one for each input, of its shape and float dtype.
    """
    inputs = tuple(as_float(array) for array in inputs)
    ### BEGIN SOLUTION
    a, b = inputs[0], inputs[-1]
    if op == "add":
        return dout, dout if b.ndim == a.ndim else dout.sum(axis=0)
    if op == "mul":
        return dout * b, dout * a
    if op == "matmul":
        return dout @ b.T, a.T @ dout
    if op == "relu":
        return (dout * (a > 0),)
    return (dout * np.ones_like(a),)
    ### END SOLUTION


# %% id="check_backward_rule" test=true points=0 bonus=2 teaches=["automatic_differentiation"]
check("backward_rule", backward_rule)

# %% [markdown] id="exercise_topological_order"
# ### In which order
#
# Nodes are numbered, and `parents[i]` is the tuple of nodes that node `i` was computed from. The numbers say nothing about the order: a graph may be built in any way. A **topological order** is a list in which every node comes *after* all of its parents. Read from its end, it is the order for the way back.
#
# **By hand.** `parents = [(2, 3), (), (1, 1), (1, 2)]`, and the last node is 0. Node 0 needs 2 and 3; 3 needs 1 and 2; 2 needs 1. Only 1 has no parents. So: `[1, 2, 3, 0]`.
#
# The rule: *to write down a node, first write down each of its parents, if that has not been done, and then the node itself.*
#
# ### Bonus exercise: `topological_order` (2 extra points)
#
# - Only the nodes that `last` depends on belong into the list, each **once**, however often it is used. `last` is at the end.
# - Often several orders are right. Any of them is accepted.
#
# **Tiny example.** The one above.
#
# <details><summary><b>Hint</b></summary>
#
# A function inside the function, `visit(node)`: if the node is done already, return; else visit all of its parents, then append the node. Call `visit(last)`.
#
# </details>


# %% id="write_topological_order" solution=true
def topological_order(parents, last):
    """The nodes that `last` depends on, each after all of its parents.

    parents: a list; parents[i] is a tuple of node numbers. last: a node number.
    Returns a list of node numbers, with `last` at the end. parents is not changed.
    """
    ### BEGIN SOLUTION
    order = []
    done = set()

    def visit(node):
        if node not in done:
            done.add(node)
            for parent in parents[node]:
                visit(parent)
            order.append(node)

    visit(last)
    return order
    ### END SOLUTION


# %% id="check_topological_order" test=true points=0 bonus=2 teaches=["automatic_differentiation"]
check("topological_order", topological_order)

# %% [markdown] id="exercise_backpropagate"
# ### Adding up
#
# The loop at the heart of every such library. The last node's gradient with respect to itself is 1. Go through the order from its end. At each node, ask its rule for the shares of its parents, and **add** each share to what that parent has received so far.
#
# **By hand: $x \cdot x$.** Node 0 is $x = 3$, node 1 is $x \cdot x$, with `parents = [(), (0, 0)]`: the same node twice. The rule of `mul` gives two shares, $3$ and $3$. Added up: $6 = 2x$, as it should be. With `=` in place of `+=` it would be 3.
#
# ### Bonus exercise: `backpropagate` (2 extra points)
#
# - `order` is a topological order, and its last node is where the way back begins.
# - `rule(node, dout)` returns a tuple: the share of each of `parents[node]`, in their order. (For a node without parents the tuple is empty.)
# - The result is a dict `{node: gradient}` for every node in `order`.
#
# **Tiny example.** The one above: `{0: 6, 1: 1}`.
#
# <details><summary><b>Hint</b></summary>
#
# Begin with a dict of zeros: `dict.fromkeys(order, 0.0)`. Then set the last one to 1.
#
# </details>


# %% id="write_backpropagate" solution=true
def backpropagate(parents, order, rule):
    """The gradient of the last node in order with respect to every node in order.

    parents: a list of tuples of node numbers. order: a topological order.
    rule: rule(node, dout) -> a tuple with a share for each of parents[node].
    Returns a dict {node: gradient}. Changes none of its inputs.
    """
    ### BEGIN SOLUTION
    gradients = dict.fromkeys(order, 0.0)
    gradients[order[-1]] = 1.0
    for node in reversed(order):
        for parent, share in zip(parents[node], rule(node, gradients[node]), strict=True):
            gradients[parent] = gradients[parent] + share
    return gradients
    ### END SOLUTION


# %% id="check_backpropagate" test=true points=0 bonus=2 teaches=["automatic_differentiation"]
check("backpropagate", backpropagate)


# %% id="tape_class" show=true teaches=["automatic_differentiation"]
COMPUTE = {
    "add": np.add,
    "mul": np.multiply,
    "matmul": np.matmul,
    "relu": lambda a: np.maximum(a, 0),
    "sum": np.sum,
}


class Tape:
    """Writes down every operation, for the way back."""

    def __init__(self):
        self.values, self.operations, self.parents = [], [], []

    def write(self, value, operation=None, parents=()):
        """One more node."""
        self.values.append(np.asarray(value, dtype=np.float64))
        self.operations.append(operation)
        self.parents.append(parents)
        return Node(self, len(self.values) - 1)

    def apply(self, operation, *nodes):
        """Compute a value from nodes, and write it down with where it came from."""
        value = COMPUTE[operation](*(node.value for node in nodes))
        return self.write(value, operation, tuple(node.number for node in nodes))

    def gradients(self, last):
        """∂last/∂node for every node that it depends on."""
        line = topological_order(self.parents, last.number)
        return backpropagate(self.parents, line, self.rule)

    def rule(self, node, dout):
        """The shares of a node's parents."""
        if not self.parents[node]:
            return ()
        inputs = tuple(self.values[parent] for parent in self.parents[node])
        return backward_rule(self.operations[node], np.asarray(dout), inputs)


class Node:
    """A value on a tape. Whoever computes with it writes on."""

    def __init__(self, tape, number):
        self.tape, self.number = tape, number

    @property
    def value(self):
        return self.tape.values[self.number]

    def __add__(self, other):
        return self.tape.apply("add", self, other)

    def __mul__(self, other):
        return self.tape.apply("mul", self, other)

    def __matmul__(self, other):
        return self.tape.apply("matmul", self, other)

    def relu(self):
        return self.tape.apply("relu", self)

    def sum(self):
        return self.tape.apply("sum", self)


# %% id="tape_twice" show=true promise=true
tape = Tape()
three = tape.write(3.0)
square = three * three  # the value is used twice
result = square * square + three  # and square as well, and three once more: x⁴ + x
slopes = tape.gradients(result)
print("x⁴ + x at 3:", result.value, "  its slope, 4x³ + 1:", slopes[three.number])

# %% [markdown] id="tape_network_text"
# You have written $x^4 + x$ in plain Python, and the tape knows its slope. Nobody derived anything. The same for a network with a *residual connection*, in which the hidden layer is used twice (unit 6 says why one would do that). We compare with trying out:

# %% id="tape_network" show=true teaches=["automatic_differentiation"]
rng = np.random.default_rng(4)
arrays = [rng.normal(size=shape) for shape in ((5, 3), (3, 3), (3,), (3, 3), (5, 3))]


def residual_network(tape, arrays):
    """Half the squared distance of h + relu(h w2) from the target, h = relu(x w1 + b)."""
    x, w1, b, w2, minus_target = (tape.write(array) for array in arrays)
    hidden = (x @ w1 + b).relu()
    error = hidden + (hidden @ w2).relu() + minus_target
    return (error * error).sum(), (x, w1, b, w2)


tape = Tape()
result, nodes = residual_network(tape, arrays)
slopes = tape.gradients(result)
for i, (name, node) in enumerate(zip(["x", "w1", "b", "w2"], nodes, strict=True)):
    tried_out = numerical_gradient(
        lambda v: float(residual_network(Tape(), [*arrays[:i], v, *arrays[i + 1 :]])[0].value),
        arrays[i],
    )
    print(f"{name:>2}: relative error {relative_error(slopes[node.number], tried_out):.1e}")

# %% [markdown] id="tape_summary" teaches=["automatic_differentiation"]
# <details><summary><b>For the curious:</b> why backwards, and not forwards?</summary>
#
# The chain rule is a product of matrices, and products may be computed from either end. From the front (*forward mode*), one pass gives the slopes of everything with respect to **one** input; for $P$ weights you need $P$ passes. From the back (*reverse mode*), one pass gives the slopes of **one** output with respect to everything. A network has millions of weights and one loss. So backwards it is.
#
# </details>

# %% [markdown] id="bug_hunt_text"
# ## 10 · Bug hunts
#
# Reading code is one skill. *Exposing* a bug is another: you must imagine an input on which the code shows that it is wrong. Tests that only try friendly inputs accept most of the faulty code that people really write.
#
# ### Bug hunt 1: `hunt_loss_bug` (3 points)
#
# Somebody tested this loss on `np.random.default_rng(0).normal(size=(3, 3))` with the labels `[0, 1, 2]`. It agreed with the right one to eleven digits:
#
# ```python
# def suspicious_loss(logits, labels):
#     p = np.exp(logits - logits.max())
#     p = p / p.sum(axis=1, keepdims=True)
#     diagonal = p[np.arange(len(p)), np.arange(len(p))]
#     return -np.log(diagonal + 1e-12).mean()
# ```
#
# Return `(logits, labels)` on which wrong losses give another result than the right one (or stop with an error). **One** batch can expose many mistakes. Yours is tried on ten wrong implementations, with the mistakes above and others of their kind. Each that it exposes earns points.
#
# - `logits` is $(N, M)$, finite numbers up to a million in size; `labels` is $(N,)$, integers.
#
# **Tiny example** of what you may return, and a poor one: `np.array([[1.0, 2.0], [0.0, 1.0]]), np.array([1, 0])`.
#
# <details><summary><b>Hint:</b> what does a friendly batch take for granted?</summary>
#
# That logits are small. That all rows are on one scale. That the network is never very sure *and* wrong. That there are as many examples as classes. That the labels come in order. That the label is where the largest logit is.
#
# Write a batch by hand, of four or five rows, and let each row break one of these.
#
# </details>


# %% id="write_hunt_loss_bug" solution=true
def hunt_loss_bug():
    """A batch that exposes wrong versions of softmax_cross_entropy.

    Returns (logits, labels), as softmax_cross_entropy takes them.
    """
    ### BEGIN SOLUTION
    logits = np.array(
        [
            [0.0, 3000.0, 1.0],  # very sure, and wrong
            [2.0, 1.0, 0.0],  # wrong, on another scale
            [-2000.0, -2001.0, -2002.0],  # far below the other rows
            [0.5, 1.5, 1.0],
        ]
    )
    return logits, np.array([0, 2, 0, 1])
    ### END SOLUTION


# %% id="check_hunt_loss_bug" test=true points=3 teaches=["delta_cross_entropy"]
check("hunt_loss_bug", hunt_loss_bug)

# %% [markdown] id="bug_hunt_gradient_text"
# ### Bug hunt 2: `hunt_gradient_bug` (3 points)
#
# And this is somebody's way back for the network of exercise 8. Each marked line looks fine on *some* inputs:
#
# ```python
# def suspicious_gradients(x, t, w1, b1, w2, b2):
#     z1 = x @ w1 + b1
#     h = np.maximum(z1, 0)
#     y = 1 / (1 + np.exp(-(h @ w2 + b2)))
#     delta2 = np.abs(y - t) * y * (1 - y) / y.size     # !
#     square = w2.shape[0] == w2.shape[1]
#     dh = delta2 @ (w2 if square else w2.T)            # !
#     delta1 = dh * (z1 >= 0)                           # !
#     dw1, db1 = x.T @ delta1, delta1.sum(axis=0)
#     return dw1, db1, h.T @ delta2, delta2.sum(axis=0)
# ```
#
# Return `(x, t, w1, b1, w2, b2)` that exposes these mistakes, and others of their kind: eleven wrong implementations in all.
#
# - `x` is $(N, D)$, `t` is $(N, M)$, `w1` is $(D, H)$, `b1` is $(H,)$, `w2` is $(H, M)$, `b2` is $(M,)$.
#
# **Tiny example**, again a poor one: six arrays of ones, all sizes 1.
#
# <details><summary><b>Hint 1:</b> what each marked line needs</summary>
#
# Line 1: a target above the output, and more than one output. Line 2: a `w2` with as many rows as columns. Line 3: a `z1` that is exactly 0.
#
# </details>
# <details><summary><b>Hint 2:</b> how to get an exact 0 among random numbers</summary>
#
# Draw everything at random. Then set one row of `x` to 0 and one element of `b1` to 0: for this example and this unit, `z1` is 0.
#
# </details>


# %% id="write_hunt_gradient_bug" solution=true
def hunt_gradient_bug():
    """A small network that exposes wrong versions of two_layer_gradients.

    Returns (x, t, w1, b1, w2, b2), as two_layer_gradients takes them.
    """
    ### BEGIN SOLUTION
    rng = np.random.default_rng(0)
    x, t = rng.normal(size=(4, 3)), rng.random((4, 3))
    w1, b1 = rng.normal(size=(3, 3)), rng.normal(size=3)
    w2, b2 = rng.normal(size=(3, 3)), rng.normal(size=3)
    x[0], b1[0] = 0, 0  # z1 of unit 0 is exactly 0 for the first example
    return x, t, w1, b1, w2, b2
    ### END SOLUTION


# %% id="check_hunt_gradient_bug" test=true points=3 teaches=["four_equations"]
check("hunt_gradient_bug", hunt_gradient_bug)

# %% [markdown] id="questions_text"
# ## 11 · Three questions
#
# Answer in your own words, in a few sentences each. A person reads your answers. Each gives up to 3 points.

# %% [markdown] id="question_error" question=true points=3 teaches=["delta_mse"]
# **Question 1.** (a) For softmax with cross-entropy the gradient at the logits is $a - y$. Which two parts of the derivation cancel to make it so simple? (b) Why is the gradient not $a - y$ for a sigmoid with squared error, and what happens to a unit that is very sure and wrong? (c) Support (b) with a number or a picture from this unit.
#
# === BEGIN MARK SCHEME ===
#
# - 1 point: the logarithm of the loss undoes the exponential of the softmax (log-sum-exp minus the label's logit; or: 1/p from the logarithm cancels against the p in the softmax's derivative).
# - 1 point: with squared error the derivative of the sigmoid, a(1 − a), stays as a factor; for a saturated unit it is nearly 0, so the unit learns least where it is most wrong.
# - 1 point: a fitting observation, such as 0.00034 against 0.9997 at z = −8, or the two curves of section 3.4.
#
# === END MARK SCHEME ===
#
# ### BEGIN SOLUTION
# (a) The loss takes a logarithm and the softmax takes exponentials, and they undo each other: the loss is the logarithm of a sum of exponentials minus the label's own logit. The slope of the first part is the softmax again, the slope of the second is 1 at the label. In terms of factors, the 1/p of the logarithm cancels with the p in the derivative of the softmax.
#
# (b) The squared error has no logarithm, so nothing cancels the slope of the sigmoid, a(1 − a). It remains as a factor. When the unit is very sure, a is near 0 or 1, this factor is nearly 0, and so is the gradient, even if the unit is completely wrong. It hardly learns.
#
# (c) At z = −8 with target 1 the gradient was about 0.0003 with squared error, and 0.9997 with cross-entropy, about three thousand times as much.
# ### END SOLUTION

# %% [markdown] id="question_cost" question=true points=3 teaches=["cost_of_gradients"]
# **Question 2.** A friend says: "Backpropagation takes constant time, whatever the size of the network, and it is free." (a) Correct the first half: what exactly is constant? Count matrix products. (b) Correct the second half: what does it cost, and why is that needed for the way back but not for predictions? (c) How does gradient checkpointing change this bill?
#
# === BEGIN MARK SCHEME ===
#
# - 1 point: the ratio to one forward pass is constant (about 3 in all: one product forward, two backward per layer); the time itself grows with the network. Trying out needs P + 1 passes.
# - 1 point: memory for the inputs and z of every layer, proportional to the depth; dw needs the layer's input, δ needs the slope at z; a prediction can forget both at once.
# - 1 point: checkpoints every k layers: memory about L/k + k, least 2√L for k = √L, for at most one more forward pass (about a third more time).
#
# === END MARK SCHEME ===
#
# ### BEGIN SOLUTION
# (a) Constant is the number of passes. Each layer does one matrix product on the way forward and two on the way back, so one way forward and back costs about as much as three forward passes, whether there are a thousand weights or a billion. Trying out would need one pass for each weight. The time of a pass itself of course grows with the network.
#
# (b) It costs memory. The gradient of a weight is the layer's input times δ, and δ passes an activation by its slope at z, so every layer's input and z must be kept from the way forward until the way back gets there. In a prediction nobody goes back, and each can be forgotten as soon as the next layer has used it.
#
# (c) With checkpoints only every k-th input is kept, and the others are computed again, one stretch at a time. The memory falls from L to about L/k + k activations, which is least, 2√L, for k = √L. The price is about one more way forward, a third more time.
# ### END SOLUTION

# %% [markdown] id="question_product" question=true points=3 teaches=["vanishing_gradients"]
# **Question 3.** (a) Explain with equation 2 why δ in the first of 20 sigmoid layers was so small. (b) Why did ReLU not have this problem, and can you think of a way in which it might still lose gradients? (c) In a graph in which a value is used twice, its gradients are *added*, but along a chain slopes are *multiplied*. Explain both with one picture or one example of your own.
#
# === BEGIN MARK SCHEME ===
#
# - 1 point: each layer back multiplies by the slope of the sigmoid, at most 1/4, (and by weights of about size 1 in effect); twenty such factors make 10⁻¹⁰ or less.
# - 1 point: ReLU's slope is 1 where it is on; a unit that is off passes nothing, and one that is off for all examples ("dying ReLU") learns nothing; or weights too small or too large.
# - 1 point: multiply along one path (gears), add over several paths from the same value to the loss; a correct example such as x·x with slope 2x, or a hidden unit that feeds two outputs.
#
# === END MARK SCHEME ===
#
# ### BEGIN SOLUTION
# (a) Every step back multiplies δ by the transposed weights and by the slope of the sigmoid, which is at most 1/4. The weights are drawn so that they roughly keep the size. So after 19 steps there is a factor of (1/4)¹⁹ or less: less than a billionth of the error arrives at layer 1.
#
# (b) The ReLU has the slope 1 where it is on, so it does not shrink what passes. But where it is off it passes nothing. If a unit is off for all examples, its weights get no gradient at all, and it stays off. With weights that are too small, gradients would vanish in a ReLU network as well.
#
# (c) Think of x that is used in a and in b, which both go into the loss. Along the path over a, the change of x is multiplied by the slope of a and then by the slope of the loss along a: gears in a row. But x turns both rows of gears at once, and the loss feels both, so the two results add up. In x · x there are two paths, each with slope x, and together 2x.
# ### END SOLUTION

# %% [markdown] id="common_mistakes"
# ## Common mistakes
#
# | mistake | what happens | better |
# |---|---|---|
# | dividing by $N$ in a backward function | gradients $N$ times too small | the loss has averaged already |
# | $\sigma'$ forgotten, or taken at $a$ in place of $z$ | it still learns, only worse | the gradient check |
# | `y * (1 - y)` with cross-entropy | gradients vanish in saturated outputs | it has cancelled: $a - y$ |
# | ReLU's slope as `z >= 0` | wrong at exactly 0, such as for blank inputs | `z > 0` |
# | a product that "fits" when $D = M$ | right shape, wrong values | write down the shapes; test with sizes all different, *and* equal |
# | `sum(axis=0, keepdims=True)` for `db` | a row $(1, M)$ where $(M,)$ belongs | leave `keepdims` out |
# | `exp` of large logits | `inf`, `nan` | subtract the row's largest |
# | `log(p + 1e-12)` | hides how wrong the network is | log-sum-exp |
# | `=` in place of `+=` | a value used twice gets one gradient | add up |
# | `zeros_like` of an integer array | gradients are cut to whole numbers | convert to float first |
# | `dout *= …`, `x -= …` | the caller's arrays change | make a new array |
# | a smaller and smaller $h$ | only rounding errors are left | $h = 10^{-5}$, both sides |

# %% [markdown] id="summary"
# ## Summary
#
# - The gradient says for every weight how the loss changes when it is turned. **Trying out** gives it with two runs per weight, and is the tool for *checking*.
# - **Chain rule:** slopes multiply along a path and add up over paths.
# - Linear output with squared error, softmax with cross-entropy, sigmoid with cross-entropy: $\delta = a - y$ (over $N$). Sigmoid with squared error: not.
#
# $$\delta^{(L)} = \frac{\partial L}{\partial z^{(L)}} \qquad \delta^{(l-1)} = \bigl(\delta^{(l)} w^{(l)\mathsf T}\bigr) \odot \sigma'\bigl(z^{(l-1)}\bigr)$$
# $$\frac{\partial L}{\partial w^{(l)}} = a^{(l-1)\mathsf T} \delta^{(l)} \qquad \frac{\partial L}{\partial b^{(l)}} = \sum_n \delta^{(l)}_n$$
#
# - One way forward and one way back cost about three runs, for any number of weights. The price is memory; **checkpoints** bring it from $L$ down to $2\sqrt{L}$ for a third more time.
# - Over many layers, slopes below 1 multiply to nothing: **vanishing gradients**. Sigmoids do this, ReLUs much less.
# - A **tape** does all of it by itself: a rule for each operation, a topological order, and adding up.
#
# **Next:** unit 3 uses the gradients: step sizes, momentum, Adam, and how to start.

# %% [markdown] id="further_reading"
# ## Further reading
#
# - D. E. Rumelhart, G. E. Hinton, R. J. Williams: *Learning representations by back-propagating errors*. Nature 323, 1986. Four pages.
# - I. Goodfellow, Y. Bengio, A. Courville: *Deep Learning*, section 6.5. MIT Press, 2016.
# - M. Nielsen: *Neural Networks and Deep Learning*, chapter 2, 2015. The four equations, with proofs, in the lecture's notation.
# - A. G. Baydin, B. A. Pearlmutter, A. A. Radul, J. M. Siskind: *Automatic differentiation in machine learning: a survey*. Journal of Machine Learning Research 18, 2018.
# - S. Hochreiter, Y. Bengio, P. Frasconi, J. Schmidhuber: *Gradient flow in recurrent nets: the difficulty of learning long-term dependencies*, 2001. On vanishing gradients.
# - T. Chen, B. Xu, C. Zhang, C. Guestrin: *Training deep nets with sublinear memory cost*. arXiv:1604.06174, 2016. Checkpointing.
# - S. Linnainmaa: *Taylor expansion of the accumulated rounding error*. BIT 16, 1976. Reverse mode, ten years before it met neural networks.
