"""Steps in PyTorch, each the equal of a step of one of this repository's plugins: a module for each family.

They have the same networks, layer for layer and from the same settings, batch, losses and players, each of
which makes fakes of its own, as a PyTorch user would write them; sources are those that the plugins name.
Pictures are (batch, channels, height, width). Round corners (`gansuite.layers.bend`) are the ReLUs and
LeakyReLUs of the papers here.
"""
