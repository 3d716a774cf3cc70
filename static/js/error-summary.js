// Moves the focus to the error summary of a returned form, so that it is read out first.
document.querySelector(".error-summary")?.focus();
