import threading

import pytest
from werkzeug.serving import make_server

from tests.web.furnished import drafts, furnished, moves


@pytest.fixture
def flask_app():
    return furnished()


@pytest.fixture
def client(flask_app):
    return flask_app.test_client()


@pytest.fixture(scope="session")
def site():
    """The address of a running application."""
    server = make_server("127.0.0.1", 0, furnished(), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def window(chromium):
    """A page that fails the test when it logs an error: a breach of the content policy is one."""
    context = chromium.new_context(viewport={"width": 1280, "height": 850})
    page = context.new_page()
    said = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.said = said
    moves.clear()
    moves.refuse = False
    drafts.clear()
    yield page
    context.close()
