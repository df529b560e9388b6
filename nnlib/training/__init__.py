"""Training a model: `fit`, what it returns, and how to look at it.

fitted = fit(model, (x, y), softmax_cross_entropy, Adam(1e-3), epochs=10, batch_size=128, rng=rng,
             validation=(x_val, y_val), metrics={"accuracy": accuracy}, patience=3)
fitted.history.plot("accuracy")
logits = fitted.predict(x_test)
"""

from nnlib.training.divergence import DivergedError
from nnlib.training.fit import Fitted, fit
from nnlib.training.history import History
from nnlib.training.prediction import evaluate, predict
from nnlib.training.runs import Run

__all__ = ["DivergedError", "Fitted", "History", "Run", "evaluate", "fit", "predict"]
