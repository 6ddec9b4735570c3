"""The local classifier: what it sees in a text, what it learnt, how it learns."""
