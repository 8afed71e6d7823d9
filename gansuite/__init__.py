"""gansuite: a Keras core in which networks play games, with a plugin per kind of generative adversarial network."""

__version__ = "0.1.0"
