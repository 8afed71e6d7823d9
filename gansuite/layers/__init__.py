"""Layers that plugins share; none has hidden random state."""
