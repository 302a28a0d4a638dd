// A field's error disappears when the field is corrected, and so does its link in the footer.
// The error keeps its place, so that nothing moves. The refused value brings it back.
const isRefused = (control) => {
  const lookup = control.closest("[data-lookup]");
  const chosen = lookup?.querySelector("input[type=hidden]").value;
  if (lookup) return !chosen || chosen === lookup.dataset.refusedValue;
  if (control.matches("select"))
    return [...control.options].every((option) => option.selected === option.defaultSelected);
  if (["checkbox", "radio"].includes(control.type))
    return control.checked === control.defaultChecked;
  return control.value === control.defaultValue;
};
const showErrors = ({ target }) => {
  const element = target.closest?.("#main, #modal") && target.closest(".slds-form-element");
  if (!element?.matches(".slds-has-error, .is-corrected")) return;
  const controls = [...element.querySelectorAll("input:not([type=hidden]), select, textarea")];
  const isCorrected = !controls.every(isRefused);
  element.classList.toggle("slds-has-error", !isCorrected);
  element.classList.toggle("is-corrected", isCorrected);
  for (const control of controls) {
    if (control.hasAttribute("aria-invalid")) control.setAttribute("aria-invalid", !isCorrected);
    const link = document.querySelector(`[data-error-of="${control.id}"]`);
    if (link) link.hidden = isCorrected;
  }
  const summary = element.closest("form").querySelector("[data-error-summary]");
  if (!summary) return;
  const links = [...summary.querySelectorAll("[data-error-of]")];
  const isEmpty = links.length > 0 && links.every((link) => link.hidden);
  summary.classList.toggle("is-corrected", isEmpty);
};
for (const name of ["input", "change", "lookup-changed"])
  document.addEventListener(name, showErrors);

// A link of the summary focuses its field. It isn't a new page in the history.
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-error-of]");
  if (!link) return;
  event.preventDefault();
  document.getElementById(link.dataset.errorOf).focus();
});
