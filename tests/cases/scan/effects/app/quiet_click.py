import click


@click.command()
def quiet(): ...
