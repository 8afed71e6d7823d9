"""Networks whose features pictures are compared by; each figure names the one it was computed with."""
