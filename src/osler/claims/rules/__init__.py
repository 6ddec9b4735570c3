"""Rules as data: packs of them in TOML files, each with a source, a date seen and an expiry."""
