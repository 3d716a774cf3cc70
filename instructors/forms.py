"""Form fields to choose a lecturer."""

from django import forms

from instructors.models import Instructor


class InstructorField(forms.ModelChoiceField):
    """A lecturer, labelled with the corps because several have the same name."""

    def label_from_instance(self, obj: Instructor) -> str:
        return f"{obj} · {obj.get_corps_display()}"
