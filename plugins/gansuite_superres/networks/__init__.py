"""Networks that enlarge pictures, and that judge enlarged ones."""
