from apps.finance.models.rates import ExchangeRate

__all__ = ["ExchangeRate"]
