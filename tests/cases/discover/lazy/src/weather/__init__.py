"""Native lazy imports, which Python 3.15 has, by what __lazy_modules__ says or by the keyword."""
