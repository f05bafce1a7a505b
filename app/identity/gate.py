"""Who is signed in, for routes. Everything below routes takes the member as an argument."""

from flask import Blueprint, Flask, g, request, session, url_for
from flask_login import AnonymousUserMixin, LoginManager, UserMixin, current_user
from werkzeug.wrappers import Response

from app.identity.commands import actor_of
from app.identity.models import Member, SignIn
from app.identity.queries import session_of
from app.kernel.actor import Actor
from app.web.pages import see_other
from tenants.scope import tenant_or_none

COOKIE_FIELD = "sign_in"


class SignedIn(UserMixin):  # type: ignore[misc]
    def __init__(self, sign_in: SignIn) -> None:
        self.sign_in, self.member = sign_in, sign_in.member

    def get_id(self) -> str:
        return str(self.member.id)


def install(flask_app: Flask) -> None:
    """Flask-Login, with the session in PostgreSQL: its own cookie would outlive "sign out everywhere"."""
    manager = LoginManager(flask_app)
    manager.anonymous_user = AnonymousUserMixin
    manager.session_protection = None

    @manager.request_loader  # type: ignore[untyped-decorator]
    def load(_request: object) -> SignedIn | None:
        token = session.get(COOKIE_FIELD) if tenant_or_none() and "database_away" not in g else None
        found = session_of(token) if isinstance(token, str) else None
        return SignedIn(found) if found else None

    @manager.unauthorized_handler  # type: ignore[untyped-decorator]
    def ask_to_sign_in() -> Response:
        back = request.full_path.rstrip("?") if request.method == "GET" else None
        return see_other(url_for("identity.sign_in", next=back))

    flask_app.extensions["login_manager"] = manager


def members_only(blueprint: Blueprint) -> None:
    """Every page of the blueprint asks to sign in first."""

    @blueprint.before_request
    def gate() -> Response | None:
        if current_user.is_authenticated:
            return None
        return ask()


def ask() -> Response:
    from flask import current_app

    response: Response = current_app.extensions["login_manager"].unauthorized()
    return response


def member() -> Member:
    """The member signed in; only behind `members_only`."""
    found: Member = current_user.member
    return found


def member_or_none() -> Member | None:
    return current_user.member if current_user.is_authenticated else None


def sign_in_of_request() -> SignIn:
    found: SignIn = current_user.sign_in
    return found


def actor() -> Actor:
    return actor_of(member())
