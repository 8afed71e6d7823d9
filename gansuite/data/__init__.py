"""Where examples come from: data sets and their cards, readers, and the prepare-once cache."""
