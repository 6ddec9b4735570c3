"""What judges a comment, layer by layer. Each says something of every comment, with its reason."""
