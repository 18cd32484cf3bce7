"""Recommendation models of our own: data in, ranked items out. Knows no cloud and no server.

    import engine

    data = engine.read("events.csv", items="items.csv")
    model = engine.train(data)
    [evaluation] = engine.evaluate(data, "hybrid")
    [best] = engine.recommend(model, ["u1"], 10)
    [alike] = engine.similar(model, ["i1"], 10)
    engine.save(model, "model.rec")

What is named here is loaded when it is first asked for: serving a stored model goes on needing numpy alone.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.ground.errors import EngineError
    from engine.notebook import evaluate, read, recommend, similar, train
    from engine.serving.artifacts import load, save
    from engine.serving.recommender import Recommendation
    from engine.serving.trained_model import Model

__all__ = [
    "EngineError",
    "Model",
    "Recommendation",
    "evaluate",
    "load",
    "read",
    "recommend",
    "save",
    "similar",
    "train",
]

_PLACES = {
    "EngineError": "engine.ground.errors",
    "Model": "engine.serving.trained_model",
    "Recommendation": "engine.serving.recommender",
    "evaluate": "engine.notebook",
    "load": "engine.serving.artifacts",
    "read": "engine.notebook",
    "recommend": "engine.notebook",
    "save": "engine.serving.artifacts",
    "similar": "engine.notebook",
    "train": "engine.notebook",
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_PLACES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
