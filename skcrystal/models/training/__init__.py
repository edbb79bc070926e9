"""A model trained and judged honestly: data in, a fitted model and a `TrainingRun` out."""

from skcrystal.models.training.data import TrainingData, guess_kind, read_training_data
from skcrystal.models.training.splitting import SPLITS
from skcrystal.models.training.train import Trained, train_model

__all__ = ["SPLITS", "Trained", "TrainingData", "guess_kind", "read_training_data", "train_model"]
