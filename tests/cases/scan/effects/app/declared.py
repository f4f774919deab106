from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase): ...


class User(Base): ...
