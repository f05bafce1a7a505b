"""Engines as the owner: for provisioning and migrations, never for a page or a task."""

from functools import cached_property

import sqlalchemy as sa
from sqlalchemy.pool import NullPool


class Owners:
    """One engine a database; connections are opened for one job and closed."""

    def __init__(self, urls: dict[str, str]) -> None:
        self._urls = urls
        self._engines: dict[str, sa.Engine] = {}

    @cached_property
    def main(self) -> sa.Engine:
        return self.of("main")

    def of(self, database: str) -> sa.Engine:
        """Raises KeyError for a database that the settings don't name."""
        if database not in self._engines:
            self._engines[database] = sa.create_engine(
                self._urls[database], poolclass=NullPool, connect_args={"prepare_threshold": None}
            )
        return self._engines[database]

    def url(self, database: str) -> str:
        return self._urls[database]

    def names(self) -> list[str]:
        return list(self._urls)
