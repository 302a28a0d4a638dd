"""Build and run the container without a container engine, from the Dockerfile's own lines.

    python3 tests/container/check.py build FOLDER
    python3 tests/container/check.py run FOLDER

Both need root, mmdebstrap, and bwrap. The first one needs a network.
The base image is a root folder made by mmdebstrap. bwrap runs the steps in it, and the
start-up: with a read-only root, one volume, as process 1, and as the Dockerfile's user.
Exits with 0 if all checks pass, 1 if one fails, and 77, after one sentence, if this machine
can't run them.
"""

import http.cookiejar
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.container.dockerfile import Dockerfile, read_dockerfile

SKIPPED = 77
# Where this machine's packages come from: proxies and indexes.
NETWORK = re.compile(r"(?i:(https?|no)_proxy)|PIP_INDEX_URL|PIP_EXTRA_INDEX_URL")
PASSWORD = "a password for this check"
START_SECONDS, STOP_SECONDS = 90, 15
HANDLER = """<?xml version="1.0" encoding="UTF-8"?>
<OauthTokenExchangeHandler xmlns="http://soap.sforce.com/2006/04/metadata">
    <description>Checks the container</description>
    <developerName>{name}</developerName>
    <isAccessTokenSupported>false</isAccessTokenSupported>
    <isEnabled>true</isEnabled>
    <isIdTokenSupported>false</isIdTokenSupported>
    <isJwtSupported>true</isJwtSupported>
    <isRefreshTokenSupported>false</isRefreshTokenSupported>
    <isSaml2Supported>false</isSaml2Supported>
    <isUserCreationAllowed>false</isUserCreationAllowed>
    <masterLabel>{name}</masterLabel>
    <tokenHandlerApex>{apex}</tokenHandlerApex>
</OauthTokenExchangeHandler>
"""


def skip(reason: str) -> NoReturn:
    print(f"The check of the container was skipped because {reason}.")
    sys.exit(SKIPPED)


def require_tools() -> None:
    if sys.platform != "linux" or os.geteuid() != 0:
        skip("it needs root on Linux")
    for tool in ("mmdebstrap", "bwrap"):
        if not shutil.which(tool):
            skip(f"{tool} isn't installed")
    allowed = ["bwrap", "--ro-bind", "/", "/", "--proc", "/proc", "--unshare-pid", "true"]
    tried = subprocess.run(allowed, capture_output=True, text=True)
    if tried.returncode:
        skip(f"the kernel doesn't allow bwrap: {tried.stderr.strip()}")


# --- The image ------------------------------------------------------------------------


def build(image: Dockerfile, folder: Path) -> None:
    """Run the Dockerfile's steps in a new root folder."""
    root = folder / "root"
    suite = re.fullmatch(r"debian:(\w+)-slim", image.others["FROM"])
    assert suite, f"{image.others['FROM']} isn't Debian's slim image"
    # A mirror can be a snapshot whose lists have expired.
    options = ["--quiet", "--variant=minbase", "--mode=root"]
    options += ['--aptopt=Acquire::Check-Valid-Until "false"']
    command = ["mmdebstrap", *options, suite[1], str(root)]
    made = subprocess.run(command, stdin=subprocess.DEVNULL)
    if made.returncode:
        skip("mmdebstrap couldn't make Debian's base system")
    for name, arguments in image.steps:
        if name == "COPY":
            copy(arguments, root)
            continue
        started = time.monotonic()
        output = folder / "output"
        with output.open("wb") as log:
            step = build_step(root, arguments)
            ran = subprocess.run(step, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        if ran.returncode:
            print(output.read_text(errors="replace"))
            sys.exit(f"The step failed: {arguments[-1]}")
        print(f"RUN {arguments[-1][:60]}… took {time.monotonic() - started:.0f} seconds.")
    (folder / "built").touch()


def copy(arguments: list[str], root: Path) -> None:
    """Copy files into the target folder, or a folder's contents."""
    *sources, target = arguments
    folder = root / target.strip("/")
    folder.mkdir(parents=True, exist_ok=True)
    for source in sources:
        if (ROOT / source).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / source, folder, dirs_exist_ok=True, ignore=ignored)
        else:
            shutil.copy(ROOT / source, folder)


