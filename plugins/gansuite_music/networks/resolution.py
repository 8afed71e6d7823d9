"""From beats to steps, and back."""

from __future__ import annotations


def factors(number: int) -> list[int]:
    """Return the prime factors of a number, smallest first; none for 1."""
    found, divisor = [], 2
    while number > 1:
        while number % divisor == 0:
            found.append(divisor)
            number //= divisor
        divisor += 1
    return found
