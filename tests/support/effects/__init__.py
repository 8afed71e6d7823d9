"""What each setting of our plugins does: `bench.EFFECTS`, entered by the other modules."""

from effects import enlarging, music, optimizers, pictures, training

__all__ = ["enlarging", "music", "optimizers", "pictures", "training"]
