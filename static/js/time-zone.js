// A cookie tells the server the browser's time zone, in which it shows times.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const cookie = `time_zone=${zone}`;
const isSent = () => document.cookie.split("; ").includes(cookie);
const wasSent = isSent();
const secure = location.protocol === "https:" ? "; Secure" : "";
document.cookie = `${cookie}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;

// The page was rendered without the cookie. Replace only its times, so that nothing is lost.
const replaceTimes = async () => {
  const timesOf = (page) => [...page.querySelectorAll("time")];
  if (timesOf(document).length === 0) return;
  const response = await fetch(location.href);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const times = timesOf(document),
    localTimes = timesOf(page);
  for (const [index, time] of times.entries())
    if (time.dateTime === localTimes[index]?.dateTime) time.replaceWith(localTimes[index]);
};
// Without an answer, the times stay as they are.
if (!wasSent && isSent()) replaceTimes().catch(() => {});