def build_step(root: Path, command: list[str]) -> list[str]:
    """Return a command that runs a step as root, with this machine's network."""
    variables = {k: v for k, v in os.environ.items() if NETWORK.fullmatch(k)}
    variables["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    variables["DEBIAN_FRONTEND"] = "noninteractive"
    binds = ["--bind", str(root), "/", "--ro-bind", "/etc/resolv.conf", "/etc/resolv.conf"]
    if certificates := os.environ.get("PIP_CERT") or os.environ.get("SSL_CERT_FILE"):
        variables["PIP_CERT"] = "/run/certificates.pem"
        binds += ["--ro-bind", certificates, variables["PIP_CERT"]]
    return [*bwrap(binds, variables, "/"), "--cap-add", "ALL", *command]


def bwrap(binds: list[str], variables: Mapping[str, str], folder: str) -> list[str]:
    options = [*binds, "--dev", "/dev", "--proc", "/proc", "--unshare-pid", "--unshare-ipc"]
    options += ["--die-with-parent", "--chdir", folder, "--clearenv"]
    for name, value in variables.items():
        options += ["--setenv", name, value]
    return ["bwrap", *options]


# --- The container ----------------------------------------------------------------------


class Container:
    """A container of the image, with its volume and its `init/`."""

    def __init__(self, image: Dockerfile, folder: Path) -> None:
        self.image, self.root = image, folder / "root"
        self.volume = image.others["VOLUME"]
        self.data, self.init = folder / "data", folder / "init"
        self.log_file = folder / "log"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"http://localhost:{self.port}"
        user, group = image.others["USER"].split(":")
        self.init.mkdir()
        # A new named volume gets the owner and the mode of the image's folder.
        self.data.mkdir(mode=0o700)
        os.chown(self.data, int(user), int(group))

    def command(self, command: list[str], *options: str) -> list[str]:
        """Return a command that runs in the container, as its user."""
        binds = ["--ro-bind", str(self.root), "/", "--bind", str(self.data), self.volume]
        binds += ["--ro-bind", str(self.init), "/init"]
        variables = self.image.env | {
            "TOKENX_PORT": str(self.port),
            "TOKENX_ADMIN_PASSWORD": PASSWORD,
        }
        user, group = self.image.others["USER"].split(":")
        as_user = ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups"]
        as_user += ["--no-new-privs", "--inh-caps=-all", "--bounding-set=-all"]
        return [
            *bwrap(binds, variables, self.image.others["WORKDIR"]),
            *options,
            *("--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"),
            *("--cap-add", "CAP_SETPCAP", "--", *as_user, "--", *command),
        ]

    @contextmanager
    def started(self) -> Iterator["Running"]:
        """Run the entry point as process 1, until the end of the block."""
        start = [*self.image.words("ENTRYPOINT"), *self.image.words("CMD")]
        read_end, write_end = os.pipe()
        options = ["--as-pid-1", "--info-fd", str(write_end)]
        with self.log_file.open("wb") as log:
            process = subprocess.Popen(
                self.command(start, *options),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[write_end],
            )
        os.close(write_end)
        with open(read_end) as info:
            pid = int(json.load(info)["child-pid"])
        try:
            yield Running(self, process, pid)
        finally:
            process.kill()
            process.wait()

    @property
    def log(self) -> str:
        return self.log_file.read_text(errors="replace")

    def is_healthy(self, *options: str) -> bool:
        """Run the image's health check in the container."""
        command = self.command([*self.image.words("HEALTHCHECK"), *options])
        return subprocess.run(command, capture_output=True).returncode == 0


class Running:
    def __init__(self, container: Container, process: subprocess.Popen, pid: int) -> None:
        self.container, self.process, self.pid = container, process, pid
        cookies = http.cookiejar.CookieJar()
        self.browser = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(cookies), urllib.request.ProxyHandler({})
        )

    def get(self, path: str, data: bytes | None = None) -> tuple[int, str]:
        url = urllib.parse.urljoin(self.container.address, path)
        try:
            with self.browser.open(url, data, timeout=30) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def log_in(self) -> str:
        """Log in, and return the page that follows."""
        _, page = self.get("/sign-in/")
        [token] = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[:1]
        form = {"csrfmiddlewaretoken": token, "username": "admin@tokenx.example"}
        data = urllib.parse.urlencode(form | {"password": PASSWORD}).encode()
        return self.get("/sign-in/", data)[1]

    def status(self, name: str) -> str:
        text = Path(f"/proc/{self.pid}/status").read_text()
        return dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)[
            name
        ]

    def writable_mounts(self) -> set[str]:
        lines = Path(f"/proc/{self.pid}/mountinfo").read_text().splitlines()
        mounts = [line.split()[4:6] for line in lines]
        return {place for place, options in mounts if "rw" in options.split(",")}

    def stop(self) -> int | None:
        """Send SIGTERM to process 1, and return the exit status, or None if it goes on."""
        os.kill(self.pid, signal.SIGTERM)
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            return None


