"""What the reader of claims is made of: verbs, parts of a passage, words that a review adds."""
