from . import commands, parser


def main():
    parser.parse()
    from . import late
    return late


def run():
    return commands.run()
