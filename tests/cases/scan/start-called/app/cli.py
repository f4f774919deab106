from . import commands, parser


def main():
    parser.parse()
    from . import late
    late.__name__


def run():
    return commands.run()
