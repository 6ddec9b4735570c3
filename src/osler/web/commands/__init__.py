"""Commands that start the site or work on its database."""
