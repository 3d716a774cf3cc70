"""Form fields that others choose a lecturer by."""

from django import forms

from instructors.models import Instructor


class InstructorField(forms.ModelChoiceField):
    """A lecturer with the corps: several have one name."""

    def label_from_instance(self, obj: Instructor) -> str:
        return f"{obj} · {obj.get_corps_display()}"
