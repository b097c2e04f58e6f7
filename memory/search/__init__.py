"""Searching what a bot remembers and what others share with it; the finding itself is `storage/search`."""
