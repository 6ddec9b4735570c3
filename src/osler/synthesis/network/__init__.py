"""Networks of treatments: all compared at once, directly and through one another."""
