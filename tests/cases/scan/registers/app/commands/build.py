from ..core import cli


@cli.command()
def build(): ...
