import yaml

yaml.add_representer(int, print)
