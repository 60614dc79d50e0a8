"""Scans of whole mailboxes into a run directory: cut into shards, read by worker processes, resumed where they were cut off."""
