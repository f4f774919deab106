from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal


def main() -> "Decimal":
    import json
    return json


if __name__ == "__main__":
    import sqlite3
    sqlite3.connect("")
