"""Coming in and going out."""

from typing import Any

from flask import Blueprint, request, session, url_for
from flask_babel import gettext as _

from app.identity import commands, gate, queries
from app.identity.forms import PasswordForm, SignInForm
from app.kernel.errors import NotFound
from app.web.pages import form_page, inside, page, see_other, toast

bp = Blueprint("identity", __name__)
account = Blueprint("account", __name__, url_prefix="/account")
gate.members_only(account)
HOME = "/"


@bp.get("/sign-in")
def sign_in() -> Any:
    if gate.member_or_none():
        return see_other(inside(request.args.get("next", ""), HOME))
    form = SignInForm(next=request.args.get("next", ""))
    return page("identity/sign_in.html", form=form)


@bp.post("/sign-in")
def sign_in_now() -> Any:
    form = SignInForm()
    if not form.validate():
        return form_page("identity/sign_in.html", form=form)
    try:
        token = commands.sign_in(
            email=form.email.data, password=form.password.data, place=request.remote_addr or "",
            agent=request.user_agent.string,
        )  # fmt: skip
    except commands.SlowDown as pause:
        form.form_errors = [_("Too many tries. Wait %(seconds)d seconds, then try again.", seconds=pause.seconds)]
        return page("identity/sign_in.html", status=429, form=form, headers={"Retry-After": str(pause.seconds)})
    if token is None:
        form.form_errors = [_("This e-mail address and password don't belong together.")]
        return form_page("identity/sign_in.html", form=form)
    session.clear()
    session[gate.COOKIE_FIELD], session.permanent = token, True
    return see_other(inside(form.next.data or "", HOME))


@bp.get("/password/<token>")
def password(token: str) -> Any:
    """Looking uses nothing up: mail scanners look too."""
    if not queries.password_link_works(token):
        raise NotFound("password link")
    return page("identity/password.html", form=PasswordForm(), token=token)


@bp.post("/password/<token>")
def set_password(token: str) -> Any:
    form = PasswordForm()
    if not form.validate():
        return form_page("identity/password.html", form=form, token=token)
    commands.set_password(token, form.password.data)
    toast(_("Your password is set. Sign in with it."))
    return see_other(url_for("identity.sign_in"))


@account.post("/sign-out")
def sign_out() -> Any:
    commands.sign_out(gate.sign_in_of_request().id, by=gate.actor())
    session.clear()
    return see_other(url_for("identity.sign_in"))


@account.get("/sessions")
def sessions() -> Any:
    found = queries.sessions_of(gate.member())
    return page("identity/sessions.html", "sessions", sessions=found, here=gate.sign_in_of_request().id)


@account.post("/sign-out-everywhere")
def sign_out_everywhere() -> Any:
    commands.sign_out_everywhere(gate.member(), by=gate.actor())
    session.clear()
    toast(_("You are signed out everywhere."))
    return see_other(url_for("identity.sign_in"))
