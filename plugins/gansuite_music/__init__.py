"""Music from noise: multi-track piano-rolls, MIDI and sound."""