# --- The checks -------------------------------------------------------------------------


class Checks:
    def __init__(self) -> None:
        self.passed = self.failed = 0

    def check(self, sentence: str, is_met: bool, details: object = "") -> None:
        print(f"{'PASS' if is_met else 'FAIL'} {sentence}", *([] if is_met else [details]))
        self.passed += is_met
        self.failed += not is_met


def run(image: Dockerfile, folder: Path) -> int:
    """Check two starts of a container. Return the number of failed checks."""
    if not (folder / "built").exists():
        skip("its root wasn't built")
    for name in ("data", "init"):
        shutil.rmtree(folder / name, ignore_errors=True)
    container, checks = Container(image, folder), Checks()
    suffix = ".oauthtokenexchangehandler"
    apex = {"Good": "MyOauthTokenExchangeHandler", "Bad": "Nowhere"}
    for name, apex_class in apex.items():
        text = HANDLER.format(name=name, apex=apex_class)
        (container.init / f"{name}{suffix}").write_text(text)

    started = time.monotonic()
    with container.started() as first:
        is_ready = container.is_healthy("--timeout", str(START_SECONDS))
        seconds = time.monotonic() - started
        checks.check("The entry point starts, and the health check passes", is_ready)
        print(f"It took {seconds:.1f} seconds to build the org and to be ready.")
        if is_ready:
            check_first_start(first, checks.check)
    with container.started() as second:
        is_ready = container.is_healthy("--timeout", str(START_SECONDS))
        page = second.log_in() if is_ready else ""
        checks.check("The volume keeps the org", "Log Out" in page, page[:200])
        log = container.log
        checks.check("Unchanged files aren't deployed again", "Deployed" not in log, log)
    if checks.failed:
        print(container.log)
    print(f"\n{checks.passed} passed, {checks.failed} failed")
    return checks.failed


def check_first_start(running: Running, check: Callable[..., None]) -> None:
    container = running.container
    user, group = container.image.others["USER"].split(":")
    ids = {name: running.status(name).split() for name in ("Uid", "Gid", "Groups")}
    expected = {"Uid": [user] * 4, "Gid": [group] * 4, "Groups": []}
    check("It runs as the Dockerfile's user", ids == expected, ids)
    check("It has no capabilities", int(running.status("CapEff"), 16) == 0)
    writable = {
        place
        for place in running.writable_mounts()
        if not re.match(r"/(proc|dev)(/|$)", place)
    }
    check("Only the volume can be written to", writable == {container.volume}, writable)

    page = running.log_in()
    check("The administrator logs in", "Log Out" in page, page[:200])
    styles = re.findall(r'href="(/static/[^"]+\.css)"', page)
    check("Pages have styles", bool(styles) and running.get(styles[0])[0] == 200, styles)
    status, _ = running.get("/sign-in/", b"x" * 900_000)
    check("A large request uses the volume for its temporary file", status == 403, status)
    check("/livez and /readyz respond", running.get("/livez")[0] == 200)

    log = container.log
    check("A file of init/ is deployed", "Deployed 1 of 1 component." in log, log)
    check("A failing file is in the log", "Nowhere" in log, log)
    _, deployments = running.get("/deployments/")
    check("A failing file is in Deployment Status", "Failed" in deployments, "")
    owners = {(path.stat().st_uid, path.name) for path in container.data.rglob("*")}
    others = {name for owner, name in owners if owner != int(user)}
    check("All files of the volume are the user's", not others, others)
    check("The log has no traceback", "Traceback" not in log, log)

    status_of_exit = running.stop()
    check("SIGTERM ends it with exit status 0", status_of_exit == 0, status_of_exit)
    check("The health check fails without a server", not container.is_healthy())


def main() -> int:
    action, folder = sys.argv[1], Path(sys.argv[2])
    image = read_dockerfile(ROOT / "Dockerfile")
    require_tools()
    if action == "build":
        build(image, folder)
        return 0
    return min(run(image, folder), 1)


if __name__ == "__main__":
    sys.exit(main())
