"""How sure we may be: GRADE levels, each step with its reason."""
