"""From search exports to included studies: import, deduplicate, screen, count."""
