"""Figures as values, and how they are written: SVG, PNG and PDF."""
