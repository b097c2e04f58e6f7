"""The REST API: one table of operations (`table.py`), from which requests are served and OpenAPI is made."""
