"""Trained runs as SavedModels that TensorFlow Serving reads, checked before they are published."""
