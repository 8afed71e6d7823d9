"""Generative adversarial networks for images."""
