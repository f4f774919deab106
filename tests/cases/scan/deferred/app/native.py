lazy import json
lazy import csv

print(json, csv)
