"""Pictures translated into pictures: Pix2Pix from pairs, CycleGAN without."""
