"""Sums of money: an amount and its currency."""

from sqlalchemy import CheckConstraint


def money() -> tuple[CheckConstraint, ...]:
    """The rules of a noun with `amount` and `currency`."""
    return (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint(
            "(amount IS NULL) = (currency IS NULL)",
            name="currency",
            info={
                "es": "`amount` y `currency` van juntos: dé los dos o ninguno.",
                "en": "`amount` and `currency` go together: give both or neither.",
            },
        ),
        CheckConstraint(
            "currency ~ '^[A-Z]{3}$'",
            name="iso_4217",
            info={
                "es": "`currency` es un código ISO 4217 de tres mayúsculas, como `USD`.",
                "en": "`currency` is an ISO 4217 code of three capitals, such as `USD`.",
            },
        ),
    )
