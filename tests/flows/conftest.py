"""What several journeys begin with."""

import pytest

from tests.app.interviews import stage


@pytest.fixture
def link(alpha, cast, in_tenant, flask_app, served):
    """The address in a candidate's letter of invitation; in one piece, or a worker might change the application between."""
    vault = flask_app.extensions["providers"].vault
    with in_tenant(alpha):
        application = stage.applicant(stage.opening(cast.rita))
        stage.invite(application.id, cast.rita, vault)
    with in_tenant(alpha):
        return served.url("alpha") + "/i/" + stage.link_in_last_letter(application.id, vault)
