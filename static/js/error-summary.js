// Takes a person to the error summary of a form that came back, so that it is read out first.
document.querySelector(".error-summary")?.focus();
