"""What is true: tables, their words, and all SQL."""

TABLES = [
    "models.tenants",
    "models.clients",
    "models.products",
    "models.orders",
    "models.inbound",
    "models.stock",
    "models.consignments",
    "models.usage",
    "models.rollups",
    "models.billing",
    "models.reports",
    "models.audit",
    "models.allowances",
]
"""The modules whose tables Tortoise knows."""
