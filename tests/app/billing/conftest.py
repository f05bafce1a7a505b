from tests.app.scorecards.conftest import analyst, judge, story, tell  # noqa: F401 -- fixtures
