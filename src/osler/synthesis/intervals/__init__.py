"""Intervals for the pooled estimate, for tau2 and for a new study, one module each."""
