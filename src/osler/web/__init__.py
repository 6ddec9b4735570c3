"""The clinic's live site around the built pages. Django lives here and nowhere else."""
