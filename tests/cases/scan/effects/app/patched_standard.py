import json

json.JSONEncoder.default = print
