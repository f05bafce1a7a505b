import pytest

from tests.app.interviews import stage


@pytest.fixture
def vault(flask_app):
    return flask_app.extensions["providers"].vault


@pytest.fixture
def staged(alpha, cast, in_tenant, vault):
    """staged(limited=True, …): an opening, Cara's application, her invitation."""

    def make(*, limited=False, questions=stage.QUESTIONS, language="en", deadline=None, **who):
        with in_tenant(alpha):
            posting = stage.opening(cast.rita, limited=limited, questions=questions)
            application = stage.applicant(posting, language=language, **who)
        with in_tenant(alpha):
            interview = stage.invite(application.id, cast.rita, vault, deadline=deadline)
        with in_tenant(alpha):
            token = stage.link_in_last_letter(application.id, vault)
        return stage.Stage(posting.id, application.id, interview.id, token)

    return make
