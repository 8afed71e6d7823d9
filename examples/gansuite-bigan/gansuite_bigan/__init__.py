"""BiGAN for gansuite: pictures from latents, and latents from pictures."""
