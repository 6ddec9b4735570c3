"""What words say: numbers, units, names, directions, certainty, and how strong a relation."""
