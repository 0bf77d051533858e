"""Money: whole minor units of a currency, and the one way to round."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache

# ISO 4217, list one (active codes, with the funds codes that have digits of their own), as of November 2026.
# Bulgaria has the euro since January 2026, so BGN is not here.
_DIGITS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY
    COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS
    INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR
    MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP
    STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG""",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}

UNIT_PRICE_DECIMALS = 8
_POWERS = tuple(int(f"1{'0' * digits}") for digits in range(UNIT_PRICE_DECIMALS + 1))


class UnknownCurrency(ValueError):
    """The code is not an active ISO 4217 currency that we can bill in."""

    def __init__(self, code: str) -> None:
        super().__init__(f"{code!r} is not an active ISO 4217 currency code.")
        self.code = code


class AmountNotExact(ValueError):
    """The amount is not a number, or has more digits than its currency."""

    def __init__(self, amount: Decimal | str, currency: Currency) -> None:
        super().__init__(f"{amount} is not an amount in {currency.code} with at most {currency.digits} decimals.")
        self.amount = amount
        self.currency = currency


class UnitPriceNotUsable(ValueError):
    """A unit price must be a number of zero or more with at most eight decimals."""

    def __init__(self, unit_price: Decimal | str) -> None:
        super().__init__(
            f"A unit price is zero or more, with at most {UNIT_PRICE_DECIMALS} decimals; not {unit_price}."
        )
        self.unit_price = unit_price


@dataclass(frozen=True, slots=True)
class Currency:
    """An ISO 4217 currency: its code and how many digits its minor unit has (JPY 0, EUR 2, KWD 3)."""

    code: str
    digits: int


_CURRENCIES = {code: Currency(code, digits) for digits, codes in _DIGITS.items() for code in codes.split()}


def get_currency(code: str) -> Currency:
    """The currency of an upper-case code.

    >>> get_currency("KWD").digits
    3

    :raises UnknownCurrency: for a code that is not active.
    """
    try:
        return _CURRENCIES[code]
    except KeyError:
        raise UnknownCurrency(code) from None


def round_half_away(numerator: int, denominator: int) -> int:
    """The whole number nearest to the fraction; a half goes away from zero. The denominator is above zero.

    >>> round_half_away(5, 2), round_half_away(-5, 2), round_half_away(7, 3)
    (3, -3, 2)
    """
    if numerator >= 0:
        return (2 * numerator + denominator) // (2 * denominator)
    return -((denominator - 2 * numerator) // (2 * denominator))


def to_minor(amount: Decimal | str, currency: Currency) -> int:
    """Whole minor units of an exact amount; nothing is rounded.

    >>> to_minor("16.10", get_currency("AUD"))
    1610

    :raises AmountNotExact: for more digits than the currency has, or for what is no number.
    """
    try:
        number = Decimal(amount)
    except InvalidOperation:
        raise AmountNotExact(amount, currency) from None
    if not number.is_finite():
        raise AmountNotExact(amount, currency)
    numerator, denominator = number.as_integer_ratio()
    minor, rest = divmod(numerator * _POWERS[currency.digits], denominator)
    if rest:
        raise AmountNotExact(amount, currency)
    return minor


def from_minor(amount_minor: int, currency: Currency) -> Decimal:
    """The amount in the currency's unit, with exactly the currency's digits.

    >>> from_minor(-537, get_currency("AUD"))
    Decimal('-5.37')
    """
    return Decimal((int(amount_minor < 0), tuple(map(int, str(abs(amount_minor)))), -currency.digits))


def minor_text(amount_minor: int, currency: Currency) -> str:
    """The same amount as text, for a file that a program reads.

    >>> minor_text(-7, get_currency("AUD")), minor_text(1610, get_currency("JPY"))
    ('-0.07', '1610')
    """
    digits = currency.digits
    text = str(abs(amount_minor)).zfill(digits + 1)
    sign = "-" if amount_minor < 0 else ""
    return f"{sign}{text[:-digits]}.{text[-digits:]}" if digits else sign + text


@lru_cache(maxsize=65536)
def unit_price_ratio(unit_price: Decimal) -> tuple[int, int]:
    """A unit price as an exact fraction.

    :raises UnitPriceNotUsable: for a negative price, more than eight decimals, or what is no number.
    """
    if not unit_price.is_finite() or unit_price < 0:
        raise UnitPriceNotUsable(unit_price)
    numerator, denominator = unit_price.as_integer_ratio()
    if _POWERS[UNIT_PRICE_DECIMALS] % denominator:
        raise UnitPriceNotUsable(unit_price)
    return numerator, denominator


def charge_minor(*, seats: int, unit_price: Decimal, days: int, period_days: int, currency: Currency) -> int:
    """What seats cost for `days` of a charge period of `period_days`, in minor units.

    Exact until the one rounding at the end, half away from zero (rule 5).

    >>> from decimal import Decimal
    >>> charge_minor(seats=3, unit_price=Decimal("7.00"), days=23, period_days=30, currency=get_currency("AUD"))
    1610
    """
    numerator, denominator = unit_price_ratio(unit_price)
    return round_half_away(seats * numerator * days * _POWERS[currency.digits], denominator * period_days)


def allot_by_largest_remainder(total: int, *, shares: Sequence[int], denominator: int) -> list[int]:
    """Whole parts of `total`, each near its exact share `shares[i] / denominator`; the parts sum to the total.

    What is left after rounding down goes one by one to the largest remainders; of equal ones to the earliest.

    >>> allot_by_largest_remainder(10, shares=[1, 1, 1], denominator=3)
    [4, 3, 3]
    >>> allot_by_largest_remainder(1, shares=[1, 1, 1], denominator=3)
    [1, 0, 0]
    """
    if len(shares) < 2:
        return [total] * len(shares)
    parts = [share // denominator for share in shares]
    left = total - sum(parts)
    if not left:
        return parts
    remainders = [share % denominator for share in shares]
    by_remainder = sorted(range(len(shares)), key=remainders.__getitem__, reverse=True)
    each, some = divmod(left, len(parts))
    for rank, index in enumerate(by_remainder):
        parts[index] += each + (rank < some)
    return parts
