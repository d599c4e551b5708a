"""What real people write, what they meant, and how much of it is understood."""
