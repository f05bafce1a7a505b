import re

from tests.web.furnished import furnished

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; media-src 'self' blob:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "manifest-src 'self'"
)


def test_policy_allows_only_our_own_files(client):
    answer = client.get("/-/patterns")

    assert answer.headers["Content-Security-Policy"] == POLICY
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Strict-Transport-Security" not in answer.headers


def test_candidate_page_has_a_fresh_nonce_and_no_referrer(client):
    first, second = client.get("/-/patterns/candidate"), client.get("/-/patterns/candidate")
    nonces = [re.search("'nonce-([^']+)'", answer.headers["Content-Security-Policy"])[1] for answer in (first, second)]

    assert nonces[0] != nonces[1]
    assert f'<style nonce="{nonces[0]}">' in first.text
    assert first.headers["Content-Security-Policy"] == POLICY.replace(
        "style-src 'self'", f"style-src 'self' 'nonce-{nonces[0]}'"
    )
    assert first.headers["Referrer-Policy"] == "no-referrer"


def test_s45_strict_transport_only_over_https():
    answer = furnished(https=True).test_client().get("/plain")

    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_one_answer_may_send_its_forms_elsewhere(client):
    assert "form-action 'self' https://login.example;" in client.get("/elsewhere").headers["Content-Security-Policy"]
    assert "login.example" not in client.get("/plain").headers["Content-Security-Policy"]


def test_request_id_is_kept_when_it_is_one(client):
    assert client.get("/plain", headers={"X-Request-ID": "abcd-1234"}).headers["X-Request-ID"] == "abcd-1234"
    for bad in ("short", "x" * 65, "has space1", "<script>1"):
        assert re.fullmatch("[0-9a-f]{32}", client.get("/plain", headers={"X-Request-ID": bad}).headers["X-Request-ID"])


def test_candidate_page_is_light(client):
    answer = client.get("/-/patterns/candidate", headers={"Accept-Encoding": "gzip"})

    assert answer.headers["Content-Encoding"] == "gzip"
    assert int(answer.headers["Content-Length"]) < 14 * 1024
