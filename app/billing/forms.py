"""What an admin allows to be spent."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms.validators import NumberRange, Optional

from app.web.fields import NumberField


class BudgetForm(FlaskForm):  # type: ignore[misc]
    dollars = NumberField(
        _("Dollars a month"),
        [Optional(), NumberRange(0, 1_000_000, _("Choose an amount between 0 and 1,000,000."))],
        places=2,
    )
