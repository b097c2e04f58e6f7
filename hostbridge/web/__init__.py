"""The web, as programs reach it: requests with the run's headers, through the guard of `storage.outgoing`."""
