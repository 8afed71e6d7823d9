"""Readers of pictures, from folders, archives and the array files of well-known data sets."""
