"""Administrators who enable apps concurrently over HTTP, on a separate server."""

import http.client
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.org.models import ClientApp, User

from .data import PASSWORD, administrator_of

PORT = 8765
PATH = "/handlers/MyTokenExchangeHandler/"


def run(posts: int) -> None:
    org = User.objects.get(username=administrator_of("small")).org
    handler = TokenExchangeHandler.objects.get(org=org)
    enabled = Enablement.objects.of(handler).values("app")
    free = ClientApp.objects.filter(org=org, kind="connected").exclude(pk__in=enabled)
    keys = list(free.values_list("pk", flat=True)[: 3 * posts])
    [run_as] = User.objects.filter(org=org, is_integration_user=True).values_list("pk")[0]
    server = subprocess.Popen(
        [sys.executable, "-m", "waitress", f"--listen=127.0.0.1:{PORT}", "--threads=4",
         "tokenx.wsgi:application"]
    )  # fmt: skip
    try:
        cookies = _sign_in()
        one = _load(1, keys[:posts], run_as, cookies)
        many = _load(64, keys[posts : 2 * posts], run_as, cookies)
        print(f"64 writers / one writer: {many / one:.2f}   bar 0.90 at least")
    finally:
        server.terminate()
        server.wait()


def _connect() -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)


def _sign_in() -> str:
    for _ in range(100):
        try:
            connection = _connect()
            connection.request("GET", "/sign-in/")
            break
        except ConnectionRefusedError:
            time.sleep(0.1)
    response = connection.getresponse()
    response.read()
    token = SimpleCookie(response.headers["Set-Cookie"])["csrftoken"].value
    form = {
        "username": administrator_of("small"),
        "password": PASSWORD,
        "csrfmiddlewaretoken": token,
    }
    headers = {
        "Cookie": f"csrftoken={token}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    connection.request("POST", "/sign-in/", urlencode(form), headers)
    response = connection.getresponse()
    jar: SimpleCookie = SimpleCookie()
    for cookie in response.headers.get_all("Set-Cookie") or []:
        jar.load(cookie)
    return "; ".join(f"{name}={morsel.value}" for name, morsel in jar.items())


def _load(clients: int, keys: list[int], run_as: int, cookies: str) -> float:
    """Enable each app once with concurrent clients; return the requests per second."""
    rest, statuses, taken = iter(keys), Counter[int](), list[float]()
    lock = threading.Lock()
    token = SimpleCookie(cookies)["csrftoken"].value
    headers = {
        "Cookie": cookies,
        "X-CSRFToken": token,
        "HX-Request": "true",
        "Content-Type": "application/x-www-form-urlencoded",
    }

    def work() -> None:
        connection = _connect()
        while True:
            with lock:
                key = next(rest, None)
            if key is None:
                return
            body = urlencode({"app": key, "run_as": run_as})
            start = time.perf_counter()
            connection.request("POST", f"{PATH}enable-app/?kind=connected", body, headers)
            response = connection.getresponse()
            response.read()
            with lock:
                statuses[response.status] += 1
                taken.append(time.perf_counter() - start)

    threads = [threading.Thread(target=work) for _ in range(clients)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rate = len(keys) / (time.perf_counter() - start)
    taken.sort()
    middle, late = statistics.median(taken) * 1e3, taken[int(0.99 * len(taken))] * 1e3
    print(
        f"{clients:3} writers: {rate:6.1f}/s, p50 {middle:.1f} ms, p99 {late:.1f} ms, "
        f"responses {dict(statuses)}"
    )
    return rate
