"""A trainee rates a class that is over."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from accounts.entry import everyone_page
from accounts.origin import Actor
from accounts.requests import PersonRequest
from classes.actions.ratings import rate_class
from classes.errors import RatingError
from classes.forms.ratings import RatingForm
from classes.queries.ratings import find_open_window, has_rated
from config.lib.methods import read_or_write
from courses.models import TrainingClass
from trainees.models import Member


@sensitive_post_parameters()
@read_or_write
@everyone_page
def rate(request: PersonRequest, class_id: int) -> HttpResponse:
    """Rate a class once; a repeated submission leads to the same page as the first."""
    member = get_object_or_404(Member, user=request.user)
    training_class = get_object_or_404(TrainingClass.objects.select_related("school"), pk=class_id)
    if has_rated(training_class.pk, member):
        messages.info(request, _("You have rated this class already."))
        return redirect("classes:my_timetable")
    window = find_open_window(training_class, member, request.now)
    if window is None:
        raise Http404
    form = RatingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        by, at = Actor.of_request(request), request.now
        try:
            rate_class(training_class_id=training_class.pk, rating=form.rating, by=by, at=at)
        except RatingError as error:  # by the same person, a moment ago
            messages.info(request, str(error))
        else:
            messages.success(request, _("Thank you. Nobody sees that this answer is yours."))
        return redirect("classes:my_timetable")
    context = {"training_class": training_class, "window": window, "form": form}
    status = 422 if form.errors else 200
    return render(request, "classes/rate_class.html", context, status=status)
