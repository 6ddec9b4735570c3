"""``osler records``: from search exports to the list of included studies."""
