__lazy_modules__ = ["json"]
import json
lazy import csv

print(json, csv)
