// A dialog has an address on the page beneath it, which follows the dialog's fields.
// See docs/decisions/dialog-addresses.md.
const modal = document.getElementById("modal");
const LONGEST_VALUE = 500;
const isDialogs = (name) => name === "open" || name.startsWith("open-");
const opensDialog = () => new URLSearchParams(location.search).has("open");
const pageOf = ({ pathname, search }) => {
  const params = new URLSearchParams(search);
  for (const name of [...params.keys()])
    if (isDialogs(name)) params.delete(name);
  return params.size ? `${pathname}?${params}` : pathname;
};
const withQuery = (url, query) => `${url}${url.includes("?") ? "&" : "?"}${query}`;
const replace = (url) => history.replaceState(history.state, "", url);
let page = pageOf(location);
let hasLeft = null;
let leaving = Promise.resolve();

// If the server refused to open the dialog, a toast says why. Reload doesn't repeat it.
if (modal && opensDialog() && !modal.open) replace(page);

// Opening a dialog adds one entry to the history, and closing it goes back to the page. The
// browser takes its time, in which a second call must not go back again.
const leave = () => {
  if (hasLeft || !opensDialog()) return leaving;
  leaving = new Promise((resolve) => {
    if (history.state?.isDialog) {
      hasLeft = resolve;
      history.back();
    } else {
      replace(page);
      resolve();
    }
  });
  return leaving;
};
modal?.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target !== modal || modal.childElementCount === 0) return;
  const query = detail.xhr.getResponseHeader("Dialog-Address");
  // What answers a POST, such as a secret, is shown only once and has no address.
  const isAnswer = detail.requestConfig.verb !== "get" && detail.xhr.status === 200;
  modal.dataset.answer = isAnswer ? "yes" : "";
  if (isAnswer) {
    // Esc must not ask whether to discard what has been saved.
    modal.dispatchEvent(new Event("dialog-saved"));
    leave();
  } else if (query && opensDialog()) replace(withQuery(page, query));
  else if (query) history.pushState({ isDialog: true }, "", withQuery(page, query));
});
modal?.addEventListener("close", leave);
for (const name of ["htmx:pushedIntoHistory", "htmx:replacedInHistory"])
  document.addEventListener(name, () => {
    page = pageOf(location);
  });
addEventListener("popstate", (event) => {
  // htmx loads other pages.
  if (pageOf(location) !== page) return;
  event.stopImmediatePropagation();
  if (hasLeft) {
    hasLeft();
    hasLeft = null;
  } else if (opensDialog()) location.reload();
  else if (modal.open) modal.close();
});

// Before a form's result replaces the page, leave the dialog, so that Back doesn't reopen it.
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const url = event.detail.xhr.getResponseHeader("HX-Redirect");
  if (!url || !opensDialog() || url.startsWith("/sign-in/")) return;
  event.preventDefault();
  modal.dispatchEvent(new Event("dialog-saved"));
  leave().then(() => location.assign(url));
});

// The address has each field that the user changed. Long text stays in the tab.
const isEntered = ({ name, type }) =>
  name && !["password", "file", "submit", "button", "hidden"].includes(type);
const isChanged = (control) => {
  if (control.matches("select"))
    return [...control.options].some((option) => option.selected !== option.defaultSelected);
  if (["checkbox", "radio"].includes(control.type))
    return control.checked !== control.defaultChecked;
  return control.value !== control.defaultValue;
};
const fieldOf = (name) => `open-${name.replaceAll("_", "-")}`;
const longNames = new Set();
const follow = () => {
  const form = modal.querySelector("form");
  if (!form || !opensDialog() || hasLeft) return;
  const params = new URLSearchParams(location.search);
  const data = new FormData(form);
  const long = {};
  const put = (field, values) => {
    params.delete(field);
    for (const value of values.length ? values : [""]) params.append(field, value);
  };
  let isTyped = false;
  const groups = Map.groupBy([...form.elements].filter(isEntered), ({ name }) => name);
  for (const [name, controls] of groups) {
    const field = fieldOf(controls[0].dataset.openAs ?? name);
    const lookup = controls[0].closest("[data-lookup]");
    const chosen = lookup?.querySelector("input[type=hidden]");
    const changed = controls.some(isChanged);
    isTyped ||= changed;
    const isFollowed = params.has(chosen ? fieldOf(chosen.name) : field) || longNames.has(name);
    if (!changed && !isFollowed) continue;
    const values = data.getAll(name);
    if (chosen) {
      put(fieldOf(chosen.name), [chosen.value]);
      params.delete(field);
      if (!chosen.value && values[0]) put(field, values);
    } else if (values.join("").length > LONGEST_VALUE) {
      params.delete(field);
      longNames.add(name);
      long[name] = values[0];
    } else put(field, values);
  }
  if (isTyped) modal.dispatchEvent(new CustomEvent("dialog-typed", { detail: long }));
  const url = `${location.pathname}?${String(params).replaceAll("%40", "@")}`;
  if (url !== location.pathname + location.search) replace(url);
};
let timer;
const followSoon = () => {
  clearTimeout(timer);
  timer = setTimeout(follow, 250);
};
const followNow = () => {
  clearTimeout(timer);
  if (modal?.open) follow();
};
modal?.addEventListener("dialog-opened", () => longNames.clear());
modal?.addEventListener("dialog-leaving", followNow);
modal?.addEventListener("input", followSoon);
for (const name of ["change", "lookup-changed"]) modal?.addEventListener(name, followNow);
// A request tells the server the page's address, so it must be up to date.
document.addEventListener("submit", followNow, true);
addEventListener("pagehide", followNow);
