"""What fills the terminal: a screen reads the store, shows it, and passes wishes up as commands."""
