// Small helpers in forms: the proposed API name, Copy buttons, and the size of files.

// A proposed API name fills only an empty field. It never replaces what the user entered.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const field = detail.target.id === "api-name" && detail.target.querySelector("input");
  if (field?.value) detail.shouldSwap = false;
});
// If the field has the focus, select the proposal so that typing replaces it.
document.addEventListener("htmx:afterSettle", ({ detail: { elt } }) => {
  const field = elt.id === "api-name" && elt.querySelector("input:focus");
  if (field && field.value === field.defaultValue) field.select();
});

// Copy with execCommand, because the Clipboard API doesn't work over HTTP.
document.addEventListener("click", ({ target: button }) => {
  if (!button.dataset.copy) return;
  const source = document.getElementById(button.dataset.copy);
  if (source.select) source.select();
  else getSelection().selectAllChildren(source);
  button.textContent = document.execCommand("copy") ? "Copied" : "Press Ctrl+C";
  button.focus();
});

// Refuse files that are too large before they're sent. The server would drop the connection.
document.addEventListener("change", ({ target }) => {
  const { mostMb } = target.dataset;
  if (!mostMb) return;
  const bytes = [...target.files].reduce((sum, file) => sum + file.size, 0);
  const isTooLarge = bytes > mostMb * 1024 ** 2;
  target.setCustomValidity(isTooLarge ? `Choose files of at most ${mostMb} MB in total.` : "");
  target.reportValidity();
});
