"""Super-resolution: small pictures made large."""
