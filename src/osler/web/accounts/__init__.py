"""Who works here, at which clinic, and what each may do."""
