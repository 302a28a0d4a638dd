// Toasts report results, and requests that failed.
const toasts = document.getElementById("toasts");
const DURATIONS = { success: 5000, info: 5000 };
const LINK_DURATION = 10000;

const showToasts = (html) => {
  const template = document.createElement("template");
  template.innerHTML = html;
  // If polling fails repeatedly, show its error only once.
  const texts = new Set([...toasts.children].map((toast) => toast.textContent));
  for (const toast of template.content.querySelectorAll("[data-toast]"))
    if (!texts.has(toast.textContent)) toasts.append(toast);
};
const reportNoAnswer = () => showToasts(document.getElementById("no-answer").innerHTML);

// A failed request leaves the page unchanged and shows a toast.
document.addEventListener("htmx:responseError", ({ detail: { xhr } }) => {
  if (xhr.responseText.includes("data-toast")) showToasts(xhr.responseText);
  else reportNoAnswer();
});
document.addEventListener("htmx:sendError", reportNoAnswer);
document.addEventListener("htmx:timeout", reportNoAnswer);

// Toasts disappear after a while. Errors stay, and so does a toast with the pointer or focus on it.
const removeLater = (toast) => {
  if (!DURATIONS[toast.dataset.toast]) return;
  // Links take longer to read and to reach.
  const duration = toast.querySelector("a") ? LINK_DURATION : DURATIONS[toast.dataset.toast];
  const wait = () => setTimeout(() => {
    if (toast.matches(":hover, :focus-within")) wait();
    else toast.remove();
  }, duration);
  wait();
};
if (toasts) {
  toasts.querySelectorAll("[data-toast]").forEach(removeLater);
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes)
      for (const node of addedNodes)
        if (node.dataset?.toast) removeLater(node);
  }).observe(toasts, { childList: true });
  toasts.addEventListener("click", (event) => {
    event.target.closest("[data-close-toast]")?.closest("[data-toast]").remove();
  });
}
