"""``python -m osler`` does what the command ``osler`` does."""

from osler.cli.main import main

if __name__ == "__main__":
    main(prog_name="osler")
