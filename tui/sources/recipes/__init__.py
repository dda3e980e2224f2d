"""Rows to requests: recipes, and the bounded templates in them."""
