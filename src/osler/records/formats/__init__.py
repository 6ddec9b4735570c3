"""Bibliographic records from exports of every kind, and back: one way in, one way out."""
