"""Recipe of the gate: `python -m models.gate.train`."""
