"""From paths to elements and rows: files found, opened, recognised and read, never held as a whole."""
