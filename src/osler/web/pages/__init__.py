"""What the public reads: published pages, their versions, search, feeds."""
