"""What several journeys begin with."""

import pytest

from tests.app.interviews import stage


@pytest.fixture
def link(alpha, cast, in_tenant, flask_app, served):
    """The address in a candidate's letter of invitation."""
    vault = flask_app.extensions["providers"].vault
    with in_tenant(alpha):
        application = stage.applicant(stage.opening(cast.rita))
    with in_tenant(alpha):
        stage.invite(application.id, cast.rita, vault)
    with in_tenant(alpha):
        return served.url("alpha") + "/i/" + stage.link_in_last_letter(application.id, vault)
