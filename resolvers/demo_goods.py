"""What the demonstration's customers keep: goods as they really are, in kinds and sizes."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Good:
    """One sort of goods. Each kind in each size is a product."""

    name: str
    kinds: Sequence[str]
    sizes: Sequence[tuple[str, str]]
    """What it is called, and kilograms with its packing."""
    metres: tuple[str, str, str]
    """Length, width and height of one."""
    hs_code: str
    origins: Sequence[str]
    cents: int
    """About what one of the smallest is worth."""
    lasts: int | None = None
    """Days from filling to expiry: what has them is kept by batch, and goes out by expiry."""


TINS = (("50 g", "0.09"), ("100 g", "0.15"), ("250 g", "0.33"), ("500 g", "0.61"), ("1 kg", "1.15"))

TEA = (
    Good("Green tea", ("Sencha", "Genmaicha", "Gyokuro", "Bancha"), TINS,
         ("0.12", "0.08", "0.18"), "090210", ("JP", "CN"), 890, lasts=540),
    Good("Black tea", ("Assam", "Darjeeling", "Earl Grey", "Ceylon"), TINS,
         ("0.12", "0.08", "0.18"), "090230", ("IN", "LK"), 790, lasts=720),
    Good("Tea pot", ("cast iron", "porcelain", "glass"),
         (("0.6 l", "0.9"), ("0.8 l", "1.2"), ("1.2 l", "1.6"), ("1.5 l", "1.9"), ("2 l", "2.4")),
         ("0.24", "0.18", "0.16"), "691200", ("JP", "DE"), 3_490),
    Good("Tea tin", ("cherry bark", "washi paper", "plain"),
         (("40 g", "0.05"), ("100 g", "0.08"), ("150 g", "0.1"), ("200 g", "0.12"),
          ("300 g", "0.16")),
         ("0.08", "0.08", "0.12"), "731029", ("JP",), 1_290),
)  # fmt: skip
SIZES = (("small", "0.9"), ("medium", "1.0"), ("large", "1.1"), ("extra large", "1.2"))
SURF = (
    Good("Surf wax", ("tropical", "warm", "cool", "cold", "base coat"),
         (("single", "0.08"), ("3 pack", "0.25"), ("12 pack", "1.0"), ("jar", "0.3")),
         ("0.08", "0.08", "0.03"), "340490", ("AU",), 350),
    Good("Leash", ("comp", "regular", "longboard", "bodyboard"),
         (("6 ft", "0.25"), ("7 ft", "0.28"), ("8 ft", "0.31"), ("9 ft", "0.35")),
         ("0.25", "0.2", "0.05"), "950629", ("CN", "TW"), 3_900),
    Good("Wetsuit", ("spring 2/2", "steamer 3/2", "steamer 4/3", "vest"), SIZES,
         ("0.6", "0.4", "0.12"), "611300", ("TH", "CN"), 18_900),
    Good("Fin set", ("thruster", "twin", "quad", "single"), SIZES,
         ("0.22", "0.16", "0.06"), "950629", ("AU", "CN"), 7_900),
)  # fmt: skip
BAGS = (("1 kg", "1.02"), ("3 kg", "3.06"), ("8 kg", "8.1"), ("15 kg", "15.15"), ("20 kg", "20.2"))
PETS = (
    Good("Dog biscuits", ("beef", "chicken", "lamb", "kangaroo", "puppy"), BAGS,
         ("0.4", "0.25", "0.12"), "230910", ("AU", "NZ"), 890, lasts=365),
    Good("Cat food", ("tuna", "chicken", "rabbit", "kitten", "senior"), BAGS,
         ("0.4", "0.25", "0.12"), "230910", ("AU", "TH"), 990, lasts=365),
    Good("Cat litter", ("clay", "tofu", "paper", "wood"), BAGS,
         ("0.45", "0.3", "0.14"), "250840", ("AU",), 790),
)  # fmt: skip
SHADES = (("white", "1.4"), ("black", "1.4"), ("brass", "1.6"), ("oak", "1.5"), ("green", "1.4"))
LAMPS = (
    Good("Desk lamp", ("Anna", "Otto", "Emil", "Ida", "Karl"), SHADES,
         ("0.4", "0.25", "0.2"), "940521", ("DE", "PL"), 5_900),
    Good("Floor lamp", ("Hanna", "Paul", "Marie", "Fritz", "Lotte"), SHADES,
         ("1.1", "0.35", "0.3"), "940521", ("DE", "CZ"), 14_900),
    Good("LED bulb", ("warm", "neutral", "cold", "dimmable"),
         (("E14 4 W", "0.05"), ("E14 6 W", "0.06"), ("E27 7 W", "0.08"), ("E27 11 W", "0.1"),
          ("GU10 5 W", "0.05")),
         ("0.06", "0.06", "0.11"), "853952", ("CN", "HU"), 390),
)  # fmt: skip
CYCLES = (
    Good("Bicycle bell", ("brass", "steel", "alloy", "duet"), (("22 mm", "0.09"), ("25 mm", "0.1")),
         ("0.07", "0.06", "0.06"), "830610", ("DE", "JP"), 1_490),
    Good("Inner tube", ("road", "trekking", "mountain", "cargo", "children's"),
         (("20 in", "0.12"), ("24 in", "0.14"), ("26 in", "0.17"), ("28 in", "0.18"),
          ("29 in", "0.2")),
         ("0.13", "0.08", "0.05"), "401320", ("ID", "DE"), 690),
    Good("Saddle", ("touring", "city", "racing", "leather"), SIZES,
         ("0.28", "0.2", "0.12"), "871495", ("IT", "GB"), 6_900),
    Good("Pedal", ("platform", "clipless", "folding", "mountain", "city"), SIZES,
         ("0.14", "0.12", "0.08"), "871496", ("TW", "DE"), 3_900),
)  # fmt: skip
JARS = (("30 g", "0.08"), ("125 g", "0.25"), ("250 g", "0.42"), ("500 g", "0.77"), ("1 kg", "1.4"))
HONEY = (
    Good("Honey", ("heather", "lime", "acacia", "rape", "forest", "chestnut", "summer"), JARS,
         ("0.08", "0.08", "0.11"), "040900", ("DE",), 290, lasts=730),
    Good("Mead", ("dry", "sweet", "spiced"),
         (("0.2 l", "0.4"), ("0.5 l", "0.9"), ("0.75 l", "1.3"), ("1 l", "1.7"), ("5 l", "5.9")),
         ("0.09", "0.09", "0.32"), "220600", ("DE",), 590, lasts=1_095),
)  # fmt: skip
CANDLES = (
    Good("Beeswax candle", ("tealight", "taper", "pillar", "bee skep"),
         (("single", "0.05"), ("4 pack", "0.2"), ("10 pack", "0.5"), ("20 pack", "1.0"),
          ("50 pack", "2.4")),
         ("0.1", "0.1", "0.15"), "340600", ("DE",), 190),
)  # fmt: skip
