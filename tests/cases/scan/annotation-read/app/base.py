from pydantic import BaseModel
from sqlalchemy.orm import declarative_base

Table = declarative_base()


class Model(BaseModel): ...


def load(path): ...
