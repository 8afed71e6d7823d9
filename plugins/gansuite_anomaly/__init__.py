"""What does not look like the pictures it learned from: AnoGAN and f-AnoGAN."""
