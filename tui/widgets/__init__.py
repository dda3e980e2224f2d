"""What screens are made of; a widget shows what it is given and knows neither store nor service."""
