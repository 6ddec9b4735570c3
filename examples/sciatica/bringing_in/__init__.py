"""How the extraction tables became this review folder; started by ``bring_in.py``."""
