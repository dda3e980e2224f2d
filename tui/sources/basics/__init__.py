"""What all rooms speak of: items, rows, what is found in them and where, and custom_ids."""
