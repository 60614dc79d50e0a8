"""Recipe of the encoder: `python -m models.encoder.train`, then `python -m models.encoder.export`."""
