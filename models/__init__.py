"""What is true: tables, their words, and all SQL."""

TABLES = [
    "models.tenants",
    "models.clients",
    "models.products",
    "models.orders",
    "models.usage",
    "models.billing",
]
"""The modules whose tables Tortoise knows."""
