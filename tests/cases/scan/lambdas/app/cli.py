import csv
import json

read = lambda file: csv.reader(file)


def use():
    return lambda data: json.dumps(data)
