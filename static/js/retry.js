// A form that the server had no place for is sent again, for 5 seconds. Then its answer says why.
const RETRY_FOR = 5000;
const firstSent = new WeakMap();
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const { xhr, requestConfig: { elt, triggeringEvent } } = detail;
  const seconds = xhr.status === 503 && Number(xhr.getResponseHeader("Retry-After"));
  const sent = firstSent.get(elt) ?? Date.now();
  if (!seconds || !elt.matches("form")) {
    firstSent.delete(elt);
    return;
  }
  detail.isError = false;
  detail.shouldSwap = Date.now() - sent >= RETRY_FOR;
  if (detail.shouldSwap) {
    firstSent.delete(elt);
    return;
  }
  firstSent.set(elt, sent);
  const submitter = triggeringEvent?.submitter;
  // The button stays busy. busy.js thinks that it's done.
  setTimeout(() => submitter?.setAttribute("aria-busy", "true"));
  setTimeout(() => {
    if (elt.isConnected) elt.requestSubmit(submitter?.isConnected ? submitter : undefined);
  }, seconds * 1000);
});
