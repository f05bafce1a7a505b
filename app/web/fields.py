"""Fields of forms that more than one part of the product asks with."""

from decimal import Decimal

from flask_babel import gettext as _
from wtforms import DecimalField


class NumberField(DecimalField):  # type: ignore[misc]
    """A finite number: Decimal also takes "sNaN", which nobody can compare, and "Infinity", which JSON cannot say."""

    data: Decimal | None

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_("Write a number, such as 4.5.")) from None
        if self.data is not None and not self.data.is_finite():
            self.data = None
            raise ValueError(_("Write a number, such as 4.5."))
