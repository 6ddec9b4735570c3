"""A page as text: Markdown or HTML in; blocks, sentences and their places out."""
