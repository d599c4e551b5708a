"""The files that `screener deploy` prints are accepted by systemd, and serve behind a real nginx."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from dialogs.session import SENT
from tests.courier import Courier
from tests.person import PATIENCE, eventually
from tests.site import LEASE, Site, sees_once, sent_once

pytestmark = pytest.mark.slow

pytest_plugins = ["tests.postgres", "tests.site"]
SECRET = "a-secret-of-the-tests"
LABELS = {"kind", "method", "outcome", "le"}


def program(name: str) -> str:
    """A program of this computer; without it the tests say so, or fail under CI."""
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
    if found is None:
        reason = f"{name} is not installed here"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


def printed(*arguments: str, **settings: str) -> str:
    """What `screener deploy` prints."""
    command = [sys.executable, "-m", "bot", "deploy", *arguments]
    given = {**os.environ, "SCREENER_BOT_TOKEN": "1:a", "SCREENER_SECRET_KEY": "k" * 32, **settings}
    return subprocess.run(command, env=given, capture_output=True, text=True, check=True, timeout=30).stdout


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def certified(directory: Path) -> ssl.SSLContext:
    """Makes a certificate for localhost in this folder, and returns who trusts it."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    signed = made.add_extension(names, critical=False).sign(key, SHA256())
    (directory / "fullchain.pem").write_bytes(signed.public_bytes(Encoding.PEM))
    (directory / "privkey.pem").write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    )
    return ssl.create_default_context(cafile=str(directory / "fullchain.pem"))


@contextmanager
def nginx(directory: Path, server: str) -> Iterator[None]:
    """A real nginx with this server, on loopback only."""
    (directory / "server.conf").write_text(server.replace("    listen ", "    listen 127.0.0.1:"))
    (directory / "nginx.conf").write_text(
        f"daemon off; pid {directory}/nginx.pid; error_log {directory}/error.log;\n"
        f"events {{ }}\nhttp {{ include {directory}/server.conf; client_body_temp_path {directory}/body;"
        f" proxy_temp_path {directory}/proxy; fastcgi_temp_path {directory}/fastcgi;"
        f" uwsgi_temp_path {directory}/uwsgi; scgi_temp_path {directory}/scgi; }}\n"
    )
    running = subprocess.Popen([program("nginx"), "-p", f"{directory}", "-c", f"{directory}/nginx.conf"])
    try:
        yield
    finally:
        running.terminate()
        running.wait(PATIENCE)


def children(process: subprocess.Popen[bytes]) -> list[int]:
    """The processes this one has started."""
    return [int(each) for each in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]


def asked(url: str) -> tuple[int, str]:
    """Status and text of what is answered; status 0 where nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""


def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    analyze = program("systemd-analyze")
    unit = tmp_path / "screener.service"
    unit.write_text(printed("systemd", "--workers", "2", "--data", f"{tmp_path}/with a space"))
    done = subprocess.run([analyze, "verify", str(unit)], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert f'"{sys.prefix}/bin/screener" run --workers 2' in unit.read_text()


def test_nothing_is_printed_for_nginx_where_updates_are_polled(tmp_path: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError) as caught:
        printed("nginx")
    assert "SCREENER_WEBHOOK_URL is not set" in caught.value.stderr


def test_behind_nginx_two_workers_serve_everybody_though_one_is_killed_and_one_stands_still(site: Site) -> None:
    front, back, status = free_port(), free_port(), free_port()
    url = f"https://localhost:{front}/updates"
    given = {"SCREENER_WEBHOOK_URL": url, "SCREENER_LISTEN": f"127.0.0.1:{back}"}
    server = printed("nginx", "--certificates", str(site.directory), **given)
    trusting = certified(site.directory)
    site.sets(**given, SCREENER_WEBHOOK_SECRET=SECRET, SCREENER_STATUS_LISTEN=f"127.0.0.1:{status}")
    running = site.starts("--workers", "2")
    with nginx(site.directory, server), Courier(site.standin, url, SECRET, trusting) as courier:
        site.present(2)
        eventually(lambda: site.standin.telegram.profile.webhook.get("url") == url, "the webhook to be set")
        people = [site.person("en", "montreal"), site.person("fr", "paris")]
        walking = [threading.Thread(target=lambda one=one: one.reviews().comes_to_result()) for one in people]
        for walk in walking:
            walk.start()
        # One dies, and is started again; the other stands still for longer than its lease.
        eventually(lambda: len(site.rows("select 1 from chats where wanted > 5")) >= 2, "two to be under way")
        killed, still = children(running)
        os.kill(killed, signal.SIGKILL)
        eventually(lambda: len(set(children(running)) - {killed}) == 2, "another worker in its place")
        site.present(2)
        os.kill(still, signal.SIGSTOP)
        time.sleep(LEASE * 1.5)
        os.kill(still, signal.SIGCONT)
        for walk in walking:
            walk.join(PATIENCE * 2)
            assert not walk.is_alive(), "somebody is stuck"
        for person in people:
            code = person.sends()
            sees_once(person, SENT)
            sent_once(site, person, code)
        assert courier.brings({"update_id": 1}) == 200
        ready, known = asked(f"http://127.0.0.1:{status}/readyz")
        assert (ready, json.loads(known)["ready"]) == (200, True)
        _, counted = asked(f"http://127.0.0.1:{status + 1}/metrics")
        assert set(re.findall(r"[{,](\w+)=", counted)) <= LABELS
        assert "screener_calls_total" in counted
        assert not any(str(person.phone.chat_id) in counted for person in people)
    running.terminate()
    assert running.wait(PATIENCE) == 0
