// Events that the server sends with its responses.

// Download a file. The page stays open.
document.addEventListener("download", ({ detail: { url } }) => location.assign(url));

// A request that an event triggers sends the event's `shown`, the row that the list must show.
document.addEventListener("htmx:configRequest", ({ detail }) => {
  const { shown } = detail.triggeringEvent?.detail ?? {};
  if (shown) detail.parameters.set("shown", shown);
});
