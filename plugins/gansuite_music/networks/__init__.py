"""The networks of music plugins."""
