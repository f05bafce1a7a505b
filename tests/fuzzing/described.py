"""What stands, as OpenAPI 3.1: paths from the URL map, fields from the forms of our own pages and from what views read.

Nothing is written here a second time: a route, a field or a limit that comes tomorrow is described tomorrow.
"""

import inspect
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flask import Flask
from flask_wtf import FlaskForm
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule
from wtforms.fields.core import UnboundField

Schema = dict[str, Any]
# What a browser sends of these is text of that shape; the rest is text.
FORMATS = {"email": "email", "date": "date", "url": "uri", "file": "binary"}
READ = re.compile(r"request\.(form|args|values)(?:\.get|\.getlist)?[\[(]\"(\w+)\"")
URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
HEADERS = [
    {"name": "HX-Request", "in": "header", "schema": {"type": "string", "enum": ["true"]}},
    {"name": "HX-Target", "in": "header", "schema": {"type": "string", "pattern": "^[a-z][a-z-]{0,20}$"}},
    {"name": "Accept-Language", "in": "header", "schema": {"type": "string", "enum": ["en", "hi", "*", "x-zq;q=9"]}},
]


@dataclass
class Form:
    method: str
    action: str
    fields: dict[str, Schema] = field(default_factory=dict)
    required: set[str] = field(default_factory=set)


