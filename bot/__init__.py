"""Does: everything that touches Telegram, the database, the clock or a word a person reads."""

import gc

# Python's own 700 looks for cycles all the time while the program is loaded, of which nothing is garbage (a third of
# the time until the first poll), and later a hundred times a second among all chats under way.
gc.set_threshold(20_000, 20, 50)
