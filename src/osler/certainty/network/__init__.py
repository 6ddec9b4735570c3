"""How certain the estimates of a network are, by the same rules and ledger as pairwise answers."""
