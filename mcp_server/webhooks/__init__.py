"""WEBHOOK "endpoint" in a packaged dialog: an address at which everybody who may starts it."""
