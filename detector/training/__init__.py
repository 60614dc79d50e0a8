"""Fitting the classifier of lines again, on labelled lines of one's own; needs the extra `train`."""
