"""Generators and discriminators: a file for each architecture, and what they have in common."""
