"""The commands: they read folders, ask the library, and talk to people."""
