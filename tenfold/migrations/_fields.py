"""Several plain fields added to a model in one step.

A step of its own for each makes the models of the migration's moment anew each time, and those that belong to them: that
is most of the time a first start takes.
"""

from __future__ import annotations

from typing import Any

from django.db.migrations.operations.base import Operation
from django.db.models import Field


class AddFields(Operation):
    """As so many `AddField` one after the other. Not for relations: these are more than a column."""

    reversible = True

    def __init__(self, model_name: str, fields: list[tuple[str, Field[Any, Any]]]) -> None:
        self.model_name, self.fields = model_name, fields

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__qualname__, [], {"model_name": self.model_name, "fields": self.fields}

    def state_forwards(self, app_label: str, state: Any) -> None:
        *others, last = self.fields
        state.models[app_label, self.model_name].fields.update(others)
        state.add_field(app_label, self.model_name, *last, preserve_default=True)  # makes the model with all of them

    def database_forwards(self, app_label: str, editor: Any, from_state: Any, to_state: Any) -> None:
        to_model = to_state.apps.get_model(app_label, self.model_name)
        if not self.allow_migrate_model(editor.connection.alias, to_model):
            return
        model = from_state.apps.get_model(app_label, self.model_name)
        for name, _field in self.fields:
            field = to_model._meta.get_field(name)
            editor.add_field(model, field)
            field.clone().contribute_to_class(model, name)  # SQLite makes the table anew as the model has it

    def database_backwards(self, app_label: str, editor: Any, from_state: Any, to_state: Any) -> None:
        model = from_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(editor.connection.alias, model):
            for name, _field in reversed(self.fields):
                editor.remove_field(model, model._meta.get_field(name))

    def describe(self) -> str:
        return f"Add fields {', '.join(name for name, _field in self.fields)} to {self.model_name}"