class Forms(HTMLParser):
    """Each form of a page, with what its fields allow; elements that HTMX sends by themselves are forms without fields."""

    def __init__(self, path: str) -> None:
        super().__init__(convert_charrefs=True)
        self.path, self.found, self.by_id = path, [], {}
        self._form: Form | None = None
        self._select: Schema | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        for method in ("get", "post"):
            if address := said.get(f"hx-{method}"):
                self.found.append(Form(method, address))
        if tag == "a" and "?" in said.get("href", ""):
            self.found.append(Form("get", said["href"]))
        if tag == "form":
            self._form = Form(said.get("method", "get").lower(), said.get("action") or self.path)
            self.found.append(self._form)
            self.by_id[said.get("id", "")] = self._form
        elif tag in {"input", "select", "textarea", "button"}:
            self._field(tag, said)
        elif tag == "option" and self._select is not None:
            self._select["enum"].append(said.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None

    def _field(self, tag: str, said: dict[str, str]) -> None:
        form = self.by_id.get(said["form"]) if "form" in said else self._form
        if "formaction" in said:
            form = Form(said.get("formmethod", form.method if form else "post"), said["formaction"])
            self.found.append(form)
        name = said.get("name")
        if form is None or not name or name == "csrf_token":
            return
        if said.get("type") in {"hidden", "submit", "radio", "checkbox"} or tag == "button":
            known = form.fields.setdefault(name, {"type": "string", "enum": []})
            known.setdefault("enum", []).append(said.get("value", "on" if tag == "input" else ""))
            return
        form.fields[name] = shape = {"type": "string"}
        if tag == "select":
            self._select = shape
            shape["enum"] = []
        if (kind := FORMATS.get(said.get("type", ""))) is not None:
            shape["format"] = kind
        if said.get("type") == "number":
            shape |= {"type": "integer"} | {
                to: int(float(said[one])) for one, to in (("min", "minimum"), ("max", "maximum")) if said.get(one)
            }
        if said.get("maxlength", "").isdigit():
            shape["maxLength"] = int(said["maxlength"])
        if "required" in said:
            form.required.add(name)


def _read(view: Any, seen: set[Any] | None = None) -> Iterable[tuple[str, str, Schema]]:
    """("args" or "form", name, shape) of what the view reads, and the functions of its own slice that it calls."""
    seen = seen if seen is not None else set()
    view = inspect.unwrap(view)
    if view in seen or not inspect.isfunction(view) or not view.__module__.startswith("app."):
        return
    seen.add(view)
    for where, name in READ.findall(inspect.getsource(view)):
        yield "args" if where == "args" else "form", name, {"type": "string"}
    slice_ = view.__module__.rpartition(".routes")[0]
    for called in (view.__globals__.get(name) for name in view.__code__.co_names):
        if inspect.isclass(called) and issubclass(called, FlaskForm):
            for name in dir(called):
                if isinstance(getattr(called, name), UnboundField):
                    yield "form", name, {"type": "string"}
        elif slice_ and getattr(called, "__module__", "").startswith(slice_ + "."):
            yield from _read(called, seen)


@dataclass
class Operation:
    args: dict[str, Schema] = field(default_factory=dict)
    form: dict[str, Schema] = field(default_factory=dict)
    required: set[str] = field(default_factory=set)

    def take(self, where: str, name: str, shape: Schema) -> None:
        known = getattr(self, where).setdefault(name, dict(shape))
        if known is not shape and "enum" in known and "enum" in shape:
            known["enum"] = [*known["enum"], *(one for one in shape["enum"] if one not in known["enum"])]


def described(
    flask_app: Flask, rules: Iterable[tuple[Rule, str]], pages: Mapping[str, str], known: Mapping[str, list[Any]]
) -> Schema:
    """The description. `pages` are addresses and what they show, `known` what stands for each parameter of a path."""
    rules = list(rules)
    operations = {(rule.rule, method): Operation() for rule, method in rules}
    adapter = flask_app.url_map.bind("localhost")
    for path, html in pages.items():
        page = Forms(path)
        page.feed(html)
        for form in page.found:
            there = urlsplit(form.action)
            try:
                rule, _ = adapter.match(there.path or path, method=form.method.upper(), return_rule=True)
            except HTTPException:
                continue
            if (operation := operations.get((rule.rule, form.method.upper()))) is None:
                continue
            for name, value in parse_qsl(there.query):
                operation.take("args", name, {"type": "string", "enum": [value]})
            for name, shape in form.fields.items():
                # rows of a page have their id before the names of their fields: those of the row that is asked
                if not re.match(r"[0-9a-f]{8}-[0-9a-f-]{27}-", name) or name[:36] in _all(known):
                    operation.take("args" if form.method == "get" else "form", name, shape)
            operation.required |= form.required
    paths: Schema = {}
    for rule, method in rules:
        operation = operations[rule.rule, method]
        for where, name, shape in _read(flask_app.view_functions[rule.endpoint]):
            operation.take(where, name, shape)
        address = re.sub(r"<(?:[^:<>]+:)?(\w+)>", r"{\1}", rule.rule)
        paths.setdefault(address, {})[method.lower()] = _as_openapi(rule, method, operation, known)
    return {"openapi": "3.1.0", "info": {"title": "Assay", "version": "1"}, "paths": paths}


def _all(known: Mapping[str, list[Any]]) -> set[str]:
    return {str(value) for values in known.values() for value in values}


def _as_openapi(rule: Rule, method: str, operation: Operation, known: Mapping[str, list[Any]]) -> Schema:
    parameters: list[Schema] = [
        {"name": name, "in": "path", "required": True, "schema": {"enum": _known(rule, name, known)}}
        for name in sorted(rule.arguments - set(rule.defaults or {}))
    ]
    parameters += [
        {"name": name, "in": "query", "schema": _open(shape)} for name, shape in sorted(operation.args.items())
    ]
    made: Schema = {"operationId": f"{method} {rule.endpoint}", "parameters": [*parameters, *HEADERS]}
    if method != "GET":
        fields = {name: _open(shape) for name, shape in sorted(operation.form.items())}
        kind = MULTIPART if any(shape.get("format") == "binary" for shape in fields.values()) else URLENCODED
        required = sorted(operation.required & fields.keys())
        shape = {"type": "object", "properties": fields, "required": required, "additionalProperties": False}
        made["requestBody"] = {"content": {kind: {"schema": shape}}}
    return made | {"responses": {"default": {"description": "A page, a part of one, or where to go on."}}}


def _known(rule: Rule, name: str, known: Mapping[str, list[Any]]) -> list[str]:
    """What is known for the parameter, or for it in this blueprint alone."""
    return [str(value) for value in known.get(f"{rule.endpoint.partition('.')[0]}.{name}") or known[name]]


def _open(shape: Schema) -> Schema:
    """A select or a button sends what stands in it, and whoever writes the request by hand anything."""
    if "enum" not in shape:
        return shape
    return (
        {"anyOf": [{"type": "string", "enum": shape["enum"]}, {"type": "string", "maxLength": 40}]}
        if shape["enum"]
        else {"type": "string"}
    )
