"""What is kept and how long; export and erasure for one person."""
