"""The model server: one ASGI process behind every platform's HTTP contract."""
