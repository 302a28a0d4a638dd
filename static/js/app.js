// The dialog is open exactly while it has content.
const modal = document.getElementById("modal");
const toasts = document.getElementById("toasts");
const hasNoFocus = () => !document.activeElement || document.activeElement === document.body;
let opener = "";

// While it is open, only what is inside it can be seen and touched: toasts go with it.
modal?.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.shouldSwap && detail.target === modal) document.body.append(toasts);
});
modal?.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target !== modal) return;
  if (modal.childElementCount === 0) return modal.close();
  if (!modal.open) {
    opener = document.activeElement?.id ?? "";
    modal.showModal();
  }
  // The first field that is wrong, or else the first one.
  (modal.querySelector("[autofocus]") ?? modal.querySelector("#modal-title")).focus();
  modal.append(toasts);
});
modal?.addEventListener("close", () => {
  document.body.append(toasts);
  modal.replaceChildren();
  // The list behind it may have been replaced meanwhile, and what opened it with the list.
  if (hasNoFocus()) (document.getElementById(opener) ?? document.querySelector("#main [id$=heading][tabindex]"))?.focus();
});
modal?.addEventListener("click", (event) => {
  if (!event.target.closest("[data-close-modal]")) return;
  event.preventDefault();
  modal.close();
});

// What somebody typed meanwhile stays: a proposal is for an empty field.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const field = detail.target.id === "api-name" && detail.target.querySelector("input");
  if (field?.value) detail.shouldSwap = false;
});
// Whoever is in that field already types over the proposal, as after the Tab key.
document.addEventListener("htmx:afterSettle", ({ detail: { elt } }) => {
  const field = elt.id === "api-name" && elt.querySelector("input:focus");
  if (field && field.value === field.defaultValue) field.select();
});
// A secret is long, and shown once: Copy takes all of it, on http as well.
document.addEventListener("click", ({ target: button }) => {
  if (!button.dataset.copy) return;
  const source = document.getElementById(button.dataset.copy);
  if (source.select) source.select();
  else getSelection().selectAllChildren(source);
  button.textContent = document.execCommand("copy") ? "Copied" : "Press Ctrl+C";
  button.focus();
});

// Where a page looks again by itself, it waits for the dialog: its button gets the focus back.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (modal?.open && !event.detail.requestConfig.triggeringEvent) event.preventDefault();
});
// What had the focus may be gone after a swap: then what came in its place has it. Where
// nothing had it, a list that looks again by itself takes nobody back to its heading.
let hadFocus = false;
document.addEventListener("htmx:beforeSwap", () => {
  hadFocus = !hasNoFocus();
});
document.addEventListener("htmx:afterSettle", ({ detail: { elt } }) => {
  if (!hadFocus || !hasNoFocus() || modal?.open || !elt.isConnected) return;
  const next = elt.matches("tbody") ? elt.querySelector("a") : elt.querySelector("[id$=heading]");
  next?.focus();
});
// The button that was pressed was disabled meanwhile, and lost the focus.
document.addEventListener("htmx:afterRequest", ({ detail: { elt, successful } }) => {
  if (successful) return;
  setTimeout(() => hasNoFocus() && elt.querySelector?.("[type=submit]")?.focus());
});

// What is too large is refused before it is sent: a server cuts it off, and the page is gone.
document.addEventListener("change", ({ target }) => {
  const { mostMb } = target.dataset;
  if (!mostMb) return;
  const bytes = [...target.files].reduce((sum, file) => sum + file.size, 0);
  target.setCustomValidity(bytes > mostMb * 1024 ** 2 ? `This is too large: at most ${mostMb} MB may be.` : "");
  target.reportValidity();
});

// A file comes beside the page, which stays.
document.addEventListener("download", ({ detail: { url } }) => location.assign(url));

// An event's detail goes along with the request that it triggers.
document.addEventListener("htmx:configRequest", ({ detail }) => {
  const { shown } = detail.triggeringEvent?.detail ?? {};
  if (shown) detail.parameters.set("shown", shown);
});

// A request that failed leaves the page as it is and says so in one toast.
const TOAST_LASTS = { success: 5000, info: 5000 };

const showToasts = (html) => {
  const template = document.createElement("template");
  template.innerHTML = html;
  // What fails again and again, where a page looks again by itself, is said once.
  const said = new Set([...toasts.children].map((toast) => toast.textContent));
  for (const toast of template.content.querySelectorAll("[data-toast]"))
    if (!said.has(toast.textContent)) toasts.append(toast);
};
const sayNoAnswer = () => showToasts(document.getElementById("no-answer").innerHTML);

document.addEventListener("htmx:responseError", ({ detail: { xhr } }) => {
  if (xhr.responseText.includes("data-toast")) showToasts(xhr.responseText);
  else sayNoAnswer();
});
document.addEventListener("htmx:sendError", sayNoAnswer);
document.addEventListener("htmx:timeout", sayNoAnswer);

// A toast goes by itself, unless it is an error or somebody reads or touches it.
const retire = (toast) => {
  const lasts = TOAST_LASTS[toast.dataset.toast];
  if (!lasts) return;
  const wait = () => setTimeout(() => (toast.matches(":hover, :focus-within") ? wait() : toast.remove()), lasts);
  wait();
};
if (toasts) {
  toasts.querySelectorAll("[data-toast]").forEach(retire);
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes)
      for (const node of addedNodes) if (node.dataset?.toast) retire(node);
  }).observe(toasts, { childList: true });
  toasts.addEventListener("click", (event) => {
    event.target.closest("[data-close-toast]")?.closest("[data-toast]").remove();
  });
}
