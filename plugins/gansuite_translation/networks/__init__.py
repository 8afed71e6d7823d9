"""Generators that translate pictures, and discriminators that judge patches of them."""
