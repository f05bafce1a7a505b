"""Confirming an erasure by hand."""

from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import Field, StringField, ValidationError


class EraseForm(FlaskForm):  # type: ignore[misc]
    """The name is typed, since nothing brings a person back."""

    typed = StringField(_("Type the name to confirm"))

    def __init__(self, *args: Any, wanted: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.wanted = wanted

    def validate_typed(self, field: Field) -> None:
        if " ".join((field.data or "").split()) != self.wanted:
            raise ValidationError(_("This is not what is asked for. Type it exactly as it stands above."))
