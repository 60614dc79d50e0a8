"""Recipe of the classifier and the gate: `python -m models.categories.train`."""
