"""Does: everything that touches Telegram, the database, the clock or a word a person reads."""
