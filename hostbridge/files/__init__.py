"""The files of bots: a folder each, out of which no path leads."""
